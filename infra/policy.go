package main

import (
	"reflect"
	"slices"
	"strconv"

	"fairlead/shared/permission"
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

// condition writes a Condition element.
func condition(operators conditions) map[string]any {
	written := map[string]any{}
	for operator, keys := range operators {
		block := map[string]any{}
		for key, values := range keys {
			block[key] = single(values)
		}
		written[operator] = block
	}
	return written
}

// single writes one text without a list, as IAM itself writes it, and several as one.
func single(texts []string) any {
	if len(texts) == 1 {
		return sub(texts[0])
	}
	return subs(texts)
}

// policyStatement is a statement of a policy that names its principal: a trust policy, or that of a resource.
type policyStatement struct {
	effect, kind, who string // Allow or Deny, and the principal: Service and events.amazonaws.com, or "" and * for everybody
	permission.Statement
}

// policyDocument writes such a policy. A single action or resource stands without a list.
func policyDocument(statements ...policyStatement) map[string]any {
	written := make([]any, len(statements))
	for i, s := range statements {
		one := map[string]any{"Effect": s.effect, "Principal": s.who, "Action": single(s.Actions)}
		if s.kind != "" {
			one["Principal"] = map[string]any{s.kind: sub(s.who)}
		}
		if s.Sid != "" {
			one["Sid"] = s.Sid
		}
		if len(s.Resources) > 0 {
			one["Resource"] = single(s.Resources)
		}
		if len(s.Conditions) > 0 {
			one["Condition"] = condition(s.Conditions)
		}
		written[i] = one
	}
	return map[string]any{"Version": policyVersion, "Statement": written}
}

// fromThisAccount holds when a service acts for a resource of this account, and not for another customer's.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
func fromThisAccount() conditions {
	return conditions{"StringEquals": {"aws:SourceAccount": {account}}}
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
