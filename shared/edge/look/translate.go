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
		Desired: int(d.DesiredCount), Running: int(d.RunningCount), FailedTasks: int(d.FailedTasks),
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
	d.Requested, d.Running, d.Idle = counted(full.TargetServiceRevision)
	if r := full.Rollback; r != nil {
		d.RollbackReason, d.RollbackRevision, d.RollbackAt = aws.ToString(r.Reason), aws.ToString(r.ServiceRevisionArn), aws.ToTime(r.StartedAt)
	}
	if a := full.Alarms; a != nil {
		d.Alarms, d.Watched = a.TriggeredAlarmNames, a.Status == types.ServiceDeploymentRollbackMonitorsStatusMonitoring
	}
	if b := full.DeploymentCircuitBreaker; b != nil {
		d.Breaker, d.Failures, d.Threshold = string(b.Status), int(b.FailureCount), int(b.Threshold)
	}
	d.Stage = string(full.LifecycleStage)
	if c := full.DeploymentConfiguration; c != nil {
		d.Declared = declared(*c, d.Stage)
		d.Early = c.EarlySuccessCriteria != nil && c.EarlySuccessCriteria.Enable
		b := c.DeploymentCircuitBreaker
		d.Keeps = b != nil && b.Enable && b.ResetOnHealthyTask != nil && !*b.ResetOnHealthyTask
	}
	d.Hook = waitedFor(full.LifecycleHookDetails, first(full.UpdatedAt, full.StartedAt, full.CreatedAt))
}

// counted are the tasks of a revision, and whether there are none: a deployment whose revision is not told is not idle.
func counted(r *types.ServiceRevisionSummary) (requested, running int, idle bool) {
	if r == nil {
		return 0, 0, false
	}
	return int(r.RequestedTaskCount), int(r.RunningTaskCount), r.RequestedTaskCount == 0 && r.RunningTaskCount == 0
}

func first(times ...*time.Time) time.Time {
	for _, t := range times {
		if t != nil {
			return *t
		}
	}
	return time.Time{}
}

// imagesOf are the images of a revision's containers.
func imagesOf(r types.ServiceRevision) []rollout.Image {
	var images []rollout.Image
	for _, c := range r.ContainerImages {
		images = append(images, rollout.Image{Container: aws.ToString(c.ContainerName), Name: aws.ToString(c.Image), Digest: aws.ToString(c.ImageDigest)})
	}
	return images
}
