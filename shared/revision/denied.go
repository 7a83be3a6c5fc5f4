package revision

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"fairlead/shared/config"
	"fairlead/shared/fault"
)

// Denied makes the fix of a denied iam:PassRole name the line of the configuration that grants it; any other error it
// returns as it is. RegisterTaskDefinition and UpdateService are both checked for it. taskRole and executionRole are
// those of the task definition, where they are known.
func Denied(err error, service config.Service, place config.Place, taskRole, executionRole string) error {
	var f *fault.Fault
	if !errors.As(err, &f) || f.Code != fault.PermissionDenied {
		return err
	}
	denial := fault.DenialOf(f.Message)
	if denial.Action != "iam:PassRole" || denial.Explicit || denial.Policy != "" && !strings.HasPrefix(denial.Policy, "identity") {
		return err
	}
	lines := lines{
		{"taskRole", taskRole, service.TaskRoleARN(place)},
		{"executionRole", executionRole, service.ExecutionRoleARN(place)},
	}
	return &fault.Fault{Code: f.Code, Message: f.Message, Fix: lines.fix(service.Name, denial), Cause: err}
}

// line is one of the two lines of the configuration that let a role be passed.
type line struct{ name, has, grants string }

type lines []line

// fix says which line is at fault and what to do about it.
func (l lines) fix(service string, denial fault.Denial) string {
	const then = "; a change in IAM takes a while to be in effect; then redrive the execution"
	path := func(ofLine line) string { return "context.fairlead.services." + service + "." + ofLine.name }
	if i := slices.IndexFunc(l, func(o line) bool { return o.grants == denial.Resource }); i >= 0 {
		return fmt.Sprintf("role %s needs iam:PassRole on %s for ecs-tasks.amazonaws.com, which %s grants: run make deploy to put it back%s",
			denial.Role, denial.Resource, path(l[i]), then)
	}
	i := slices.IndexFunc(l, func(o line) bool { return o.has == denial.Resource })
	if i < 0 {
		return fmt.Sprintf("role %s may pass only what %s and %s name: set the one that is meant to %s, if that role is right, and run make deploy%s",
			denial.Role, path(l[0]), path(l[1]), denial.Resource, then)
	}
	return fmt.Sprintf("role %s may pass only what %s names, which is %q: set it to %s, if that role is right, and run make deploy%s",
		denial.Role, path(l[i]), l[i].grants, denial.Resource, then)
}
