package main

import (
	"testing"

	"fairlead/shared/permission"

	"github.com/google/go-cmp/cmp"
)

func TestMergingJoinsActionsAndNothingElse(t *testing.T) {
	on := func(sid, action, resource string) permission.Statement {
		return permission.Statement{Sid: sid, Actions: []string{action}, Resources: []string{resource}}
	}
	when := func(s permission.Statement, value string) permission.Statement {
		s.Conditions = conditions{"StringEquals": {"aws:a": {value}}}
		return s
	}
	for name, c := range map[string]struct {
		given, want []permission.Statement
	}{
		"the same twice is once": {
			[]permission.Statement{on("A", "x:1", "r"), on("A", "x:1", "r")},
			[]permission.Statement{on("A", "x:1", "r")}},
		"actions on the same resource": {
			[]permission.Statement{on("A", "x:2", "r"), on("B", "x:1", "r")},
			[]permission.Statement{{Sid: "A", Actions: []string{"x:1", "x:2"}, Resources: []string{"r"}}}},
		"other resources stay apart, with a Sid each": {
			[]permission.Statement{on("A", "x:1", "r"), on("A", "x:1", "s"), on("A", "x:1", "t")},
			[]permission.Statement{on("A", "x:1", "r"), on("A2", "x:1", "s"), on("A3", "x:1", "t")}},
		"other conditions stay apart": {
			[]permission.Statement{when(on("A", "x:1", "r"), "1"), when(on("B", "x:1", "r"), "2"), on("C", "x:1", "r")},
			[]permission.Statement{when(on("A", "x:1", "r"), "1"), when(on("B", "x:1", "r"), "2"), on("C", "x:1", "r")}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, merge(c.given)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The statements belong to the functions' packages: joining them must not change them.
func TestMergingLeavesTheStatementsAlone(t *testing.T) {
	actions := make([]string, 1, 4)
	actions[0] = "x:1"
	merge([]permission.Statement{{Actions: actions, Resources: []string{"r"}}, {Actions: []string{"x:0"}, Resources: []string{"r"}}})
	if diff := cmp.Diff([]string{"x:1", "", "", ""}, actions[:4]); diff != "" {
		t.Error(diff)
	}
}

func TestATextThatCloudFormationFillsInBecomesTheShortestIntrinsic(t *testing.T) {
	for text, want := range map[string]any{
		"plain":            "plain",
		"${Ledger}":        map[string]any{"Ref": "Ledger"},
		"${AWS::Region}":   map[string]any{"Ref": "AWS::Region"},
		"${Ledger.Arn}":    map[string]any{"Fn::GetAtt": []any{"Ledger", "Arn"}},
		"x:${Ledger.Arn}":  map[string]any{"Fn::Sub": "x:${Ledger.Arn}"},
		"${A.Arn}${B.Arn}": map[string]any{"Fn::Sub": "${A.Arn}${B.Arn}"},
	} {
		if diff := cmp.Diff(want, sub(text)); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
}

func TestNamesBecomeLogicalIDs(t *testing.T) {
	for name, want := range map[string]string{
		"shop/web-api": "ShopWebApi", "web": "Web", "a_b.c": "ABC", "check image": "CheckImage", "-x": "X",
	} {
		if got := title(name); got != want {
			t.Errorf("%s became %s, want %s", name, got, want)
		}
	}
}
