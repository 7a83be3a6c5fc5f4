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
			Sid: "LookAtServiceDeployments", Actions: []string{"ecs:DescribeServiceDeployments"},
			Resources: []string{t.ServiceARN(), t.ECS("service-deployment/" + t.Cluster + "/" + t.Service + "/*")},
			Why:       "reads what became of a service deployment; ECS asks for the service as well as for the thing itself",
		},
		{
			Sid: "LookAtServiceRevisions", Actions: []string{"ecs:DescribeServiceRevisions"},
			Resources: []string{t.ServiceARN(), t.ECS("service-revision/" + t.Cluster + "/" + t.Service + "/*")},
			Why:       "reads which task definition a service deployment put into service; ECS asks for the service likewise",
		},
	}
}
