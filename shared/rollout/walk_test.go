package rollout

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// walk is a service that lives through documented transitions, and the execution that looks at it after each step.
type walk struct {
	*rand.Rand
	t   *testing.T
	now time.Time

	seen   Seen
	listed []time.Time // when ECS begins to list each of the deployments
	ran    bool        // a task of ours ran
	acts   int         // what others did to the service

	aim  Aim
	last Judged
}

const timeout = 30 * time.Minute

func newWalk(t *testing.T, seed uint64) *walk {
	w := &walk{Rand: rand.New(rand.NewPCG(seed, 11)), t: t, now: noon, aim: Aim{TaskDefinition: ours, Base: base, Since: noon, Accepted: true}}
	w.seen = Seen{Status: active, TaskDefinition: base, DesiredCount: 1 + w.IntN(3), CreatedAt: at(-600)}
	w.deploy(base)
	w.seen.Deployments[0].Status, w.seen.Deployments[0].CreatedAt = successful, at(-600)
	w.deploy(ours)
	return w
}

// deploy starts a service deployment, which ends the one that is under way. ECS lists it a little later.
func (w *walk) deploy(taskDefinition string) {
	for i := range w.seen.Deployments {
		if d := &w.seen.Deployments[i]; !d.over() {
			d.Status, d.FinishedAt = stopped, w.now
		}
	}
	d := deployment(taskDefinition, pending, 0, tasks(0, w.seen.DesiredCount))
	d.CreatedAt, d.StartedAt, d.Revision = w.now, time.Time{}, fmt.Sprintf("revision/%d", len(w.listed))
	w.seen.Deployments = append(w.seen.Deployments, d)
	w.listed = append(w.listed, w.now.Add(time.Duration(w.IntN(60))*time.Second))
	w.seen.TaskDefinition = taskDefinition
}

// current is the deployment that is under way, or the last one.
func (w *walk) current() *Deployment { return &w.seen.Deployments[len(w.seen.Deployments)-1] }

// step lets something happen.
func (w *walk) step() {
	w.now = w.now.Add(time.Duration(1+w.IntN(400)) * time.Second)
	switch d := w.current(); {
	case w.IntN(12) == 0:
		w.act()
	case d.over():
	case d.Status == inProgress && w.IntN(3) > 0:
		d.Running = w.IntN(w.seen.DesiredCount + 1)
		w.ran = w.ran || d.Running > 0 && d.TaskDefinition == ours
	default:
		to := transitions()[d.Status]
		w.move(d, to[w.IntN(len(to))])
	}
}

// act is what a person or a stack does in the middle.
func (w *walk) act() {
	w.acts++
	switch w.IntN(5) {
	case 0, 1:
		w.deploy([]string{third, base}[w.IntN(2)])
	case 2:
		w.deploy(ours)
	case 3:
		w.seen.DesiredCount = w.IntN(4)
	default: // deleted, and perhaps created anew
		w.seen.Status, w.seen.Deployments, w.listed = "", nil, nil
		w.deploy(third)
		if w.IntN(2) == 0 {
			w.seen.Status, w.seen.CreatedAt = active, w.now
		}
	}
}

// move takes a deployment to another status, as ECS does.
func (w *walk) move(d *Deployment, to string) {
	d.Status = to
	switch to {
	case inProgress:
		d.StartedAt = w.now
	case successful:
		d.Requested, d.Running = w.seen.DesiredCount, w.seen.DesiredCount
		w.ran = w.ran || d.Running > 0 && d.TaskDefinition == ours
	case rollbackInProgress:
		d.RollbackAt = w.now
		for _, back := range w.seen.Deployments {
			if back.Status == successful {
				d.RollbackRevision, w.seen.TaskDefinition = back.Revision, back.TaskDefinition
			}
		}
	}
	if d.over() {
		d.FinishedAt = w.now
	}
}

// shown is what ECS shows of it all now.
func (w *walk) shown() Seen {
	seen := w.seen
	seen.Deployments = nil
	for i, d := range w.seen.Deployments {
		if !w.listed[i].After(w.now) {
			seen.Deployments = append(seen.Deployments, d)
		}
	}
	return seen
}

// look judges as JudgeRollout does, which remembers what it found before, and holds the verdict against what happened.
func (w *walk) look() {
	seen := w.shown()
	got := Judge(w.aim, seen, w.now, Budget{Timeout: timeout})
	check(w.t, seen, got)
	switch {
	case got.Verdict == Healthy && (got.Status != successful || seen.TaskDefinition != ours || !w.ran):
		w.t.Errorf("healthy: %+v of %+v", got, seen)
	case got.Verdict == Failed && w.seen.Status == active && w.replaced(seen) && got.Status != rollbackSuccessful:
		w.t.Errorf("something newer stands, and ours is failed: %s (%s)", got.Reason, got.Status)
	case got.Verdict == Superseded && w.acts == 0:
		w.t.Errorf("superseded by nothing: %s", got.Reason)
	case got.Deadline.Before(w.last.Deadline):
		w.t.Errorf("the deadline moved back from %s to %s", w.last.Deadline, got.Deadline)
	}
	w.last = got
	w.aim.Running, w.aim.Stage, w.aim.Deadline = got.Running, got.Stage, got.Deadline
}

// replaced says whether something newer is listed, or has ended ours and is about to be.
func (w *walk) replaced(seen Seen) bool {
	newest := *w.current()
	if newest.TaskDefinition == ours {
		return false
	}
	listed := false
	for _, d := range seen.Deployments {
		listed = listed || d.CreatedAt.Equal(newest.CreatedAt)
	}
	before := w.seen.Deployments[max(0, len(w.seen.Deployments)-2)]
	return listed || before.TaskDefinition == ours && before.FinishedAt.Equal(newest.CreatedAt)
}

// silence is that nothing happens any more: once ECS's lists have settled a verdict stays, and a wait ends with its
// deadline.
func (w *walk) silence() {
	w.now = w.now.Add(settle)
	w.look()
	final := w.last.Verdict
	w.now = latest(w.now, w.last.Deadline).Add(time.Second)
	w.look()
	if w.last.Verdict == Progressing || final != Progressing && final != w.last.Verdict {
		w.t.Errorf("%s has become %s at %s, by a deadline of %s: %s", final, w.last.Verdict, w.now, w.last.Deadline, w.last.Reason)
	}
}

// FuzzJudgeOnAWalk holds Judge to its promises along everything that ECS documents, with people in between: newest last.
func FuzzJudgeOnAWalk(f *testing.F) {
	for seed := range uint64(3000) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		w := newWalk(t, seed)
		for range 3 + w.IntN(20) {
			w.step()
			w.look()
		}
		w.silence()
	})
}
