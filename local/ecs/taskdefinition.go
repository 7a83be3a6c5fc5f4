package ecs

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

// family is a line of task definitions under one name.
type family struct {
	Revisions []*taskDefinition `json:"revisions"` // revision n is at n-1: none is ever removed, and no number is used twice
}

// taskDefinition is one revision of a family. Its members are kept as they were sent, so that nothing is lost that this
// package does not know.
type taskDefinition struct {
	Family         string                     `json:"family"`
	Revision       int                        `json:"revision"`
	Members        map[string]json.RawMessage `json:"members"` // as registered, with the defaults that ECS adds
	Tags           []tag                      `json:"tags"`
	Status         string                     `json:"status"`
	RegisteredAt   time.Time                  `json:"registeredAt"`
	RegisteredBy   string                     `json:"registeredBy"`
	DeregisteredAt time.Time                  `json:"deregisteredAt"`

	parsed *definition // what Members say, once they were read
}

const (
	active   = "ACTIVE"
	inactive = "INACTIVE"
	draining = "DRAINING"
)

// definition is what ECS itself reads of a task definition.
type definition struct {
	Family           string      `json:"family"`
	TaskRoleARN      string      `json:"taskRoleArn"`
	ExecutionRoleARN string      `json:"executionRoleArn"`
	NetworkMode      string      `json:"networkMode"`
	CPU              string      `json:"cpu"`
	Memory           string      `json:"memory"`
	Requires         []string    `json:"requiresCompatibilities"`
	Containers       []container `json:"containerDefinitions"`
	Platform         struct {
		Architecture string `json:"cpuArchitecture"`
		System       string `json:"operatingSystemFamily"`
	} `json:"runtimePlatform"`
}

// container is what ECS itself reads of a container definition.
type container struct {
	Name               string        `json:"name"`
	Image              string        `json:"image"`
	CPU                int           `json:"cpu"`
	Memory             int           `json:"memory"`
	MemoryReservation  int           `json:"memoryReservation"`
	Essential          *bool         `json:"essential"`
	Privileged         bool          `json:"privileged"`
	PortMappings       []portMapping `json:"portMappings"`
	VersionConsistency string        `json:"versionConsistency"`
	HealthCheck        *healthCheck  `json:"healthCheck"`
	Logs               *struct {
		Driver  string            `json:"logDriver"`
		Options map[string]string `json:"options"`
		Secrets []secret          `json:"secretOptions"`
	} `json:"logConfiguration"`
	Secrets []secret `json:"secrets"`
}

type portMapping struct {
	ContainerPort int    `json:"containerPort"`
	HostPort      *int   `json:"hostPort"`
	Protocol      string `json:"protocol"`
}

type healthCheck struct {
	Command     []string `json:"command"`
	Interval    int      `json:"interval"`
	Timeout     int      `json:"timeout"`
	Retries     int      `json:"retries"`
	StartPeriod int      `json:"startPeriod"`
}

type secret struct {
	Name      string `json:"name"`
	ValueFrom string `json:"valueFrom"`
}

func (c container) essential() bool { return c.Essential == nil || *c.Essential }

// read parses the members that ECS itself reads. They were read when they were registered, so that they can be read.
func (d *taskDefinition) read() definition {
	if d.parsed == nil {
		parsed, err := parseDefinition(d.Members)
		if err != nil {
			panic("ecs: a registered task definition cannot be read back: " + err.Error())
		}
		d.parsed = &parsed
	}
	return *d.parsed
}

func parseDefinition(members map[string]json.RawMessage) (definition, error) {
	var d definition
	raw, err := json.Marshal(members)
	if err != nil {
		return d, err
	}
	return d, json.Unmarshal(raw, &d)
}

// name is family:revision.
func (d *taskDefinition) name() string { return d.Family + ":" + strconv.Itoa(d.Revision) }

func (s *Service) definitionARN(d *taskDefinition) string { return s.arn("task-definition", d.name()) }

// definition finds a task definition by family (the latest ACTIVE revision), family:revision or ARN.
func (s *Service) definition(ref string) (*taskDefinition, error) {
	notFound := client("Unable to describe task definition.")
	if strings.HasPrefix(ref, "arn:") {
		path, ok := resourcePath(ref, "task-definition")
		if !ok || len(path) != 1 || s.arn("task-definition", path[0]) != ref {
			return nil, notFound
		}
		ref = path[0]
	}
	name, number, exact := strings.Cut(ref, ":")
	f, ok := s.state.Families[name]
	if !ok {
		return nil, notFound
	}
	if !exact {
		return f.latest(notFound)
	}
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > len(f.Revisions) {
		return nil, notFound
	}
	return f.Revisions[n-1], nil
}

// latest is the newest revision that is ACTIVE, or the error if there is none.
func (f *family) latest(none error) (*taskDefinition, error) {
	for _, d := range slices.Backward(f.Revisions) {
		if d.Status == active {
			return d, nil
		}
	}
	return nil, none
}

// usable finds a task definition that a service may be pointed at.
func (s *Service) usable(ref string) (*taskDefinition, error) {
	d, err := s.definition(ref)
	if err != nil {
		return nil, client("TaskDefinition not found.")
	}
	if d.Status != active {
		return nil, client("TaskDefinition is inactive")
	}
	return d, nil
}
