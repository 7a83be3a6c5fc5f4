package ecs

import (
	"encoding/json"
	"strconv"
	"strings"

	"fairlead/local/world"
)

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
