package ecs

import (
	"slices"
	"time"
)

// deployment is one deployment of a service: an entry "ecs-svc/N" of DescribeServices, and the service revision N.
type deployment struct {
	Number    string    `json:"number"` // N
	Shape     shape     `json:"shape"`
	Listed    bool      `json:"listed"` // in the deployments of the service
	Status    string    `json:"status"` // PRIMARY, ACTIVE, DRAINING
	State     string    `json:"state"`  // the rolloutState
	Reason    string    `json:"reason"` // the rolloutStateReason
	Desired   int       `json:"desired"`
	Failed    int       `json:"failed"` // tasks that failed one after the other
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
	Begun     bool      `json:"begun"`  // the scheduler works on it
	Halted    bool      `json:"halted"` // the circuit breaker stopped it: nothing more is started
	FailedAt  time.Time `json:"failedAt"`
	Proven    bool      `json:"proven"` // it was COMPLETED once

	// The pause between tasks that never reach RUNNING.
	Rounds    int       `json:"rounds"`
	PausedAt  time.Time `json:"pausedAt"`
	NextStart time.Time `json:"nextStart"`

	// Images are the digests that the first task found, by container.
	Images map[string]string `json:"images,omitempty"`
}

const (
	primary    = "PRIMARY"
	inProgress = "IN_PROGRESS"
	completed  = "COMPLETED"
	failed     = "FAILED"
)

func (d *deployment) id() string { return "ecs-svc/" + d.Number }

// primary is the deployment that the service is to run; nil if the service has none.
func (v *service) primary() *deployment {
	i := slices.IndexFunc(v.Deployments, func(d *deployment) bool { return d.Listed && d.Status == primary })
	if i < 0 {
		return nil
	}
	return v.Deployments[i]
}

// deployment finds one by its number; nil if it is forgotten.
func (v *service) deployment(number string) *deployment {
	i := slices.IndexFunc(v.Deployments, func(d *deployment) bool { return d.Number == number })
	if i < 0 {
		return nil
	}
	return v.Deployments[i]
}

// lastCompleted is the newest deployment other than number that was COMPLETED: what a rollback goes back to. One to which
// a rollback is under way still counts; that is assumed.
func (v *service) lastCompleted(number string) *deployment {
	for _, d := range slices.Backward(v.Deployments) {
		if d.Number != number && d.Proven && d.State != failed {
			return d
		}
	}
	return nil
}

// deploy starts a deployment of what the service is now, in place of the one that is PRIMARY. As on AWS it begins with
// a desired count of 0, and its service deployment appears a little later.
func (s *Service) deploy(v *service) {
	for _, d := range v.Deployments {
		if d.Listed && d.Status == primary {
			d.Status, d.UpdatedAt = active, s.w.Now()
		}
	}
	s.supersede(v)
	s.forgetOld(v)
	d := &deployment{Number: s.newNumber(), Shape: v.Shape, Listed: true, Status: primary, CreatedAt: s.w.Now()}
	v.Deployments = append(v.Deployments, d)
	s.turn(v, d, inProgress, "ECS deployment "+d.id()+" in progress.", deploymentInProgress)
	v.changed()
	s.after(openAfter, due{Do: doOpen, Service: v.key(), Number: d.Number})
}

// turn puts a deployment into a state and says so.
func (s *Service) turn(v *service, d *deployment, state, reason string, e deploymentEvent) {
	d.State, d.Reason, d.UpdatedAt = state, reason, s.w.Now()
	s.publishDeployment(v, d, e)
}

// forgetOld forgets the service deployments and revisions that ECS keeps no longer, except what still matters.
func (s *Service) forgetOld(v *service) {
	before := s.w.Now().Add(-s.paced(recordsKept))
	back := v.lastCompleted("")
	v.Rollouts = slices.DeleteFunc(v.Rollouts, func(r *rollout) bool { return r.over() && r.CreatedAt.Before(before) })
	v.Deployments = slices.DeleteFunc(v.Deployments, func(d *deployment) bool {
		return !d.Listed && d != back && d.UpdatedAt.Before(before)
	})
}

// retire takes deployments off the service's list that are not PRIMARY and have no tasks left. A failed one stays for
// a while, so that it can be seen.
func (s *Service) retire(v *service) {
	for _, d := range v.Deployments {
		if !d.Listed || d.Status == primary || slices.ContainsFunc(s.tasksOf(v), d.owns) {
			continue
		}
		if d.FailedAt.IsZero() || !s.w.Now().Before(d.FailedAt.Add(s.paced(failedListed))) {
			d.Listed = false
		}
	}
}

func (d *deployment) owns(t *task) bool { return t.Deployment == d.Number }

// others says whether the service lists a deployment that is not PRIMARY.
func (v *service) others() bool {
	return slices.ContainsFunc(v.Deployments, func(d *deployment) bool { return d.Listed && d.Status != primary })
}
