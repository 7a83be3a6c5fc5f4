package main

import (
	"slices"
	"strings"
	"testing"
)

// mutant is a change to the templates that looks harmless in a review and must not pass.
type mutant struct {
	name   string
	change func(map[string]template)
	want   string // in one of the faults
}

// The rules about rights and shape are only worth something if they notice. Each of these was let through by the common
// linters.
func TestTheChecksNoticeWhatReviewersMiss(t *testing.T) {
	for _, m := range slices.Concat(rightsMutants(), callMutants(), pusherMutants(), shapeMutants(), settingMutants()) {
		t.Run(m.name, func(t *testing.T) {
			all := templates(t)
			m.change(all)
			faults := slices.Concat(rightsFaults(all), assumeFaults(all[deployerStack]), shapeFaults(all))
			if !slices.ContainsFunc(faults, func(f string) bool { return strings.Contains(f, m.want) }) {
				t.Errorf("nobody noticed; the faults are %q", faults)
			}
		})
	}
}

func rightsMutants() []mutant {
	return []mutant{
		{"PassRole for any role", inStatement("WebRegisterRole", "iam:PassRole", func(s map[string]any) { s["Resource"] = "*" }), "PassRole"},
		{"PassRole for one more role", inStatement("WebUpdateRole", "iam:PassRole", func(s map[string]any) {
			s["Resource"] = append(s["Resource"].([]any), "arn:aws:iam::123456789012:role/admin")
		}), "not for the service's two roles"},
		{"PassRole to any service", inStatement("WebRegisterRole", "iam:PassRole", func(s map[string]any) { delete(s, "Condition") }), "PassRole under"},
		{"UpdateService for any service", inStatement("WebUpdateRole", "ecs:UpdateService", func(s map[string]any) { s["Resource"] = "*" }), "ecs:UpdateService on *"},
		{"a wildcard of actions", inStatement("WebLookRole", "ecs:DescribeServices", func(s map[string]any) { s["Action"] = "ecs:*" }), "wildcard"},
		{"any service role to take on", inStatement("UpdateServiceRole", "sts:AssumeRole", func(s map[string]any) {
			s["Resource"] = map[string]any{"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/fairlead-*"}
		}), "sts:AssumeRole on"},
		{"a managed policy", inRole("CheckImageRole", func(p map[string]any) {
			p["ManagedPolicyArns"] = []any{"arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"}
		}), "managed policies"},
		{"everybody is trusted", inTrust("WebUpdateRole", func(s map[string]any) { s["Principal"] = "*" }), "it trusts *"},
		{"the whole account is trusted", inTrust("WebUpdateRole", func(s map[string]any) { delete(s, "Condition") }), "without map[ArnEquals"},
		{"one function more is trusted", inTrust("WebRegisterRole", func(s map[string]any) {
			arns := s["Condition"].(map[string]any)["ArnEquals"].(map[string]any)
			arns["aws:PrincipalArn"] = []any{arns["aws:PrincipalArn"], map[string]any{"Fn::GetAtt": []any{"WakeExecutionRole", "Arn"}}}
		}), "WakeExecutionRole -> fairlead-web-register: trusted"},
		{"operators write any item", inStatement(operatorID, "dynamodb:PutItem", func(s map[string]any) { delete(s, "Condition") }), "operators: it grants"},
		{"operators write claims too", inStatement(operatorID, "dynamodb:PutItem", func(s map[string]any) {
			s["Condition"] = map[string]any{"ForAllValues:StringLike": map[string]any{"dynamodb:LeadingKeys": []any{"quarantine#*", "claim#*"}}}
		}), "operators: it grants"},
		{"who holds services writes any item", inStatement(holderID, "dynamodb:PutItem", func(s map[string]any) { delete(s, "Condition") }), "operators: it grants"},
		{"who holds services deletes holds", inStatement(holderID, "dynamodb:PutItem", func(s map[string]any) {
			s["Action"] = append(s["Action"].([]any), "dynamodb:DeleteItem")
		}), "operators: it grants"},
		{"operators delete what they released", inStatement(operatorID, "dynamodb:PutItem", func(s map[string]any) {
			s["Action"] = append(s["Action"].([]any), "dynamodb:DeleteItem")
		}), "operators: it grants"},
		{"operators deploy as well", inRole(operatorID, func(p map[string]any) {
			policy := anyList(p["Policies"])[0]["PolicyDocument"].(map[string]any)
			policy["Statement"] = append(policy["Statement"].([]any), map[string]any{"Effect": "Allow", "Action": "ecs:UpdateService",
				"Resource": "arn:aws:ecs:eu-west-1:123456789012:service/fairlead-sample/web"})
		}), "operators: 2 statements"},
		{"another account's people are operators", inTrust(operatorID, func(s map[string]any) {
			s["Principal"] = map[string]any{"AWS": "arn:aws:iam::210987654321:root"}
		}), "operators: it trusts"},
		{"another customer's state machine is trusted", inTrust("WorkflowRole", func(s map[string]any) { delete(s, "Condition") }), "without StringEquals"},
	}
}

