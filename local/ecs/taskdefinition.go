package ecs

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"fairlead/local/world"
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
	parsed, err := parseDefinition(d.Members)
	if err != nil {
		panic("ecs: a registered task definition cannot be read back: " + err.Error())
	}
	return parsed
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
	for i := len(f.Revisions) - 1; i >= 0; i-- {
		if f.Revisions[i].Status == active {
			return f.Revisions[i], nil
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

// registerInput is RegisterTaskDefinition's input: every member as it was sent.
type registerInput map[string]json.RawMessage

type registerOutput struct {
	TaskDefinition map[string]any `json:"taskDefinition"`
	Tags           []tag          `json:"tags,omitempty"`
}

func (s *Service) registerTaskDefinition(c *world.Call, in registerInput) (out registerOutput, err error) {
	members, tags, err := splitMembers(in)
	if err != nil {
		return out, err
	}
	d, err := parseDefinition(members)
	if err != nil {
		return out, world.Errorf("SerializationException", "%v", err)
	}
	if err := s.authorizeRegister(c, d, tags); err != nil {
		return out, err
	}
	registered, err := s.register(members, tags, c.Principal.ARN)
	if err != nil {
		return out, err
	}
	return registerOutput{TaskDefinition: s.definitionOutput(registered), Tags: registered.Tags}, nil
}

// authorizeRegister asks for RegisterTaskDefinition on every resource: IAM's list of actions names the task definition
// as its resource, but AWS's denials say "on resource: *". A family's tags are on task-definition/family:*.
func (s *Service) authorizeRegister(c *world.Call, d definition, tags []tag) error {
	keys := requestKeys(world.Keys{"ecs:compute-compatibility": d.Requires, "ecs:privileged": {strconv.FormatBool(privileged(d))}}, tags)
	if d.CPU != "" {
		keys["ecs:task-cpu"] = []string{d.CPU}
	}
	if d.Memory != "" {
		keys["ecs:task-memory"] = []string{d.Memory}
	}
	if err := c.Authorize("ecs:RegisterTaskDefinition", "*", keys); err != nil {
		return err
	}
	if err := authorizeTags(c, s.arn("task-definition", d.Family+":*"), tags); err != nil {
		return err
	}
	return s.authorizeRoles(c, d)
}

func privileged(d definition) bool {
	for _, c := range d.Containers {
		if c.Privileged {
			return true
		}
	}
	return false
}

// authorizeRoles asks whether the caller may pass a task definition's roles to tasks. Which of two that lack is named
// first is not known of AWS; here it is the task role.
func (s *Service) authorizeRoles(c *world.Call, d definition) error {
	for _, role := range []string{d.TaskRoleARN, d.ExecutionRoleARN} {
		if role == "" {
			continue
		}
		keys := world.Keys{"iam:PassedToService": {tasksPrincipal}}
		if err := c.Authorize("iam:PassRole", s.roleARN(role), keys); err != nil {
			return err
		}
	}
	return nil
}

// tasksPrincipal is the service that takes on the roles of tasks.
const tasksPrincipal = "ecs-tasks.amazonaws.com"

// roleARN is the ARN of a role that a task definition names by ARN or by name.
func (s *Service) roleARN(role string) string {
	if strings.HasPrefix(role, "arn:") {
		return role
	}
	return s.w.GlobalARN("iam", "role/"+role)
}

// splitMembers takes the tags out of what was sent, and what only answers have.
func splitMembers(in registerInput) (members map[string]json.RawMessage, tags []tag, err error) {
	members = map[string]json.RawMessage{}
	for name, raw := range in {
		if !answersOnly(name) && string(raw) != "null" {
			members[name] = raw
		}
	}
	if raw, ok := members["tags"]; ok {
		if err := json.Unmarshal(raw, &tags); err != nil {
			return nil, nil, world.Errorf("SerializationException", "%v", err)
		}
		delete(members, "tags")
	}
	return members, tags, nil
}

// answersOnly says whether a member is no input of RegisterTaskDefinition; AWS ignores it.
func answersOnly(member string) bool {
	switch member {
	case "taskDefinitionArn", "revision", "status", "requiresAttributes", "compatibilities", "registeredAt",
		"registeredBy", "deregisteredAt", "deleteRequestedAt":
		return true
	default:
		return false
	}
}

// register makes a new revision.
func (s *Service) register(members map[string]json.RawMessage, tags []tag, by string) (*taskDefinition, error) {
	if err := s.checkDefinition(members, tags); err != nil {
		return nil, err
	}
	if err := addDefaults(members); err != nil {
		return nil, err
	}
	parsed, err := parseDefinition(members)
	if err != nil {
		return nil, world.Errorf("SerializationException", "%v", err)
	}
	f, ok := s.state.Families[parsed.Family]
	if !ok {
		f = &family{}
		s.state.Families[parsed.Family] = f
	}
	d := &taskDefinition{Family: parsed.Family, Revision: len(f.Revisions) + 1, Members: members, Tags: tags, Status: active,
		RegisteredAt: s.w.Now(), RegisteredBy: by}
	f.Revisions = append(f.Revisions, d)
	return d, nil
}

type deregisterInput struct {
	TaskDefinition string `json:"taskDefinition"`
}

func (s *Service) deregisterTaskDefinition(c *world.Call, in deregisterInput) (out registerOutput, err error) {
	if err := c.Authorize("ecs:DeregisterTaskDefinition", "*", nil); err != nil {
		return out, err
	}
	if !strings.Contains(lastPart(in.TaskDefinition), ":") {
		return out, client("Revision is missing.")
	}
	d, err := s.definition(in.TaskDefinition)
	if err != nil {
		return out, client("The specified task definition does not exist.")
	}
	s.deregister(d)
	return registerOutput{TaskDefinition: s.definitionOutput(d)}, nil
}

// deregister makes a revision INACTIVE: what runs it goes on, and nothing new may be pointed at it. AWS allows itself
// ten minutes for that; here it is at once.
func (s *Service) deregister(d *taskDefinition) {
	if d.Status == active {
		d.Status, d.DeregisteredAt = inactive, s.w.Now()
	}
}
