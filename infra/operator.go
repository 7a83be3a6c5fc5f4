package main

import (
	"fairlead/shared/edge/ledger"
	"fairlead/shared/permission"
)

// The logical ids of the operators' roles.
const (
	operatorID = "QuarantineRole"
	holderID   = "HoldRole"
)

// operators is a role that people take on with the command line.
type operators struct {
	id, suffix, does string
	may              func(permission.Place) []permission.Statement
}

// operatorRoles are the roles under which operators write to the ledger, each one kind of item and nothing else.
func operatorRoles() []operators {
	return []operators{
		{operatorID, "quarantine", "list and release quarantines", ledger.QuarantineKeeperPermissions},
		{holderID, "hold", "hold services and lift that", ledger.HoldKeeperPermissions},
	}
}

// addOperatorRoles adds the roles of operators. They trust the account without naming anybody: who in it may take one on, the
// account's own policies say by granting sts:AssumeRole on it, which nobody has by default.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-accounts
func (d *deployer) addOperatorRoles() {
	for _, o := range operatorRoles() {
		d.reasons.addRole(d.stack, identity{
			id: o.id, name: d.config.Prefix + "-" + o.suffix,
			what: "Under this role operators " + o.does + ", and do nothing else.",
			trust: trusted{kind: "AWS", who: accountRoot,
				why: "nobody by default: who of the account's people may take it on, the account's own policies say"},
			grants: grants{o.suffix: by("operator", o.may(d.permissionPlace())...)},
		})
		newOutput(d.stack, o.id+"Arn", "The role that operators assume to "+o.does+".", attribute(o.id, "Arn"))
	}
}
