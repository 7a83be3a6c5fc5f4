package ecs

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// step is what a task does next.
type step string

const (
	stepPend     step = "pend"     // PROVISIONING → PENDING
	stepPull     step = "pull"     // the pull begins
	stepPulled   step = "pulled"   // PENDING → ACTIVATING
	stepRun      step = "run"      // ACTIVATING → RUNNING
	stepFail     step = "fail"     // it does not start
	stepQuiet    step = "quiet"    // DEACTIVATING → STOPPING
	stepSilent   step = "silent"   // STOPPING → DEPROVISIONING
	stepFinished step = "finished" // DEPROVISIONING → STOPPED
)

// launch starts a task of a deployment.
func (s *Service) launch(v *service, d *deployment) *task {
	r := s.w.Random()
	t := &task{ID: s.w.Hex(32), Cluster: v.Cluster, Service: v.key(), Deployment: d.Number, StartedBy: d.id(),
		Definition: d.Shape.TaskDefinition, Tags: s.propagated(v, d), Last: taskProvisioning, Desired: taskRunning,
		Health: unknown, CreatedAt: s.w.Now(), Zone: s.w.Region + string("abc"[r.IntN(3)]),
		Address: fmt.Sprintf("10.0.%d.%d", r.IntN(256), 4+r.IntN(250)), Interface: s.w.UUID()}
	for _, c := range s.definitionOf(t).Containers {
		t.Containers = append(t.Containers, taskContainer{ID: s.w.UUID(), Name: c.Name, Image: c.Image, Last: taskPending, Health: unknown})
	}
	s.state.Tasks[t.ID] = t
	v.Live = append(v.Live, t.ID)
	s.publishTask(t)
	s.next(t, provisioning, stepPend)
	return t
}

// propagated are the tags that a task gets from its service or its task definition: all that are not AWS's own.
func (s *Service) propagated(v *service, d *deployment) []tag {
	var from []tag
	switch v.Standing.PropagateTags {
	case "SERVICE":
		from = v.Tags
	case "TASK_DEFINITION":
		from = s.tagsOf(d.Shape.TaskDefinition)
	}
	return slices.DeleteFunc(slices.Clone(from), func(t tag) bool { return strings.HasPrefix(t.Key, "aws:") })
}

// next lets a task make a step in d; the step that was to come is void.
func (s *Service) next(t *task, d time.Duration, what step) {
	t.Turn++
	s.after(d, due{Do: doStep, Task: t.ID, Step: what, Turn: t.Turn})
}

// taskDue lets happen to a task what is due, if the task is still there and still goes that way.
func (s *Service) taskDue(d due) {
	t, ok := s.state.Tasks[d.Task]
	switch {
	case !ok:
	case d.Do == doForget:
		delete(s.state.Tasks, d.Task)
	case d.Do == doExit && t.running():
		s.exited(t, d.Name)
	case d.Do == doHealth && t.running():
		s.checked(t, d.Name)
	case d.Do == doStep && d.Turn == t.Turn:
		s.step(t, d.Step)
	}
}

func (s *Service) step(t *task, what step) {
	switch what {
	case stepPend:
		s.become(t, taskPending)
		s.next(t, pullBegins, stepPull)
	case stepPull:
		s.beginPull(t)
	case stepPulled:
		t.PullStopped = s.w.Now()
		s.become(t, taskActivating)
		s.next(t, s.startTime(t), stepRun)
	case stepRun:
		s.run(t)
	case stepFail:
		s.failStart(t)
	case stepQuiet:
		s.become(t, taskStopping)
		s.next(t, s.stopTime(t), stepSilent)
	case stepSilent:
		s.endContainers(t)
		s.become(t, taskDeprovisioning)
		s.next(t, deprovisioning, stepFinished)
	case stepFinished:
		s.finished(t)
	}
}

// become puts a task into a status and says so.
func (s *Service) become(t *task, status string) {
	t.Last = status
	s.publishTask(t)
}

// beginPull prepares the task's secrets and logs, and pulls its images. What fails is tried again for a while.
func (s *Service) beginPull(t *task) {
	if t.Failure = s.prepare(t); t.Failure != nil {
		s.next(t, initRetries, stepFail)
		return
	}
	t.PullStarted = s.w.Now()
	if t.Failure = s.pull(t); t.Failure != nil {
		s.next(t, pullRetries, stepFail)
		return
	}
	s.next(t, pulling, stepPulled)
}

func (s *Service) failStart(t *task) {
	if !t.PullStarted.IsZero() && t.PullStopped.IsZero() {
		t.PullStopped = s.w.Now()
	}
	if c := t.container(t.Failure.Container); c != nil {
		c.Reason = t.Failure.Own
	}
	t.Failed = true
	s.stop(t, failedToStart, t.Failure.Reason)
}

// startTime is how long it takes from ACTIVATING to RUNNING: local.start, where no health check is there to see it.
func (s *Service) startTime(t *task) time.Duration {
	longest := startup
	for _, c := range t.Containers {
		if !s.checks(t, c.Name) {
			longest = max(longest, c.Behaves.Start)
		}
	}
	return activating + longest
}

// run makes a task RUNNING, if its programs can be run. Its containers write their line, and go the way that their labels
// tell.
func (s *Service) run(t *task) {
	if t.Failure = t.unrunnable(); t.Failure != nil {
		s.failStart(t)
		return
	}
	t.StartedAt = s.w.Now()
	for i := range t.Containers {
		c := &t.Containers[i]
		c.Last, c.Runtime = taskRunning, t.ID+"-"+s.w.Hex(10)
		s.writeLog(t, c)
		if after, exits := c.Behaves.exits(); exits {
			s.after(after, due{Do: doExit, Task: t.ID, Name: c.Name})
		}
	}
	s.watchHealth(t)
	s.become(t, taskRunning)
	if v, d, ok := s.owner(t); ok {
		d.Rounds = 0
		s.wake(v, schedulerDelay)
	}
}

// unrunnable says which container of a task cannot be started; nil if all can.
func (t *task) unrunnable() *startFailure {
	for _, c := range t.Containers {
		if reason := c.Behaves.lacks(); reason != "" {
			return &startFailure{Reason: reason, Container: c.Name, Own: reason}
		}
	}
	return nil
}
