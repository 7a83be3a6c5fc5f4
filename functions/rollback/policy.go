package rollback

import (
	"fairlead/shared/edge/ledger"
	"fairlead/shared/edge/look"
	"fairlead/shared/edge/lossless"
	"fairlead/shared/permission"
)

// Policy is what the step may do: use the claim and put images into quarantine, look at the service and its task
// definitions, register a copy of one that was deregistered or has the image by a tag, and take the service back.
func Policy() permission.Policy {
	return permission.Policy{
		Own: func(place permission.Place) []permission.Statement {
			return append(ledger.ClaimPermissions(place), ledger.QuarantineWritePermissions(place)...)
		},
		Look: func(t permission.Target) []permission.Statement {
			return append(look.Permissions(t), lossless.ReadPermissions(t)...)
		},
		Register: lossless.RegisterPermissions,
		Update:   update,
	}
}

// update takes the one service back. StopServiceDeployment is asked for the service and for the deployment; UpdateService
// is checked for PassRole too, by the roles of the revision:
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_ecs.html
func update(t permission.Target) []permission.Statement {
	return append([]permission.Statement{
		{
			Sid: "UpdateService", Actions: []string{"ecs:UpdateService"}, Resources: []string{t.ServiceARN()},
			Why: "points the service back at an earlier revision, or at what the holder of the claim deploys",
		},
		{
			Sid: "StopServiceDeployment", Actions: []string{"ecs:StopServiceDeployment"},
			Resources: []string{t.ServiceARN(), t.ECS("service-deployment/" + t.Cluster + "/" + t.Service + "/*")},
			Why:       "has ECS stop the failed service deployment and roll it back",
		},
	}, t.PassRoles("points the service at a revision with the roles that its base has")...)
}
