package evidence

import "fairlead/shared/permission"

// TaskPermissions are the statements that [Tasks] runs under, as part of the service's look role.
func TaskPermissions(t permission.Target) []permission.Statement {
	return []permission.Statement{
		{
			Sid: "ListTasks", Actions: []string{"ecs:ListTasks"}, Resources: []string{"*"},
			Conditions: map[string]map[string][]string{"ArnEquals": {"ecs:cluster": {t.ECS("cluster/" + t.Cluster)}}},
			Why: "lists the stopped tasks of the service; the only resource type of the action is the container instance, which a listing by service " +
				"does not name, so that AWS forces \"*\" and the cluster is a condition",
		},
		{
			Sid: "ReadTasks", Actions: []string{"ecs:DescribeTasks"}, Resources: []string{t.ECS("task/" + t.Cluster + "/*")},
			Why: "reads why they stopped; the ARN of a task does not hold its service",
		},
	}
}
