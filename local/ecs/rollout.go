package ecs

import (
	"slices"
	"time"

	"fairlead/local/world"
)

// rollout is a service deployment: the record of how the service went from one revision to another.
type rollout struct {
	ID        string           `json:"id"`
	Target    string           `json:"target"`  // the number of the deployment, and of the revision
	Sources   []string         `json:"sources"` // the numbers of the revisions that ran before
	Status    string           `json:"status"`
	Reason    string           `json:"reason"`
	CreatedAt time.Time        `json:"createdAt"`
	StartedAt time.Time        `json:"startedAt"`
	Finished  time.Time        `json:"finishedAt"`
	StoppedAt time.Time        `json:"stoppedAt"`
	UpdatedAt time.Time        `json:"updatedAt"`
	Deploying deploymentConfig `json:"deploying"`
	Triggered bool             `json:"triggered"` // the circuit breaker
	Alarmed   []string         `json:"alarmed"`   // the alarms that ended it
	Failures  int              `json:"failures"`  // the breaker's count; of one that goes on, the deployment's own
	Threshold int              `json:"threshold"`
	Counts    counts           `json:"counts"` // of the target, when it was over
	Rollback  *rollback        `json:"rollback,omitempty"`
}

// rollback is where a service deployment goes back to.
type rollback struct {
	Reason    string    `json:"reason"`
	StartedAt time.Time `json:"startedAt"`
	Number    string    `json:"number"`
}

// counts are the tasks of a revision.
type counts struct {
	Requested int `json:"requestedTaskCount"`
	Running   int `json:"runningTaskCount"`
	Pending   int `json:"pendingTaskCount"`
}

// The statuses of a service deployment, and how one follows another:
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
const (
	pending            = "PENDING"
	successful         = "SUCCESSFUL"
	stopRequested      = "STOP_REQUESTED"
	stopped            = "STOPPED"
	rollbackRequested  = "ROLLBACK_REQUESTED"
	rollbackInProgress = "ROLLBACK_IN_PROGRESS"
	rollbackSuccessful = "ROLLBACK_SUCCESSFUL"
	rollbackFailed     = "ROLLBACK_FAILED"
)

// What the status of a service deployment says of why. The two roll backs, by the breaker and by an alarm, and that without a
// candidate were seen in the field; the others are assumed.
const (
	reasonBreaker      = "Service deployment rolled back because the circuit breaker threshold was exceeded."
	reasonBreakerStop  = "Service deployment stopped because the circuit breaker threshold was exceeded."
	reasonAlarm        = "Service deployment rolled back because of one or more active alarms."
	reasonAlarmStop    = "Service deployment stopped because of one or more active alarms."
	reasonNoCandidate  = "No rollback candidate was found to run the rollback."
	reasonUser         = "Service deployment rolled back because a rollback was requested."
	reasonRollbackFail = "Service deployment rollback failed because the circuit breaker threshold was exceeded."
	reasonRollbackCut  = "Service deployment rollback failed because a newer service deployment was started."
)

// over says whether nothing can happen to a service deployment any more.
func (r *rollout) over() bool {
	return slices.Contains([]string{successful, stopped, rollbackSuccessful, rollbackFailed}, r.Status)
}

// rollout finds a service deployment by its id; nil if it is forgotten.
func (v *service) rollout(id string) *rollout {
	for _, r := range slices.Backward(v.Rollouts) {
		if r.ID == id {
			return r
		}
	}
	return nil
}

// current is the service deployment that the service is in; nil if the last one is over. It is the last: a newer one
// ends those before it.
func (v *service) current() *rollout {
	if len(v.Rollouts) == 0 {
		return nil
	}
	r := v.Rollouts[len(v.Rollouts)-1]
	if r.over() || r.Status == stopRequested {
		return nil
	}
	return r
}

// rolloutDue lets a service deployment take its next step. What is gone by now needs none.
func (s *Service) rolloutDue(d due) {
	v, ok := s.state.Services[d.Service]
	if !ok {
		return
	}
	if target := v.deployment(d.Number); d.Do == doOpen && target != nil {
		s.open(v, target)
	}
	if r := v.rollout(d.Rollout); r != nil {
		s.nextStatus(v, r, d.Do)
	}
}

func (s *Service) nextStatus(v *service, r *rollout, do doing) {
	switch {
	case do == doBegin && r.Status == pending:
		s.begin(v, r)
	case do == doStopped && r.Status == stopRequested:
		s.finish(v, r, stopped, r.Reason)
	case do == doRollback && r.Status == rollbackRequested:
		s.goBack(v, r, onRequest())
	}
}

