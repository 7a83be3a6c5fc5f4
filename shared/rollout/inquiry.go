package rollout

import "time"

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
	if d := c.ourDeployment(); d != nil {
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

// ourDeployment is the newest of our revision. One that a person had ECS make again of a revision that had succeeded, and
// that ECS has rolled back to that very revision, is passed over: what succeeded is in place.
func (c inquiry) ourDeployment() *Deployment {
	last := newest(c.seen.Deployments, c.isOurs)
	if last == nil || c.elsewhere() || (last.Status != rollbackSuccessful && last.Status != rollbackInProgress) {
		return last
	}
	success := newest(c.seen.Deployments, func(d Deployment) bool { return d.Status == successful })
	if success != nil && success.CreatedAt.Before(last.CreatedAt) && c.isOurs(*success) {
		return success
	}
	return last
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
// revision belongs to an earlier attempt, one from before the service was created to another service of its name, and on
// the way back one from before that was successful then.
func (c inquiry) isOurs(d Deployment) bool {
	foreign := c.recreated() && d.CreatedAt.Before(c.seen.CreatedAt.Add(-time.Minute))
	if d.TaskDefinition != c.aim.TaskDefinition || foreign || c.aim.stale(d.CreatedAt) {
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

// recreated says whether the service is another one than that which was pointed at our revision: it was deleted, and
// created anew under its name.
func (c inquiry) recreated() bool {
	return !c.aim.Since.IsZero() && c.seen.CreatedAt.After(c.aim.Since.Add(time.Minute))
}

// elsewhere says whether the service is pointed at another task definition than ours.
func (c inquiry) elsewhere() bool {
	return c.seen.TaskDefinition != "" && c.seen.TaskDefinition != c.aim.TaskDefinition
}

// putBack says whether the service was pointed at our revision again after something newer had taken it over: the
// execution that lost the claim in the middle of its call repairs the service so. The service's own list shows that at
// once; the service deployment is on its way into the other, and so may be that of what was newer. The times of the two lists
// cannot be compared as such, for a service deployment is created a little later than its entry; but none is finished before
// that.
func (c inquiry) putBack() bool {
	before := c.ours.Status == successful && !c.ours.FinishedAt.IsZero() && c.head.CreatedAt.After(c.ours.FinishedAt)
	return (c.newer != nil || before) && c.head.TaskDefinition == c.aim.TaskDefinition && !c.elsewhere() &&
		c.head.State == inProgress && c.now.Sub(c.head.CreatedAt) < settle
}

// returning says whether ECS is on its way back from a newer deployment to ours.
func (c inquiry) returning() bool {
	return c.newer != nil && c.newer.Status == rollbackInProgress && c.seen.TaskDefinition == c.aim.TaskDefinition
}

// restoredToOurs says whether ECS has gone back from the newer deployment to ours.
func (c inquiry) restoredToOurs() bool {
	return c.newer.Status == rollbackSuccessful && c.seen.TaskDefinition == c.aim.TaskDefinition
}

// successorStarted says whether the service's own list already shows a further deployment of our revision.
func (c inquiry) successorStarted() bool {
	return c.head.TaskDefinition == c.aim.TaskDefinition && c.head.State == inProgress && number(c.head.ID) != number(c.ours.Revision)
}

// baseInPlace says whether ECS calls the deployment of the base complete.
func (c inquiry) baseInPlace() bool {
	return c.head.TaskDefinition == c.aim.Base && c.head.State == completed
}
