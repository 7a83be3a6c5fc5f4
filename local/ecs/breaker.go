package ecs

// The types of the circuit breaker's threshold.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
const (
	boundedPercent   = "BOUNDED_PERCENT"
	unboundedPercent = "UNBOUNDED_PERCENT"
	countThreshold   = "COUNT"
)

// threshold is how many failed tasks make a deployment fail: by default half of the desired count rounded up, at least 3
// and at most 200.
func (c configured) threshold(desired int) int {
	kind, value := boundedPercent, 50
	if t := c.Breaker.Threshold; t != nil {
		kind, value = t.Type, t.Value
	}
	share := (value*desired + 99) / 100
	switch kind {
	case countThreshold:
		return value
	case unboundedPercent:
		return max(share, 1)
	default:
		return min(max(share, 3), 200)
	}
}

// breakerCount is the count of the circuit breaker of a service deployment, and its threshold.
func (s *Service) breakerCount(v *service, r *rollout) (failures, threshold int) {
	if r.over() || r.Rollback != nil {
		return r.Failures, r.Threshold
	}
	if d := v.deployment(r.Target); d != nil {
		failures = d.Failed
	}
	return failures, v.config().threshold(v.Desired)
}

// countFailure counts a task that failed while its deployment was under way.
func (s *Service) countFailure(v *service, d *deployment) {
	if d.State != inProgress || d.Status != primary {
		return
	}
	d.Failed++
	d.UpdatedAt = s.w.Now()
	s.judge(v, d)
}

// countHealthy notes that a task became healthy: unless the breaker is set otherwise the count starts again.
func (s *Service) countHealthy(v *service, d *deployment) {
	if reset := v.config().Breaker.Reset; (reset == nil || *reset) && d.State == inProgress {
		d.Failed = 0
	}
}

// judge lets the circuit breaker end a deployment that has failed too often.
func (s *Service) judge(v *service, d *deployment) {
	c := v.config()
	r := v.current()
	if !c.Breaker.Enable || r == nil || d.Failed < c.threshold(v.Desired) {
		return
	}
	r.Failures, r.Threshold = s.breakerCount(v, r)
	r.Triggered = true
	switch {
	case r.Status == rollbackInProgress: // the rollback itself has failed
		s.fail(v, d, byBreaker())
		s.finish(v, r, rollbackFailed, reasonRollbackFail)
	case r.Status == rollbackRequested || c.Breaker.Rollback:
		s.goBack(v, r, byBreaker())
	default:
		s.fail(v, d, byBreaker())
		s.requestStop(v, r, reasonBreakerStop)
	}
}

// cause is why a deployment is given up.
type cause struct {
	rollout string // the statusReason of the service deployment
	failed  string // the rolloutStateReason of the deployment
	back    string // that of the deployment it goes back to, before its id
	said    string // what the service's events say
}

func byBreaker() cause {
	return cause{rollout: reasonBreaker, failed: "ECS deployment circuit breaker: tasks failed to start.",
		back: "ECS deployment circuit breaker: rolling back to deploymentId ", said: "deployment failed: tasks failed to start."}
}

// onRequest is the cause where somebody asked for it. Its texts are assumed.
func onRequest() cause {
	return cause{rollout: reasonUser, failed: "ECS deployment stopped on request.",
		back: "ECS deployment stopped on request: rolling back to deploymentId ", said: "deployment stopped on request."}
}

// fail makes a deployment FAILED: nothing more is started for it. It stays what it is otherwise.
func (s *Service) fail(v *service, d *deployment, why cause) {
	d.Halted, d.FailedAt = true, s.w.Now()
	if v.Proven == d.Number {
		v.Proven = ""
	}
	s.turn(v, d, failed, why.failed, deploymentFailed)
	s.say(v, "(deployment %s) %s", d.id(), why.said)
}

// goBack rolls a service deployment back to the last deployment that was COMPLETED, which becomes PRIMARY again under
// its own id. If there is none, the deployment stalls.
func (s *Service) goBack(v *service, r *rollout, why cause) {
	ours, back := v.deployment(r.Target), v.lastCompleted()
	if ours == nil {
		return
	}
	r.Failures, r.Threshold = s.breakerCount(v, r)
	s.fail(v, ours, why)
	if back == nil {
		s.finish(v, r, stopped, reasonNoCandidate)
		return
	}
	s.move(r, rollbackInProgress, why.rollout)
	r.Rollback = &rollback{Reason: why.rollout, StartedAt: s.w.Now(), Number: back.Number}
	ours.Status, ours.Desired = draining, 0
	s.restore(v, back, why)
}

// restore makes a deployment PRIMARY that was before.
func (s *Service) restore(v *service, back *deployment, why cause) {
	back.Status, back.Begun, back.Halted, back.Failed = primary, true, false, 0
	v.list(back)
	v.Shape = back.Shape
	s.turn(v, back, inProgress, why.back+back.id()+".", deploymentInProgress)
	s.say(v, "rolling back to deployment %s.", back.id())
	v.unsettle()
	s.wake(v, schedulerDelay)
}
