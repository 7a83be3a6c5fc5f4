package ecs

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"fairlead/local/world"
)

// service is one service of ECS.
type service struct {
	Cluster        string                 `json:"cluster"`
	Name           string                 `json:"name"`
	Status         string                 `json:"status"`
	Desired        int                    `json:"desired"`
	Controller     string                 `json:"controller"`
	CreatedAt      time.Time              `json:"createdAt"`
	CreatedBy      string                 `json:"createdBy"`
	Tags           []tag                  `json:"tags"`
	ClientToken    string                 `json:"clientToken,omitempty"`
	Shape          shape                  `json:"shape"`
	Standing       standing               `json:"standing"`
	Deploying      deploymentConfig       `json:"deploying"`
	Events         []event                `json:"events"`      // newest first
	Deployments    []*deployment          `json:"deployments"` // those that DescribeServices lists, oldest first
	Past           map[string]*deployment `json:"past"`        // those that it lists no longer, by number
	Proven         string                 `json:"proven"`      // number of the deployment that was COMPLETED last; empty if it has failed since
	Rollouts       []*rollout             `json:"rollouts"`    // oldest first
	Live           []string               `json:"live"`        // ids of the tasks that are not STOPPED, oldest first
	WakeAt         time.Time              `json:"wakeAt"`      // when the scheduler looks next; zero if it does not
	SteadySince    time.Time              `json:"steadySince"`
	SteadyReported bool                   `json:"steadyReported"`
	BlockReported  bool                   `json:"blockReported"`

	configured *configured // what Deploying says, once it was read
}

func (v *service) key() string { return v.Cluster + "/" + v.Name }

func (s *Service) serviceARN(v *service) string { return s.arn("service", v.key()) }

// config is the service's deploymentConfiguration; it was read when it was set, so that it can be read.
func (v *service) config() configured {
	if v.configured == nil {
		c, err := v.Deploying.read()
		if err != nil {
			panic("ecs: a deployment configuration cannot be read back: " + err.Error())
		}
		v.configured = &c
	}
	return *v.configured
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
		v.Status, v.Deployments, v.Past, v.Rollouts, v.WakeAt = inactive, nil, nil, nil, time.Time{}
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
	out.ARNs, out.NextToken, err = in.of(all, 10)
	return out, err
}

func byKey(a, b *service) int { return cmp.Compare(a.key(), b.key()) }
