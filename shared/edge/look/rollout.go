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
	err = tasks(ctx, api, ours, &seen)
	seen.Unread, err = denied(err)
	return seen, err
}

// tasks reads the stopped tasks not without those that run, which may speak for the deployment.
func tasks(ctx context.Context, api RolloutAPI, d evidence.Deployment, seen *rollout.Seen) error {
	stopped, err := evidence.Tasks(ctx, api, d)
	if err != nil {
		return err
	}
	running, partly, err := evidence.Running(ctx, api, d)
	if err == nil {
		seen.Stopped, seen.Running, seen.Partly = stopped, running, partly
	}
	return err
}

// denied is the message of a denial, or an error that is none.
func denied(err error) (string, error) {
	if f := fault.From(err); f != nil && f.Code == fault.PermissionDenied {
		return f.Message, nil
	}
	return "", err
}

// RolloutPermissions are the statements that [Rollout] runs under, as part of the service's look role.
func RolloutPermissions(t permission.Target) []permission.Statement {
	return append(Permissions(t), evidence.TaskPermissions(t)...)
}
