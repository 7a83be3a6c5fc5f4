package ecs

import (
	"bytes"
	"encoding/json"

	"fairlead/local/world"
)

// shape is what a service revision is made of: a change of any of it starts a deployment.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
type shape struct {
	TaskDefinition           string          `json:"taskDefinition,omitempty"`
	LaunchType               string          `json:"launchType,omitempty"`
	CapacityProviderStrategy []capacity      `json:"capacityProviderStrategy,omitempty"`
	PlatformVersion          string          `json:"platformVersion,omitempty"`
	LoadBalancers            json.RawMessage `json:"loadBalancers,omitempty"`
	ServiceRegistries        json.RawMessage `json:"serviceRegistries,omitempty"`
	NetworkConfiguration     json.RawMessage `json:"networkConfiguration,omitempty"`
	ServiceConnect           json.RawMessage `json:"serviceConnectConfiguration,omitempty"`
	Volumes                  json.RawMessage `json:"volumeConfigurations,omitempty"`
	Lattice                  json.RawMessage `json:"vpcLatticeConfigurations,omitempty"`
}

// standing is what a service is set to beside: a change of it starts no deployment.
type standing struct {
	HealthCheckGrace     *int            `json:"healthCheckGracePeriodSeconds,omitempty"`
	ManagedTags          *bool           `json:"enableECSManagedTags,omitempty"`
	ExecuteCommand       *bool           `json:"enableExecuteCommand,omitempty"`
	PropagateTags        string          `json:"propagateTags,omitempty"`
	ZoneRebalancing      string          `json:"availabilityZoneRebalancing,omitempty"`
	PlacementConstraints json.RawMessage `json:"placementConstraints,omitempty"`
	PlacementStrategy    json.RawMessage `json:"placementStrategy,omitempty"`
}

// with returns the shape with what change gives in place of what it was.
func (a shape) with(change shape) shape {
	a.TaskDefinition = or(change.TaskDefinition, a.TaskDefinition)
	a.PlatformVersion = or(change.PlatformVersion, a.PlatformVersion)
	if change.CapacityProviderStrategy != nil {
		a.CapacityProviderStrategy, a.LaunchType = change.CapacityProviderStrategy, ""
	}
	a.LoadBalancers = given(change.LoadBalancers, a.LoadBalancers)
	a.ServiceRegistries = given(change.ServiceRegistries, a.ServiceRegistries)
	a.NetworkConfiguration = given(change.NetworkConfiguration, a.NetworkConfiguration)
	a.ServiceConnect = given(change.ServiceConnect, a.ServiceConnect)
	a.Volumes = given(change.Volumes, a.Volumes)
	a.Lattice = given(change.Lattice, a.Lattice)
	return a
}

// deploys says whether going from a to b starts a deployment. A capacity provider strategy alone does not.
func (a shape) deploys(b shape) bool {
	return a.TaskDefinition != b.TaskDefinition || a.PlatformVersion != b.PlatformVersion ||
		!same(a.LoadBalancers, b.LoadBalancers) || !same(a.ServiceRegistries, b.ServiceRegistries) ||
		!same(a.NetworkConfiguration, b.NetworkConfiguration) || !same(a.ServiceConnect, b.ServiceConnect) ||
		!same(a.Volumes, b.Volumes) || !same(a.Lattice, b.Lattice)
}

// balancing is where a service's tasks are registered, and which port of which container.
type balancing struct {
	Group     string `json:"targetGroupArn"`
	Classic   string `json:"loadBalancerName"`
	Container string `json:"containerName"`
	Port      int    `json:"containerPort"`
}

// balancers are the target groups of the load balancers. They were read when they were set, so that they can be read.
func (a shape) balancers() (list []balancing) {
	if len(a.LoadBalancers) > 0 {
		_ = json.Unmarshal(a.LoadBalancers, &list)
	}
	return list
}

// with returns the settings with what change gives in place of what they were.
func (a standing) with(change standing) standing {
	a.HealthCheckGrace = firstOf(change.HealthCheckGrace, a.HealthCheckGrace)
	a.ManagedTags = firstOf(change.ManagedTags, a.ManagedTags)
	a.ExecuteCommand = firstOf(change.ExecuteCommand, a.ExecuteCommand)
	a.PropagateTags = or(change.PropagateTags, a.PropagateTags)
	a.ZoneRebalancing = or(change.ZoneRebalancing, a.ZoneRebalancing)
	a.PlacementConstraints = given(change.PlacementConstraints, a.PlacementConstraints)
	a.PlacementStrategy = given(change.PlacementStrategy, a.PlacementStrategy)
	return a
}

func (a standing) check() error {
	if a.HealthCheckGrace != nil && *a.HealthCheckGrace < 0 {
		return invalid("healthCheckGracePeriodSeconds must not be negative.")
	}
	if err := oneOf("propagateTags", a.PropagateTags, "TASK_DEFINITION", "SERVICE", "NONE"); err != nil {
		return err
	}
	return oneOf("availabilityZoneRebalancing", a.ZoneRebalancing, "ENABLED", "DISABLED")
}

