package sweep

import (
	"slices"

	"fairlead/shared/edge/ledger"
	ecslook "fairlead/shared/edge/look"
	"fairlead/shared/edge/report"
	"fairlead/shared/permission"
)

// Policy is what the function runs under.
func Policy() permission.Policy { return permission.Policy{Own: own, Look: reads} }

// own starts and redrives executions of the one workflow, reads how they ended, and keeps what was seen.
func own(place permission.Place) []permission.Statement {
	return slices.Concat(report.Permissions(place), ledger.ClaimReadPermissions(place), ledger.PastHistoryPermissions(place),
		ledger.QuarantineReadPermissions(place), ledger.HoldReadPermissions(place), ledger.DeployedReadPermissions(place), ledger.SweepPermissions(place), []permission.Statement{{
			Sid: "StartAndListExecutions", Actions: []string{"states:StartExecution", "states:ListExecutions"}, Resources: []string{place.StateMachineARN},
			Why: "starts an execution for what went by unnoticed, and finds those whose end nobody has reported",
		}, {
			Sid: "RedriveExecutions", Actions: []string{"states:RedriveExecution"}, Resources: []string{report.Executions(place.StateMachineARN)},
			Why: "has an execution that broke off find out why ECS has taken back what it deployed",
		}})
}

// reads is what it reads of one repository and one service.
func reads(t permission.Target) []permission.Statement {
	return append(ecslook.Permissions(t), []permission.Statement{
		{
			Sid: "ListImages", Actions: []string{"ecr:DescribeRepositories", "ecr:DescribeImages"}, Resources: []string{t.RepositoryARN()},
			Why: "which tags there are, since when, and which containers run an image of the repository",
		},
		{
			Sid: "ReadTaskDefinition", Actions: []string{"ecs:DescribeTaskDefinition"}, Resources: []string{"*"},
			Why: "which execution has made what the service is pointed at; the action knows no resources, so AWS takes nothing but *",
		},
		{
			Sid: "ReadTaskDefinitionTags", Actions: []string{"ecs:ListTagsForResource"}, Resources: []string{t.ECS("task-definition/*")},
			Why: "our own tags on it; its family is not in the configuration",
		},
	}...)
}
