package rollout

import (
	"slices"
	"strings"
	"time"

	"fairlead/shared/diagnosis"
)

// Failing says whether ECS is at our deployment still and counts failures of its tasks: only then is it worth a look at
// why they stopped. On the way back it is not: there is no further way that giving up early would lead to.
func Failing(aim Aim, seen Seen) bool { return newCase(aim, seen, time.Time{}).failing() }

func (c inquiry) failing() bool { return c.rolling() && c.aim.Failed == "" && c.failures() > 0 }

// rolling says whether ECS is at our deployment still, and at nothing newer.
func (c inquiry) rolling() bool {
	underway := c.ours.Status == inProgress
	if !c.listed {
		underway = c.entry.Status == primary && c.entry.State == inProgress
	}
	return underway && c.newer == nil && !c.lost()
}

// failures is how many failures of our tasks ECS counts. Without a circuit breaker the service's own list alone counts
// them. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html
func (c inquiry) failures() int { return max(c.entry.FailedTasks, c.ours.Failures) }

// hopeless ends the wait for a deployment that ECS goes on with although its tasks end, for the second time, in a way that
// does not heal. Tasks of a large service that were not looked at may speak for it: ECS promises no order.
func (c inquiry) hopeless(budget Budget) (finding, bool) {
	if !c.failing() || c.seen.Partly {
		return finding{}, false
	}
	why, ok := diagnosis.Hopeless(c.since(c.seen.Stopped), c.since(c.seen.Running), budget.EarlyStop, c.wasHealthy())
	return finding{Failed, false, c.say("%s. To wait longer cannot help, though ECS still tries", why.What) + c.setbacks()}, ok
}

// since are those tasks that are of our deployment. Those of an earlier one of the same revision say nothing about it: a
// person who has mended something may have had ECS deploy it anew.
func (c inquiry) since(tasks []diagnosis.Task) []diagnosis.Task {
	since := c.entry.CreatedAt
	if c.listed {
		since = c.ours.CreatedAt
	}
	return slices.DeleteFunc(slices.Clone(tasks), func(t diagnosis.Task) bool { return t.CreatedAt.Before(since) })
}

// wasHealthy says whether a task of ours may have been healthy at some time. A healthy task sets the count of failures
// back, unless the circuit breaker is set to keep it: then more tasks have ended than are counted. So it looks too while
// ECS has not counted the last one yet, which costs another look.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
func (c inquiry) wasHealthy() bool {
	healthy := func(t diagnosis.Task) bool { return t.Health == "HEALTHY" }
	if c.ours.Keeps || slices.ContainsFunc(c.seen.Stopped, healthy) || slices.ContainsFunc(c.seen.Running, healthy) {
		return true
	}
	counted := 0
	for _, t := range c.since(c.seen.Stopped) {
		if t.StopCode != "ServiceSchedulerInitiated" || strings.HasPrefix(t.StoppedReason, "Task failed") {
			counted++
		}
	}
	return counted > c.failures() || c.outlived()
}

// proving is how long a task without health checks has to run before it is believed to be well.
const proving = time.Minute

// noticing is how long ECS may call a task running that has ended.
const noticing = 15 * time.Second

// outlived says whether a task of ours has been running for longer than any that has ended. Where those have ended in a
// moment it need not prove itself for long: to run for three times as long is to get past what ended them, if that is not
// less than ECS may take to notice an end.
func (c inquiry) outlived() bool {
	longest, now := time.Duration(0), c.now
	for _, t := range c.seen.Stopped {
		now = latest(now, t.StoppedAt)
		if !t.StartedAt.IsZero() {
			longest = max(longest, t.StoppedAt.Sub(t.StartedAt))
		}
	}
	enough := max(proving, longest)
	if longest > 0 {
		enough = min(enough, max(3*longest, noticing))
	}
	return slices.ContainsFunc(c.seen.Running, func(t diagnosis.Task) bool { return now.Sub(t.StartedAt) > enough })
}