// given is the first of two JSON values that is there.
func given(a, b json.RawMessage) json.RawMessage {
	if len(a) > 0 && string(a) != "null" {
		return a
	}
	return b
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func firstOf[T any](a, b *T) *T {
	if a != nil {
		return a
	}
	return b
}

// same compares two JSON values; nothing, null, [] and {} are the same. Values that are not JSON were refused before.
func same(a, b json.RawMessage) bool { return bytes.Equal(canonical(a), canonical(b)) }

func canonical(raw json.RawMessage) []byte {
	var v any
	if len(raw) == 0 || json.Unmarshal(raw, &v) != nil {
		return nil
	}
	switch out, _ := json.Marshal(v); string(out) {
	case "null", "[]", "{}":
		return nil
	default:
		return out
	}
}

// deploymentConfig is a service's deploymentConfiguration. All of it comes back as it was sent.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
type deploymentConfig map[string]json.RawMessage

// configured is what the scheduler reads of a deploymentConfiguration.
type configured struct {
	Strategy   string `json:"strategy"`
	MaxPercent *int   `json:"maximumPercent"`
	MinPercent *int   `json:"minimumHealthyPercent"`
	Breaker    struct {
		Enable    bool  `json:"enable"`
		Rollback  bool  `json:"rollback"`
		Reset     *bool `json:"resetOnHealthyTask"`
		Threshold *struct {
			Type  string `json:"type"`
			Value int    `json:"value"`
		} `json:"thresholdConfiguration"`
	} `json:"deploymentCircuitBreaker"`
	Alarms struct {
		Names  []string `json:"alarmNames"`
		Enable bool     `json:"enable"`
		// Rollback says whether an alarm rolls the deployment back; else it stops it.
		Rollback bool `json:"rollback"`
	} `json:"alarms"`
	Bake  int               `json:"bakeTimeInMinutes"`
	Hooks []json.RawMessage `json:"lifecycleHooks"`
	Early *struct {
		Enable bool `json:"enable"`
	} `json:"earlySuccessCriteria"`
}

// with returns the configuration with the members of change, and the defaults for those that neither has.
func (d deploymentConfig) with(change deploymentConfig) deploymentConfig {
	merged := deploymentConfig{
		"strategy": json.RawMessage(`"ROLLING"`), "maximumPercent": json.RawMessage("200"), "minimumHealthyPercent": json.RawMessage("100"),
		"deploymentCircuitBreaker": json.RawMessage(`{"enable":false,"rollback":false}`),
		"alarms":                   json.RawMessage(`{"alarmNames":[],"rollback":false,"enable":false}`),
	}
	for _, from := range []deploymentConfig{d, change} {
		for name, raw := range from {
			if string(raw) != "null" {
				merged[name] = raw
			}
		}
	}
	return merged
}

func (d deploymentConfig) read() (configured, error) {
	var c configured
	raw, err := json.Marshal(d)
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(raw, &c)
}

// check refuses what ECS refuses, and says NotImplemented to what it does and this package does not.
func (d deploymentConfig) check() error {
	c, err := d.read()
	if err != nil {
		return world.Errorf("SerializationException", "deploymentConfiguration: %v", err)
	}
	if err := oneOf("strategy", c.Strategy, "ROLLING", "BLUE_GREEN", "LINEAR", "CANARY"); err != nil {
		return err
	}
	switch {
	case c.Strategy != "ROLLING" && c.Strategy != "":
		return notImplemented("The deployment strategy " + c.Strategy)
	case len(c.Hooks) > 0:
		return notImplemented("A deployment with lifecycleHooks")
	case c.Early != nil && c.Early.Enable:
		return notImplemented("A deployment with earlySuccessCriteria")
	}
	if err := c.checkPercents(); err != nil {
		return err
	}
	return c.checkThreshold()
}

func (c configured) checkPercents() error {
	switch least, most := *c.MinPercent, *c.MaxPercent; {
	case c.Bake < 0 || c.Bake > 1440:
		return invalid("bakeTimeInMinutes must be between 0 and 1440.")
	case least < 0 || least > 100:
		return invalid("minimumHealthyPercent must be between 0 and 100.")
	case most < 100 || most > 200:
		return invalid("maximumPercent must be between 100 and 200.")
	case least == 100 && most == 100:
		return invalid("Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.")
	default:
		return nil
	}
}

func (c configured) checkThreshold() error {
	t := c.Breaker.Threshold
	if t == nil {
		return nil
	}
	if err := oneOf("thresholdConfiguration.type", t.Type, boundedPercent, unboundedPercent, countThreshold); err != nil {
		return err
	}
	if t.Type == "" || t.Value < 1 {
		return invalid("thresholdConfiguration needs a type and a value of at least 1.")
	}
	return nil
}
