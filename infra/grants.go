package main

import (
	"maps"
	"slices"

	"fairlead/shared/permission"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
)

// grant is a statement with who needs it: a state of the workflow, a person, a service of AWS.
type grant struct {
	by string
	permission.Statement
}

// grants are the statements of a role's inline policies, by the policy's name.
type grants map[string][]grant

// by says who needs the statements.
func by(who string, statements ...permission.Statement) []grant {
	needed := make([]grant, len(statements))
	for i, s := range statements {
		needed[i] = grant{who, s}
	}
	return needed
}

// trusted is whom a role trusts: one principal, by one action, under conditions.
type trusted struct {
	kind, who string // the principal's: Service and lambda.amazonaws.com
	action    string // sts:AssumeRole if empty
	when      conditions
	why       string
}

// document writes the trust policy.
func (t trusted) document() map[string]any {
	return policyDocument(policyStatement{effect: "Allow", kind: t.kind, who: t.who, Statement: t.statement()})
}

// statement is the trust policy's, without its principal.
func (t trusted) statement() permission.Statement {
	action := "sts:AssumeRole"
	if t.action != "" {
		action = t.action
	}
	return permission.Statement{Actions: []string{action}, Conditions: t.when, Why: t.why}
}

// identity is a role: whom it trusts, and what it grants.
type identity struct {
	id, name, what string
	trust          trusted
	grants         grants
}

// addRole adds a role to a stack, and notes why it trusts and grants what it does. The statements of a policy for the same
// resources under the same conditions become one.
func (r *reasons) addRole(stack awscdk.Stack, i identity) {
	r.note(stack, i.id, reason{kind: trustPolicy, principal: i.trust.kind + " " + i.trust.who, by: i.trust.who, effect: "Allow", Statement: i.trust.statement()})
	var policies []any
	for _, name := range slices.Sorted(maps.Keys(i.grants)) {
		var statements []permission.Statement
		for _, g := range i.grants[name] {
			r.note(stack, i.id, reason{kind: identityPolicy, by: g.by, effect: "Allow", Statement: g.Statement})
			statements = append(statements, g.Statement)
		}
		if len(statements) > 0 {
			policies = append(policies, &awsiam.CfnRole_PolicyProperty{
				PolicyName: jsii.String(name), PolicyDocument: document(merge(statements)),
			})
		}
	}
	props := &awsiam.CfnRoleProps{
		RoleName: jsii.String(i.name), Description: jsii.String(i.what), AssumeRolePolicyDocument: i.trust.document(),
	}
	if policies != nil {
		props.Policies = policies
	}
	awsiam.NewCfnRole(stack, jsii.String(i.id), props)
}

// The kinds of policies.
const (
	trustPolicy    = "trust"    // who may take on a role
	identityPolicy = "identity" // what a role may do
	resourcePolicy = "resource" // who may do something to a resource
)

// reason is one statement of a template's policies with what a template has no place for: who needs it, and why.
type reason struct {
	stack, id string // of the resource that has the policy
	kind      string
	principal string // kind and name, "" in an identity policy
	by        string
	effect    string
	permission.Statement
}

// reasons are all that the templates grant, in the order in which they were added: docs/permissions.md is made of them.
type reasons struct{ noted []reason }

// note notes a statement of a resource's policy.
func (r *reasons) note(stack awscdk.Stack, id string, why reason) {
	why.stack, why.id = *stack.StackName(), id
	r.noted = append(r.noted, why)
}
