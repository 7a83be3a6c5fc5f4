package rollout

import (
	"slices"
	"time"
)

// deadline is when the wait ends: the last progress, the timeout and the time that the deployment's own configuration
// declares. It never moves back.
func (c inquiry) deadline(budget Budget) time.Time {
	if budget.Timeout <= 0 {
		return time.Time{}
	}
	progress := latest(c.aim.Since, c.aim.BackSince, c.ours.CreatedAt, c.ours.StartedAt, c.ours.RollbackAt)
	if c.moved() || c.draining() || c.baking() {
		progress = latest(progress, c.now)
	}
	return latest(progress.Add(budget.Timeout+c.ours.Declared), c.aim.Deadline)
}

// moved says whether this look shows progress that the one before did not, beside the times that ECS notes itself: that
// it created, started or began to roll back the deployment.
//
// Progress is what a failing deployment cannot feign: that more tasks of ours run than any look before has seen, and that
// a deployment that shifts traffic has reached another stage. updatedAt is not progress, since every task that fails moves
// it; nor is a task that comes and goes in a crash loop. While ECS waits for a hook, which it does for a limited time, the
// clock stands; so it does while replaced tasks end, and while it watches alarms.
func (c inquiry) moved() bool {
	stage := c.ours.Stage != "" && c.ours.Stage != c.aim.Stage
	return stage || c.reached() > c.aim.Running || c.ours.Hook.Until.After(c.now)
}

// reached is the most tasks that were ever seen running of what is to stay: of ours, and once ECS rolls ours back, of those
// that it goes back to, since ours only become fewer.
func (c inquiry) reached() int {
	switch {
	case !c.retreats():
		return c.running()
	case c.retreated():
		return max(c.aim.Running, c.head.Running)
	default:
		return c.aim.Running
	}
}

// running is the most tasks of ours that were ever seen running.
func (c inquiry) running() int { return max(c.aim.Running, c.ours.Running, c.entry.Running) }

// empty says whether the deployment had nothing to show: no task runs, and none was asked for then or is now. What a
// daemon service calls its desired count says only on how many instances it runs.
func (c inquiry) empty(requested int) bool {
	asked := requested > 0 && (c.seen.Daemon || c.seen.DesiredCount > 0)
	return max(c.ours.Running, c.entry.Running) == 0 && !asked
}

func latest(times ...time.Time) time.Time {
	return slices.MaxFunc(times, time.Time.Compare)
}
