package look

import (
	"context"

	"fairlead/shared/edge/evidence"
	"fairlead/shared/fault"
	"fairlead/shared/permission"
	"fairlead/shared/rollout"
)

// RolloutAPI is what the look at a rollout calls, with the SDK's signatures.
type RolloutAPI interface {
	API
	evidence.TasksAPI
}

// Rollout looks at a service as [Service] does and, while ECS counts failures of our deployment, at why its tasks stopped
// and how those do that run: four calls more, twelve where it has hundreds of tasks, and none as long as all goes well. If
// that is denied it does without, and [rollout.Seen] says so.
func Rollout(ctx context.Context, api RolloutAPI, cluster, name string, aim rollout.Aim) (rollout.Seen, error) {
	seen, err := Service(ctx, api, cluster, name, aim)
	if err != nil || !rollout.Failing(aim, seen) {
		return seen, err
	}
	ours := evidence.Deployment{Cluster: cluster, Service: name, TaskDefinition: aim.TaskDefinition, Since: aim.Since}
	stopped, err := evidence.Tasks(ctx, api, ours)
	if err == nil {
		seen.Running, seen.Partly, err = evidence.Running(ctx, api, ours)
	}
	if err == nil {
		seen.Stopped = stopped // not without those that run, which may speak for the deployment
	}
	if f := fault.From(err); f != nil && f.Code == fault.PermissionDenied {
		seen.Unread, err = f.Message, nil
	}
	return seen, err
}

// RolloutPermissions are the statements that [Rollout] runs under, as part of the service's look role.
func RolloutPermissions(t permission.Target) []permission.Statement {
	return append(Permissions(t), evidence.TaskPermissions(t)...)
}
