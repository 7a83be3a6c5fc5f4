package revision

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"fairlead/shared/config"
	"fairlead/shared/fault"
)

// Descends is the number of the newest revision of the family that is certainly part of what the service runs: the one
// that it was copied from, or the very one that runs. What somebody else has registered after that is not part of it.
func Descends(running Name, mark Mark) int {
	if mark.Ours() {
		return max(mark.Base, mark.Source())
	}
	return running.Revision
}

// Source says which revision is to be copied, under the base that the configuration names. newest is the newest ACTIVE
// revision of the family that no execution of ours has made and that what runs does not descend from; the zero Name if
// there is none. same says that the service runs the image already, so that nothing is copied now. A revision that
// somebody has added and that does not go out is named in the warning.
func Source(base string, running, newest Name, same bool) (copied Name, warning string) {
	switch {
	case newest.Family == "" || newest == running:
		return running, ""
	case base != config.BaseFamily:
		return running, fmt.Sprintf("%s was registered after what the service runs, and not by Fairlead; the base is the service, so its changes do not go out: "+
			"deploy it with the tool that made it, or set `base` to \"family\"", newest)
	case same:
		return running, fmt.Sprintf("the service runs this image already, so that nothing is registered: the changes of %s go out with the next image", newest)
	default:
		return newest, ""
	}
}

// CheckRoles refuses a task definition with a role that the configuration does not name: nothing may pass it, so that
// RegisterTaskDefinition would be denied, or, worse, it would be a role that nobody has granted on purpose. A task
// definition without a role passes none and is fine; if the configuration names one, that is a warning.
func CheckRoles(definition *types.TaskDefinition, name string, service config.Service, place config.Place) (warnings []string, err error) {
	for _, role := range []struct{ field, has, may string }{
		{"taskRole", aws.ToString(definition.TaskRoleArn), service.TaskRoleARN(place)},
		{"executionRole", aws.ToString(definition.ExecutionRoleArn), service.ExecutionRoleARN(place)},
	} {
		switch {
		case role.has == "" && role.may != "":
			warnings = append(warnings, fmt.Sprintf("the configuration names the %s %s, and task definition %s has none", role.field, role.may, name))
		case place.RoleARN(role.has) != role.may:
			may := role.may
			if may == "" {
				may = "none"
			}
			return nil, fault.New(fault.ServiceRole,
				fmt.Sprintf("set context.fairlead.services.%s.%s to %q if that role is right, then run make deploy, then redrive the execution", service.Name, role.field, role.has),
				"task definition %s has the %s %s, and the configuration names %s", name, role.field, role.has, may)
		}
	}
	return warnings, nil
}
