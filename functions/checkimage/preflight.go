package checkimage

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"fairlead/shared/config"
	"fairlead/shared/fault"
	"fairlead/shared/preflight"
)

// Roles is what the step asks IAM. Its SDK repeats no call: what does not answer is a warning.
type Roles interface {
	GetRole(context.Context, *iam.GetRoleInput, ...func(*iam.Options)) (*iam.GetRoleOutput, error)
	SimulatePrincipalPolicy(context.Context, *iam.SimulatePrincipalPolicyInput, ...func(*iam.Options)) (*iam.SimulatePrincipalPolicyOutput, error)
}

// preflight looks for what a deployment of the service would come to grief for. What is certain is a fault, before anything
// is written; what is not, or cannot be asked, is a warning.
func (c *check) preflight(ctx context.Context, t target) error {
	c.out.Warnings = append(c.out.Warnings, preflight.Settings(t.service, t.definition, t.containers)...)
	c.repository(ctx)
	var passed []string
	for _, of := range []struct{ field, role string }{
		{"taskRole", aws.ToString(t.definition.TaskRoleArn)}, {"executionRole", aws.ToString(t.definition.ExecutionRoleArn)},
	} {
		role := c.place.RoleARN(of.role)
		if role == "" || slices.Contains(passed, role) {
			continue
		}
		passed = append(passed, role)
		if err := c.checkRole(ctx, t, of.field, role); err != nil {
			return err
		}
	}
	if len(passed) > 0 {
		for _, kind := range []config.RoleKind{config.Register, config.Update} {
			c.simulatePass(ctx, c.stepRole(kind), passed)
		}
	}
	if role := c.place.RoleARN(aws.ToString(t.definition.ExecutionRoleArn)); role != "" {
		for _, need := range preflight.Needs(t.definition, c.place.Partition, c.place.Region, c.place.Account) {
			c.simulateNeed(ctx, role, need)
		}
	}
	return nil
}

// checkRole asks whether a role of the tasks exists and trusts ECS.
func (c *check) checkRole(ctx context.Context, t target, field, role string) error {
	reply, err := c.Roles.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String(roleName(role))})
	if gone := new(types.NoSuchEntityException); errors.As(err, &gone) {
		return fault.New(fault.ServiceRoleUnusable, "make the role, or give the task definition another one that context.fairlead.services."+c.service.Name+"."+field+" names; then redrive the execution",
			"task definition %s has the %s %s, and there is no such role: no task would start", t.revision(), field, role)
	}
	if err != nil {
		c.warn("whether the %s %s trusts ECS was not checked: %s", field, role, said("IAM", err))
		return nil
	}
	document, err := url.QueryUnescape(aws.ToString(reply.Role.AssumeRolePolicyDocument))
	if err != nil {
		c.warn("whether the %s %s trusts ECS was not checked: %s", field, role, said("IAM", err))
		return nil
	}
	trusts, err := preflight.Trusts(document)
	switch {
	case err != nil:
		c.warn("whether the %s %s trusts ECS was not checked: %s", field, role, said("IAM", err))
	case !trusts:
		return fault.New(fault.ServiceRoleUnusable, "let the role's trust policy allow sts:AssumeRole to "+preflight.Tasks+", then redrive the execution",
			"the %s %s of task definition %s does not trust %s: no task would start", field, role, t.revision(), preflight.Tasks)
	}
	return nil
}

// simulatePass asks IAM whether one of our own roles may pass the roles of the tasks.
func (c *check) simulatePass(ctx context.Context, ours string, passed []string) {
	need := preflight.Need{Actions: []string{"iam:PassRole"}, Resources: passed}
	lacks, err := c.simulate(ctx, ours, need, types.ContextEntry{ContextKeyName: aws.String("iam:PassedToService"),
		ContextKeyType: types.ContextKeyTypeEnumString, ContextKeyValues: []string{preflight.Tasks}})
	if err != nil {
		c.warn("whether %s may pass the roles of the tasks was not simulated: %s", roleName(ours), said("IAM", err))
	}
	for _, lack := range lacks {
		c.warn("a simulation says that %s may not pass %s: run make deploy, or see docs/troubleshooting.md; the call itself will tell", roleName(ours), strings.TrimPrefix(lack, "iam:PassRole on "))
	}
}

// simulateNeed asks IAM whether ECS may do under the execution role what the containers need before they start.
func (c *check) simulateNeed(ctx context.Context, role string, need preflight.Need) {
	lacks, err := c.simulate(ctx, role, need)
	if err != nil {
		c.warn("whether the execution role %s may %s was not simulated: %s", roleName(role), need.What, said("IAM", err))
	}
	for _, lack := range lacks {
		c.warn("a simulation says that the execution role %s may not %s: tasks that need it do not start, unless that is granted elsewhere (by the policy of a secret, say)", roleName(role), lack)
	}
}

// simulate asks IAM what a role may not do of what is needed. A simulation knows no session, no endpoint and no resource
// policy, and may be minutes old, so that it warns and never stops.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
func (c *check) simulate(ctx context.Context, role string, need preflight.Need, given ...types.ContextEntry) ([]string, error) {
	reply, err := c.Roles.SimulatePrincipalPolicy(ctx, &iam.SimulatePrincipalPolicyInput{
		PolicySourceArn: aws.String(role), ActionNames: need.Actions, ResourceArns: need.Resources, ContextEntries: given})
	if err != nil {
		return nil, err
	}
	var answers []preflight.Answer
	for _, result := range reply.EvaluationResults {
		answers = append(answers, preflight.Answer{Action: aws.ToString(result.EvalActionName), Resource: aws.ToString(result.EvalResourceName),
			Allowed: result.EvalDecision == types.PolicyEvaluationDecisionTypeAllowed})
	}
	return need.Lacks(answers), nil
}

// said is an error in a few words: what a service of AWS says, without what an execution would do about it.
func said(service string, err error) string {
	return fmt.Sprintf("%.300s", fault.From(fault.FromAWS("ask "+service, err)).Message)
}

// roleName is the name in a role's ARN, which may have a path.
func roleName(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }
