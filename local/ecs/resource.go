package ecs

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"fairlead/local/world"
)

const (
	typeCluster    = "AWS::ECS::Cluster"
	typeDefinition = "AWS::ECS::TaskDefinition"
	typeService    = "AWS::ECS::Service"
)

// ResourceTypes are the CloudFormation types that ECS provides.
func (*Service) ResourceTypes() []string { return []string{typeCluster, typeDefinition, typeService} }

// Declare creates or updates what a template declares. A task definition that has changed becomes a new revision, and
// a service is updated as by UpdateService with all that the template says, the task definition included: as with
// CloudFormation, that takes back what a deployer has put there.
func (s *Service) Declare(d world.Declared) (world.Resource, error) {
	properties, err := apiNames(d.Properties)
	if err != nil {
		return world.Resource{}, err
	}
	switch d.Type {
	case typeCluster:
		return s.declareCluster(d, properties)
	case typeDefinition:
		return s.declareDefinition(d, properties)
	case typeService:
		return s.declareService(d, properties)
	default:
		return world.Resource{}, fmt.Errorf("ECS does not provide %s", d.Type)
	}
}

// Withdraw removes a resource as CloudFormation deletes it: a task definition is deregistered, a service deleted with
// its tasks.
func (s *Service) Withdraw(resourceType, id string) error {
	switch resourceType {
	case typeDefinition:
		if d, err := s.definition(id); err == nil {
			s.deregister(d)
		}
	case typeService:
		if v, ok := s.declaredService(id); ok {
			s.drain(v)
		}
	case typeCluster:
		return s.removeCluster(id)
	}
	return nil
}

func (s *Service) removeCluster(name string) error {
	for _, v := range s.state.Services {
		if v.Cluster == name && v.Status != inactive {
			return world.Errorf("ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active.")
		}
	}
	delete(s.state.Clusters, name)
	return nil
}

func (s *Service) declaredService(arn string) (*service, bool) {
	path, _ := resourcePath(arn, "service")
	v, ok := s.state.Services[strings.Join(path, "/")]
	return v, ok
}

func (s *Service) declareCluster(d world.Declared, properties []byte) (world.Resource, error) {
	var in struct {
		createClusterInput
		ClusterSettings json.RawMessage `json:"clusterSettings"`
	}
	if err := json.Unmarshal(properties, &in); err != nil {
		return world.Resource{}, err
	}
	in.Settings = in.ClusterSettings
	if in.ClusterName == "" {
		in.ClusterName = or(d.ID, s.w.GeneratedName(d))
	}
	if err := checkTags(in.Tags); err != nil {
		return world.Resource{}, err
	}
	k, err := s.makeCluster(in.createClusterInput)
	if err != nil {
		return world.Resource{}, err
	}
	k.clusterSettings, k.Tags = in.clusterSettings, s.withSystemTags(d, in.Tags)
	return world.Resource{ID: k.Name, Attributes: map[string]any{"Arn": s.arn("cluster", k.Name)}}, nil
}

func (s *Service) declareDefinition(d world.Declared, properties []byte) (world.Resource, error) {
	var in registerInput
	if err := json.Unmarshal(properties, &in); err != nil {
		return world.Resource{}, err
	}
	if _, ok := in["family"]; !ok {
		name := s.w.GeneratedName(d)
		if before, err := s.definition(d.ID); err == nil {
			name = before.Family
		}
		in["family"] = quoted(name)
	}
	members, tags, err := splitMembers(in)
	if err != nil {
		return world.Resource{}, err
	}
	registered, err := s.register(members, tags, s.w.GlobalARN("iam", "root"))
	if err != nil {
		return world.Resource{}, err
	}
	registered.Tags = s.withSystemTags(d, tags)
	arn := s.definitionARN(registered)
	return world.Resource{ID: arn, Attributes: map[string]any{"TaskDefinitionArn": arn}}, nil
}

func (s *Service) declareService(d world.Declared, properties []byte) (world.Resource, error) {
	var in createServiceInput
	if err := json.Unmarshal(properties, &in); err != nil {
		return world.Resource{}, err
	}
	before, exists := s.declaredService(d.ID)
	if in.ServiceName == "" && exists {
		in.ServiceName = before.Name
	}
	if in.ServiceName == "" {
		in.ServiceName = s.w.GeneratedName(d)
	}
	definition, err := s.definition(in.TaskDefinition)
	if err != nil {
		definition = nil // an error, or a service under EXTERNAL
	}
	v, err := s.createOrUpdate(before, in, definition)
	if err != nil {
		return world.Resource{}, err
	}
	v.Tags = s.withSystemTags(d, in.Tags)
	return world.Resource{ID: s.serviceARN(v), Attributes: map[string]any{"Name": v.Name, "ServiceArn": s.serviceARN(v)}}, nil
}

// createOrUpdate updates the service that was there before, or makes a new one: also where the template gives it
// another name or cluster.
func (s *Service) createOrUpdate(before *service, in createServiceInput, d *taskDefinition) (*service, error) {
	if before == nil || before.Status != active || before.Name != in.ServiceName || before.Cluster != clusterName(in.Cluster) {
		if in.DesiredCount == nil {
			one := 1
			in.DesiredCount = &one // CloudFormation's default
		}
		return s.makeService(in, d, s.w.GlobalARN("iam", "root"))
	}
	if in.LaunchType == before.Shape.LaunchType {
		in.LaunchType = ""
	}
	err := s.update(before, updateServiceInput{Cluster: in.Cluster, Service: in.ServiceName, DesiredCount: in.DesiredCount,
		Controller: in.Controller, Deploying: in.Deploying, shape: in.shape, standing: in.standing}, d)
	return before, err
}

// withSystemTags adds the tags that CloudFormation puts on what it makes. Nobody else may set tags of that kind.
func (s *Service) withSystemTags(d world.Declared, tags []tag) []tag {
	return append(slices.Clone(tags),
		tag{"aws:cloudformation:stack-name", d.Stack},
		tag{"aws:cloudformation:logical-id", d.LogicalID},
		tag{"aws:cloudformation:stack-id", s.w.ARN("cloudformation", "stack/"+d.Stack+"/"+stackUUID(d.Stack))})
}
