package policy_test

import (
	"encoding/json"
	"slices"
	"testing"

	"fairlead/local/iam/policy"
)

func FuzzParse(f *testing.F) {
	f.Add(one(allowAll))
	f.Add(one(`{"Effect":"Deny","NotAction":"iam:*","NotResource":"arn:aws:ecs:*:*:service/${aws:username, 'x'}","Condition":{"ForAllValues:StringLikeIfExists":{"a:k":["v*",1,true]}}}`))
	f.Add(one(`{"Effect":"Allow","Principal":{"AWS":["*","123456789012"],"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}`))
	f.Fuzz(func(t *testing.T, text string) {
		for _, kind := range []policy.Kind{policy.Identity, policy.Session, policy.Resource, policy.Trust} {
			d, err := policy.Parse([]byte(text), kind)
			if err != nil {
				continue
			}
			if !json.Valid([]byte(text)) {
				t.Errorf("taken, but no JSON: %q", text)
			}
			for _, s := range d.Statements {
				if s.Effect != policy.Allow && s.Effect != policy.Deny {
					t.Errorf("a statement has the effect %q", s.Effect)
				}
			}
		}
	})
}

// A deny that is added to whatever policies there are, is never outvoted; and whatever an Allow says, nothing is
// allowed by a document that holds only Deny statements.
func FuzzDecide(f *testing.F) {
	f.Add(one(allowAll), "ecs:UpdateService", web, "a:k", "v")
	f.Add(one(`{"Effect":"Allow","Action":"ecs:*","Resource":"arn:aws:ecs:*:*:service/*/${a:k}","Condition":{"StringLike":{"a:k":"v*"}}}`), "ecs:UpdateService", web, "a:k", "web")
	f.Fuzz(func(t *testing.T, text, action, resource, key, value string) {
		d, err := policy.Parse([]byte(text), policy.Identity)
		if err != nil {
			return
		}
		r := policy.Request{Action: action, Resource: resource, Caller: session(), Keys: policy.NewKeys(map[string][]string{key: {value}})}
		decision := policy.Decide(r, policy.Policies{Identity: []policy.Document{d}})
		if decision.Allowed && !slices.ContainsFunc(d.Statements, func(s policy.Statement) bool { return s.Effect == policy.Allow }) {
			t.Errorf("allowed by a policy that allows nothing: %s", text)
		}
		everything := parse(t, one(denyAll), policy.Identity)
		if both := policy.Decide(r, policy.Policies{Identity: []policy.Document{d, everything}}); both.Allowed || !both.Explicit {
			t.Errorf("a deny of everything was outvoted by %s", text)
		}
		if bounded := policy.Decide(r, policy.Policies{Identity: []policy.Document{d}, Boundary: &policy.Document{}}); bounded.Allowed {
			t.Errorf("an empty boundary let pass %s", text)
		}
	})
}
