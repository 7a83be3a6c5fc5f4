package ecs

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"fairlead/local/world"
)

// taskOutput is a task as DescribeTasks answers it (T: a number) and as events have it (T: a text).
type taskOutput[T any] struct {
	Attachments      []attachment      `json:"attachments"`
	Attributes       []attribute       `json:"attributes"`
	Zone             string            `json:"availabilityZone"`
	Provider         string            `json:"capacityProviderName,omitempty"`
	Cluster          string            `json:"clusterArn"`
	Connectivity     string            `json:"connectivity,omitempty"`
	ConnectivityAt   *T                `json:"connectivityAt,omitempty"`
	Containers       []containerOutput `json:"containers"`
	CPU              string            `json:"cpu"`
	CreatedAt        *T                `json:"createdAt"`
	Desired          string            `json:"desiredStatus"`
	Execute          bool              `json:"enableExecuteCommand"`
	ExecutionStopped *T                `json:"executionStoppedAt,omitempty"`
	Group            string            `json:"group"`
	HealthStatus     string            `json:"healthStatus,omitempty"`
	Last             string            `json:"lastStatus"`
	LaunchType       string            `json:"launchType"`
	Memory           string            `json:"memory"`
	Overrides        map[string]any    `json:"overrides"`
	Platform         string            `json:"platformVersion"`
	Family           string            `json:"platformFamily,omitempty"`
	PullStarted      *T                `json:"pullStartedAt,omitempty"`
	PullStopped      *T                `json:"pullStoppedAt,omitempty"`
	StartedAt        *T                `json:"startedAt,omitempty"`
	StartedBy        string            `json:"startedBy"`
	StopCode         string            `json:"stopCode,omitempty"`
	StoppedAt        *T                `json:"stoppedAt,omitempty"`
	Reason           string            `json:"stoppedReason,omitempty"`
	StoppingAt       *T                `json:"stoppingAt,omitempty"`
	Tags             []tag             `json:"tags,omitempty"`
	ARN              string            `json:"taskArn"`
	Definition       string            `json:"taskDefinitionArn"`
	UpdatedAt        *T                `json:"updatedAt,omitempty"`
	Version          int               `json:"version"`
	Storage          *ephemeralStorage `json:"ephemeralStorage,omitempty"`
}

type ephemeralStorage struct {
	Size int `json:"sizeInGiB"`
}

type attachment struct {
	ID      string         `json:"id"`
	Type    string         `json:"type"`
	Status  string         `json:"status"`
	Details []keyValuePair `json:"details"`
}

type keyValuePair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type containerOutput struct {
	ARN          string             `json:"containerArn"`
	Task         string             `json:"taskArn"`
	Name         string             `json:"name"`
	Image        string             `json:"image"`
	Digest       string             `json:"imageDigest,omitempty"`
	Runtime      string             `json:"runtimeId,omitempty"`
	Last         string             `json:"lastStatus"`
	ExitCode     *int               `json:"exitCode,omitempty"`
	Reason       string             `json:"reason,omitempty"`
	Bindings     []any              `json:"networkBindings"`
	Interfaces   []networkInterface `json:"networkInterfaces"`
	HealthStatus string             `json:"healthStatus,omitempty"`
	CPU          string             `json:"cpu"`
	Memory       string             `json:"memory,omitempty"`
}

type networkInterface struct {
	Attachment string `json:"attachmentId"`
	Address    string `json:"privateIpv4Address"`
}

