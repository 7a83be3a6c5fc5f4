package tag_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fairlead/shared/tag"
)

func TestMatch(t *testing.T) {
	tests := []struct {
		name   string
		policy string
		tag    string
		want   tag.Match
	}{
		{"exact takes its tag", `{"exact":"production"}`, "production", tag.Match{OK: true}},
		{"exact takes no longer tag", `{"exact":"production"}`, "production-2",
			tag.Match{Reason: `tag production-2 does not match the tag policy exact "production"`}},
		{"a glob matches the whole tag", `{"glob":"v*"}`, "v1", tag.Match{OK: true}},
		{"a glob does not match a part", `{"glob":"v*"}`, "rev1", tag.Match{Reason: `tag rev1 does not match the tag policy glob "v*"`}},
		{"a glob knows classes", `{"glob":"v[0-9].?"}`, "v1.2", tag.Match{OK: true}},
		{"a regexp matches the whole tag", `{"regexp":"[0-9a-f]{4}-[0-9]+"}`, "3f2a-812", tag.Match{OK: true}},
		{"a regexp does not match a part", `{"regexp":"[0-9a-f]{4}-[0-9]+"}`, "x3f2a-812-debug",
			tag.Match{Reason: `tag x3f2a-812-debug does not match the tag policy regexp "[0-9a-f]{4}-[0-9]+"`}},
		{"each side of an alternative matches the whole tag", `{"regexp":"a|b"}`, "ab", tag.Match{Reason: `tag ab does not match the tag policy regexp "a|b"`}},
		{"a regexp cannot loosen its ends by a flag", `{"regexp":"(?m)a$"}`, "ab", tag.Match{Reason: `tag ab does not match the tag policy regexp "(?m)a$"`}},
		{"semver takes a version in its range", `{"semver":">=2.0.0 <3.0.0"}`, "2.10.1", tag.Match{OK: true, Version: "2.10.1"}},
		{"semver takes a leading v", `{"semver":">=2.0.0 <3.0.0"}`, "v2.0.0", tag.Match{OK: true, Version: "2.0.0"}},
		{"semver names the version that is outside", `{"semver":">=2.0.0 <3.0.0"}`, "3.0.0",
			tag.Match{Version: "3.0.0", Reason: `version 3.0.0 is outside the tag policy semver ">=2.0.0 <3.0.0"`}},
		{"semver takes no pre-release that the range does not name", `{"semver":">=2.0.0"}`, "2.1.0-rc.1",
			tag.Match{Version: "2.1.0-rc.1", Reason: `version 2.1.0-rc.1 is outside the tag policy semver ">=2.0.0"`}},
		{"semver takes pre-releases of a range that names one", `{"semver":">=2.0.0-0"}`, "2.1.0-rc.1", tag.Match{OK: true, Version: "2.1.0-rc.1"}},
		{"semver takes no build number for a version", `{"semver":">=2.0.0"}`, "812",
			tag.Match{Reason: `tag 812 is not a semantic version like 1.2.3 or v1.2.3, which the tag policy semver ">=2.0.0" wants`}},
		{"semver takes no leading zero", `{"semver":">=2.0.0"}`, "2.01.0",
			tag.Match{Reason: `tag 2.01.0 is not a semantic version like 1.2.3 or v1.2.3, which the tag policy semver ">=2.0.0" wants`}},
		{"newest takes every tag", `{"newest":true}`, "anything", tag.Match{OK: true}},
		{"what is no tag matches nothing", `{"newest":true}`, "",
			tag.Match{Reason: `"" is not a tag: 1 to 128 letters, digits, '_', '.' and '-', and the first is no '.' or '-'`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, policy(t, test.policy).Match(test.tag)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestZeroPolicyMatchesNothing(t *testing.T) {
	if got := (tag.Policy{}).Match("v1"); got.OK {
		t.Errorf("the zero policy matches: %+v", got)
	}
}

func TestPolicyIsRefused(t *testing.T) {
	tests := []struct{ name, json, want string }{
		{"nothing", `{}`, "want an object with one of the keys"},
		{"a string", `"v*"`, "want an object with one of the keys"},
		{"two kinds", `{"glob":"v*","exact":"v1"}`, "want an object with one of the keys"},
		{"an unknown kind", `{"latest":"x"}`, `no such policy: one of exact, glob, regexp, semver, newest`},
		{"a kind in capitals", `{"Glob":"v*"}`, `no such policy`},
		{"a number for a pattern", `{"glob":1}`, "glob: want a string"},
		{"null for a pattern", `{"glob":null}`, "glob: want a string"},
		{"an empty pattern", `{"regexp":""}`, "regexp is empty"},
		{"newest that is false", `{"newest":false}`, "newest: want true"},
		{"an exact tag that is none", `{"exact":"a/b"}`, "is not a tag"},
		{"an open class", `{"glob":"v[0"}`, "syntax error in pattern"},
		{"parentheses that break out of the whole", `{"regexp":"a)|(b"}`, "unexpected )"},
		{"a range that is none", `{"semver":"two"}`, "semver \"two\": "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var p tag.Policy
			err := json.Unmarshal([]byte(test.json), &p)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s: got %v, want an error with %q", test.json, err, test.want)
			}
		})
	}
}

func TestIgnored(t *testing.T) {
	globs := []string{"*-debug", "pr-?"}
	for name, want := range map[string]string{"v1-debug": "*-debug", "pr-1": "pr-?", "pr-12": "", "v1": ""} {
		if got := tag.Ignored(globs, name); got != want {
			t.Errorf("Ignored(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestAttachment(t *testing.T) {
	hex := strings.Repeat("0a", 32)
	for name, want := range map[string]string{
		"sha256-" + hex + ".sig":           "a signature",
		"sha256-" + hex + ".att":           "an attestation",
		"sha256-" + hex + ".sbom":          "a bill of materials",
		"sha256-" + hex:                    "an attached artifact",
		"sha256-" + hex + ".cosign.bundle": "an attached artifact",
		"sha256-abc.sig":                   "",
		"v1.sig":                           "",
		"sha256-" + hex + "0":              "",
	} {
		if got := tag.Attachment(name); got != want {
			t.Errorf("Attachment(%q) = %q, want %q", name, got, want)
		}
	}
}

// policy reads a policy from JSON, and checks that it is written as it was read.
func policy(t *testing.T, text string) tag.Policy {
	t.Helper()
	var p tag.Policy
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	var again tag.Policy
	if written, err := json.Marshal(p); err != nil || json.Unmarshal(written, &again) != nil || !again.Equal(p) {
		t.Fatalf("%s is written as %s (%v)", text, written, err)
	}
	return p
}
