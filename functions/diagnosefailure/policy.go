package diagnosefailure

import (
	"fairlead/shared/edge/evidence"
	"fairlead/shared/permission"
)

// Policy is what the function runs under.
func Policy() permission.Policy { return permission.Policy{Look: evidence.Permissions} }
