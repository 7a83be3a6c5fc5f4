package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTheSameSeedAsksTheSame(t *testing.T) {
	first, again, other := newGenerator(7), newGenerator(7), newGenerator(8)
	differ := false
	for range 200 {
		q := first.question()
		if diff := cmp.Diff(q.String(), again.question().String()); diff != "" {
			t.Fatal(diff)
		}
		differ = differ || q.String() != other.question().String()
	}
	if !differ {
		t.Error("another seed asks the same")
	}
}

// TestWhatIsAskedIsWorthAsking wants all kinds, all answers, each operator, and few that are not read.
func TestWhatIsAskedIsWorthAsking(t *testing.T) {
	kinds, results, refused := map[string]int{}, map[string]int{}, 0
	var asked strings.Builder
	for g, i := newGenerator(1), 0; i < 4000; i++ {
		q := g.question()
		a := q.ask()
		asked.WriteString(q.String())
		if a.Error != "" {
			refused++
			continue
		}
		kinds[q.Kind]++
		results[q.Kind+" "+a.Result]++
	}
	all := asked.String()
	for _, kind := range []string{identities, limited, owned, trusting} {
		for _, result := range []string{allowed, explicit, implicit} {
			if results[kind+" "+result] < 20 {
				t.Errorf("%s is %s %d times", kind, result, results[kind+" "+result])
			}
		}
	}
	if refused == 0 || refused > 400 {
		t.Errorf("%d of 4000 are not read", refused)
	}
	for _, k := range keyedBy() {
		for _, operator := range k.operators {
			if !strings.Contains(all, `"`+operator+`"`) || !strings.Contains(all, `"`+operator+`IfExists"`) {
				t.Errorf("%s is never asked", operator)
			}
		}
	}
	for _, want := range []string{`"NotAction"`, `"NotResource"`, `"NotPrincipal"`, `"ForAllValues:`, `"ForAnyValue:`, `"Null"`, "${aws:", "?", `"session":{`, `"boundary":{`} {
		if !strings.Contains(all, want) {
			t.Errorf("%s is never asked", want)
		}
	}
}

func TestADifferenceIsMadeSmall(t *testing.T) {
	q := question{Kind: identities, Caller: user, Action: "sqs:SendMessage", Resource: "arn:aws:sqs:eu-west-1:" + account + ":a", Account: account,
		Keys: map[string][]string{"aws:SecureTransport": {"true"}, "aws:username": {"ann"}},
		Identity: []document{{Version: "2012-10-17", Statement: []statement{
			{Effect: "Deny", Action: texts{"s3:*"}, Resource: texts{"*"}},
			{Sid: "S", Effect: "Allow", Action: texts{"ecs:*", "sqs:*"}, Resource: texts{"arn:aws:sqs:*:*:b", "arn:aws:sqs:*:*:a"}, Condition: map[string]map[string]texts{"Bool": {"aws:SecureTransport": {"true"}}}},
		}}, {Version: "2012-10-17", Statement: []statement{{Effect: "Deny", Action: texts{"ecs:*"}, Resource: texts{"*"}}}}}}
	got := shrink(q, func(n question) bool {
		return n.ask().Result == allowed && n.conditions(func(operator, _ string, _ texts) bool { return operator == "Bool" })
	})
	want := q
	want.Keys = map[string][]string{"aws:SecureTransport": {"true"}}
	want.Identity = []document{{Version: "2012-10-17", Statement: []statement{{Effect: "Allow", Action: texts{"*"}, Resource: texts{"*"}, Condition: map[string]map[string]texts{"Bool": {"aws:SecureTransport": {"true"}}}}}}}
	if diff := cmp.Diff(want.String(), got.String()); diff != "" {
		t.Error(diff)
	}
}

func TestRequestsThatAStatementIsJustNotAbout(t *testing.T) {
	got := requestsOfDocument(document{Statement: []statement{{Effect: "Allow", Action: texts{"iam:PassRole"}, Resource: texts{"arn:aws:iam::" + account + ":role/a*"},
		Condition: map[string]map[string]texts{"StringEquals": {"iam:PassedToService": {"ecs-tasks.amazonaws.com"}}}}}})
	var resources, keys []string
	for _, q := range got {
		resources = append(resources, q.Resource)
		keys = append(keys, strings.Join(q.Keys["iam:PassedToService"], " "))
	}
	slices.Sort(resources)
	slices.Sort(keys)
	wantResources := []string{"arn:aws:iam::123456789012:role/ax", "arn:aws:iam::123456789012:role/axx", "arn:aws:iam::210987654321:role/ax"}
	wantKeys := []string{"", "ecs-tasks.amazonaws.com", "ecs-tasks.amazonaws.comx"}
	if diff := cmp.Diff([][]string{wantResources, wantKeys}, [][]string{slices.Compact(resources), slices.Compact(keys)}); diff != "" {
		t.Error(diff)
	}
}
