package ecs

import (
	"time"

	"fairlead/local/world"
)

type updateServiceInput struct {
	Cluster      string           `json:"cluster"`
	Service      string           `json:"service"`
	DesiredCount *int             `json:"desiredCount"`
	Force        bool             `json:"forceNewDeployment"`
	Controller   *controller      `json:"deploymentController"`
	Deploying    deploymentConfig `json:"deploymentConfiguration"`
	shape
	standing
}

func (s *Service) updateService(c *world.Call, in updateServiceInput) (out serviceAnswer, err error) {
	key, err := serviceKey(in.Cluster, in.Service)
	if err != nil {
		return out, err
	}
	d, err := s.authorizeService(c, "ecs:UpdateService", key, in.TaskDefinition, nil)
	if err != nil {
		return out, err
	}
	v, err := s.service(in.Cluster, in.Service)
	if err != nil {
		return out, err
	}
	if err := s.update(v, in, d); err != nil {
		return out, err
	}
	return serviceAnswer{s.serviceOutput(v, false)}, nil
}

// update changes a service, and starts a deployment if the change asks for one. Nothing has changed if it fails.
func (s *Service) update(v *service, in updateServiceInput, d *taskDefinition) error {
	if err := s.checkUpdate(v, in); err != nil {
		return err
	}
	if d != nil {
		in.TaskDefinition = s.definitionARN(d)
	}
	next, deploying := v.Shape.with(in.shape), v.Deploying.with(in.Deploying)
	if err := deploying.check(); err != nil {
		return err
	}
	if in.TaskDefinition != "" || in.NetworkConfiguration != nil || in.LoadBalancers != nil {
		if err := s.checkShape(next); err != nil {
			return err
		}
	}
	v.Standing, v.Deploying, v.configured = v.Standing.with(in.standing), deploying, nil
	if in.DesiredCount != nil {
		v.Desired = *in.DesiredCount
	}
	s.reshape(v, next, in.Force)
	return nil
}

// reshape gives a service its next shape, and starts a deployment if that asks for one.
func (s *Service) reshape(v *service, next shape, force bool) {
	deploys := v.Controller == controllerECS && (force || v.Shape.deploys(next))
	v.Shape = next
	if deploys {
		s.deploy(v)
	}
	v.resume()
	s.wake(v, schedulerDelay)
}

// resume lifts the pause of tasks that do not start, as every update does.
func (v *service) resume() {
	v.BlockReported = false
	if p := v.primary(); p != nil {
		p.Rounds, p.PausedAt, p.NextStart = 0, time.Time{}, time.Time{}
	}
}

func (s *Service) checkUpdate(v *service, in updateServiceInput) error {
	if v.Status != active {
		return world.Errorf("ServiceNotActiveException", "Service was not ACTIVE.")
	}
	if in.Controller != nil && in.Controller.Type != v.Controller {
		return notImplemented("A change of the deploymentController")
	}
	if in.LaunchType != "" {
		return invalid("The launch type of a service cannot be changed by UpdateService.")
	}
	if err := checkController(v.Controller, in); err != nil {
		return err
	}
	if err := checkDesired(in.DesiredCount); err != nil {
		return err
	}
	return in.check()
}

// checkController refuses what a service under CODE_DEPLOY or EXTERNAL cannot change.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
func checkController(kind string, in updateServiceInput) error {
	if kind == controllerECS {
		return nil
	}
	what := in.changes()
	switch {
	case what == "" && in.Force:
		return invalid("Cannot force a new deployment on services with a %s deployment controller.", kind)
	case what == "":
		return nil
	case kind == controllerCodeDeploy:
		return invalid("Unable to update %s on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment.", what)
	default:
		return invalid("Unable to update %s on services with an EXTERNAL deployment controller. Create a new task set instead.", what)
	}
}

// changes is what an update changes that only ECS's own controller lets be changed; empty if nothing.
func (in updateServiceInput) changes() string {
	switch {
	case in.TaskDefinition != "":
		return "task definition"
	case in.NetworkConfiguration != nil:
		return "network configuration"
	case in.LoadBalancers != nil:
		return "load balancers"
	case in.PlatformVersion != "":
		return "platform version"
	default:
		return ""
	}
}
