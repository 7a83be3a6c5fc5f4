package main

import (
	"maps"
	"reflect"
	"slices"
	"strconv"

	"fairlead/shared/permission"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
)

// policyVersion is the version of the policy language.
const policyVersion = "2012-10-17"

// conditions is the Condition element of a statement: operator, key, values.
type conditions = map[string]map[string][]string

// document writes statements as the document of an identity policy.
func document(statements []permission.Statement) map[string]any {
	written := make([]any, len(statements))
	for i, s := range statements {
		written[i] = statement(s)
	}
	return map[string]any{"Version": policyVersion, "Statement": written}
}

// statement writes one Allow statement. What it is for stands in the policy.go that it comes from: IAM has no place for
// it.
func statement(s permission.Statement) map[string]any {
	written := map[string]any{"Effect": "Allow", "Action": s.Actions, "Resource": subs(s.Resources)}
	if s.Sid != "" {
		written["Sid"] = s.Sid
	}
	if len(s.Conditions) > 0 {
		written["Condition"] = condition(s.Conditions)
	}
	return written
}

// condition writes a Condition element. A single value stands without a list, as IAM itself writes it.
func condition(operators conditions) map[string]any {
	written := map[string]any{}
	for operator, keys := range operators {
		block := map[string]any{}
		for key, values := range keys {
			block[key] = subs(values)
			if len(values) == 1 {
				block[key] = sub(values[0])
			}
		}
		written[operator] = block
	}
	return written
}

// trust writes a trust policy of one statement: who may take on the role by which action, under which conditions.
func trust(principal map[string]any, action string, operators conditions) map[string]any {
	only := map[string]any{"Effect": "Allow", "Principal": principal, "Action": action}
	if len(operators) > 0 {
		only["Condition"] = condition(operators)
	}
	return map[string]any{"Version": policyVersion, "Statement": []any{only}}
}

// trustService trusts an AWS service.
func trustService(principal string, operators conditions) map[string]any {
	return trust(map[string]any{"Service": principal}, "sts:AssumeRole", operators)
}

// fromThisAccount holds when a service acts for a resource of this account, and not for another customer's.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
func fromThisAccount() conditions {
	return conditions{"StringEquals": {"aws:SourceAccount": {account}}}
}

// inline writes the inline policies of a role, sorted by name, and leaves out those without a statement.
func inline(policies map[string][]permission.Statement) []any {
	var written []any
	for _, name := range slices.Sorted(maps.Keys(policies)) {
		if len(policies[name]) == 0 {
			continue
		}
		written = append(written, &awsiam.CfnRole_PolicyProperty{
			PolicyName: jsii.String(name), PolicyDocument: document(policies[name]),
		})
	}
	return written
}

// merge joins the statements of several functions into one policy: those for the same resources under the same
// conditions become one statement with the actions of all, and each keeps a Sid of its own, as IAM demands.
func merge(statements []permission.Statement) []permission.Statement {
	var merged []permission.Statement
	for _, s := range statements {
		i := slices.IndexFunc(merged, func(m permission.Statement) bool {
			return slices.Equal(m.Resources, s.Resources) && reflect.DeepEqual(m.Conditions, s.Conditions)
		})
		if i < 0 {
			s.Sid = freeSid(merged, s.Sid)
			merged = append(merged, s)
			continue
		}
		actions := slices.Concat(merged[i].Actions, s.Actions)
		slices.Sort(actions)
		merged[i].Actions = slices.Compact(actions)
	}
	return merged
}

// freeSid returns the Sid, with a number behind it if another statement has it already.
func freeSid(statements []permission.Statement, sid string) string {
	taken := func(name string) bool {
		return slices.ContainsFunc(statements, func(s permission.Statement) bool { return s.Sid == name })
	}
	free := sid
	for n := 2; sid != "" && taken(free); n++ {
		free = sid + strconv.Itoa(n)
	}
	return free
}
