package reportoutcome

import (
	"fairlead/shared/edge/report"
	"fairlead/shared/permission"
)

// Policy is what the function runs under.
func Policy() permission.Policy { return permission.Policy{Own: report.Permissions} }
