package rollout

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// inquiry is one look at ECS, sorted by what it means to us.
type inquiry struct {
	aim  Aim
	seen Seen
	now  time.Time

	ours   Deployment // the newest service deployment of our revision
	listed bool       // there is one
	newer  *Deployment
	entry  Entry // the service's own entry of our revision, PRIMARY before any other; zero if there is none
	head   Entry // the PRIMARY entry; zero if there is none
}

// newCase sorts a look. The asker's now may be old: a state keeps the time at which it was entered through all its
// retries, and, for all that AWS says, through a redrive. What ECS shows is not from before it happened, so that progress
// which a late look finds is not dated back to where the deadline that it moves has passed already.
func newCase(aim Aim, seen Seen, now time.Time) inquiry {
	c := inquiry{aim: aim, seen: seen, now: latest(now, seen.At)}
	if d := newest(seen.Deployments, c.isOurs); d != nil {
		c.ours, c.listed = *d, true
		c.newer = newest(seen.Deployments, c.replaces)
	}
	for _, e := range seen.Entries {
		if e.Status == primary {
			c.head = e
		}
		if e.TaskDefinition == aim.TaskDefinition && (c.entry.ID == "" || e.Status == primary) {
			c.entry = e
		}
	}
	return c
}

// newest is the deployment that was created last of those that count, or nil.
func newest(list []Deployment, counts func(Deployment) bool) *Deployment {
	var last *Deployment
	for i, d := range list {
		if counts(d) && (last == nil || d.CreatedAt.After(last.CreatedAt)) {
			last = &list[i]
		}
	}
	return last
}

// isOurs says whether d deploys our revision on our account. One that failed before the service was pointed at our
// revision belongs to an earlier attempt.
func (c inquiry) isOurs(d Deployment) bool {
	if d.TaskDefinition != c.aim.TaskDefinition {
		return false
	}
	stale := d.over() && d.Status != successful && !d.FinishedAt.IsZero() && d.FinishedAt.Before(c.aim.Since.Add(-time.Minute))
	return !stale
}

// replaces says whether d is a newer deployment of something else. What ECS itself rolls our deployment back to is not:
// it is how ours ends. A revision that could not be read counts as something else.
func (c inquiry) replaces(d Deployment) bool {
	rollback := c.ours.RollbackRevision != "" && d.Revision == c.ours.RollbackRevision
	return d.CreatedAt.After(c.ours.CreatedAt) && d.TaskDefinition != c.aim.TaskDefinition && !rollback
}

// elsewhere says whether the service is pointed at another task definition than ours.
func (c inquiry) elsewhere() bool {
	return c.seen.TaskDefinition != "" && c.seen.TaskDefinition != c.aim.TaskDefinition
}

// putBack says whether the service was pointed at our revision again after something newer had taken it over: the
// execution that lost the claim in the middle of its call repairs the service so. The service's own list shows that at
// once; the service deployment is on its way into the other. The times of the two lists cannot be compared: a service
// deployment is created a little later than its entry.
func (c inquiry) putBack() bool {
	return c.newer != nil && c.head.TaskDefinition == c.aim.TaskDefinition && !c.elsewhere() &&
		c.head.State == inProgress && c.now.Sub(c.head.CreatedAt) < settle
}

// restoredToOurs says whether ECS has gone back from the newer deployment to ours.
func (c inquiry) restoredToOurs() bool {
	back := c.newer.Status == rollbackSuccessful || c.newer.Status == rollbackInProgress
	return back && c.seen.TaskDefinition == c.aim.TaskDefinition
}

// successorStarted says whether the service's own list already shows a further deployment of our revision.
func (c inquiry) successorStarted() bool {
	return c.head.TaskDefinition == c.aim.TaskDefinition && c.head.State == inProgress && number(c.head.ID) != number(c.ours.Revision)
}

// baseInPlace says whether ECS calls the deployment of the base complete.
func (c inquiry) baseInPlace() bool {
	return c.head.TaskDefinition == c.aim.Base && c.head.State == completed
}

// empty says whether the deployment had nothing to show: no task ran, and none was asked for then or is now.
func (c inquiry) empty(requested int) bool {
	return max(c.ours.Running, c.entry.Running) == 0 && (requested == 0 || c.seen.DesiredCount == 0)
}

// running is the most tasks of ours that were ever seen running.
func (c inquiry) running() int { return max(c.aim.Running, c.ours.Running, c.entry.Running) }

// deadline is when the wait ends: the last progress, the timeout and the time that the deployment's own configuration
// declares. It never moves back.
//
// Progress is what a failing deployment cannot feign: that ECS created, started or began to roll back the deployment,
// and that more tasks of ours run than any look before has seen. updatedAt is not progress, since every task that fails
// moves it; nor is a task that comes and goes in a crash loop. While a pause hook waits for a person the clock stands.
func (c inquiry) deadline(budget Budget) time.Time {
	if budget.Timeout <= 0 {
		return time.Time{}
	}
	progress := latest(c.aim.Since, c.ours.CreatedAt, c.ours.StartedAt, c.ours.RollbackAt)
	if c.running() > c.aim.Running || c.ours.PausedUntil.After(c.now) {
		progress = latest(progress, c.now)
	}
	return latest(progress.Add(budget.Timeout+c.ours.Declared), c.aim.Deadline)
}

func latest(times ...time.Time) time.Time {
	return slices.MaxFunc(times, time.Time.Compare)
}

// underway describes a deployment that ECS has not finished.
func (c inquiry) underway() string {
	switch c.ours.Status {
	case rollbackRequested, rollbackInProgress:
		return c.say("ECS is rolling it back")
	case stopRequested:
		return c.say("ECS is stopping it")
	case pending:
		return c.say("ECS has not started it yet")
	default:
		return c.say("%d of %d tasks are running", c.ours.Running, c.ours.Requested) + c.setbacks()
	}
}

// setbacks says how many tasks have failed so far, where ECS counts them.
func (c inquiry) setbacks() string {
	switch {
	case c.ours.Failures > 0 && c.ours.Threshold > 0:
		return fmt.Sprintf("; the circuit breaker has counted %d of %d failures", c.ours.Failures, c.ours.Threshold)
	case c.entry.FailedTasks > 0:
		return fmt.Sprintf("; tasks have failed %d times", c.entry.FailedTasks)
	default:
		return ""
	}
}

// overdue describes a deployment that ECS has not finished in time.
func (c inquiry) overdue(budget Budget, reason string) string {
	return fmt.Sprintf("ECS has not finished the deployment, and there was no progress for %s: %s", budget.Timeout+c.ours.Declared, reason)
}

// say puts ECS's own words first and ours behind them.
func (c inquiry) say(format string, args ...any) string {
	var words []string
	for _, w := range []string{c.ours.Reason, c.ours.RollbackReason, c.entryReason()} {
		if w = strings.TrimSpace(w); w != "" && !slices.Contains(words, w) {
			words = append(words, w)
		}
	}
	if len(c.ours.Alarms) > 0 {
		words = append(words, "Alarms: "+strings.Join(c.ours.Alarms, ", ")+".")
	}
	return strings.Join(append(words, fmt.Sprintf(format, args...)), " ")
}

// entryReason is why ECS failed our entry; what it says of one in progress or completed adds nothing.
func (c inquiry) entryReason() string {
	if c.entry.State != failed {
		return ""
	}
	return c.entry.Reason
}

func (d Deployment) name() string {
	if d.TaskDefinition == "" {
		return "another revision"
	}
	return short(d.TaskDefinition)
}

func clock(t time.Time) string { return t.UTC().Format(time.RFC3339) }
