package policy_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"fairlead/local/iam/policy"
)

func TestGrantsAreTheLeastThatIsAllowed(t *testing.T) {
	for name, tt := range map[string]struct {
		kind policy.Kind
		text string
		want []string
	}{
		"each action on each resource": {policy.Identity, `{"Effect":"Allow","Action":["ecs:A","ecs:B"],"Resource":["` + web + `","*"]}`,
			[]string{"ecs:A on " + web, "ecs:A on *", "ecs:B on " + web, "ecs:B on *"}},
		"each value that one value is compared with": {policy.Trust,
			`{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"123456789012"},"Condition":{"ArnEquals":{"aws:PrincipalArn":["` + role + `","` + role + `2"]}}}`,
			[]string{"sts:AssumeRole by 123456789012 when ArnEquals aws:PrincipalArn = " + role, "sts:AssumeRole by 123456789012 when ArnEquals aws:PrincipalArn = " + role + "2"}},
		"each principal": {policy.Resource, `{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"` + queue + `","Principal":{"Service":["events.amazonaws.com","sns.amazonaws.com"]}}`,
			[]string{"sqs:SendMessage by events.amazonaws.com on " + queue, "sqs:SendMessage by sns.amazonaws.com on " + queue}},
		"what several values are compared with stays whole": {policy.Identity,
			`{"Effect":"Allow","Action":"dynamodb:GetItem","Resource":"*","Condition":{"ForAllValues:StringLike":{"dynamodb:LeadingKeys":["a#*","b#*"]}}}`,
			[]string{"dynamodb:GetItem on * when ForAllValues:StringLike dynamodb:LeadingKeys = a#* or b#*"}},
		"what is left out stays whole": {policy.Identity, `{"Effect":"Allow","NotAction":["iam:*","sts:*"],"Resource":"*"}`, []string{"all but, iam:*, sts:* on *"}},
		"what is denied is no grant":   {policy.Identity, `{"Effect":"Deny","Action":"*","Resource":"*"}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			d := parse(t, one(tt.text), tt.kind)
			var got []string
			for _, g := range d.Grants() {
				got = append(got, g.String())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("grants (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAGrantCoversWhatItComparesAndNothingElse(t *testing.T) {
	d := parse(t, one(`{"Effect":"Allow","Action":"dynamodb:GetItem","Resource":"*","Condition":{"ForAllValues:StringLike":{"dynamodb:LeadingKeys":"a#*"}}}`), policy.Identity)
	for name, tt := range map[string]struct {
		keys map[string][]string
		want bool
	}{
		"a key that it names": {map[string][]string{"dynamodb:LeadingKeys": {"a#1"}}, true},
		"another key":         {map[string][]string{"dynamodb:LeadingKeys": {"b#1"}}, false},
		"none, which the operator holds of as well": {nil, false},
	} {
		r := policy.Request{Action: "dynamodb:GetItem", Resource: "*", Caller: session(), Keys: policy.NewKeys(tt.keys)}
		if got := d.Grants()[0].Covers(r); got != tt.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
