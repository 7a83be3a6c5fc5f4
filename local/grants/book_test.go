package grants_test

import (
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fairlead/local"
	"fairlead/local/ecr/blob"
	"fairlead/local/grants"
	"fairlead/local/world"
)

const roles = "arn:aws:iam::123456789012:role/"

// deployed is an embedded AWS whose one role may do what the statements allow.
func deployed(t *testing.T, statements string) *local.AWS {
	t.Helper()
	dir := t.TempDir()
	write := func(name, content string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("manifest.json", `{"artifacts":{"S":{"type":"aws:cloudformation:stack","properties":{"templateFile":"S.template.json"}}}}`)
	write("S.template.json", `{"Resources":{"Role":{"Type":"AWS::IAM::Role","Properties":{"RoleName":"clerk",
		"AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"lambda.amazonaws.com"}}},
		"Policies":[{"PolicyName":"own","PolicyDocument":{"Version":"2012-10-17","Statement":[`+statements+`]}}]}}}}`)
	a := local.New(local.Options{Place: local.Place(), Seed: 1, Clock: func() time.Time { return time.Date(2046, 11, 23, 8, 0, 0, 0, time.UTC) },
		Host: func() string { return "127.0.0.1:4566" }, Blobs: &blob.Memory{}, Pace: 1, Logger: slog.New(slog.DiscardHandler)})
	if _, err := a.Deploy(dir); err != nil {
		t.Fatal(err)
	}
	return a
}

// asks makes the role's session list rules and queues, whose names it gives.
func asks(t *testing.T, a *local.AWS, operations ...string) {
	t.Helper()
	var who world.Principal
	var err error
	a.Core.Do(func(*world.World) {
		who, err = a.IAM.ServiceSession(roles+"clerk", "lambda.amazonaws.com", "", "session")
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, operation := range operations {
		service := map[string]string{"ListRules": "events", "ListQueues": "sqs"}[operation]
		if _, err := a.Core.Call(world.Request{Service: service, Operation: operation, Principal: who, Body: json.RawMessage(`{}`)}); err != nil {
			t.Fatal(err)
		}
	}
}

func allow(action, resource, rest string) string {
	return `{"Effect":"Allow","Action":"` + action + `","Resource":"` + resource + `"` + rest + `}`
}

const rules = "arn:aws:events:eu-west-1:123456789012:rule/*"

func TestCheck(t *testing.T) {
	inRegion := func(operator, value string) string {
		return `,"Condition":{"` + operator + `":{"aws:RequestedRegion":"` + value + `"}}`
	}
	listed := allow("events:ListRules", rules, "")
	excuse := grants.Excuse{Of: regexp.MustCompile("sqs:ListQueues"), Why: "the queues"}
	for name, tt := range map[string]struct {
		statements string
		excuses    []grants.Excuse
		want       []string
	}{
		"all that is granted was needed": {listed, nil, nil},
		"a grant that nothing needs":     {listed + "," + allow("sqs:ListQueues", "*", ""), nil, []string{"nothing has needed clerk: sqs:ListQueues on *"}},
		"with an excuse":                 {listed + "," + allow("sqs:ListQueues", "*", ""), []grants.Excuse{excuse}, nil},
		"an excuse for nothing":          {listed, []grants.Excuse{excuse}, []string{"the excuse sqs:ListQueues excuses nothing: the queues"}},
		"a wildcard beside the action": {listed + "," + allow("events:List*", rules, ""), nil, []string{
			"one request is granted twice: clerk: events:ListRules on " + rules + ", and by clerk: events:List* on " + rules,
			"more than one call is granted by clerk: events:List* on " + rules}},
		"a wildcard alone":              {allow("events:List*", rules, ""), nil, []string{"more than one call is granted by clerk: events:List* on " + rules}},
		"a resource that nothing needs": {`{"Effect":"Allow","Action":"events:ListRules","Resource":["` + rules + `","arn:aws:events:eu-west-1:123456789012:rule/a"]}`, nil, []string{"nothing has needed clerk: events:ListRules on arn:aws:events:eu-west-1:123456789012:rule/a"}},
		"a value that nothing has": {allow("events:ListRules", rules, `,"Condition":{"StringEquals":{"aws:RequestedRegion":["eu-west-1","eu-west-2"]}}`), nil, []string{
			"nothing has needed clerk: events:ListRules on " + rules + " when StringEquals aws:RequestedRegion = eu-west-2"}},
		"a key that no request has": {listed + "," + allow("events:ListRules", rules, `,"Condition":{"StringEqualsIfExists":{"aws:PrincipalTag/team":"a"}}`), nil, []string{
			"nothing has needed clerk: events:ListRules on " + rules + " when StringEqualsIfExists aws:PrincipalTag/team = a"}},
		"a condition that holds": {allow("events:ListRules", rules, inRegion("StringEquals", "eu-west-1")), nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			a, book := deployed(t, tt.statements), grants.New()
			if err := book.Enter(a); err != nil {
				t.Fatal(err)
			}
			book.Watch(a)
			asks(t, a, "ListRules")
			if diff := cmp.Diff(tt.want, book.Check(func(string) bool { return true }, tt.excuses)); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatNoTemplateGrantsIsToldOf(t *testing.T) {
	book := grants.New()
	if err := book.Enter(deployed(t, allow("events:ListRules", rules, ""))); err != nil {
		t.Fatal(err)
	}
	wider := deployed(t, allow("events:ListRules", rules, "")+","+allow("sqs:ListQueues", "*", ""))
	book.Watch(wider)
	asks(t, wider, "ListRules", "ListQueues")
	want := []string{"sqs:ListQueues on * was let through by what no template grants: clerk: sqs:ListQueues on *"}
	if diff := cmp.Diff(want, book.Check(func(string) bool { return true }, nil)); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

func TestEachRoleIsAccountedForInOnePackage(t *testing.T) {
	for holder, want := range map[string]string{"fairlead-hold": "cmd/fairlead", "fairlead-quarantine": "cmd/fairlead",
		"fairlead-push-shop-web": "local/pushworkflow", "fairlead-watch-shop-web": "local/pushworkflow", "fairlead-web-look": "local/stories", "another": "local/stories"} {
		for _, pkg := range []string{"cmd/fairlead", "local/pushworkflow", "local/stories"} {
			if got := grants.Of(pkg)(holder); got != (pkg == want) {
				t.Errorf("%s accounts for %s: %t", pkg, holder, got)
			}
		}
	}
}
