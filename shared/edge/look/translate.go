package look

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"fairlead/shared/rollout"
)

func entryOf(d types.Deployment) rollout.Entry {
	return rollout.Entry{
		ID: aws.ToString(d.Id), Status: aws.ToString(d.Status), TaskDefinition: aws.ToString(d.TaskDefinition),
		State: string(d.RolloutState), Reason: aws.ToString(d.RolloutStateReason), CreatedAt: aws.ToTime(d.CreatedAt),
		Running: int(d.RunningCount), FailedTasks: int(d.FailedTasks),
	}
}

func briefOf(d types.ServiceDeploymentBrief) rollout.Deployment {
	return rollout.Deployment{
		ARN: aws.ToString(d.ServiceDeploymentArn), Status: string(d.Status), Reason: aws.ToString(d.StatusReason),
		Revision:  aws.ToString(d.TargetServiceRevisionArn),
		CreatedAt: aws.ToTime(d.CreatedAt), StartedAt: aws.ToTime(d.StartedAt), FinishedAt: aws.ToTime(d.FinishedAt),
	}
}

// fill adds what only the full description of a service deployment has.
func fill(d *rollout.Deployment, full types.ServiceDeployment) {
	d.Status, d.Reason = string(full.Status), aws.ToString(full.StatusReason)
	d.CreatedAt, d.StartedAt = aws.ToTime(full.CreatedAt), aws.ToTime(full.StartedAt)
	d.FinishedAt = first(full.FinishedAt, full.StoppedAt, full.UpdatedAt)
	if r := full.TargetServiceRevision; r != nil {
		d.Requested, d.Running = int(r.RequestedTaskCount), int(r.RunningTaskCount)
	}
	if r := full.Rollback; r != nil {
		d.RollbackReason, d.RollbackRevision, d.RollbackAt = aws.ToString(r.Reason), aws.ToString(r.ServiceRevisionArn), aws.ToTime(r.StartedAt)
	}
	if a := full.Alarms; a != nil {
		d.Alarms = a.TriggeredAlarmNames
	}
	if b := full.DeploymentCircuitBreaker; b != nil {
		d.Failures, d.Threshold = int(b.FailureCount), int(b.Threshold)
	}
	d.Declared = declared(full.DeploymentConfiguration)
	d.PausedUntil = paused(full.LifecycleHookDetails)
}

// declared is the time that a deployment takes by its own configuration: the bake time, and for each function hook the
// timeout that is set, once for each stage that it is called at. A pause hook stops the clock instead.
func declared(c *types.DeploymentConfiguration) time.Duration {
	if c == nil {
		return 0
	}
	minutes := int(aws.ToInt32(c.BakeTimeInMinutes))
	for _, hook := range c.LifecycleHooks {
		if hook.TargetType != types.DeploymentLifecycleHookTargetTypePause && hook.TimeoutConfiguration != nil {
			minutes += int(aws.ToInt32(hook.TimeoutConfiguration.TimeoutInMinutes)) * len(hook.LifecycleStages)
		}
	}
	return time.Duration(minutes) * time.Minute
}

// paused is until when a pause hook waits for a person.
func paused(hooks []types.DeploymentLifecycleHookDetail) time.Time {
	for _, hook := range hooks {
		if hook.TargetType == types.DeploymentLifecycleHookTargetTypePause && hook.Status == types.DeploymentLifecycleHookStatusAwaitingAction {
			return aws.ToTime(hook.ExpiresAt)
		}
	}
	return time.Time{}
}

func first(times ...*time.Time) time.Time {
	for _, t := range times {
		if t != nil {
			return *t
		}
	}
	return time.Time{}
}
