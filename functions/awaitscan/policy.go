package awaitscan

import (
	"fairlead/shared/edge/findings"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/edge/park"
	"fairlead/shared/permission"
)

// Policy is what the function runs under.
func Policy() permission.Policy {
	return permission.Policy{
		Own: func(place permission.Place) []permission.Statement {
			return append(ledger.WaiterPermissions(place), park.Permissions()...)
		},
		Look: findings.Permissions,
	}
}
