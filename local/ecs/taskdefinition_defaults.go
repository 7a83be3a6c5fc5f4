package ecs

import (
	"encoding/json"
	"strconv"

	"fairlead/local/world"
)

// addDefaults adds to a task definition what ECS's answers have though it was not sent, and writes cpu and memory as
// ECS does.
func addDefaults(members map[string]json.RawMessage) error {
	d, err := parseDefinition(members)
	if err != nil {
		return world.Errorf("SerializationException", "%v", err)
	}
	if cpu, ok := cpuUnits(d.CPU); ok {
		members["cpu"] = quoted(strconv.Itoa(cpu))
	}
	if memory, ok := mebibytes(d.Memory); ok {
		members["memory"] = quoted(strconv.Itoa(memory))
	}
	for _, list := range []string{"volumes", "placementConstraints"} {
		if _, ok := members[list]; !ok {
			members[list] = json.RawMessage("[]")
		}
	}
	members["containerDefinitions"], err = containersWithDefaults(members["containerDefinitions"], d.NetworkMode)
	return err
}

func quoted(value string) json.RawMessage { return json.RawMessage(strconv.Quote(value)) }

func containersWithDefaults(raw json.RawMessage, networkMode string) (json.RawMessage, error) {
	var containers []map[string]json.RawMessage
	if err := json.Unmarshal(raw, &containers); err != nil {
		return nil, world.Errorf("SerializationException", "%v", err)
	}
	for _, c := range containers {
		dropNulls(c)
		for _, list := range []string{"portMappings", "environment", "mountPoints", "volumesFrom", "systemControls"} {
			setDefault(c, list, "[]")
		}
		setDefault(c, "cpu", "0")
		setDefault(c, "essential", "true")
		if err := editEach(c, "portMappings", func(p map[string]json.RawMessage) { portDefaults(p, networkMode) }); err != nil {
			return nil, err
		}
		if err := edit(c, "healthCheck", healthDefaults); err != nil {
			return nil, err
		}
	}
	return json.Marshal(containers)
}

func dropNulls(members map[string]json.RawMessage) {
	for name, raw := range members {
		if string(raw) == "null" {
			delete(members, name)
		}
	}
}

func setDefault(members map[string]json.RawMessage, name, value string) {
	if _, ok := members[name]; !ok {
		members[name] = json.RawMessage(value)
	}
}

// portDefaults adds hostPort and protocol: under awsvpc and host the host's port is the container's own, under bridge it
// is chosen when the container starts.
func portDefaults(p map[string]json.RawMessage, networkMode string) {
	dropNulls(p)
	setDefault(p, "protocol", `"tcp"`)
	port, ok := p["containerPort"]
	if !ok {
		return
	}
	if networkMode == awsvpc || networkMode == "host" {
		p["hostPort"] = port
		return
	}
	setDefault(p, "hostPort", "0")
}

// healthDefaults adds what a health check has if it is not set.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
func healthDefaults(h map[string]json.RawMessage) {
	dropNulls(h)
	setDefault(h, "interval", "30")
	setDefault(h, "timeout", "5")
	setDefault(h, "retries", "3")
}

// edit changes the structure that a member is; a member that is missing stays missing.
func edit(members map[string]json.RawMessage, name string, change func(map[string]json.RawMessage)) error {
	raw, ok := members[name]
	if !ok {
		return nil
	}
	var inner map[string]json.RawMessage
	if err := json.Unmarshal(raw, &inner); err != nil {
		return world.Errorf("SerializationException", "%s: %v", name, err)
	}
	if inner == nil {
		return nil
	}
	change(inner)
	edited, err := json.Marshal(inner)
	members[name] = edited
	return err
}

// editEach changes each structure in the list that a member is.
func editEach(members map[string]json.RawMessage, name string, change func(map[string]json.RawMessage)) error {
	var list []map[string]json.RawMessage
	if err := json.Unmarshal(members[name], &list); err != nil {
		return world.Errorf("SerializationException", "%s: %v", name, err)
	}
	for _, inner := range list {
		if inner == nil {
			return world.Errorf("SerializationException", "%s: an item is null", name)
		}
		change(inner)
	}
	edited, err := json.Marshal(list)
	members[name] = edited
	return err
}
