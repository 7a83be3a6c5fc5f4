package ecs

import (
	"slices"
	"strings"
	"time"

	"fairlead/local/world"
)

type createServiceInput struct {
	Cluster      string           `json:"cluster"`
	ServiceName  string           `json:"serviceName"`
	DesiredCount *int             `json:"desiredCount"`
	ClientToken  string           `json:"clientToken"`
	Role         string           `json:"role"`
	Scheduling   string           `json:"schedulingStrategy"`
	Controller   *controller      `json:"deploymentController"`
	Deploying    deploymentConfig `json:"deploymentConfiguration"`
	Tags         []tag            `json:"tags"`
	shape
	standing
}

type controller struct {
	Type string `json:"type"`
}

type serviceAnswer struct {
	Service serviceOutput `json:"service"`
}

func (s *Service) createService(c *world.Call, in createServiceInput) (out serviceAnswer, err error) {
	key := clusterName(in.Cluster) + "/" + in.ServiceName
	d, err := s.authorizeService(c, "ecs:CreateService", key, in.TaskDefinition, in.Tags)
	if err != nil {
		return out, err
	}
	if err := authorizeTags(c, s.arn("service", key), in.Tags); err != nil {
		return out, err
	}
	v, err := s.makeService(in, d, creator(c.Principal))
	if err != nil {
		return out, err
	}
	return serviceAnswer{s.serviceOutput(v, true)}, nil
}

// creator is who is named as createdBy: the role behind a session, not the session.
func creator(p world.Principal) string { return or(p.RoleARN, p.ARN) }

// authorizeService asks whether the caller may create or update a service and, where the call names a task definition,
// pass its roles. The task definition is returned; nil if the call names none, or none that exists.
func (s *Service) authorizeService(c *world.Call, action, key, ref string, tags []tag) (*taskDefinition, error) {
	keys := requestKeys(s.serviceKeys(key), tags)
	if ref == "" {
		return nil, c.Authorize(action, s.arn("service", key), keys)
	}
	d, err := s.definition(ref)
	if err != nil { // the call fails later, and only then: who may not call learns nothing
		return nil, c.Authorize(action, s.arn("service", key), keys)
	}
	keys["ecs:task-definition"] = []string{s.definitionARN(d)}
	if err := c.Authorize(action, s.arn("service", key), keys); err != nil {
		return nil, err
	}
	return d, s.authorizeRoles(c, d.read())
}

// makeService creates a service; where the same was created before with the same client token, it returns that.
func (s *Service) makeService(in createServiceInput, d *taskDefinition, by string) (*service, error) {
	k, err := s.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	if err := s.checkNewService(in); err != nil {
		return nil, err
	}
	if v, ok := s.state.Services[k.Name+"/"+in.ServiceName]; ok && v.Status != inactive {
		if in.ClientToken != "" && in.ClientToken == v.ClientToken {
			return v, nil
		}
		return nil, invalid("Creation of service was not idempotent.")
	}
	v := newService(in, k.Name, s.w.Now(), by)
	if v.Shape, err = s.newShape(v, in.shape, k); err != nil {
		return nil, err
	}
	if d != nil {
		v.Shape.TaskDefinition = s.definitionARN(d)
	}
	s.state.Services[v.key()] = v
	if v.Controller == controllerECS {
		s.deploy(v)
	}
	return v, nil
}

func newService(in createServiceInput, cluster string, now time.Time, by string) *service {
	v := &service{Cluster: cluster, Name: in.ServiceName, Status: active, Controller: controllerECS, CreatedAt: now,
		CreatedBy: by, Tags: in.Tags, ClientToken: in.ClientToken, Standing: in.standing, Past: map[string]*deployment{},
		Deploying: deploymentConfig{}.with(in.Deploying)}
	if in.DesiredCount != nil {
		v.Desired = *in.DesiredCount
	}
	if in.Controller != nil {
		v.Controller = in.Controller.Type
	}
	return v
}

