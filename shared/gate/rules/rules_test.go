package rules_test

import (
	"strings"
	"testing"
	"time"

	"fairlead/shared/fault"
	"fairlead/shared/gate/rules"
)

var now = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

func TestCheck(t *testing.T) {
	immutable := rules.Mutability{Setting: "IMMUTABLE"}
	day := 24 * time.Hour
	for name, test := range map[string]struct {
		policy rules.Policy
		image  rules.Pushed
		code   fault.Code // "" for an image that is fit
		says   string
	}{
		"nothing is asked":                       {rules.Policy{}, rules.Pushed{Tag: "v1", Tags: rules.Mutability{Setting: "MUTABLE"}}, "", ""},
		"a tag that cannot move":                 {rules.Policy{ImmutableTag: true}, rules.Pushed{Tag: "v1", Tags: immutable}, "", ""},
		"a digest, which no tag can take along":  {rules.Policy{ImmutableTag: true}, rules.Pushed{Tags: rules.Mutability{Setting: "MUTABLE"}}, "", ""},
		"a repository whose tags can move":       {rules.Policy{ImmutableTag: true}, rules.Pushed{Tag: "v1", Repository: "shop/web", Tags: rules.Mutability{Setting: "MUTABLE"}}, fault.ImageTagMutable, "tag v1 can be put on another image any time: repository shop/web has the tag mutability MUTABLE"},
		"a tag that is an exception":             {rules.Policy{ImmutableTag: true}, rules.Pushed{Tag: "latest", Tags: rules.Mutability{Setting: "IMMUTABLE_WITH_EXCLUSION", Exclusions: []string{"dev-*", "late*"}}}, fault.ImageTagMutable, `its exclusion "late*" takes the tag`},
		"a tag beside the exceptions":            {rules.Policy{ImmutableTag: true}, rules.Pushed{Tag: "v1", Tags: rules.Mutability{Setting: "IMMUTABLE_WITH_EXCLUSION", Exclusions: []string{"dev-*"}}}, "", ""},
		"an exception that makes it immutable":   {rules.Policy{ImmutableTag: true}, rules.Pushed{Tag: "v1", Tags: rules.Mutability{Setting: "MUTABLE_WITH_EXCLUSION", Exclusions: []string{"v*"}}}, "", ""},
		"no exception that makes it immutable":   {rules.Policy{ImmutableTag: true}, rules.Pushed{Tag: "x1", Tags: rules.Mutability{Setting: "MUTABLE_WITH_EXCLUSION", Exclusions: []string{"v*"}}}, fault.ImageTagMutable, "has the tag mutability MUTABLE_WITH_EXCLUSION"},
		"a setting that nobody knows":            {rules.Policy{ImmutableTag: true}, rules.Pushed{Tag: "v1", Tags: rules.Mutability{Setting: "FROZEN"}}, fault.ImageTagMutable, "FROZEN"},
		"an image as old as it may be":           {rules.Policy{MaxAge: day}, rules.Pushed{At: now.Add(-day)}, "", ""},
		"an image that is too old":               {rules.Policy{MaxAge: day}, rules.Pushed{Name: "shop/web:v1", At: now.Add(-day - 150*time.Minute)}, fault.ImageTooOld, "shop/web:v1 was pushed at 2026-11-27T09:30:00Z, 26h30m ago, and may be 24h old at most"},
		"an image of which no time is known":     {rules.Policy{MaxAge: day}, rules.Pushed{}, fault.ImageTooOld, "ago, and may be"},
		"an old image that an operator wants":    {rules.Policy{MaxAge: day}, rules.Pushed{At: now.Add(-90 * day), GoesBack: true}, "", ""},
		"an operator wants a tag that can move":  {rules.Policy{ImmutableTag: true}, rules.Pushed{Tag: "v1", GoesBack: true, Tags: rules.Mutability{Setting: "MUTABLE"}}, fault.ImageTagMutable, "tag v1"},
		"an image that was pushed after now, by": {rules.Policy{MaxAge: day}, rules.Pushed{At: now.Add(time.Minute)}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := test.policy.Check(test.image, now)
			if test.code == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			f := fault.From(err)
			if f == nil || f.Code != test.code || f.Kind() != fault.Reject || f.Fix == "" || !strings.Contains(f.Message, test.says) || !strings.HasPrefix(f.Message, "gate image: ") {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestARepositoryThatKeepsNoRule(t *testing.T) {
	for setting, shut := range map[string]bool{"MUTABLE": true, "MUTABLE_WITH_EXCLUSION": false, "IMMUTABLE": false, "": false} {
		err := rules.Policy{ImmutableTag: true}.CheckRepository("shop/web", rules.Mutability{Setting: setting})
		if f := fault.From(err); shut != (err != nil) || shut && (f.Code != fault.ImageTagMutable || !strings.Contains(f.Fix, "shop/web")) {
			t.Errorf("%q: %v", setting, err)
		}
		if err := (rules.Policy{}).CheckRepository("shop/web", rules.Mutability{Setting: setting}); err != nil {
			t.Errorf("%q, and no rule: %v", setting, err)
		}
	}
}

func TestExclusions(t *testing.T) {
	for _, test := range []struct {
		pattern, tag string
		takes        bool
	}{
		{"latest", "latest", true}, {"latest", "latest2", false}, {"*", "", true}, {"*", "v1", true}, {"v*", "v", true}, {"v*", "av", false},
		{"*-dev", "a-dev", true}, {"*-dev", "a-dev-b", false}, {"a*b*c", "a-b-c", true}, {"a*b*c", "ac", false}, {"a*b*c", "abc", true},
		{"a*a", "a", false}, {"a**b", "ab", true}, {"*aab*", "aaab", true}, {"*a*a", "a", false},
	} {
		m := rules.Mutability{Setting: "IMMUTABLE_WITH_EXCLUSION", Exclusions: []string{test.pattern}}
		if m.Protects(test.tag) == test.takes {
			t.Errorf("%q takes %q: want %v", test.pattern, test.tag, test.takes)
		}
	}
}
