package evidence

import "fairlead/shared/permission"

// TaskPermissions are the statements that [Tasks] and [Running] run under, as part of the service's look role.
func TaskPermissions(t permission.Target) []permission.Statement {
	return []permission.Statement{
		{
			Sid: "ListTasks", Actions: []string{"ecs:ListTasks"}, Resources: []string{"*"},
			Conditions: map[string]map[string][]string{"ArnEquals": {"ecs:cluster": {t.ECS("cluster/" + t.Cluster)}}},
			Why: "lists the stopped and the running tasks of the service; the only resource type of the action is the container instance, which a listing by service " +
				"does not name, so that AWS forces \"*\" and the cluster is a condition",
		},
		{
			Sid: "ReadTasks", Actions: []string{"ecs:DescribeTasks"}, Resources: []string{t.ECS("task/" + t.Cluster + "/*")},
			Why: "reads why they stopped, and whether they are healthy; the ARN of a task does not hold its service",
		},
	}
}

// Permissions are the statements that [Read] runs under, as part of the service's look role.
func Permissions(t permission.Target) []permission.Statement {
	return append(TaskPermissions(t),
		permission.Statement{
			Sid: "ReadEvents", Actions: []string{"ecs:DescribeServices"}, Resources: []string{t.ServiceARN()},
			Why: "the events of the service, and which target groups it has",
		},
		permission.Statement{
			Sid: "ReadTaskDefinition", Actions: []string{"ecs:DescribeTaskDefinition"}, Resources: []string{"*"},
			Why: "where the containers write their logs, and which of them a task can do without; the action knows no resources, so AWS takes nothing but *",
		},
		permission.Statement{
			Sid: "ReadTargetHealth", Actions: []string{"elasticloadbalancing:DescribeTargetHealth"}, Resources: []string{"*"},
			Why: "why a load balancer finds a task unhealthy; the action knows no resources, so AWS takes nothing but *",
		},
		permission.Statement{
			Sid: "ReadLogTail", Actions: []string{"logs:GetLogEvents"},
			Resources: []string{"arn:" + t.Partition + ":logs:" + t.Region + ":" + t.Account + ":log-group:*:log-stream:*/*/*"},
			Why: "the last lines of the container that failed; its log group stands in the task definition, which people and stacks set, and not in the " +
				"configuration, so that only the form of a task's stream, prefix/container/task, can be asked for",
		},
	)
}
