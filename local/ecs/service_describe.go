package ecs

import (
	"cmp"
	"encoding/json"
	"slices"

	"fairlead/local/world"
)

// serviceOutput is a service as ECS answers it.
type serviceOutput struct {
	ARN         string `json:"serviceArn"`
	Name        string `json:"serviceName"`
	Cluster     string `json:"clusterArn"`
	Status      string `json:"status"`
	Desired     int    `json:"desiredCount"`
	Running     int    `json:"runningCount"`
	Pending     int    `json:"pendingCount"`
	Family      string `json:"platformFamily,omitempty"`
	Scheduling  string `json:"schedulingStrategy"`
	shape              // without the shape's lists that are always answered, which follow
	Balancers   any    `json:"loadBalancers"`
	Registries  any    `json:"serviceRegistries"`
	Constraints any    `json:"placementConstraints"`
	Strategy    any    `json:"placementStrategy"`

	Deploying   deploymentConfig   `json:"deploymentConfiguration"`
	TaskSets    []any              `json:"taskSets,omitempty"`
	Deployments []deploymentOutput `json:"deployments"`
	Role        string             `json:"roleArn,omitempty"`
	Events      []eventOutput      `json:"events"`
	CreatedAt   *world.Epoch       `json:"createdAt"`
	Grace       int                `json:"healthCheckGracePeriodSeconds"`
	Controller  controller         `json:"deploymentController"`
	Tags        []tag              `json:"tags,omitempty"`
	CreatedBy   string             `json:"createdBy,omitempty"`
	ManagedTags bool               `json:"enableECSManagedTags"`
	Propagate   string             `json:"propagateTags"`
	Execute     bool               `json:"enableExecuteCommand"`
	Zones       string             `json:"availabilityZoneRebalancing"`
}

// deploymentOutput is an entry of a service's deployments.
type deploymentOutput struct {
	ID             string          `json:"id"`
	Status         string          `json:"status"`
	TaskDefinition string          `json:"taskDefinition"`
	Desired        int             `json:"desiredCount"`
	Pending        int             `json:"pendingCount"`
	Running        int             `json:"runningCount"`
	Failed         int             `json:"failedTasks"`
	CreatedAt      *world.Epoch    `json:"createdAt"`
	UpdatedAt      *world.Epoch    `json:"updatedAt"`
	Capacity       []capacity      `json:"capacityProviderStrategy,omitempty"`
	LaunchType     string          `json:"launchType,omitempty"`
	Platform       string          `json:"platformVersion,omitempty"`
	Family         string          `json:"platformFamily,omitempty"`
	Network        json.RawMessage `json:"networkConfiguration,omitempty"`
	State          string          `json:"rolloutState"`
	Reason         string          `json:"rolloutStateReason"`
	Connect        json.RawMessage `json:"serviceConnectConfiguration,omitempty"`
	Volumes        json.RawMessage `json:"volumeConfigurations,omitempty"`
	Lattice        json.RawMessage `json:"vpcLatticeConfigurations,omitempty"`
}

type eventOutput struct {
	ID        string       `json:"id"`
	CreatedAt *world.Epoch `json:"createdAt"`
	Message   string       `json:"message"`
}

func (s *Service) serviceOutput(v *service, tags bool) serviceOutput {
	out := serviceOutput{ARN: s.serviceARN(v), Name: v.Name, Cluster: s.arn("cluster", v.Cluster), Status: v.Status,
		Desired: v.Desired, Scheduling: "REPLICA", shape: v.Shape, Deploying: v.Deploying, CreatedAt: world.EpochOf(v.CreatedAt),
		Role:       s.w.GlobalARN("iam", "role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"),
		Controller: controller{v.Controller}, CreatedBy: v.CreatedBy, Propagate: or(v.Standing.PropagateTags, "NONE"),
		Zones: or(v.Standing.ZoneRebalancing, "DISABLED"), Family: family64(v.Shape)}
	out.Balancers, out.Registries = rawList(v.Shape.LoadBalancers), rawList(v.Shape.ServiceRegistries)
	out.Constraints, out.Strategy = rawList(v.Standing.PlacementConstraints), rawList(v.Standing.PlacementStrategy)
	out.Running, out.Pending = count(s.tasksOf(v))
	out.Deployments, out.Events = s.deploymentOutputs(v), eventOutputs(v.Events)
	out.Volumes, out.Lattice, out.ServiceConnect = nil, nil, nil // they are in the deployments
	if g := v.Standing.HealthCheckGrace; g != nil {
		out.Grace = *g
	}
	out.ManagedTags, out.Execute = isTrue(v.Standing.ManagedTags), isTrue(v.Standing.ExecuteCommand)
	if tags {
		out.Tags = v.Tags
	}
	return out
}

