package ecs

import (
	"slices"
	"time"
)

// deployment is one deployment of a service: an entry "ecs-svc/N" of DescribeServices, and the service revision N.
type deployment struct {
	Number    string    `json:"number"` // N
	Shape     shape     `json:"shape"`
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
	i := slices.IndexFunc(v.Deployments, func(d *deployment) bool { return d.Status == primary })
	if i < 0 {
		return nil
	}
	return v.Deployments[i]
}

// deployment finds one by its number; nil if it is forgotten.
func (v *service) deployment(number string) *deployment {
	i := slices.IndexFunc(v.Deployments, func(d *deployment) bool { return d.Number == number })
	if i < 0 {
		return v.Past[number]
	}
	return v.Deployments[i]
}

// lastCompleted is the deployment that was COMPLETED last: what a rollback goes back to. It still counts while a rollback
// to it is under way, and no longer once that has failed; both are assumed.
func (v *service) lastCompleted() *deployment { return v.deployment(v.Proven) }

// deploy starts a deployment of what the service is now, in place of the one that is PRIMARY. As on AWS it begins with
// a desired count of 0, and its service deployment appears a little later.
func (s *Service) deploy(v *service) {
	for _, d := range v.Deployments {
		if d.Status == primary {
			d.Status, d.UpdatedAt = active, s.w.Now()
		}
	}
	s.supersede(v)
	s.forgetOld(v)
	d := &deployment{Number: s.newNumber(), Shape: v.Shape, Status: primary, CreatedAt: s.w.Now()}
	v.Deployments = append(v.Deployments, d)
	s.turn(v, d, inProgress, "ECS deployment "+d.id()+" in progress.", deploymentInProgress)
	v.unsettle()
	s.after(openAfter, due{Do: doOpen, Service: v.key(), Number: d.Number})
}

// turn puts a deployment into a state and says so.
func (s *Service) turn(v *service, d *deployment, state, reason string, e deploymentEvent) {
	d.State, d.Reason, d.UpdatedAt = state, reason, s.w.Now()
	s.publishDeployment(v, d, e)
}

// unsettle says that the service has yet to show that it is steady.
func (v *service) unsettle() {
	v.SteadySince, v.SteadyReported = time.Time{}, false
	v.resume()
}

// forgetOld forgets the service deployments that ECS keeps no longer, and their revisions except the one that a rollback
// would go back to.
func (s *Service) forgetOld(v *service) {
	before := s.w.Now().Add(-s.paced(recordsKept))
	for len(v.Rollouts) > 0 && v.Rollouts[0].over() && v.Rollouts[0].CreatedAt.Before(before) {
		if number := v.Rollouts[0].Target; number != v.Proven {
			delete(v.Past, number)
		}
		v.Rollouts = v.Rollouts[1:]
	}
}

// retire takes deployments off the service's list that are not PRIMARY and have no tasks left. A failed one stays for
// a while, so that it can be seen.
func (s *Service) retire(v *service) {
	tasks := s.tasksOf(v)
	v.Deployments = slices.DeleteFunc(v.Deployments, func(d *deployment) bool {
		if d.Status == primary || slices.ContainsFunc(tasks, d.owns) {
			return false
		}
		if !d.FailedAt.IsZero() && s.w.Now().Before(d.FailedAt.Add(s.paced(failedListed))) {
			return false
		}
		v.Past[d.Number] = d
		return true
	})
}

// list puts a deployment back on the service's list.
func (v *service) list(d *deployment) {
	if _, past := v.Past[d.Number]; past {
		delete(v.Past, d.Number)
		v.Deployments = append([]*deployment{d}, v.Deployments...)
	}
}

func (d *deployment) owns(t *task) bool { return t.Deployment == d.Number }
