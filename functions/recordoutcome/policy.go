package recordoutcome

import (
	"slices"

	"fairlead/shared/edge/announce"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/permission"
)

// Policy is what the function runs under.
func Policy() permission.Policy {
	return permission.Policy{Own: func(place permission.Place) []permission.Statement {
		return slices.Concat(announce.Permissions(place), ledger.DeployedPermissions(place), []permission.Statement{{
			Sid: "TellInfrastructureCode", Actions: []string{"ssm:PutParameter"}, Resources: place.ParameterARNs,
			Why: "writes the digest that a service was deployed with, to the parameters of the configured services alone",
		}})
	}}
}