func isTrue(b *bool) bool { return b != nil && *b }

// rawList is a list that was sent, and an empty one if none was.
func rawList(raw json.RawMessage) any {
	if given(raw, nil) == nil {
		return []any{}
	}
	return raw
}

// family64 is the platform family; it is told for Fargate only.
func family64(a shape) string {
	if a.onFargate() {
		return "Linux"
	}
	return ""
}

func eventOutputs(events []event) []eventOutput {
	out := make([]eventOutput, len(events))
	for i, e := range events {
		out[i] = eventOutput{ID: e.ID, CreatedAt: world.EpochOf(e.At), Message: e.Message}
	}
	return out
}

// deploymentOutputs are the listed deployments: PRIMARY first, then the newest.
func (s *Service) deploymentOutputs(v *service) []deploymentOutput {
	out := []deploymentOutput{}
	for _, d := range slices.Backward(v.Deployments) {
		out = append(out, s.deploymentOutput(v, d))
	}
	slices.SortStableFunc(out, func(a, b deploymentOutput) int { return one(b.Status == primary) - one(a.Status == primary) })
	return out
}

func (s *Service) deploymentOutput(v *service, d *deployment) deploymentOutput {
	n := s.countsOf(v, d.Number)
	return deploymentOutput{ID: d.id(), Status: d.Status, TaskDefinition: d.Shape.TaskDefinition, Desired: d.Desired,
		Pending: n.Pending, Running: n.Running, Failed: d.Failed, CreatedAt: world.EpochOf(d.CreatedAt),
		UpdatedAt: world.EpochOf(d.UpdatedAt), Capacity: d.Shape.CapacityProviderStrategy, LaunchType: d.Shape.LaunchType,
		Platform: d.Shape.PlatformVersion, Family: family64(d.Shape), Network: d.Shape.NetworkConfiguration,
		State: d.State, Reason: d.Reason, Connect: d.Shape.ServiceConnect, Volumes: d.Shape.Volumes, Lattice: d.Shape.Lattice}
}

type describeServicesInput struct {
	Cluster  string   `json:"cluster"`
	Services []string `json:"services"`
	Include  []string `json:"include"`
}

type describeServicesOutput struct {
	Services []serviceOutput `json:"services"`
	Failures []failure       `json:"failures"`
}

func (s *Service) describeServices(c *world.Call, in describeServicesInput) (describeServicesOutput, error) {
	out := describeServicesOutput{Services: []serviceOutput{}, Failures: []failure{}}
	switch {
	case len(in.Services) == 0:
		return out, invalid("Services cannot be empty.")
	case len(in.Services) > 10:
		return out, invalid("Services cannot have more than 10 elements.")
	}
	keys := make([]string, len(in.Services))
	for i, ref := range in.Services {
		key, err := serviceKey(in.Cluster, ref)
		if err != nil {
			return out, err
		}
		if err := c.Authorize("ecs:DescribeServices", s.arn("service", key), s.serviceKeys(key)); err != nil {
			return out, err
		}
		keys[i] = key
	}
	if _, err := s.cluster(in.Cluster); err != nil {
		return out, err
	}
	for _, key := range keys {
		if v, ok := s.state.Services[key]; ok {
			out.Services = append(out.Services, s.serviceOutput(v, slices.Contains(in.Include, "TAGS")))
			continue
		}
		out.Failures = append(out.Failures, missing(s.arn("service", key)))
	}
	slices.SortStableFunc(out.Failures, func(a, b failure) int { return cmp.Compare(a.ARN, b.ARN) })
	return out, nil
}
