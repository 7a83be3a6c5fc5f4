package rollout

import "slices"

// waits is what is said of a deployment that only waits for the tasks that it replaces.
const waits = "; ECS waits for the replaced tasks to end, which a target group's deregistration delay or task protection may hold up"

// draining says whether ECS waits for replaced tasks to end, and for nothing else: every task that it asks for of what is to
// stay runs, none has failed, and it asks for none of what it replaces any more, which it does as long as one of theirs
// stands in for one that is not healthy. A target group holds the replaced tasks for an hour at most, and task protection for
// two days; no count shows progress meanwhile. Where traffic shifts it is not so: that has stages of its own.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#deregistration-delay
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html
func (c inquiry) draining() bool {
	leads, failures := c.rolling() && c.head.TaskDefinition == c.aim.TaskDefinition, c.failures()
	if c.retreats() {
		leads, failures = c.retreated() && c.newer == nil, c.head.FailedTasks
	}
	return leads && failures == 0 && c.ours.Stage == "" && c.full() && c.letsGo()
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
	replaced := slices.DeleteFunc(slices.Clone(c.seen.Entries), func(e Entry) bool { return e.Status == primary })
	return len(replaced) > 0 && !slices.ContainsFunc(replaced, func(e Entry) bool { return e.Desired > 0 })
}