// open gives a deployment its service deployment: PENDING, and stopped at once if a newer deployment was started in
// the meantime.
func (s *Service) open(v *service, d *deployment) {
	r := &rollout{ID: s.newRolloutID(), Target: d.Number, Sources: s.sources(v, d), Status: pending, CreatedAt: s.w.Now(),
		UpdatedAt: s.w.Now(), Deploying: v.Deploying}
	v.Rollouts = append(v.Rollouts, r)
	if v.primary() != d || v.Status != active {
		s.requestStop(v, r, "")
		return
	}
	s.after(beginAfter, due{Do: doBegin, Service: v.key(), Rollout: r.ID})
}

// sources are the revisions other than d's that run tasks.
func (s *Service) sources(v *service, d *deployment) []string {
	numbers := []string{}
	for _, t := range s.tasksOf(v) {
		if !d.owns(t) && !t.stopping() && !slices.Contains(numbers, t.Deployment) {
			numbers = append(numbers, t.Deployment)
		}
	}
	return numbers
}

// begin lets the scheduler work on the deployment.
func (s *Service) begin(v *service, r *rollout) {
	s.move(r, inProgress, "")
	r.StartedAt = s.w.Now()
	if d := v.deployment(r.Target); d != nil {
		d.Begun = true
	}
	s.wake(v, 0)
}

func (s *Service) move(r *rollout, status, reason string) {
	r.Status, r.Reason, r.UpdatedAt = status, reason, s.w.Now()
}

// finish ends a service deployment, with the counts as they are now.
func (s *Service) finish(v *service, r *rollout, status, reason string) {
	r.Failures, r.Threshold = s.breakerCount(v, r)
	r.Counts = s.countsOf(v, r.Target)
	s.move(r, status, reason)
	r.Finished = s.w.Now()
	if status == stopped {
		r.StoppedAt = s.w.Now()
	}
}

// supersede ends what goes on when a newer deployment is started.
func (s *Service) supersede(v *service) {
	r := v.current()
	if r == nil {
		return
	}
	switch r.Status {
	case pending, inProgress:
		s.requestStop(v, r, "")
	case rollbackRequested:
		s.finish(v, r, stopped, r.Reason)
	case rollbackInProgress:
		s.finish(v, r, rollbackFailed, reasonRollbackCut)
	}
}

func (s *Service) requestStop(v *service, r *rollout, reason string) {
	s.move(r, stopRequested, reason)
	s.after(stopAfter, due{Do: doStopped, Service: v.key(), Rollout: r.ID})
}

// countsOf counts the tasks of a revision.
func (s *Service) countsOf(v *service, number string) counts {
	d := v.deployment(number)
	if d == nil {
		return counts{}
	}
	own := slices.DeleteFunc(s.tasksOf(v), func(t *task) bool { return !d.owns(t) })
	running, pending := count(own)
	return counts{Requested: d.Desired, Running: running, Pending: pending}
}

type stopRolloutInput struct {
	ARN      string `json:"serviceDeploymentArn"`
	StopType string `json:"stopType"`
}

type stopRolloutOutput struct {
	ARN string `json:"serviceDeploymentArn"`
}

// stopServiceDeployment rolls a service deployment back on request. That a finished one answers ConflictException is
// assumed.
func (s *Service) stopServiceDeployment(c *world.Call, in stopRolloutInput) (out stopRolloutOutput, err error) {
	v, r, err := s.authorizeRollout(c, "ecs:StopServiceDeployment", in.ARN)
	if err != nil {
		return out, err
	}
	if r == nil {
		return out, world.Errorf("ServiceDeploymentNotFoundException", "Service deployment not found.")
	}
	if err := oneOf("stopType", in.StopType, "ROLLBACK", "ABORT"); err != nil {
		return out, err
	}
	if in.StopType == "ABORT" {
		return out, notImplemented("StopServiceDeployment with stopType ABORT")
	}
	switch r.Status {
	case pending, inProgress:
		s.move(r, rollbackRequested, "")
		s.after(rollbackAfter, due{Do: doRollback, Service: v.key(), Rollout: r.ID})
	case rollbackRequested, rollbackInProgress: // asked for again: it is on its way
	default:
		return out, world.Errorf("ConflictException", "The service deployment is in the status %s and cannot be stopped.", r.Status)
	}
	return stopRolloutOutput{ARN: in.ARN}, nil
}
