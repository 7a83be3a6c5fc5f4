package rollout

import (
	"slices"
	"time"
)

// waits is what is said of a deployment that only waits for the tasks that it replaces.
const waits = "; ECS waits for the replaced tasks to end, which a target group's deregistration delay or task protection may hold up"

// watches is what is said of a deployment that only waits for its alarms.
const watches = "; ECS watches the alarms of the deployment for a while before it ends it"

// draining says whether ECS waits for replaced tasks to end, and for nothing else: every task that it asks for of what is to
// stay runs, none has failed, and it asks for none of what it replaces any more, which it does as long as one of theirs
// stands in for one that is not healthy. A target group holds the replaced tasks for an hour at most, and task protection for
// two days; no count shows progress meanwhile. Where traffic shifts it is not so: that has stages of its own.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#deregistration-delay
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html
func (c inquiry) draining() bool { return c.stands() && c.letsGo() }

// stands says whether all that the deployment is to bring stands, without a failure.
func (c inquiry) stands() bool {
	leads, failures := c.rolling() && c.head.TaskDefinition == c.aim.TaskDefinition, c.failures()
	if c.retreats() {
		leads, failures = c.retreated() && c.newer == nil, c.head.FailedTasks
	}
	return leads && failures == 0 && c.ours.Stage == "" && c.full()
}

// longestWatch is the longest time over which CloudWatch evaluates an alarm with periods of less than an hour.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
const longestWatch = 24 * time.Hour

// baking says whether ECS may only be watching the alarms of a deployment that has replaced everything. For how long it does
// ECS makes out of the alarms, and does not tell.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
func (c inquiry) baking() bool {
	return c.ours.Watched && !c.retreats() && c.stands() && !c.wantsReplaced() && c.now.Before(c.ours.StartedAt.Add(longestWatch))
}

// full says whether all tasks run that ECS is to run of what is to stay: what it asks for already may be the first batch.
func (c inquiry) full() bool {
	running, requested := c.head.Running, c.seen.DesiredCount
	if c.listed && !c.retreats() {
		running, requested = c.ours.Running, max(c.ours.Requested, c.seen.DesiredCount)
	}
	return requested > 0 && running >= requested
}

// letsGo says whether ECS lists deployments that it replaces, and asks for no task of theirs.
func (c inquiry) letsGo() bool {
	return slices.ContainsFunc(c.seen.Entries, Entry.replaced) && !c.wantsReplaced()
}

// wantsReplaced says whether ECS still asks for tasks of a deployment that it replaces.
func (c inquiry) wantsReplaced() bool {
	return slices.ContainsFunc(c.seen.Entries, func(e Entry) bool { return e.replaced() && e.Desired > 0 })
}

func (e Entry) replaced() bool { return e.Status != primary }
