package ledger

import "fairlead/shared/permission"

// ClaimPermissions are the statements of a function that uses [Claims].
func ClaimPermissions(place permission.Place) []permission.Statement {
	return []permission.Statement{onItems(place, "LedgerClaims", kindClaim,
		"reads who may deploy a service now, and takes or uses the claim",
		"dynamodb:GetItem", "dynamodb:PutItem")}
}

// ClaimReadPermissions are the statements of a function that reads [Claims] and takes none.
func ClaimReadPermissions(place permission.Place) []permission.Statement {
	return []permission.Statement{onItems(place, "LedgerClaims", kindClaim, "reads who may deploy a service now", "dynamodb:GetItem")}
}

// SweepPermissions are the statements of a function that uses [Sweeps].
func SweepPermissions(place permission.Place) []permission.Statement {
	return []permission.Statement{onItems(place, "LedgerSweeps", kindSweep, "remembers what the last sweep has seen",
		"dynamodb:GetItem", "dynamodb:PutItem")}
}

// WaiterPermissions are the statements of a function that uses [ParkedTokens]: it parks its own token.
func WaiterPermissions(place permission.Place) []permission.Statement {
	return []permission.Statement{onItems(place, "LedgerTokens", kindToken,
		"parks its task token, and takes it away once it was returned",
		"dynamodb:PutItem", "dynamodb:DeleteItem")}
}

// WakerPermissions are the statements of a function that uses [WaitingTokens]: it returns the tokens of others.
func WakerPermissions(place permission.Place) []permission.Statement {
	return []permission.Statement{onItems(place, "LedgerTokens", kindToken,
		"finds the parked tokens of a service, and takes away those that were returned",
		"dynamodb:Query", "dynamodb:DeleteItem")}
}

// HistoryPermissions are the statements of a function that uses [History].
func HistoryPermissions(place permission.Place) []permission.Statement {
	return []permission.Statement{
		onItems(place, "LedgerHistory", kindHistory, "writes how an execution ended", "dynamodb:PutItem"),
		onItems(place, "LedgerOutcomes", kindOutcome, "announces each outcome once", "dynamodb:GetItem", "dynamodb:PutItem"),
	}
}

// PastHistoryPermissions are the statements of a function that uses [PastHistory].
func PastHistoryPermissions(place permission.Place) []permission.Statement {
	return []permission.Statement{onItems(place, "LedgerPastHistory", kindHistory, "reads how executions of a service have ended", "dynamodb:Query")}
}

// WatcherPermissions are the statements of who reads how executions of some services have ended, and of no others.
func WatcherPermissions(place permission.Place, services []string) []permission.Statement {
	read := onItems(place, "LedgerPastHistory", kindHistory, "reads how executions of its services have ended", "dynamodb:Query")
	items := make([]string, len(services))
	for i, service := range services {
		items[i] = item(kindHistory, service)
	}
	read.Conditions = map[string]map[string][]string{"ForAllValues:StringLike": {"dynamodb:LeadingKeys": items}}
	return []permission.Statement{read}
}

// QuarantineReadPermissions are the statements of a function that uses [Quarantined]: it asks before it deploys.
func QuarantineReadPermissions(place permission.Place) []permission.Statement {
	return []permission.Statement{onItems(place, "LedgerQuarantine", kindQuarantine,
		"asks whether the image is in quarantine",
		"dynamodb:GetItem")}
}

// QuarantineWritePermissions are the statements of a function that uses [QuarantineSetter].
func QuarantineWritePermissions(place permission.Place) []permission.Statement {
	return []permission.Statement{onItems(place, "LedgerQuarantine", kindQuarantine,
		"puts the image that it rolls back into quarantine",
		"dynamodb:GetItem", "dynamodb:PutItem")}
}

// QuarantineKeeperPermissions are the statements of the operators' role, under which [Quarantines] are listed and
// released. They do not allow to delete one: a release is kept.
func QuarantineKeeperPermissions(place permission.Place) []permission.Statement {
	return []permission.Statement{onItems(place, "LedgerQuarantine", kindQuarantine,
		"lists quarantines and releases them",
		"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query")}
}

// HoldReadPermissions are the statements of a function that uses [Held]: it asks before it deploys.
func HoldReadPermissions(place permission.Place) []permission.Statement {
	return []permission.Statement{onItems(place, "LedgerHold", kindHold, "asks whether the service is held", "dynamodb:GetItem")}
}

// HoldKeeperPermissions are the statements of the operators' role, under which [Holds] are set and lifted.
func HoldKeeperPermissions(place permission.Place) []permission.Statement {
	return []permission.Statement{onItems(place, "LedgerHold", kindHold, "holds services, and lifts that", "dynamodb:GetItem", "dynamodb:PutItem")}
}

// DeployedPermissions are the statements of a function that uses [DeployedItems].
func DeployedPermissions(place permission.Place) []permission.Statement {
	return []permission.Statement{onItems(place, "LedgerDeployed", kindDeployed,
		"keeps what a service was deployed with, and reads whether that is still the newest",
		"dynamodb:GetItem", "dynamodb:PutItem")}
}

// DeployedReadPermissions are the statements of a function that uses [LastDeployed].
func DeployedReadPermissions(place permission.Place) []permission.Statement {
	return []permission.Statement{onItems(place, "LedgerDeployed", kindDeployed, "reads what the service was last said to be deployed with", "dynamodb:GetItem")}
}

// onItems allows the actions on the items of one kind, whatever the service.
func onItems(place permission.Place, sid, kind, why string, actions ...string) permission.Statement {
	return permission.Statement{
		Sid: sid, Actions: actions, Resources: []string{place.TableARN}, Why: why,
		Conditions: map[string]map[string][]string{
			"ForAllValues:StringLike": {"dynamodb:LeadingKeys": {item(kind, "*")}},
		},
	}
}
