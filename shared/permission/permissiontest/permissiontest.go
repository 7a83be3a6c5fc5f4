// Package permissiontest holds the calls that a step's ports declare against the policies that it runs under, in both
// directions: what is called is granted, and what is granted is called.
package permissiontest

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"fairlead/shared/permission"
)

// Ports are the interfaces through which a function calls AWS, by the role under which it does: pass a nil pointer to
// each interface, (*Images)(nil). Their methods have the SDK's signatures, from which the action is read.
type Ports struct {
	Own, Look, Register, Update []any
	// Spared are dependents that AWS checks for other inputs than these calls have: tags that are not asked for.
	Spared []string
}

// Dependents are actions that AWS checks besides the one that is called, by that one:
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_ecs.html
func Dependents() map[string][]string {
	return map[string][]string{
		"ecs:DescribeTaskDefinition": {"ecs:ListTagsForResource"}, // with include TAGS
		"ecs:RegisterTaskDefinition": {"ecs:TagResource", "iam:PassRole"},
		"ecs:UpdateService":          {"iam:PassRole"},
	}
}

// Check compares ports and policy. Ports of AWS calls that need no right of their own (a presigned download) are left
// out of Ports. What every function may do, write its log and assume the roles of its service, infra/ grants by itself.
func Check(t *testing.T, policy permission.Policy, ports Ports) {
	t.Helper()
	for _, problem := range Compare(policy, ports) {
		t.Error(problem)
	}
}

// Compare returns what Check reports, a sentence each.
func Compare(policy permission.Policy, ports Ports) []string {
	var problems []string
	place, target := sample()
	problems = append(problems, compare("own", ports.Own, ports.Spared, statements(policy.Own, place))...)
	problems = append(problems, compare("look", ports.Look, ports.Spared, statements(policy.Look, target))...)
	problems = append(problems, compare("register", ports.Register, ports.Spared, statements(policy.Register, target))...)
	problems = append(problems, compare("update", ports.Update, ports.Spared, statements(policy.Update, target))...)
	return problems
}

// statements calls a policy's function, which may be nil.
func statements[In any](of func(In) []permission.Statement, in In) []permission.Statement {
	if of == nil {
		return nil
	}
	return of(in)
}

// sample is a place and a target with nothing left empty.
func sample() (permission.Place, permission.Target) {
	place := permission.Place{
		Partition: "aws", Region: "eu-west-1", Account: "123456789012",
		TableARN:        "arn:aws:dynamodb:eu-west-1:123456789012:table/ledger",
		StateMachineARN: "arn:aws:states:eu-west-1:123456789012:stateMachine:deploy",
		EventBusARN:     "arn:aws:events:eu-west-1:123456789012:event-bus/default",
		ParameterARNs:   []string{"arn:aws:ssm:eu-west-1:123456789012:parameter/deploy/web/deployed-digest"},
	}
	return place, permission.Target{
		Place: place, Cluster: "prod", Service: "web", Repository: "shop/web",
		TaskRoleARN:      "arn:aws:iam::123456789012:role/task",
		ExecutionRoleARN: "arn:aws:iam::123456789012:role/execution",
		ScanGate:         true,
		Verified:         true,
		Revocable:        []string{"arn:aws:signer:eu-west-1:123456789012:/signing-profiles/shop"},
		RegisterRoleARN:  "arn:aws:iam::123456789012:role/deploy-web-register",
		UpdateRoleARN:    "arn:aws:iam::123456789012:role/deploy-web-update",
	}
}

// compare looks at the calls and grants of one role.
func compare(role string, ports []any, spared []string, granted []permission.Statement) []string {
	var problems []string
	called := map[string]bool{}
	for _, port := range ports {
		for _, action := range actions(port) {
			called[action] = true
		}
	}
	grants := map[string]bool{}
	for _, statement := range granted {
		problems = append(problems, flaws(role, statement)...)
		for _, action := range statement.Actions {
			grants[action] = true
		}
	}
	wanted := needed(called)
	for _, action := range spared {
		delete(wanted, action)
	}
	for _, action := range sorted(wanted) {
		if !grants[action] {
			problems = append(problems, fmt.Sprintf("role %s: %s is called or needed, and not granted", role, action))
		}
	}
	for _, action := range sorted(grants) {
		if !wanted[action] {
			problems = append(problems, fmt.Sprintf("role %s: %s is granted, and no port calls it", role, action))
		}
	}
	return problems
}

// needed adds to the calls what AWS checks beside them.
func needed(called map[string]bool) map[string]bool {
	all := maps.Clone(called)
	for action := range called {
		for _, dependent := range Dependents()[action] {
			all[dependent] = true
		}
	}
	return all
}

// flaws names what no statement of ours may be: wider than a call, or without a reason.
func flaws(role string, s permission.Statement) []string {
	var problems []string
	for _, action := range s.Actions {
		if strings.ContainsAny(action, "*?") {
			problems = append(problems, fmt.Sprintf("role %s: statement %s grants %s, a pattern", role, s.Sid, action))
		}
	}
	switch {
	case s.Sid == "" || s.Why == "":
		problems = append(problems, fmt.Sprintf("role %s: statement %q on %v has no Sid or says no reason", role, s.Sid, s.Actions))
	case len(s.Actions) == 0 || len(s.Resources) == 0 || slices.Contains(s.Resources, ""):
		problems = append(problems, fmt.Sprintf("role %s: statement %s has no action or an empty resource", role, s.Sid))
	}
	return problems
}

// actions reads the IAM actions from an interface's methods: the service from the package of the input's type, the
// name from the method.
func actions(port any) []string {
	face := reflect.TypeOf(port).Elem()
	var all []string
	for method := range face.Methods() {
		action := prefix(method) + ":" + method.Name
		if other, ok := renamed()[action]; ok {
			action = other
		}
		all = append(all, action)
	}
	return all
}

// renamed are the actions that AWS checks for calls of another name:
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListImageReferrers.html
func renamed() map[string]string {
	return map[string]string{"ecr:ListImageReferrers": "ecr:BatchGetImage"}
}

// prefix is IAM's name of the service whose SDK package declares the method's input.
func prefix(method reflect.Method) string {
	if method.Type.NumIn() < 2 || method.Type.In(1).Kind() != reflect.Pointer {
		return "not-an-sdk-call"
	}
	path := method.Type.In(1).Elem().PkgPath()
	name := path[strings.LastIndexByte(path, '/')+1:]
	if iam, ok := map[string]string{"sfn": "states", "eventbridge": "events", "cloudwatchlogs": "logs",
		"elasticloadbalancingv2": "elasticloadbalancing"}[name]; ok {
		return iam
	}
	return name
}

func sorted(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }
