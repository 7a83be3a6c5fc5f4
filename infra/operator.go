package main

import "fairlead/shared/edge/ledger"

// operatorID is the logical id of the operators' role.
const operatorID = "QuarantineRole"

// addOperatorRole adds the role under which operators list and release quarantines with the command line, and do nothing
// else. It trusts the account without naming anybody: who in it may take it on, the account's own policies say by granting
// sts:AssumeRole on this role, which nobody has by default.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-accounts
func (d *deployer) addOperatorRole() {
	d.reasons.addRole(d.stack, identity{
		id: operatorID, name: d.config.Prefix + "-quarantine",
		what: "Under this role operators list and release quarantines, and do nothing else.",
		trust: trusted{kind: "AWS", who: accountRoot,
			why: "nobody by default: who of the account's people may take it on, the account's own policies say"},
		grants: grants{"quarantine": by("operator", ledger.QuarantineKeeperPermissions(d.permissionPlace())...)},
	})
	newOutput(d.stack, operatorID+"Arn", "The role that operators assume to list and release quarantines.", attribute(operatorID, "Arn"))
}
