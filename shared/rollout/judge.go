package rollout

import (
	"cmp"
	"fmt"
	"time"

	"fairlead/shared/revision"
)

// settle is how long ECS's lists may take to show what has just happened. AWS documents no bound; until then a
// deployment that is not listed is on its way, afterwards it does not exist.
const settle = 2 * time.Minute

// Judge says what became of our deployment, from one look at ECS. It is pure and total: whatever ECS shows, there is a
// verdict.
//
// Ours is the newest service deployment that targets our task definition, whoever started it: a successor that targets
// our revision is adopted. It is judged by its status first; while ECS has not finished, by how its tasks end, and by the
// budget last.
//
// What it promises: a deployment that something newer has replaced is never Failed, unless ECS had rolled it back before
// that, which is the truth about it; a deployment that ECS rolls back is never Healthy, and Failed as soon as ECS has
// begun; Healthy is only said of a deployment that ECS calls successful, that is still in place and of which tasks ran.
func Judge(aim Aim, seen Seen, now time.Time, budget Budget) Judged {
	c := newCase(aim, seen, now)
	f := c.turn(c.judge(budget))
	judged := Judged{
		Verdict: f.verdict, Restored: f.restored, Reason: f.reason,
		ServiceDeployment: c.ours.ARN, Status: c.ours.Status, Stage: cmp.Or(c.ours.Stage, c.aim.Stage), RunningTaskDefinition: seen.TaskDefinition,
		Running: c.reached(), Since: aim.Since, JudgedAt: c.now, Deadline: c.deadline(budget),
	}
	switch {
	case f.verdict == arriving:
		judged.Verdict = Progressing
	case f.verdict == Progressing && c.draining():
		judged.Reason += waits
	case f.verdict == Progressing && c.baking():
		judged.Reason += watches
	case f.verdict == Progressing && !judged.Deadline.IsZero() && c.now.After(judged.Deadline):
		judged.Verdict, judged.Reason = c.overdue(), c.late(budget, f.reason)
	}
	return judged
}

// overdue is the verdict on a deployment that ECS has not finished in time: a failure, unless it succeeded before, and it is
// the way back to it from a newer one that is not finished.
func (c inquiry) overdue() Verdict {
	if c.ours.Status == successful && c.returning() {
		return Superseded
	}
	return Failed
}

// arriving is Progressing while ECS's lists catch up with what has just happened. It ends by itself after [settle], and the
// deadline does not cut it short: a deployment that something newer has just stopped did not fail.
const arriving Verdict = "arriving"

// finding is what the evidence says, before time is considered.
type finding struct {
	verdict  Verdict
	restored bool
	reason   string
}

// judge finds what the evidence says, also of whether it is worth waiting on.
func (c inquiry) judge(budget Budget) finding {
	if f, ok := c.hopeless(budget); ok {
		return f
	}
	return c.find()
}

// find goes from what is certain to what must be inferred.
func (c inquiry) find() finding {
	switch {
	case c.lost():
		return c.gone()
	case !c.listed:
		return c.unlisted()
	case c.putBack():
		return finding{arriving, false, "the service is pointed at our revision again; ECS does not list that deployment yet"}
	}
	switch c.ours.Status {
	case successful:
		return c.succeeded()
	case rollbackSuccessful:
		return c.rolledBack()
	case rollbackFailed:
		return c.unlessNewer(c.unrestored())
	case stopped:
		return c.unlessNewer(c.halted())
	default:
		return c.unlessNewer(finding{Progressing, false, c.underway()})
	}
}

// rolledBack judges a deployment that ECS has rolled back: that is the truth about it, whatever has followed since.
func (c inquiry) rolledBack() finding {
	if c.followed() {
		return finding{Failed, true, c.say("ECS rolled it back, and a newer service deployment of %s, created %s, has followed that", c.newer.name(), clock(c.newer.CreatedAt))}
	}
	return finding{Failed, true, c.say("ECS rolled it back: the service runs %s again", revision.Short(c.seen.TaskDefinition))}
}

// lost says whether the service that was pointed at our revision is not there any more.
func (c inquiry) lost() bool {
	return c.seen.Status != active || (c.recreated() && c.elsewhere())
}

