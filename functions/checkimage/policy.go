package checkimage

import (
	"slices"

	"fairlead/shared/edge/ledger"
	"fairlead/shared/permission"
)

// Policy is what the step may do: ask the ledger for a quarantine and a hold, read one repository, and one service with what it runs.
func Policy() permission.Policy {
	return permission.Policy{Own: own, Look: func(t permission.Target) []permission.Statement {
		return []permission.Statement{
			{
				Sid:       "ReadImage",
				Actions:   []string{"ecr:DescribeRepositories", "ecr:DescribeImages", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"},
				Resources: []string{t.RepositoryARN()},
				Why:       "which image the tag names, whether it can run, and on which platform",
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
		}
	}}
}

// own asks the ledger.
func own(place permission.Place) []permission.Statement {
	return slices.Concat(ledger.QuarantineReadPermissions(place), ledger.HoldReadPermissions(place))
}
