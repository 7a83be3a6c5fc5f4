package tag_test

import (
	"encoding/json"
	"path"
	"strings"
	"testing"

	"fairlead/shared/tag"
)

func TestEventPattern(t *testing.T) {
	const notEmpty = `[{"anything-but":[""]}]`
	tests := []struct{ name, policy, want string }{
		{"exact is a value", `{"exact":"production"}`, `["production"]`},
		{"a glob of stars is a wildcard", `{"glob":"v*.*"}`, `[{"wildcard":"v*.*"}]`},
		{"EventBridge takes no two stars in a row", `{"glob":"v***"}`, `[{"wildcard":"v*"}]`},
		{"a glob with a question mark cannot be said", `{"glob":"v?"}`, notEmpty},
		{"a glob with a class cannot be said", `{"glob":"v[0-9]"}`, notEmpty},
		{"a regexp gives the text that it begins with", `{"regexp":"release-[0-9]+"}`, `[{"prefix":"release-"}]`},
		{"a regexp gives the characters that it begins with", `{"regexp":"[0-3]+-a|^b"}`,
			`[{"prefix":"0"},{"prefix":"1"},{"prefix":"2"},{"prefix":"3"},{"prefix":"b"}]`},
		{"a regexp without case gives both", `{"regexp":"(?i)v1"}`, `[{"prefix":"V"},{"prefix":"v"}]`},
		{"a regexp that may begin with anything", `{"regexp":".*-prod"}`, notEmpty},
		{"semver begins with a digit or a v", `{"semver":">=1.0.0"}`,
			`[{"prefix":"0"},{"prefix":"1"},{"prefix":"2"},{"prefix":"3"},{"prefix":"4"},{"prefix":"5"},{"prefix":"6"},{"prefix":"7"},{"prefix":"8"},{"prefix":"9"},{"prefix":"v"}]`},
		{"newest is every tag", `{"newest":true}`, notEmpty},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := json.Marshal(policy(t, test.policy).EventPattern())
			if err != nil || string(got) != test.want {
				t.Errorf("got %s (%v), want %s", got, err, test.want)
			}
		})
	}
}

// FuzzEventPattern attacks the promise that matters: whatever the policy takes, its pattern lets through.
func FuzzEventPattern(f *testing.F) {
	for _, seed := range [][3]string{
		{"exact", "v1", "v1"}, {"glob", "v*", "v1"}, {"glob", "**-x?", "a-xy"}, {"regexp", "[0-9a-f]{4}-[0-9]+", "3f2a-812"},
		{"regexp", "(?:)|(?i:A)b*", "aB"}, {"regexp", `\bx|(y)*z`, "yz"}, {"semver", ">=1.0.0 || 0.x", "v1.2.3"}, {"newest", "", "_"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, kind, text, name string) {
		p, err := tag.New(tag.Kind(kind), text)
		if err != nil {
			return
		}
		if p.Match(name).OK && !passes(t, p.EventPattern(), name) {
			t.Errorf("%s takes %q, and its pattern %v does not", p, name, p.EventPattern())
		}
	})
}

// passes matches a tag as EventBridge does.
func passes(t *testing.T, pattern []any, name string) bool {
	t.Helper()
	for _, alternative := range pattern {
		switch a := alternative.(type) {
		case string:
			if name == a {
				return true
			}
		case map[string]any:
			if passesOperator(t, a, name) {
				return true
			}
		}
	}
	return false
}

func passesOperator(t *testing.T, operator map[string]any, name string) bool {
	t.Helper()
	if prefix, ok := operator["prefix"].(string); ok {
		return strings.HasPrefix(name, prefix)
	}
	if wildcard, ok := operator["wildcard"].(string); ok {
		matched, err := path.Match(wildcard, name)
		return matched && err == nil
	}
	if _, ok := operator["anything-but"]; ok {
		return name != ""
	}
	t.Fatalf("no such operator: %v", operator)
	return false
}
