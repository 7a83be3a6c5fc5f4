package main

import (
	"fmt"
	"strings"
	"testing"
)

// filled is a template with n resources of a type.
func filled(n int, r resource) template {
	t := template{Resources: map[string]resource{}}
	for i := range n {
		t.Resources[fmt.Sprintf("R%03d", i)] = r
	}
	return t
}

// role is a role with an inline policy of so many characters, about.
func role(characters int) resource {
	return resource{Type: "AWS::IAM::Role", Properties: map[string]any{
		"Policies": []any{map[string]any{"PolicyDocument": strings.Repeat("x", characters)}},
	}}
}

// pushed is a rule whose pattern has so many characters.
func pushed(characters int) resource {
	return resource{Type: "AWS::Events::Rule", Properties: map[string]any{"EventPattern": strings.Repeat("x", characters-2)}}
}

func TestQuotasAreNamedWhenNearAndRefusedWhenExceeded(t *testing.T) {
	rule := resource{Type: "AWS::Events::Rule", Properties: map[string]any{}}
	for name, c := range map[string]struct {
		template template
		near     string
		exceeded string
	}{
		"far from all":                           {template: filled(10, resource{})},
		"four fifths of the resources":           {template: filled(400, resource{}), near: "S: 400 of 500 resources"},
		"all of the resources":                   {template: filled(500, resource{}), near: "S: 500 of 500 resources"},
		"one resource too many":                  {template: filled(501, resource{}), exceeded: "S: 501 of 500 resources"},
		"more rules than AWS gives":              {template: filled(301, rule), near: "S: 301 of 300 rules"},
		"a long inline policy":                   {template: filled(1, role(9000)), near: "S/R000: 9002 of 10240 characters of a role's inline"},
		"an inline policy IAM refuses":           {template: filled(1, role(10_239)), exceeded: "S/R000: 10241 of 10240"},
		"a template that is too long":            {template: template{size: 1_000_001}, exceeded: "S: 1000001 of 1000000 bytes"},
		"a pattern with the most that AWS takes": {template: filled(1, pushed(2048)), near: "S/R000: 2048 of 2048 characters of an event pattern"},
		"a pattern that EventBridge refuses":     {template: filled(1, pushed(2049)), exceeded: "S/R000: 2049 of 2048 characters of an event pattern: shorten the tag policy"},
		"two roles with the same name":           {template: sameName("fairlead-a", "Fairlead-A"), exceeded: "would both be the role"},
		"two roles with their own name":          {template: sameName("fairlead-a", "fairlead-b")},
	} {
		t.Run(name, func(t *testing.T) {
			near, err := checkQuotas(map[string]template{"S": c.template})
			if got := strings.Join(near, "\n"); !strings.Contains(got, c.near) || (c.near == "") != (got == "") {
				t.Errorf("near %q, want %q", got, c.near)
			}
			if got := fmt.Sprint(err); (c.exceeded == "") != (err == nil) || !strings.Contains(got, c.exceeded) {
				t.Errorf("exceeded %q, want %q", got, c.exceeded)
			}
		})
	}
}

// sameName is a template with two named roles.
func sameName(names ...string) template {
	t := template{Resources: map[string]resource{}}
	for i, name := range names {
		t.Resources[fmt.Sprint("R", i)] = resource{Type: "AWS::IAM::Role", Properties: map[string]any{"RoleName": name}}
	}
	return t
}

func TestALengthIsThatOfTheResolvedText(t *testing.T) {
	for name, c := range map[string]struct {
		value any
		want  int
	}{
		"plain text":        {"abc", len(`"abc"`)},
		"a list":            {[]any{"a", "b"}, len(`["a","b"]`)},
		"a pseudo region":   {map[string]any{"Fn::Sub": "x:${AWS::Region}"}, len(`"x:ap-southeast-2"`)},
		"an attribute":      {map[string]any{"Fn::GetAtt": []any{"A", "Arn"}}, len(unresolved) + 2},
		"an attribute in a": {map[string]any{"Fn::Sub": "${A.Arn}"}, len(unresolved) + 2},
	} {
		t.Run(name, func(t *testing.T) {
			if got := resolvedLength(c.value); got != c.want {
				t.Errorf("%d, want %d", got, c.want)
			}
		})
	}
}

// The quotas that matter most are met by the functions' roles, which name every service: this says how many fit.
func TestThisRepositorysTemplatesAreFarFromTheQuotas(t *testing.T) {
	near, err := checkQuotas(templates(t))
	if len(near) > 0 || err != nil {
		t.Error(near, err)
	}
}
