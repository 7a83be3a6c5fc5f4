package registerrevision

import (
	"fairlead/shared/edge/ledger"
	"fairlead/shared/edge/lossless"
	"fairlead/shared/permission"
)

// Policy is what the step may do: ask the ledger for a quarantine, read the service and its task definitions, and register revisions that bear our mark
// and run under the service's two task roles.
func Policy() permission.Policy {
	return permission.Policy{Own: ledger.QuarantineReadPermissions, Look: look, Register: lossless.RegisterPermissions}
}

// look reads what is copied.
func look(t permission.Target) []permission.Statement {
	return append([]permission.Statement{{
		Sid: "ReadService", Actions: []string{"ecs:DescribeServices"}, Resources: []string{t.ServiceARN()},
		Why: "what the service runs, and whether that is rolled out",
	}}, lossless.ReadPermissions(t)...)
}