// taskOutputOf is a task with its times as stamp writes them.
func taskOutputOf[T any](s *Service, t *task, stamp func(time.Time) *T) taskOutput[T] {
	d := s.definitionOf(t)
	out := taskOutput[T]{Attachments: []attachment{t.attachment()}, Attributes: []attribute{{"ecs.cpu-architecture", architecture(d)}},
		Zone: t.Zone, Cluster: s.arn("cluster", t.Cluster), CPU: d.CPU, CreatedAt: stamp(t.CreatedAt), Desired: t.Desired,
		ExecutionStopped: stamp(t.ExecutionStopped), Group: "service:" + lastPart(t.Service), HealthStatus: t.Health,
		Last: t.Last, LaunchType: fargate, Memory: d.Memory, Platform: "1.4.0", Family: "Linux",
		PullStarted: stamp(t.PullStarted), PullStopped: stamp(t.PullStopped), StartedAt: stamp(t.StartedAt),
		StartedBy: t.StartedBy, StopCode: t.StopCode, StoppedAt: stamp(t.StoppedAt), Reason: t.Reason,
		StoppingAt: stamp(t.StoppingAt), ARN: s.taskARN(t), Definition: t.Definition, Version: t.Version,
		Storage: &ephemeralStorage{20}, Containers: []containerOutput{}}
	if !t.PullStarted.IsZero() {
		out.Connectivity, out.ConnectivityAt = "CONNECTED", stamp(t.PullStarted)
	}
	if _, deployed, ok := s.owner(t); ok && len(deployed.Shape.CapacityProviderStrategy) > 0 {
		out.Provider = deployed.Shape.CapacityProviderStrategy[0].Provider
	}
	overrides := []map[string]string{}
	for i, c := range d.Containers {
		overrides = append(overrides, map[string]string{"name": c.Name})
		out.Containers = append(out.Containers, s.containerOutput(t, t.Containers[i], c))
	}
	out.Overrides = map[string]any{"containerOverrides": overrides, "inferenceAcceleratorOverrides": []any{}}
	return out
}

func architecture(d definition) string {
	return strings.Replace(strings.TrimPrefix(d.platform(), "linux/"), "amd64", "x86_64", 1)
}

// attachment is the task's network interface.
func (t *task) attachment() attachment {
	status := "ATTACHED"
	switch t.Last {
	case taskProvisioning:
		status = "PRECREATED"
	case taskDeprovisioning, taskStopped:
		status = "DELETED"
	}
	return attachment{ID: t.Interface, Type: "ElasticNetworkInterface", Status: status,
		Details: []keyValuePair{{"privateIPv4Address", t.Address}}}
}

func (s *Service) containerOutput(t *task, c taskContainer, d container) containerOutput {
	out := containerOutput{ARN: s.arn("container", t.Cluster, t.ID, c.ID), Task: s.taskARN(t), Name: c.Name, Image: c.Image,
		Digest: c.Digest, Runtime: c.Runtime, Last: c.Last, ExitCode: c.ExitCode, Reason: c.Reason, Bindings: []any{},
		Interfaces: []networkInterface{}, HealthStatus: c.Health, CPU: strconv.Itoa(d.CPU)}
	if d.Memory > 0 {
		out.Memory = strconv.Itoa(d.Memory)
	}
	if t.Last != taskProvisioning {
		out.Interfaces = append(out.Interfaces, networkInterface{t.Interface, t.Address})
	}
	return out
}

type describeTasksInput struct {
	Cluster string   `json:"cluster"`
	Tasks   []string `json:"tasks"`
	Include []string `json:"include"`
}

type describeTasksOutput struct {
	Tasks    []taskOutput[world.Epoch] `json:"tasks"`
	Failures []failure                 `json:"failures"`
}

func (s *Service) describeTasks(c *world.Call, in describeTasksInput) (describeTasksOutput, error) {
	out := describeTasksOutput{Tasks: []taskOutput[world.Epoch]{}, Failures: []failure{}}
	switch {
	case len(in.Tasks) == 0:
		return out, invalid("Tasks cannot be empty.")
	case len(in.Tasks) > 100:
		return out, invalid("Tasks cannot have more than 100 elements.")
	}
	for _, ref := range in.Tasks {
		if err := s.authorizeTask(c, "ecs:DescribeTasks", in.Cluster, ref); err != nil {
			return out, err
		}
	}
	k, err := s.cluster(in.Cluster)
	if err != nil {
		return out, err
	}
	for _, ref := range in.Tasks {
		t, ok := s.state.Tasks[lastPart(ref)]
		if !ok || t.Cluster != k.Name {
			out.Failures = append(out.Failures, missing(s.arn("task", k.Name, lastPart(ref))))
			continue
		}
		described := taskOutputOf(s, t, world.EpochOf)
		if slices.Contains(in.Include, "TAGS") {
			described.Tags = t.Tags
		}
		out.Tasks = append(out.Tasks, described)
	}
	return out, nil
}

func (s *Service) authorizeTask(c *world.Call, action, cluster, ref string) error {
	arn := s.arn("task", clusterName(cluster), lastPart(ref))
	keys := world.Keys{"ecs:cluster": {s.arn("cluster", clusterName(cluster))}}
	return c.Authorize(action, arn, resourceKeys(keys, s.tagsOf(arn)))
}
