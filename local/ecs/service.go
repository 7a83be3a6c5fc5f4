package ecs

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"fairlead/local/world"
)

// service is one service of ECS.
type service struct {
	Cluster        string    `json:"cluster"`
	Name           string    `json:"name"`
	Status         string    `json:"status"`
	Desired        int       `json:"desired"`
	Controller     string    `json:"controller"`
	CreatedAt      time.Time `json:"createdAt"`
	CreatedBy      string    `json:"createdBy"`
	Tags           []tag     `json:"tags"`
	ClientToken    string    `json:"clientToken,omitempty"`
	Shape          shape     `json:"shape"`
	Standing       standing  `json:"standing"`
	Deploying      deploymentConfig
	Events         []event       `json:"events"`      // newest first
	Deployments    []*deployment `json:"deployments"` // oldest first; also those that are listed no longer
	Rollouts       []*rollout    `json:"rollouts"`    // oldest first
	Live           []string      `json:"live"`        // ids of the tasks that are not STOPPED, oldest first
	WakeAt         time.Time     `json:"wakeAt"`      // when the scheduler looks next; zero if it does not
	SteadySince    time.Time     `json:"steadySince"`
	SteadyReported bool          `json:"steadyReported"`
	BlockReported  bool          `json:"blockReported"`
}

func (v *service) key() string { return v.Cluster + "/" + v.Name }

func (s *Service) serviceARN(v *service) string { return s.arn("service", v.key()) }

// config is the service's deploymentConfiguration; it was read when it was set, so that it can be read.
func (v *service) config() configured {
	c, err := v.Deploying.read()
	if err != nil {
		panic("ecs: a deployment configuration cannot be read back: " + err.Error())
	}
	return c
}

// service finds a service in a cluster that exists.
func (s *Service) service(clusterRef, ref string) (*service, error) {
	if _, err := s.cluster(clusterRef); err != nil {
		return nil, err
	}
	if ref == "" {
		return nil, invalid("Service cannot be empty.")
	}
	key, err := serviceKey(clusterRef, ref)
	if err != nil {
		return nil, err
	}
	if v, ok := s.state.Services[key]; ok {
		return v, nil
	}
	return nil, world.Errorf("ServiceNotFoundException", "Service not found.")
}

