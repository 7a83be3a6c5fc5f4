package ecs

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"fairlead/local/world"
)

const (
	awsvpc         = "awsvpc"
	fargate        = "FARGATE"
	mostContainers = 10
	mostBytes      = 64 << 10
)

// checkDefinition refuses what ECS refuses when a task definition is registered. Texts are AWS's where they are known.
func (s *Service) checkDefinition(members map[string]json.RawMessage, tags []tag) error {
	d, err := parseDefinition(members)
	if err != nil {
		return world.Errorf("SerializationException", "%v", err)
	}
	checks := []func() error{
		func() error { return checkFamily(d.Family) },
		func() error { return checkChoices(d) },
		func() error { return s.checkRoles(d) },
		func() error { return checkFargate(d) },
		func() error { return checkContainers(d) },
		func() error { return checkTags(tags) },
		func() error { return checkSize(members) },
	}
	for _, check := range checks {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func checkFamily(name string) error {
	if name == "" {
		return client("Family should not be null or empty.")
	}
	if !nameForm.MatchString(name) {
		return client("Invalid 'family' %q: up to 255 letters, numbers, hyphens and underscores are allowed.", name)
	}
	return nil
}

func checkChoices(d definition) error {
	for _, r := range d.Requires {
		if err := oneOf("requiresCompatibilities", r, "EC2", fargate, "EXTERNAL", "MANAGED_INSTANCES"); err != nil {
			return err
		}
	}
	if err := oneOf("networkMode", d.NetworkMode, "bridge", "host", awsvpc, "none"); err != nil {
		return err
	}
	return oneOf("cpuArchitecture", d.Platform.Architecture, "X86_64", "ARM64")
}

// checkRoles refuses what is neither a role's name nor the ARN of a role of this account. Whether the role exists is
// not asked: the caller's permission to pass it is.
func (s *Service) checkRoles(d definition) error {
	account := s.w.GlobalARN("iam", "role/")
	for _, role := range []string{d.TaskRoleARN, d.ExecutionRoleARN} {
		path, isARN := strings.CutPrefix(role, account)
		if role != "" && (!isARN || !rolePathForm.MatchString(path)) && !roleNameForm.MatchString(role) {
			return client("Role is not valid")
		}
	}
	return nil
}

func checkContainers(d definition) error {
	switch n := len(d.Containers); {
	case n == 0:
		return client("Container list cannot be empty.")
	case n > mostContainers:
		return client("A task definition can have at most %d containers; this one has %d.", mostContainers, n)
	}
	names := map[string]bool{}
	for _, c := range d.Containers {
		if err := checkContainer(d, c); err != nil {
			return err
		}
		if names[c.Name] {
			return client("Invalid setting for container '%s'. Container names must be unique in a task definition.", c.Name)
		}
		names[c.Name] = true
	}
	if !slices.ContainsFunc(d.Containers, container.essential) {
		return client("At least one container must be essential.")
	}
	return nil
}

func checkContainer(d definition, c container) error {
	switch {
	case c.Name == "":
		return client("Container.name should not be null or empty.")
	case !nameForm.MatchString(c.Name):
		return client("Invalid container name %q: up to 255 letters, numbers, hyphens and underscores are allowed.", c.Name)
	case c.Image == "":
		return client("Container.image should not be null or empty.")
	case c.Memory == 0 && c.MemoryReservation == 0 && d.Memory == "":
		return client("Invalid setting for container '%s'. At least one of 'memory' or 'memoryReservation' must be specified.", c.Name)
	}
	return checkShares(d, c)
}

// checkShares refuses a container that wants more than its task has.
func checkShares(d definition, c container) error {
	if memory, ok := mebibytes(d.Memory); ok && c.Memory > memory {
		return client("The 'memory' setting for container '%s' is greater than for the task.", c.Name)
	}
	if cpu, ok := cpuUnits(d.CPU); ok && c.CPU > cpu {
		return client("The 'cpu' setting for container '%s' is greater than for the task.", c.Name)
	}
	for _, p := range c.PortMappings {
		if d.NetworkMode == awsvpc && p.HostPort != nil && *p.HostPort != 0 && *p.HostPort != p.ContainerPort {
			return client("When networkMode=awsvpc, the host ports and container ports in port mappings must match.")
		}
	}
	return nil
}

// checkSize holds the definition against the limit of 64 KiB.
// https://docs.aws.amazon.com/general/latest/gr/ecs-service.html
func checkSize(members map[string]json.RawMessage) error {
	raw, err := json.Marshal(members)
	if err != nil {
		return world.Errorf("SerializationException", "%v", err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, raw); err != nil {
		return world.Errorf("SerializationException", "%v", err)
	}
	if n := compact.Len(); n > mostBytes {
		return client("Actual length: '%d'. Max allowed length is '%d' bytes.", n, mostBytes)
	}
	return nil
}

// The forms of names: of a family, a container or a service; of a role, and of what its ARN ends with.
var (
	nameForm     = regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)
	roleNameForm = regexp.MustCompile(`^[\w+=,.@-]{1,64}$`)
	rolePathForm = regexp.MustCompile(`^[\w+=,.@/-]+$`)
)
