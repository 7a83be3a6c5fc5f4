package look

import (
	"context"

	"fairlead/shared/diagnosis"
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
// and how those do that run: four calls more, and none as long as all goes well. Where all tasks run that are to, beside
// others that have not ended, it looks at how long they have, with two. If that is denied it does without, and
// [rollout.Seen] says so of failures.
func Rollout(ctx context.Context, api RolloutAPI, cluster, name string, aim rollout.Aim) (rollout.Seen, error) {
	seen, err := Service(ctx, api, cluster, name, aim)
	switch {
	case err != nil:
		return seen, err
	case rollout.Failing(aim, seen):
		ours := evidence.Deployment{Cluster: cluster, Service: name, TaskDefinition: aim.TaskDefinition, Since: aim.Since}
		seen.Stopped, seen.Running, err = tasks(ctx, api, ours)
		seen.Unread, err = denied(err)
	case rollout.Outwaiting(aim, seen):
		var all []diagnosis.Task
		all, err = evidence.Running(ctx, api, evidence.Deployment{Cluster: cluster, Service: name})
		seen.Running, seen.Beside = parted(all, seen.TaskDefinition)
		_, err = denied(err)
	}
	return seen, err
}

// parted parts the tasks of a revision from those beside them.
func parted(all []diagnosis.Task, taskDefinition string) (its, beside []diagnosis.Task) {
	for _, t := range all {
		if t.TaskDefinition == taskDefinition {
			its = append(its, t)
		} else {
			beside = append(beside, t)
		}
	}
	return its, beside
}

// tasks reads the stopped tasks not without those that run, which may speak for the deployment.
func tasks(ctx context.Context, api RolloutAPI, d evidence.Deployment) (stopped, running []diagnosis.Task, err error) {
	if stopped, err = evidence.Tasks(ctx, api, d); err == nil {
		running, err = evidence.Running(ctx, api, d)
	}
	if err != nil {
		return nil, nil, err
	}
	return stopped, running, nil
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