// serviceKeys are the condition keys of a call on a service.
func (s *Service) serviceKeys(key string) world.Keys {
	cluster, _, _ := strings.Cut(key, "/")
	keys := world.Keys{"ecs:cluster": {s.arn("cluster", cluster)}}
	if v, ok := s.state.Services[key]; ok {
		return resourceKeys(keys, v.Tags)
	}
	return keys
}

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
		CreatedBy: by, Tags: in.Tags, ClientToken: in.ClientToken, Standing: in.standing,
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
	switch {
	case !regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`).MatchString(in.ServiceName):
		return invalid("Invalid service name %q: up to 255 letters, numbers, hyphens and underscores are allowed.", in.ServiceName)
	case in.Scheduling == "DAEMON":
		return notImplemented("A service with schedulingStrategy DAEMON")
	case in.Role != "":
		return notImplemented("A service with a role for a classic load balancer")
	}
	if err := oneOf("schedulingStrategy", in.Scheduling, "REPLICA"); err != nil {
		return err
	}
	if in.Controller != nil {
		if err := oneOf("deploymentController.type", in.Controller.Type, controllerECS, controllerCodeDeploy, controllerExternal); err != nil {
			return err
		}
	}
	external := in.Controller != nil && in.Controller.Type == controllerExternal
	if in.DesiredCount == nil && !external {
		return invalid("DesiredCount cannot be null.")
	}
	if err := checkDesired(in.DesiredCount); err != nil {
		return err
	}
	if in.TaskDefinition == "" && !external {
		return invalid("TaskDefinition can not be blank.")
	}
	if err := checkTags(in.Tags); err != nil {
		return err
	}
	if err := in.standing.check(); err != nil {
		return err
	}
	return deploymentConfig{}.with(in.Deploying).check()
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
	if err := oneOf("launchType", a.LaunchType, "EC2", fargate, "EXTERNAL"); err != nil {
		return a, err
	}
	switch {
	case v.Controller == controllerExternal:
		return a, nil
	case a.LaunchType == "" && a.CapacityProviderStrategy == nil && len(k.DefaultStrategy) > 0:
		a.CapacityProviderStrategy = k.DefaultStrategy
	case a.LaunchType == "" && a.CapacityProviderStrategy == nil:
		a.LaunchType = "EC2"
	}
	if a.onFargate() && (a.PlatformVersion == "" || a.PlatformVersion == "LATEST") {
		a.PlatformVersion = "1.4.0"
	}
	return a, s.checkShape(a)
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
	return nil
}

// onFargate says whether the service's tasks run on Fargate: the only capacity that there is here.
func (a shape) onFargate() bool {
	if a.CapacityProviderStrategy == nil {
		return a.LaunchType == fargate
	}
	return slices.ContainsFunc(a.CapacityProviderStrategy, func(c capacity) bool { return strings.HasPrefix(c.Provider, fargate) })
}

type deleteServiceInput struct {
	Cluster string `json:"cluster"`
	Service string `json:"service"`
	Force   bool   `json:"force"`
}

func (s *Service) deleteService(c *world.Call, in deleteServiceInput) (out serviceAnswer, err error) {
	key, err := serviceKey(in.Cluster, in.Service)
	if err != nil {
		return out, err
	}
	if err := c.Authorize("ecs:DeleteService", s.arn("service", key), s.serviceKeys(key)); err != nil {
		return out, err
	}
	v, err := s.service(in.Cluster, in.Service)
	if err != nil {
		return out, err
	}
	if v.Status == active && v.Desired > 0 && !in.Force {
		return out, invalid("The service cannot be stopped while it is scaled above 0.")
	}
	s.drain(v)
	return serviceAnswer{s.serviceOutput(v, false)}, nil
}

// drain stops a service: DRAINING while it has tasks, then INACTIVE, when its deployments are forgotten.
func (s *Service) drain(v *service) {
	if v.Status != active {
		return
	}
	v.Status, v.Desired = draining, 0
	for _, t := range s.tasksOf(v) {
		s.stop(t, schedulerInitiated, scalingReason(t))
	}
	s.drained(v)
}

// drained makes a service INACTIVE that is DRAINING and has no tasks left.
func (s *Service) drained(v *service) {
	if v.Status == draining && len(v.Live) == 0 {
		v.Status, v.Deployments, v.Rollouts, v.WakeAt = inactive, nil, nil, time.Time{}
	}
}

type listServicesInput struct {
	Cluster    string `json:"cluster"`
	LaunchType string `json:"launchType"`
	Scheduling string `json:"schedulingStrategy"`
	page
}

type listServicesOutput struct {
	ARNs      []string `json:"serviceArns"`
	NextToken string   `json:"nextToken,omitempty"`
}

func (s *Service) listServices(c *world.Call, in listServicesInput) (out listServicesOutput, err error) {
	keys := world.Keys{"ecs:cluster": {s.arn("cluster", clusterName(in.Cluster))}}
	if err := c.Authorize("ecs:ListServices", "*", keys); err != nil {
		return out, err
	}
	k, err := s.cluster(in.Cluster)
	if err != nil {
		return out, err
	}
	all := []string{}
	for _, v := range slices.SortedFunc(maps.Values(s.state.Services), byKey) {
		if v.Cluster == k.Name && v.Status != inactive && (in.LaunchType == "" || in.LaunchType == v.Shape.LaunchType) && in.Scheduling != "DAEMON" {
			all = append(all, s.serviceARN(v))
		}
	}
	if in.MaxResults == nil {
		ten := 10
		in.MaxResults = &ten
	}
	out.ARNs, out.NextToken, err = in.of(all, 100)
	return out, err
}

func byKey(a, b *service) int { return cmp.Compare(a.key(), b.key()) }