// gone judges a service that is lost. What was created anew under its name is not ours to touch.
func (c inquiry) gone() finding {
	status := c.seen.Status
	switch status {
	case active:
		return finding{Superseded, false, fmt.Sprintf("the service was deleted, and created anew on %s with %s", clock(c.seen.CreatedAt), revision.Short(c.seen.TaskDefinition))}
	case "":
		status = "not found"
	}
	return finding{Failed, false, fmt.Sprintf("the service is %s: it was deleted, or is being deleted, while it was being deployed", status)}
}

// unlessNewer gives way to a newer service deployment of something else: whatever became of ours is then not ours to
// repair.
func (c inquiry) unlessNewer(f finding) finding {
	if c.newer == nil {
		return f
	}
	return finding{Superseded, false, fmt.Sprintf("a newer service deployment of %s, created %s, took the service over while ours was %s",
		c.newer.name(), clock(c.newer.CreatedAt), c.ours.Status)}
}

// succeeded judges a deployment that ECS calls SUCCESSFUL.
func (c inquiry) succeeded() finding {
	switch {
	case c.returning():
		return finding{Progressing, false, fmt.Sprintf("our service deployment succeeded before, and ECS is taking the service back to it from a newer one of %s, created %s",
			c.newer.name(), clock(c.newer.CreatedAt))}
	case c.newer != nil && !c.restoredToOurs():
		return finding{Superseded, false, fmt.Sprintf("our service deployment succeeded, and a newer one of %s, created %s, has followed it",
			c.newer.name(), clock(c.newer.CreatedAt))}
	case c.elsewhere():
		return finding{Superseded, false, fmt.Sprintf("our service deployment succeeded, and the service was pointed at %s afterwards", revision.Short(c.seen.TaskDefinition))}
	case c.empty(c.ours.Requested), c.ours.Early && c.running() == 0:
		return c.unproven()
	case c.ours.Early && c.ours.Running < c.ours.Requested:
		return finding{Healthy, false, c.say("ECS finished it successfully by its early success criteria: %s, and the others follow", c.count(c.ours.Running))}
	default:
		return finding{Healthy, false, c.say("ECS finished it successfully: %s", c.count(c.running()))}
	}
}

// unproven judges a deployment that succeeded without a task.
func (c inquiry) unproven() finding {
	why := "no task was asked for (desired count 0)"
	switch {
	case c.seen.Daemon:
		why = "the daemon has no instance to run on"
	case c.ours.Early && c.seen.DesiredCount > 0:
		why = "its early success criteria asked for no task, and none runs yet"
	case c.running() > 0:
		why = "the service was scaled to 0 while it was being deployed"
	}
	return finding{Unproven, false, fmt.Sprintf("the revision is in place, but %s, so nothing shows that it is healthy", why)}
}

// unrestored judges a deployment that ECS could not roll back, with no newer one listed. A newer one that cut the rollback short
// is in the service's own list at once; what ECS goes back to itself is there under its original, older entry.
func (c inquiry) unrestored() finding {
	if c.elsewhere() && c.head.TaskDefinition == c.seen.TaskDefinition && c.head.CreatedAt.After(c.ours.CreatedAt) {
		return finding{Superseded, false, fmt.Sprintf("a newer deployment of %s, created %s, took the service over while ECS rolled ours back",
			revision.Short(c.head.TaskDefinition), clock(c.head.CreatedAt))}
	}
	return finding{Failed, false, c.say("ECS could not roll it back: the service is left as it is")}
}

// halted judges a deployment that is STOPPED with no newer one listed: the circuit breaker without rollback, or a
// person. A newer one may still be on its way into the list, and then it is no failure.
func (c inquiry) halted() finding {
	fresh := c.now.Sub(c.ours.FinishedAt) < settle
	switch {
	case fresh && (c.elsewhere() || c.successorStarted()):
		return finding{arriving, false, c.say("ECS stopped it; which deployment follows is not listed yet")}
	case !c.elsewhere():
		return finding{Failed, false, c.say("ECS stopped it, without a rollback and without a newer deployment, %s; the service is still pointed at it", c.stopper())}
	case c.seen.TaskDefinition == c.aim.Base:
		return finding{Failed, c.baseInPlace(), c.say("it was stopped and the service is pointed at %s again", revision.Short(c.aim.Base))}
	default:
		return finding{Superseded, false, fmt.Sprintf("our service deployment was stopped and the service is pointed at %s, which is neither ours nor what we started from", revision.Short(c.seen.TaskDefinition))}
	}
}
