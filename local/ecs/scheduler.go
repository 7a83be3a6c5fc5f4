package ecs

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The scheduler of rolling updates. It looks at a service some seconds after something about it changed.

// wake lets the scheduler look at a service in d, if it does not look before.
func (s *Service) wake(v *service, d time.Duration) { s.wakeAt(v, s.w.Now().Add(s.paced(d))) }

func (s *Service) wakeAt(v *service, at time.Time) {
	if v.Status == inactive || (!v.WakeAt.IsZero() && !at.Before(v.WakeAt)) {
		return
	}
	v.WakeAt = at
	s.w.After(at.Sub(s.w.Now()), s.Name(), due{Do: doWake, Service: v.key()})
}

// woken looks at a service, if this is the look that was asked for last.
func (s *Service) woken(d due) {
	v, ok := s.state.Services[d.Service]
	if !ok || v.WakeAt.IsZero() || v.WakeAt.After(s.w.Now()) {
		return
	}
	v.WakeAt = time.Time{}
	s.reconcile(v)
}

// reconcile brings a service one step nearer to what is desired.
func (s *Service) reconcile(v *service) {
	s.drained(v)
	p := v.primary()
	if p == nil || v.Status != active {
		return
	}
	s.retire(v)
	if p.Begun {
		s.noteHealthy(v)
		p = v.primary()
		p.Desired = v.Desired
		s.scaleIn(v, p)
		s.launchMissing(v, p)
		s.settle(v, p)
	}
	s.shrink(v)
	s.lookAgain(v)
}

// shrink lowers the desired count of the older deployments with their tasks.
func (s *Service) shrink(v *service) {
	left := map[string]int{}
	for _, t := range s.tasksOf(v) {
		left[t.Deployment] += one(!t.stopping())
	}
	for _, d := range v.Deployments {
		if d.Status != primary {
			d.Desired = left[d.Number]
		}
	}
}

// tally is what the scheduler weighs.
type tally struct {
	least, most int // healthy tasks, and tasks
	all         int // tasks that are not STOPPED
	healthy     int // tasks that are healthy and to go on
	mine        int // tasks of the PRIMARY deployment that are to go on
	mineHealthy int
}

