package states

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fairlead/local/world"
)

const machineType = "AWS::StepFunctions::StateMachine"

// declared are the properties of an AWS::StepFunctions::StateMachine.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachine.html
type declared struct {
	Definition       json.RawMessage
	DefinitionString string
	DefinitionS3     *struct {
		Bucket, Key, Version string
	} `json:"DefinitionS3Location"`
	Substitutions    map[string]any `json:"DefinitionSubstitutions"`
	RoleArn          string
	StateMachineName string
	StateMachineType string
	Logging          *declaredLogging `json:"LoggingConfiguration"`
	Tracing          *struct {
		Enabled bool
	} `json:"TracingConfiguration"`
	Encryption *struct {
		Type string
	} `json:"EncryptionConfiguration"`
	Tags []struct{ Key, Value string }
}

type declaredLogging struct {
	Level                string
	IncludeExecutionData bool
	Destinations         []struct {
		CloudWatchLogsLogGroup struct{ LogGroupArn string }
	}
}

// ResourceTypes are the CloudFormation types that the service provides.
func (s *Service) ResourceTypes() []string { return []string{machineType} }

// Declare creates or updates a state machine. A changed name makes a new one and deletes the old.
func (s *Service) Declare(d world.Declared) (world.Resource, error) {
	var p declared
	if err := strict(d.Properties, &p); err != nil {
		return world.Resource{}, fmt.Errorf("state machine %s: %w", d.LogicalID, err)
	}
	in, err := s.wanted(d, p)
	if err != nil {
		return world.Resource{}, fmt.Errorf("state machine %s: %w", d.LogicalID, err)
	}
	m, err := s.bring(d.ID, in)
	if err != nil {
		return world.Resource{}, fmt.Errorf("state machine %s: %w", d.LogicalID, err)
	}
	m.Tags = in.Tags
	attributes := map[string]any{"Arn": m.ARN, "Name": m.Name, "StateMachineRevisionId": m.RevisionID}
	return world.Resource{ID: m.ARN, Attributes: attributes}, nil
}

// Withdraw deletes a state machine.
func (s *Service) Withdraw(_, id string) error {
	s.remove(id)
	return nil
}

// strict refuses properties that are not known here.
func strict(raw json.RawMessage, into any) error {
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// wanted turns the properties into what CreateStateMachine takes.
func (s *Service) wanted(d world.Declared, p declared) (createInput, error) {
	in := createInput{Name: p.StateMachineName, RoleARN: p.RoleArn, Logging: p.Logging.api()}
	if p.Tracing != nil {
		in.Tracing = &tracing{p.Tracing.Enabled}
	}
	if p.Encryption != nil {
		in.Encryption = &encryption{p.Encryption.Type}
	}
	for _, t := range p.Tags {
		in.Tags = append(in.Tags, tag{t.Key, t.Value})
	}
	if in.Name == "" {
		in.Name = s.generated(d)
	}
	if p.RoleArn == "" {
		return in, errors.New("the property RoleArn is required")
	}
	var err error
	if in.Definition, err = definition(d, p); err != nil {
		return in, err
	}
	return in, errors.Join(onlyStandard(p.StateMachineType), ownKeys(in.Encryption), checkName(in.Name))
}

// generated is the name that a state machine without one gets, and keeps: <logical id>-<12 characters>.
func (s *Service) generated(d world.Declared) string {
	if m := s.state.Machines[d.ID]; m != nil && strings.HasPrefix(m.Name, d.LogicalID+"-") {
		return m.Name
	}
	return d.LogicalID + "-" + s.w.Alphanumeric(12)
}

// definition reads the definition from where the properties say and fills in its ${substitutions}.
func definition(d world.Declared, p declared) (string, error) {
	text, err := source(d, p)
	if err != nil {
		return "", err
	}
	for _, name := range slices.Sorted(maps.Keys(p.Substitutions)) {
		text = strings.ReplaceAll(text, "${"+name+"}", fmt.Sprint(p.Substitutions[name]))
	}
	return text, nil
}

func source(d world.Declared, p declared) (string, error) {
	switch {
	case p.DefinitionString != "" && p.DefinitionS3 == nil && p.Definition == nil:
		return p.DefinitionString, nil
	case p.DefinitionS3 != nil && p.DefinitionString == "" && p.Definition == nil:
		return asset(d.Assets, p.DefinitionS3.Key)
	case p.Definition != nil && p.DefinitionString == "" && p.DefinitionS3 == nil:
		return string(p.Definition), nil
	}
	return "", errors.New("exactly one of DefinitionString, DefinitionS3Location and Definition is required")
}

// asset reads a file asset of the cloud assembly: the object <hash>.json is the file asset.<hash>.json.
func asset(assembly, key string) (string, error) {
	if key == "" || key != filepath.Base(key) {
		return "", fmt.Errorf("the key %q names no file asset of the assembly", key)
	}
	raw, err := os.ReadFile(filepath.Join(assembly, "asset."+key))
	if err != nil {
		return "", fmt.Errorf("read the definition: %w", err)
	}
	return string(raw), nil
}

func (l *declaredLogging) api() *logging {
	if l == nil {
		return nil
	}
	out := &logging{Level: l.Level, IncludeExecutionData: l.IncludeExecutionData}
	for _, d := range l.Destinations {
		var to destination
		to.LogGroup.ARN = d.CloudWatchLogsLogGroup.LogGroupArn
		out.Destinations = append(out.Destinations, to)
	}
	return out
}

// bring creates the state machine, or brings the one with this id in line.
func (s *Service) bring(id string, in createInput) (*Machine, error) {
	there := s.state.Machines[id]
	if there == nil || there.Name != in.Name {
		if s.state.Machines[s.machineARN(in.Name)] != nil {
			return nil, world.Errorf("StateMachineAlreadyExists", "State Machine Already Exists: '%s'", s.machineARN(in.Name))
		}
		m, err := s.create(in)
		if err == nil && there != nil {
			s.remove(id)
		}
		return m, err
	}
	update := updateInput{Definition: &in.Definition, RoleARN: in.RoleARN, Logging: in.Logging, Tracing: in.Tracing}
	if update.Logging == nil {
		off := loggingOff()
		update.Logging = &off
	}
	if update.Tracing == nil {
		update.Tracing = &tracing{}
	}
	return there, s.update(there, update)
}
