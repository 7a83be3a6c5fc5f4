package updateservice

import (
	"slices"

	"fairlead/shared/edge/ledger"
	"fairlead/shared/edge/look"
	"fairlead/shared/permission"
)

// Policy is what the step may do: use the claim, ask for a hold and a quarantine, look at the service, and point it at a revision that runs under the
// service's two task roles.
func Policy() permission.Policy {
	return permission.Policy{Own: own, Look: look.Permissions, Update: update}
}

// own is its items of the ledger.
func own(place permission.Place) []permission.Statement {
	return slices.Concat(ledger.ClaimPermissions(place), ledger.HoldReadPermissions(place), ledger.QuarantineReadPermissions(place))
}

// update points the one service at a revision. UpdateService is checked for PassRole too, by the roles of the revision:
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_ecs.html
func update(t permission.Target) []permission.Statement {
	return append([]permission.Statement{{
		Sid: "UpdateService", Actions: []string{"ecs:UpdateService"}, Resources: []string{t.ServiceARN()},
		Why: "points the service at the revision, or back at what the holder of the claim deploys",
	}}, t.PassRoles("points the service at a revision with the roles that its base has")...)
}