const (
	controllerECS        = "ECS"
	controllerCodeDeploy = "CODE_DEPLOY"
	controllerExternal   = "EXTERNAL"
)

func (s *Service) checkNewService(in createServiceInput) error {
	external := in.Controller != nil && in.Controller.Type == controllerExternal
	switch {
	case !nameForm.MatchString(in.ServiceName):
		return invalid("Invalid service name %q: up to 255 letters, numbers, hyphens and underscores are allowed.", in.ServiceName)
	case in.Role != "":
		return notImplemented("A service with a role for a classic load balancer")
	case in.DesiredCount == nil && !external:
		return invalid("DesiredCount cannot be null.")
	case in.TaskDefinition == "" && !external:
		return invalid("TaskDefinition can not be blank.")
	}
	for _, err := range []error{in.checkKinds(), checkDesired(in.DesiredCount), checkTags(in.Tags), in.check(),
		deploymentConfig{}.with(in.Deploying).check()} {
		if err != nil {
			return err
		}
	}
	return nil
}

// checkKinds refuses the kinds of service that there are not.
func (in createServiceInput) checkKinds() error {
	if in.Scheduling == "DAEMON" {
		return notImplemented("A service with schedulingStrategy DAEMON")
	}
	if err := oneOf("schedulingStrategy", in.Scheduling, "REPLICA"); err != nil || in.Controller == nil {
		return err
	}
	return oneOf("deploymentController.type", in.Controller.Type, controllerECS, controllerCodeDeploy, controllerExternal)
}

// checkDesired holds a desired count against the limit of 5,000 tasks in a service.
func checkDesired(n *int) error {
	if n != nil && (*n < 0 || *n > 5000) {
		return invalid("desiredCount must be between 0 and 5000.")
	}
	return nil
}

// newShape completes the shape of a new service with the cluster's defaults, and checks it.
func (s *Service) newShape(v *service, a shape, k *cluster) (shape, error) {
	if a.LaunchType != "" && a.CapacityProviderStrategy != nil {
		return a, invalid("Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.")
	}
	if err := oneOf("launchType", a.LaunchType, "EC2", fargate, "EXTERNAL"); err != nil || v.Controller == controllerExternal {
		return a, err
	}
	a = a.withCapacity(k)
	return a, s.checkShape(a)
}

// withCapacity adds what the shape does not say: the cluster's capacity provider strategy, else EC2; and Fargate's
// platform version.
func (a shape) withCapacity(k *cluster) shape {
	if a.LaunchType == "" && a.CapacityProviderStrategy == nil {
		a.CapacityProviderStrategy = k.DefaultStrategy
	}
	if a.LaunchType == "" && len(a.CapacityProviderStrategy) == 0 {
		a.LaunchType = "EC2"
	}
	if a.onFargate() && (a.PlatformVersion == "" || a.PlatformVersion == "LATEST") {
		a.PlatformVersion = "1.4.0"
	}
	return a
}

// checkShape refuses a shape that cannot run.
func (s *Service) checkShape(a shape) error {
	d, err := s.usable(a.TaskDefinition)
	if err != nil {
		return err
	}
	parsed := d.read()
	if a.onFargate() && !slices.Contains(compatibilities(parsed), fargate) {
		return invalid("Task definition does not support launch_type FARGATE.")
	}
	if network := canonical(a.NetworkConfiguration) != nil; network != (parsed.NetworkMode == awsvpc) {
		if network {
			return invalid("Network Configuration is not valid for the given networkMode of this task definition.")
		}
		return invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
	}
	return s.checkBalancers(a, parsed)
}

// onFargate says whether the service's tasks run on Fargate: the only capacity that there is here.
func (a shape) onFargate() bool {
	if len(a.CapacityProviderStrategy) == 0 {
		return a.LaunchType == fargate
	}
	return slices.ContainsFunc(a.CapacityProviderStrategy, func(c capacity) bool { return strings.HasPrefix(c.Provider, fargate) })
}
