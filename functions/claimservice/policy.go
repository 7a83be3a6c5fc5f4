package claimservice

import (
	"slices"

	"fairlead/shared/edge/ledger"
	"fairlead/shared/permission"
)

// Policy is what the step may do: its items of the ledger, and nothing at the service.
func Policy() permission.Policy {
	return permission.Policy{Own: func(place permission.Place) []permission.Statement {
		return slices.Concat(ledger.ClaimPermissions(place), ledger.QuarantineReadPermissions(place), ledger.HoldReadPermissions(place))
	}}
}
