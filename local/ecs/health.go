package ecs

import "time"

// verdict is how the checks of something come out: when, and whether it is healthy. No verdict is never given.
type verdict struct {
	after   time.Duration
	healthy bool
}

// verdict is how a container's health check comes out: checked once an interval from its start on, it is HEALTHY at its
// first success and UNHEALTHY after that many failures in a row beyond the start period. For as long as local.start
// the checks fail, and with local.unhealthy always.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
func (h healthCheck) verdict(b behaviour) verdict {
	interval := seconds(h.Interval)
	return firstVerdict(interval, seconds(h.StartPeriod), h.Retries, b)
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

// firstVerdict follows checks at a fixed interval until they come out. Failures in the grace do not count.
func firstVerdict(interval, grace time.Duration, tries int, b behaviour) verdict {
	interval, tries = max(interval, time.Second), max(tries, 1)
	first := interval
	if !b.Unhealthy {
		first = max(roundUp(b.Start, interval), interval)
	}
	b.Unhealthy = b.Unhealthy || b.Sickens > 0 && b.Sickens <= first
	beyond := grace - grace%interval + interval // the first check whose failure counts
	last := beyond + time.Duration(tries-1)*interval
	if b.Unhealthy || first > last {
		return verdict{after: last}
	}
	return verdict{after: first, healthy: true}
}

// relapse is when a container that was found healthy is found UNHEALTHY after all; false if it never is.
func (h healthCheck) relapse(b behaviour) (time.Duration, bool) {
	if b.Sickens == 0 {
		return 0, false
	}
	interval := max(seconds(h.Interval), time.Second)
	return roundUp(b.Sickens, interval) + time.Duration(max(h.Retries, 1)-1)*interval, true
}

func roundUp(d, step time.Duration) time.Duration {
	up := d + step - 1
	return up - up%step
}

// checks says whether anything looks at the health of a container: its health check, or a load balancer.
func (s *Service) checks(t *task, name string) bool {
	if _, d, ok := s.owner(t); ok && len(d.Shape.balancers()) > 0 {
		return true
	}
	for _, c := range s.definitionOf(t).Containers {
		if c.Name == name && c.HealthCheck != nil {
			return true
		}
	}
	return false
}

// watchHealth begins the health checks of a task that has started. Without any, the task counts as healthy after a
// while.
func (s *Service) watchHealth(t *task) {
	watched := false
	for _, c := range s.definitionOf(t).Containers {
		if c.HealthCheck == nil {
			continue
		}
		behaves := t.container(c.Name).Behaves
		came := c.HealthCheck.verdict(behaves)
		s.after(s.graced(t, came), due{Do: doHealth, Task: t.ID, Name: c.Name})
		if after, ok := c.HealthCheck.relapse(behaves); ok && came.healthy {
			s.after(s.graced(t, verdict{after: after}), due{Do: doHealth, Task: t.ID, Name: c.Name})
		}
		watched = true
	}
	if s.enterTargets(t) || watched {
		return
	}
	t.HealthyAt = s.w.Now().Add(s.paced(healthyAfter))
}

// graced is when a container's verdict has its effect: a bad one not before the service's grace period is over.
func (s *Service) graced(t *task, came verdict) time.Duration {
	if came.healthy {
		return came.after
	}
	return max(came.after, s.grace(t))
}

func (s *Service) grace(t *task) time.Duration {
	v, ok := s.state.Services[t.Service]
	if !ok || v.Standing.HealthCheckGrace == nil {
		return 0
	}
	return seconds(*v.Standing.HealthCheckGrace)
}

// checked takes in how checks came out.
func (s *Service) checked(t *task, name string) {
	v, d, ok := s.owner(t)
	if !ok {
		return
	}
	if name == targets {
		s.targetChecked(t, v, d)
		return
	}
	c := t.container(name)
	if c == nil || c.Last != taskRunning {
		return
	}
	for _, defined := range s.definitionOf(t).Containers {
		if relapsed := c.Health == healthy; defined.Name == name && (relapsed || !defined.HealthCheck.verdict(c.Behaves).healthy) {
			c.Health, t.Health = unhealthy, unhealthy
			if defined.essential() {
				s.failHealth(t, v, "Task failed container health checks", "failed container health checks.")
			}
			return
		}
	}
	c.Health = healthy
	s.noteChecked(t, v, d)
}

// noteChecked makes a task healthy once all that checks it has found it so.
func (s *Service) noteChecked(t *task, v *service, d *deployment) {
	checked, all := s.containersHealthy(t)
	if checked && all && t.Health == unknown {
		t.Health = healthy
	}
	if all && (t.Targeted || len(d.Shape.balancers()) == 0) {
		t.HealthyAt = s.w.Now()
		s.wake(v, schedulerDelay)
	}
}

// containersHealthy says whether any container of a task has a health check, and whether all that are essential and have
// one are healthy.
func (s *Service) containersHealthy(t *task) (checked, all bool) {
	all = true
	for _, c := range s.definitionOf(t).Containers {
		checked = checked || c.HealthCheck != nil
		if c.HealthCheck != nil && c.essential() && t.container(c.Name).Health != healthy {
			all = false
		}
	}
	return checked, all
}

// failHealth stops a task that its checks found unhealthy: the scheduler replaces it, and its end is a failure.
func (s *Service) failHealth(t *task, v *service, reason, said string) {
	t.Failed = true
	s.say(v, "(task %s) %s", t.ID, said)
	s.stop(t, schedulerInitiated, reason)
}