// tally counts the tasks of a service. minimumHealthyPercent is rounded up, maximumPercent down.
func (s *Service) tally(v *service, p *deployment) tally {
	c := v.config()
	n := tally{least: (v.Desired**c.MinPercent + 99) / 100, most: v.Desired * *c.MaxPercent / 100}
	for _, t := range s.tasksOf(v) {
		n.all++
		if t.stopping() {
			continue
		}
		healthy := s.healthy(t)
		n.healthy += one(healthy)
		n.mine += one(p.owns(t))
		n.mineHealthy += one(p.owns(t) && healthy)
	}
	return n
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// noteHealthy tells the breaker of tasks that have become healthy.
func (s *Service) noteHealthy(v *service) {
	for _, t := range s.tasksOf(v) {
		if d := v.deployment(t.Deployment); d != nil && !t.WasHealthy && s.healthy(t) {
			t.WasHealthy = true
			s.countHealthy(v, d)
		}
	}
}

// scaleIn stops the tasks that are too many: those of older deployments as far as enough healthy tasks remain, and
// those of the PRIMARY deployment that are above the desired count. A deployment that the breaker halted stops none of
// the older tasks.
func (s *Service) scaleIn(v *service, p *deployment) {
	n, stopping := s.tally(v, p), []*task{}
	tasks := s.tasksOf(v)
	slices.SortStableFunc(tasks, func(a, b *task) int { return one(s.healthy(a)) - one(s.healthy(b)) })
	excess := n.mine - v.Desired
	for _, t := range tasks {
		old := !p.owns(t) && !p.Halted
		if t.stopping() || (!old && (!p.owns(t) || excess <= 0)) {
			continue
		}
		if s.healthy(t) {
			if n.healthy-1 < n.least {
				continue
			}
			n.healthy--
		}
		excess -= one(p.owns(t))
		stopping = append(stopping, t)
	}
	for _, t := range stopping {
		s.stop(t, schedulerInitiated, scalingReason(t))
	}
	s.sayTasks(v, "has stopped %d running tasks", stopping)
}

func scalingReason(t *task) string {
	return fmt.Sprintf("Scaling activity initiated by (deployment %s)", t.StartedBy)
}

// launchMissing starts the tasks that the PRIMARY deployment lacks, as far as the limit allows.
func (s *Service) launchMissing(v *service, p *deployment) {
	n := s.tally(v, p)
	lack := v.Desired - n.mine
	if p.Halted || lack <= 0 || s.w.Now().Before(p.NextStart) {
		return
	}
	room := n.most - n.all
	if room <= 0 {
		s.sayBlocked(v, n)
		return
	}
	if why, ok := s.unplaceable(v, p); ok {
		s.say(v, "%s", why.said)
		s.publishAction(v, "ERROR", why.action, why.reason)
		s.pause(v, p, s.w.Now())
		s.countFailure(v, p)
		s.wake(v, schedulerDelay)
		return
	}
	started := []*task{}
	for range min(lack, room) {
		started = append(started, s.launch(v, p))
	}
	s.sayTasks(v, "has started %d tasks", started)
}

// sayBlocked says once that the deployment configuration lets nothing happen: every task is needed and no more may run.
func (s *Service) sayBlocked(v *service, n tally) {
	if v.BlockReported || n.healthy > n.least || n.all > n.healthy {
		return
	}
	v.BlockReported = true
	s.say(v, "was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.")
}

// pause lengthens the pause before the next start, once for all tasks that were started before the last pause.
func (s *Service) pause(v *service, d *deployment, started time.Time) {
	if started.Before(d.PausedAt) {
		return
	}
	d.Rounds++
	d.PausedAt = s.w.Now()
	if d.Rounds < 2 {
		return
	}
	length := min(firstPause<<min(d.Rounds-2, 4), longestPause)
	d.NextStart = s.w.Now().Add(s.paced(length))
	s.say(v, "is unable to consistently start tasks successfully. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.")
	s.publishAction(v, "WARN", "SERVICE_TASK_START_IMPAIRED", "")
}

// settle notices a steady state: all that is desired is healthy and nothing else is left. What is steady for a while
// is complete.
func (s *Service) settle(v *service, p *deployment) {
	n := s.tally(v, p)
	if n.mine != v.Desired || n.mineHealthy != v.Desired || n.all != v.Desired || len(v.Deployments) > 1 || p.Halted {
		v.SteadySince, v.SteadyReported = time.Time{}, false
		return
	}
	if v.SteadySince.IsZero() {
		v.SteadySince = s.w.Now()
	}
	if v.SteadyReported || s.w.Now().Before(s.steadyAt(v)) {
		return
	}
	v.SteadyReported = true
	s.complete(v, p)
	s.say(v, "has reached a steady state.")
	s.publishAction(v, "INFO", "SERVICE_STEADY_STATE", "")
}

// steadyAt is when a service that stays as it is counts as steady: for a deployment, after its bake time too. That the
// bake time of a rolling deployment counts without alarms is assumed.
func (s *Service) steadyAt(v *service) time.Time {
	wait := steadyAfter
	if p := v.primary(); p != nil && p.State == inProgress {
		wait += time.Duration(v.config().Bake) * time.Minute
	}
	return v.SteadySince.Add(s.paced(wait))
}

// complete ends the PRIMARY deployment well.
func (s *Service) complete(v *service, p *deployment) {
	if p.State != inProgress {
		return
	}
	v.Proven = p.Number
	s.turn(v, p, completed, "ECS deployment "+p.id()+" completed.", deploymentCompleted)
	s.say(v, "(deployment %s) deployment completed.", p.id())
	r := v.current()
	if r == nil {
		return
	}
	if r.Status == rollbackInProgress {
		s.finish(v, r, rollbackSuccessful, r.Reason)
		return
	}
	s.finish(v, r, successful, "")
}

// lookAgain asks for the next look at a service where only time will change something.
func (s *Service) lookAgain(v *service) {
	var times []time.Time
	for _, t := range s.tasksOf(v) {
		times = append(times, t.HealthyAt)
	}
	for _, d := range v.Deployments {
		times = append(times, d.NextStart, d.FailedAt.Add(s.paced(failedListed)))
	}
	if !v.SteadySince.IsZero() {
		times = append(times, s.steadyAt(v))
	}
	for _, at := range times {
		if at.After(s.w.Now()) {
			s.wakeAt(v, at)
		}
	}
}

// sayTasks says in the service's events how many tasks were started or stopped, and which.
func (s *Service) sayTasks(v *service, format string, tasks []*task) {
	if len(tasks) == 0 {
		return
	}
	names := make([]string, len(tasks))
	for i, t := range tasks {
		names[i] = "(task " + t.ID + ")"
	}
	s.say(v, "%s: %s.", fmt.Sprintf(format, len(tasks)), strings.Join(names, " "))
}
