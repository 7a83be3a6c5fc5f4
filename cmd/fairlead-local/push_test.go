package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fairlead/shared/config"
)

func TestDeploysTellsBeforeThePushThatNothingWouldStart(t *testing.T) {
	raw := json.RawMessage(`{"services":{"web":{"cluster":"prod","repository":"shop/web","tagPolicy":{"glob":"v*"},"ignoreTags":["v0*"]}}}`)
	parsed, err := config.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	service, err := parsed.Lookup("web")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, tag, want string }{
		{"a tag that matches", "v1", ""},
		{"a tag that does not match", "w1", "tag w1 does not match the tag policy"},
		{"a tag that is ignored", "v01", "tag v01 is among the ignoreTags of service web (v0*)"},
		{"what is no tag", "v 1", "v 1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			switch err := deploys(service, test.tag); {
			case test.want == "" && err != nil:
				t.Errorf("it would not: %v", err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("%v\nwant %s", err, test.want)
			}
		})
	}
}

func TestLabelsOfABehaviour(t *testing.T) {
	tests := []struct {
		name, behaviour string
		want            map[string]string
		refused         string
	}{
		{"none", "", map[string]string{}, ""},
		{"several, with the prefix or without", "exit=1  local.start=3s", map[string]string{"local.exit": "1", "local.start": "3s"}, ""},
		{"findings of a scan", "findings=CVE-2026-1:HIGH:openssl,LOW:2 scan=90s", map[string]string{"local.findings": "CVE-2026-1:HIGH:openssl,LOW:2", "local.scan": "90s"}, ""},
		{"findings that cannot be read", "findings=CVE-2026-1", nil, "the label local.findings of the image has"},
		{"a scan that cannot go so", "scan=soon", nil, "the label local.scan of the image is"},
		{"no value", "exit", nil, `a label is key=value, not "exit"`},
		{"a value that cannot be read", "exit=x", nil, "local.exit=x"},
		{"one that no container has", "exti=1", nil, "the label local.exti=1: it is not one of"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := labels(test.behaviour)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if (err != nil) != (test.refused != "") || err != nil && !strings.Contains(err.Error(), test.refused) {
				t.Errorf("%v\nwant %s", err, test.refused)
			}
		})
	}
}
