package ecs

import (
	"slices"
	"time"
)

// stop begins to stop a task. One that is stopping already goes on as it does.
func (s *Service) stop(t *task, code, reason string) {
	if t.stopping() {
		return
	}
	t.Desired, t.StopCode, t.Reason, t.StoppingAt = taskStopped, code, reason, s.w.Now()
	if t.StartedAt.IsZero() {
		s.endContainers(t)
		s.become(t, taskDeprovisioning)
		s.next(t, deprovisioning, stepFinished)
		return
	}
	s.become(t, taskDeactivating)
	s.next(t, s.leaveTargets(t), stepQuiet)
}

// stopTime is how long the containers take to end: those that have exited, none.
func (s *Service) stopTime(t *task) time.Duration {
	if slices.ContainsFunc(t.Containers, func(c taskContainer) bool { return c.Last == taskRunning }) {
		return stopping
	}
	return reaping
}

// terminated is the exit code of a process that SIGTERM has ended.
const terminated = 143

// endContainers ends the containers that have not exited by themselves. One that never started has no exit code.
func (s *Service) endContainers(t *task) {
	if !t.StartedAt.IsZero() {
		t.ExecutionStopped = s.w.Now()
	}
	for i := range t.Containers {
		c := &t.Containers[i]
		if c.Last == taskRunning {
			code := terminated
			c.ExitCode = &code
		}
		c.Last = taskStopped
	}
}

// finished makes a task STOPPED. It is listed for a while; the scheduler counts a failure, and looks.
func (s *Service) finished(t *task) {
	t.StoppedAt = s.w.Now()
	s.become(t, taskStopped)
	s.after(stoppedListed, due{Do: doForget, Task: t.ID})
	v, ok := s.state.Services[t.Service]
	if !ok {
		return
	}
	v.Live = slices.DeleteFunc(v.Live, func(id string) bool { return id == t.ID })
	if d := v.deployment(t.Deployment); d != nil && t.Failed {
		if t.StartedAt.IsZero() {
			s.pause(v, d, t.CreatedAt)
		}
		s.countFailure(v, d)
	}
	s.drained(v)
	s.wake(v, schedulerDelay)
}

// exited ends a container that exits by itself; with an essential one the task ends.
func (s *Service) exited(t *task, name string) {
	c := t.container(name)
	if c == nil || c.Last != taskRunning {
		return
	}
	code, reason := c.Behaves.end()
	c.Last, c.ExitCode, c.Reason = taskStopped, &code, reason
	if !s.essential(t, name) {
		s.publishTask(t)
		return
	}
	t.Failed = true
	s.stop(t, essentialExited, "Essential container in task exited")
}

func (s *Service) essential(t *task, name string) bool {
	return slices.ContainsFunc(s.definitionOf(t).Containers, func(c container) bool { return c.Name == name && c.essential() })
}
