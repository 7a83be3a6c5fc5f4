package push_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fairlead/shared/config"
	"fairlead/shared/push"
	"fairlead/shared/tag"
)

func TestScreen(t *testing.T) {
	versions, err := tag.New(tag.Semver, ">=2.0.0 <3.0.0")
	if err != nil {
		t.Fatal(err)
	}
	service := config.Service{Name: "web", Repository: "shop/web", TagPolicy: versions, IgnoreTags: []string{"*-debug"}}
	place := config.Place{Partition: "aws", Region: "eu-west-1", Account: "123456789012"}
	pushed := push.Push{Service: "web", FromEvent: true, Account: place.Account, Region: place.Region, Repository: "shop/web", Tag: "v2.1.0"}
	with := func(change func(*push.Push)) push.Push { p := pushed; change(&p); return p }
	signature := "sha256-" + strings.Repeat("0", 64) + ".sig"
	tests := []struct {
		name string
		push push.Push
		want push.Screening
	}{
		{"a push that the policy takes", pushed, push.Screening{Version: "2.1.0"}},
		{"a push from another region", with(func(p *push.Push) { p.Region = "us-east-1" }),
			push.Screening{Skip: "the push was in account 123456789012, region us-east-1; this is account 123456789012, region eu-west-1"}},
		{"a push from another account", with(func(p *push.Push) { p.Account = "999999999999" }),
			push.Screening{Skip: "the push was in account 999999999999, region eu-west-1; this is account 123456789012, region eu-west-1"}},
		{"a push that does not say from where", with(func(p *push.Push) { p.Account, p.Region = "", "" }), push.Screening{Version: "2.1.0"}},
		{"a push to another repository", with(func(p *push.Push) { p.Repository = "shop/api" }),
			push.Screening{Skip: "the push was to repository shop/api; service web is deployed from shop/web"}},
		{"what is no push", with(func(p *push.Push) { p.NotPushed = "the push has the result FAILURE" }), push.Screening{Skip: "the push has the result FAILURE"}},
		{"an untagged push", with(func(p *push.Push) { p.Tag = "" }),
			push.Screening{Skip: "the push has no tag: it is one platform of an image, an attestation or another part of a push"}},
		{"a signature", with(func(p *push.Push) { p.Tag = signature }), push.Screening{Skip: "tag " + signature + " is a signature, not an image to run"}},
		{"a tag outside the policy", with(func(p *push.Push) { p.Tag = "3.0.0" }),
			push.Screening{Version: "3.0.0", Skip: `version 3.0.0 is outside the tag policy semver ">=2.0.0 <3.0.0"`}},
		{"an ignored tag", with(func(p *push.Push) { p.Tag = "2.0.0-debug" }),
			push.Screening{Version: "2.0.0-debug", Skip: `tag 2.0.0-debug is ignored: ignoreTags has "*-debug"`}},
		{"an operator's tag within the policy", push.Push{Service: "web", Tag: "2.0.0"}, push.Screening{Version: "2.0.0"}},
		{"an operator's tag outside the policy is taken with a warning", push.Push{Service: "web", Tag: "1.0.0"},
			push.Screening{Version: "1.0.0", Warnings: []string{`version 1.0.0 is outside the tag policy semver ">=2.0.0 <3.0.0"; it is deployed because an operator named it`}}},
		{"an operator's digest has no tag to look at", push.Push{Service: "web", Digest: one}, push.Screening{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, push.Screen(test.push, service, place)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
