package look

import "fairlead/shared/permission"

// Permissions are the statements that a look runs under, as part of the service's look role.
func Permissions(t permission.Target) []permission.Statement {
	return []permission.Statement{
		{
			Sid: "LookAtService", Actions: []string{"ecs:DescribeServices", "ecs:ListServiceDeployments"},
			Resources: []string{t.ServiceARN()},
			Why:       "reads what the service is pointed at, and lists its service deployments",
		},
		{
			Sid: "LookAtServiceDeployments", Actions: []string{"ecs:DescribeServiceDeployments", "ecs:DescribeServiceRevisions"},
			Resources: []string{
				t.ServiceARN(),
				t.ECS("service-deployment/" + t.Cluster + "/" + t.Service + "/*"),
				t.ECS("service-revision/" + t.Cluster + "/" + t.Service + "/*"),
			},
			Why: "reads what became of a service deployment, and which task definition it put into service; ECS asks for the service as well as for the thing itself",
		},
	}
}
