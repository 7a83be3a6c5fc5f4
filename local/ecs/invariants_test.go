package ecs

import (
	"encoding/json"
	"slices"
	"testing"
)

// watch looks at the service after each event of the world, and holds it against what is always true of ECS.
type watch struct {
	l        *land
	statuses map[string]string // of the service deployments
	order    map[string]int    // of the tasks' statuses
	enough   bool              // there were enough healthy tasks at the last look
	scaled   bool              // the desired count or the limits change in this story
	sturdy   bool              // no task that was healthy fails by itself in this story
	seen     int               // events
	version  map[string]float64
}

func (l *land) watched(sturdy bool) *watch {
	w := &watch{l: l, statuses: map[string]string{}, order: map[string]int{}, sturdy: sturdy, version: map[string]float64{}}
	l.step = w.look
	return w
}

func (w *watch) look() {
	w.l.t.Helper()
	v := w.l.web()
	if v == nil || v.Status != active {
		return
	}
	w.primaries(v)
	w.limits(v)
	w.rollouts(v)
	w.events()
}

func (w *watch) primaries(v *service) {
	n := 0
	for _, d := range v.Deployments {
		n += one(d.Status == primary)
	}
	if n != 1 {
		w.l.t.Fatalf("%v: %d deployments are PRIMARY", w.l.w.Now(), n)
	}
	if v.primary().Shape.TaskDefinition != v.Shape.TaskDefinition {
		w.l.t.Fatalf("the service's task definition is not the one of its PRIMARY deployment")
	}
}

// limits holds the tasks against maximumPercent and minimumHealthyPercent.
func (w *watch) limits(v *service) {
	n := w.l.ecs.tally(v, v.primary())
	running, pending := count(w.l.ecs.tasksOf(v))
	if !w.scaled && running+pending > n.most {
		w.l.t.Fatalf("%v: %d tasks run and %d are about to, and at most %d may", w.l.w.Now(), running, pending, n.most)
	}
	if w.sturdy && w.enough && n.healthy < n.least {
		w.l.t.Fatalf("%v: only %d tasks are healthy, %d must be", w.l.w.Now(), n.healthy, n.least)
	}
	w.enough = n.healthy >= n.least
}

// follows are the statuses that a status of a service deployment may be followed by.
func follows() map[string][]string {
	return map[string][]string{
		"":                 {pending},
		pending:            {inProgress, rollbackRequested, stopRequested, stopped},
		inProgress:         {successful, stopRequested, rollbackRequested, rollbackInProgress, stopped},
		stopRequested:      {stopped},
		rollbackRequested:  {successful, rollbackInProgress, stopped},
		rollbackInProgress: {rollbackSuccessful, rollbackFailed},
	}
}

func (w *watch) rollouts(v *service) {
	open := 0
	for _, r := range v.Rollouts {
		was := w.statuses[r.ID]
		if was == "" && r.Status == stopRequested { // PENDING was too short to be seen
			was = pending
		}
		if r.Status != was && !slices.Contains(follows()[was], r.Status) {
			w.l.t.Fatalf("%v: a service deployment went from %q to %q", w.l.w.Now(), was, r.Status)
		}
		w.statuses[r.ID] = r.Status
		open += one(!r.over() && r.Status != stopRequested)
		if r.over() == r.Finished.IsZero() {
			w.l.t.Fatalf("a service deployment is %s and its finishedAt %v", r.Status, r.Finished)
		}
	}
	if open > 1 {
		w.l.t.Fatalf("%v: %d service deployments go on", w.l.w.Now(), open)
	}
}

// events holds the task events against the order of a task's statuses, and their versions.
func (w *watch) events() {
	order := []string{taskProvisioning, taskPending, taskActivating, taskRunning, taskDeactivating, taskStopping, taskDeprovisioning, taskStopped}
	for _, e := range w.l.events[w.seen:] {
		if e.DetailType != "ECS Task State Change" {
			continue
		}
		var detail struct {
			ARN     string  `json:"taskArn"`
			Last    string  `json:"lastStatus"`
			Version float64 `json:"version"`
		}
		if err := json.Unmarshal(e.Detail, &detail); err != nil {
			w.l.t.Fatal(err)
		}
		at := slices.Index(order, detail.Last)
		if at < w.order[detail.ARN] || detail.Version != w.version[detail.ARN]+1 {
			w.l.t.Fatalf("task %s: %s (version %v) came after %s (version %v)", detail.ARN, detail.Last, detail.Version, order[w.order[detail.ARN]], w.version[detail.ARN])
		}
		w.order[detail.ARN], w.version[detail.ARN] = at, detail.Version
	}
	w.seen = len(w.l.events)
}

func TestALookAtAServiceOnItsWayFindsNothingWrong(t *testing.T) {
	for _, percents := range [][2]int{{100, 200}, {50, 100}, {0, 100}, {0, 200}, {66, 150}, {100, 101}} {
		l := newLand(t, 1)
		l.watched(true)
		l.create(4, object{"deploymentConfiguration": object{"minimumHealthyPercent": percents[0], "maximumPercent": percents[1]}})
		l.until("steady", l.steady)
		l.update(l.push())
		if percents[1] == 101 {
			l.pass(30 * 60e9)
			if l.steady() || len(l.web().Events) < 3 || l.rollout(1) != inProgress {
				t.Errorf("%v: a deployment that may neither start nor stop is %v", percents, l.rollouts())
			}
			continue
		}
		l.until("steady", l.steady)
	}
}
