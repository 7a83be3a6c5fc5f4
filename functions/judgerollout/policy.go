package judgerollout

import (
	"fairlead/shared/edge/look"
	"fairlead/shared/permission"
)

// Policy is what the function runs under.
func Policy() permission.Policy { return permission.Policy{Look: look.RolloutPermissions} }
