package rollout

import (
	"slices"
	"time"

	"fairlead/shared/diagnosis"
)

// waits is what is said of a deployment that only waits for the tasks that it replaces.
const waits = "; ECS waits for the replaced tasks to end, which a target group's deregistration delay or task protection may hold up"

// Outwaiting says whether all tasks that ECS asks for of what is to stay were seen running before and run still, none has
// failed, and ECS lists deployments that it replaces: only then is it worth a look at how long they have been running.
func Outwaiting(aim Aim, seen Seen) bool {
	c := newCase(aim, seen, time.Time{})
	return c.outwaiting() && aim.Running >= c.requested()
}

// outwaiting is that where it does not matter what was seen before. Where traffic shifts it is not so: that has stages of its
// own.
func (c inquiry) outwaiting() bool {
	leads, failures, running := c.rolling() && c.head.TaskDefinition == c.aim.TaskDefinition, c.failures(), c.ours.Running
	if !c.listed {
		running = c.head.Running
	}
	if c.retreats() {
		leads, failures, running = c.retreated() && c.newer == nil, c.head.FailedTasks, c.head.Running
	}
	full := c.requested() > 0 && running >= c.requested()
	replaces := slices.ContainsFunc(c.seen.Entries, func(e Entry) bool { return e.Status != primary })
	return leads && full && failures == 0 && replaces && c.ours.Stage == ""
}

// requested is how many tasks ECS asks for of what is to stay.
func (c inquiry) requested() int {
	if c.listed && !c.retreats() {
		return c.ours.Requested
	}
	return c.seen.DesiredCount
}

// draining says whether ECS waits for replaced tasks to end, and for nothing else: every task of what is to stay has been
// running for half of the timeout, and for longer than ECS overlooks that it is unhealthy. One that fails its checks then is
// replaced by one that is young. Where a health check finds a task beside them healthy, theirs has to have come out too: it may
// take longer than the timeout, and ECS replaces nothing before. A target group holds the replaced tasks for an hour at most, and task protection for two
// days; no count shows progress meanwhile.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#deregistration-delay
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html
func (c inquiry) draining(timeout time.Duration) bool {
	enough := max(timeout/2, c.seen.Grace+proving)
	checked := slices.ContainsFunc(c.seen.Beside, func(t diagnosis.Task) bool { return t.Health == "HEALTHY" })
	unproven := func(t diagnosis.Task) bool {
		return t.Health == "UNHEALTHY" || checked && t.Health != "HEALTHY" || c.now.Sub(t.StartedAt) < enough
	}
	return c.outwaiting() && len(c.seen.Running) > 0 && !slices.ContainsFunc(c.seen.Running, unproven)
}
