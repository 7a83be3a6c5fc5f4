package checkimage

import (
	"slices"

	"fairlead/shared/edge/findings"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/permission"
)

// Policy is what the step may do: ask the ledger for a quarantine and a hold, read one repository, and one service with what it runs.
func Policy() permission.Policy {
	return permission.Policy{Own: own, Look: func(t permission.Target) []permission.Statement {
		return slices.Concat(preflightPermissions(t), findings.SettingsPermissions(t), []permission.Statement{
			{
				Sid:       "ReadImage",
				Actions:   []string{"ecr:DescribeRepositories", "ecr:DescribeImages", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"},
				Resources: []string{t.RepositoryARN()},
				Why:       "which image the tag names, whether it can run, and on which platform",
			},
			{
				Sid: "ReadLifecycle", Actions: []string{"ecr:GetLifecyclePolicy"}, Resources: []string{t.RepositoryARN()},
				Why: "whether images expire while they run: a warning at most",
			},
			{
				Sid: "ReadService", Actions: []string{"ecs:DescribeServices"}, Resources: []string{t.ServiceARN()},
				Why: "the service's state, its controller and what it runs",
			},
			{
				Sid: "ReadTaskDefinitions", Actions: []string{"ecs:DescribeTaskDefinition", "ecs:ListTaskDefinitions"}, Resources: []string{"*"},
				Why: "what the service runs, and what was added to its family since; the actions know no resources, so AWS takes nothing but *",
			},
			{
				Sid: "ReadTaskDefinitionTags", Actions: []string{"ecs:ListTagsForResource"}, Resources: []string{t.ECS("task-definition/*")},
				Why: "our own tags on what the service runs; its family is not in the configuration",
			},
		})
	}}
}

// own asks the ledger.
func own(place permission.Place) []permission.Statement {
	return slices.Concat(ledger.QuarantineReadPermissions(place), ledger.HoldReadPermissions(place))
}

// preflightPermissions are what the look before the first write reads of IAM: the two roles of the service's tasks, and what
// the service's own two roles may pass.
func preflightPermissions(t permission.Target) []permission.Statement {
	roles := slices.DeleteFunc([]string{t.TaskRoleARN, t.ExecutionRoleARN}, func(arn string) bool { return arn == "" })
	simulation := permission.Statement{
		Sid: "SimulatePassRole", Actions: []string{"iam:SimulatePrincipalPolicy"}, Resources: []string{t.RegisterRoleARN, t.UpdateRoleARN},
		Why: "whether the service's own roles may pass the roles of its tasks, before they are asked to: a warning at most",
	}
	if len(roles) == 0 {
		return []permission.Statement{simulation}
	}
	statements := []permission.Statement{{
		Sid: "ReadTaskRoles", Actions: []string{"iam:GetRole"}, Resources: slices.Compact(roles),
		Why: "whether the roles of the tasks exist and trust ECS, before a task definition with them goes out",
	}, simulation}
	if t.ExecutionRoleARN != "" {
		statements = append(statements, permission.Statement{
			Sid: "SimulateExecutionRole", Actions: []string{"iam:SimulatePrincipalPolicy"}, Resources: []string{t.ExecutionRoleARN},
			Why: "whether ECS may read the secrets and write the logs that the task definition names, under the service's execution role: a warning at most; no secret is read",
		})
	}
	return statements
}
