package wakeexecution

import (
	"slices"

	"fairlead/shared/edge/findings"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/edge/look"
	"fairlead/shared/edge/park"
	"fairlead/shared/permission"
)

// Policy is what the function runs under.
func Policy() permission.Policy {
	return permission.Policy{
		Own: func(place permission.Place) []permission.Statement {
			return append(ledger.WakerPermissions(place), park.Permissions()...)
		},
		Look: func(t permission.Target) []permission.Statement {
			return slices.Concat(look.RolloutPermissions(t), findings.Permissions(t))
		},
	}
}
