package main

import (
	"fairlead/shared/edge/ledger"
	"fairlead/shared/permission"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
)

// operatorID is the logical id of the operators' role.
const operatorID = "QuarantineRole"

// addOperatorRole adds the role under which operators list and release quarantines with the command line, and do nothing
// else. It trusts the account without naming anybody: who in it may take it on, the account's own policies say by granting
// sts:AssumeRole on this role, which nobody has by default.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-accounts
func (d *deployer) addOperatorRole() {
	awsiam.NewCfnRole(d.stack, jsii.String(operatorID), &awsiam.CfnRoleProps{
		RoleName:                 jsii.String(d.config.Prefix + "-quarantine"),
		Description:              jsii.String("Under this role operators list and release quarantines, and do nothing else."),
		AssumeRolePolicyDocument: trust(map[string]any{"AWS": sub(accountRoot)}, "sts:AssumeRole", nil),
		Policies: inline(map[string][]permission.Statement{
			"quarantine": ledger.QuarantineKeeperPermissions(d.permissionPlace()),
		}),
	})
	newOutput(d.stack, operatorID+"Arn", "The role that operators assume to list and release quarantines.", attribute(operatorID, "Arn"))
}