func shapeMutants() []mutant {
	return []mutant{
		{"a pattern without a source", inPatterns(func(p map[string]any) { delete(p, "source") }), "it listens to"},
		{"a sweep at every minute", inRules(func(p map[string]any) {
			if p["ScheduleExpression"] != nil {
				p["ScheduleExpression"] = "rate(1 minute)"
			}
		}), "it listens to"},
		{"a pattern for every repository", inPatterns(func(p map[string]any) {
			if detail, ok := p["detail"].(map[string]any); ok {
				delete(detail, "repository-name")
			}
		}), "not pinned on repository-name"},
		{"a target without a dead-letter queue", inRules(func(p map[string]any) {
			delete(p["Targets"].([]any)[0].(map[string]any), "DeadLetterConfig")
		}), "dead-letter queue"},
		{"execution data in the log", inProperties(deployerStack, "Workflow", func(p map[string]any) {
			p["LoggingConfiguration"].(map[string]any)["IncludeExecutionData"] = true
		}), "secret"},
		{"mutable tags", inProperties(registryStack, "ShopWebRepository", func(p map[string]any) { p["ImageTagMutability"] = "MUTABLE" }), "its tags can be moved"},
		{"any account writes to the queue", inProperties(deployerStack, "DeadLettersPolicy", func(p map[string]any) {
			delete(anyList(p["PolicyDocument"].(map[string]any)["Statement"])[0], "Condition")
		}), "lets in more"},
	}
}

// inProperties changes the properties of a resource.
func inProperties(stack, id string, change func(map[string]any)) func(map[string]template) {
	return func(all map[string]template) { change(all[stack].Resources[id].Properties) }
}

// inRole changes the properties of a role of the deployer.
func inRole(id string, change func(map[string]any)) func(map[string]template) {
	return inProperties(deployerStack, id, change)
}

// inTrust changes the statement of a role's trust policy.
func inTrust(id string, change func(map[string]any)) func(map[string]template) {
	return inRole(id, func(p map[string]any) {
		change(anyList(p["AssumeRolePolicyDocument"].(map[string]any)["Statement"])[0])
	})
}

// inStatement changes the statement of a role that allows an action.
func inStatement(id, action string, change func(map[string]any)) func(map[string]template) {
	return func(all map[string]template) {
		for _, s := range statements(all[deployerStack].Resources[id]) {
			if slices.Contains(list(s["Action"]), action) {
				change(s)
			}
		}
	}
}

// inPatterns changes the pattern of each rule that has one.
func inPatterns(change func(map[string]any)) func(map[string]template) {
	return inRules(func(properties map[string]any) {
		if pattern, ok := properties["EventPattern"].(map[string]any); ok {
			change(pattern)
		}
	})
}

// inRules changes the properties of each rule.
func inRules(change func(map[string]any)) func(map[string]template) {
	return func(all map[string]template) {
		for _, r := range all[deployerStack].Resources {
			if r.Type == "AWS::Events::Rule" {
				change(r.Properties)
			}
		}
	}
}
