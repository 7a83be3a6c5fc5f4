package judgescan

import (
	"slices"

	"fairlead/shared/edge/findings"
	"fairlead/shared/permission"
)

// Policy is what the function runs under.
func Policy() permission.Policy {
	return permission.Policy{Look: func(t permission.Target) []permission.Statement {
		return slices.Concat(findings.Permissions(t), findings.SettingsPermissions(t))
	}}
}
