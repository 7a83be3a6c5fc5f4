package recordoutcome

import (
	"fairlead/shared/edge/announce"
	"fairlead/shared/permission"
)

// Policy is what the function runs under.
func Policy() permission.Policy { return permission.Policy{Own: announce.Permissions} }
