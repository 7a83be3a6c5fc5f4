package states

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"fairlead/local/states/asl"
	"fairlead/local/world"
)

// maxDefinition is the size of the largest definition, in bytes.
const maxDefinition = 1048576

// Machine is a state machine.
type Machine struct {
	ARN        string    `json:"arn"`
	Name       string    `json:"name"`
	Definition string    `json:"definition"` // its digest
	RoleARN    string    `json:"roleArn"`
	Created    time.Time `json:"created"`
	Updated    time.Time `json:"updated"`
	RevisionID string    `json:"revisionId,omitempty"`
	Logging    logging   `json:"logging"`
	Tracing    tracing   `json:"tracing"`
	Tags       []tag     `json:"tags,omitempty"`
	Deleting   bool      `json:"deleting,omitempty"`
}

type tracing struct {
	Enabled bool `json:"enabled"`
}

type tag struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

type encryption struct {
	Type string `json:"type"`
}

type createInput struct {
	Name               string      `json:"name"`
	Definition         string      `json:"definition"`
	RoleARN            string      `json:"roleArn"`
	Type               string      `json:"type"`
	Logging            *logging    `json:"loggingConfiguration"`
	Tags               []tag       `json:"tags"`
	Tracing            *tracing    `json:"tracingConfiguration"`
	Publish            bool        `json:"publish"`
	VersionDescription string      `json:"versionDescription"`
	Encryption         *encryption `json:"encryptionConfiguration"`
}

type createOutput struct {
	StateMachineARN string       `json:"stateMachineArn"`
	CreationDate    *world.Epoch `json:"creationDate"`
}

func (s *Service) createStateMachine(c *world.Call, in createInput) (*createOutput, error) {
	if err := checkName(in.Name); err != nil {
		return nil, err
	}
	if err := c.Authorize("states:CreateStateMachine", s.machineARN(in.Name), requestTags(in.Tags)); err != nil {
		return nil, err
	}
	if err := errors.Join(onlyStandard(in.Type), noVersions(in.Publish), ownKeys(in.Encryption)); err != nil {
		return nil, err
	}
	if err := c.Authorize("iam:PassRole", in.RoleARN, world.Keys{"iam:PassedToService": {"states.amazonaws.com"}}); err != nil {
		return nil, err
	}
	m, err := s.create(in)
	if err != nil {
		return nil, err
	}
	return &createOutput{m.ARN, world.EpochOf(m.Created)}, nil
}

func (s *Service) machineARN(name string) string { return s.w.ARN(serviceName, "stateMachine:"+name) }

func requestTags(tags []tag) world.Keys {
	keys := world.Keys{}
	for _, t := range tags {
		keys["aws:RequestTag/"+t.Key] = []string{t.Value}
		keys["aws:TagKeys"] = append(keys["aws:TagKeys"], t.Key)
	}
	return keys
}

func onlyStandard(kind string) error {
	switch kind {
	case "", "STANDARD":
		return nil
	case "EXPRESS":
		return notImplemented("the type EXPRESS")
	}
	return validation("Value '%s' at 'type' failed to satisfy constraint: Member must satisfy enum value set: [STANDARD, EXPRESS]", kind)
}

func noVersions(publish bool) error {
	if publish {
		return notImplemented("publishing a version of a state machine")
	}
	return nil
}

func ownKeys(e *encryption) error {
	if e != nil && e.Type != "AWS_OWNED_KEY" {
		return notImplemented("encryption with the key type %q", e.Type)
	}
	return nil
}

// create makes a state machine, or returns the one that is there already if it is the same.
func (s *Service) create(in createInput) (*Machine, error) {
	m := &Machine{ARN: s.machineARN(in.Name), Name: in.Name, RoleARN: in.RoleARN, Created: s.w.Now(), Updated: s.w.Now(), Tags: in.Tags, Logging: loggingOff()}
	if in.Logging != nil {
		m.Logging = in.Logging.withDefaults()
	}
	if in.Tracing != nil {
		m.Tracing = *in.Tracing
	}
	if err := checkDefinition(in.Definition); err != nil {
		return nil, err
	}
	if there := s.state.Machines[m.ARN]; there != nil {
		return there, s.sameAs(there, m, in.Definition)
	}
	if err := s.checkRole(m.ARN, m.RoleARN, m.Logging); err != nil {
		return nil, err
	}
	m.Definition = s.keep(in.Definition)
	s.state.Machines[m.ARN] = m
	return m, nil
}

// sameAs lets a repeated CreateStateMachine pass if all but the role and the tags are the same.
func (s *Service) sameAs(there, m *Machine, definition string) error {
	if there.Deleting {
		return world.Errorf("StateMachineDeleting", "State Machine is deleting: '%s'", m.ARN)
	}
	if s.state.Definitions[there.Definition] != definition || !reflect.DeepEqual(there.Logging, m.Logging) || there.Tracing != m.Tracing {
		return world.Errorf("StateMachineAlreadyExists", "State Machine Already Exists: '%s'", m.ARN)
	}
	return nil
}

// checkDefinition refuses a definition as CreateStateMachine does.
func checkDefinition(definition string) error {
	if len(definition) > maxDefinition {
		return tooLongSecret("definition", maxDefinition)
	}
	_, err := asl.Parse([]byte(definition))
	var problems asl.Problems
	switch {
	case err == nil:
		return nil
	case errors.As(err, &problems) && problems.NotImplemented():
		return &world.Error{Code: "NotImplemented", Message: err.Error(), Status: 501}
	}
	return world.Errorf("InvalidDefinition", "Invalid State Machine Definition: '%v'", err)
}

// checkRole refuses a role that Step Functions may not assume for the machine, or that may not deliver the logs that are
// asked for.
func (s *Service) checkRole(machineARN, role string, l logging) error {
	if err := l.check(); err != nil {
		return err
	}
	session, err := s.ports.Roles.ServiceSession(role, "states.amazonaws.com", machineARN, s.w.Alphanumeric(32))
	if err != nil {
		return world.Errorf("AccessDeniedException", "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role.")
	}
	return s.checkLogging(session, l)
}

type updateInput struct {
	StateMachineARN    string      `json:"stateMachineArn"`
	Definition         *string     `json:"definition"`
	RoleARN            string      `json:"roleArn"`
	Logging            *logging    `json:"loggingConfiguration"`
	Tracing            *tracing    `json:"tracingConfiguration"`
	Publish            bool        `json:"publish"`
	VersionDescription string      `json:"versionDescription"`
	Encryption         *encryption `json:"encryptionConfiguration"`
}

type updateOutput struct {
	UpdateDate *world.Epoch `json:"updateDate"`
	RevisionID string       `json:"revisionId,omitempty"`
}

func (s *Service) updateStateMachine(c *world.Call, in updateInput) (*updateOutput, error) {
	if err := checkARN(in.StateMachineARN, "stateMachine"); err != nil {
		return nil, err
	}
	if err := c.Authorize("states:UpdateStateMachine", in.StateMachineARN, nil); err != nil {
		return nil, err
	}
	m, err := s.machine(in.StateMachineARN)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(noVersions(in.Publish), ownKeys(in.Encryption)); err != nil {
		return nil, err
	}
	if in.RoleARN != "" {
		if err := c.Authorize("iam:PassRole", in.RoleARN, world.Keys{"iam:PassedToService": {"states.amazonaws.com"}}); err != nil {
			return nil, err
		}
	}
	if err := s.update(m, in); err != nil {
		return nil, err
	}
	return &updateOutput{world.EpochOf(m.Updated), m.RevisionID}, nil
}

// update changes what is given. The revision's id changes only if the definition or the role does.
func (s *Service) update(m *Machine, in updateInput) error {
	if in.Definition == nil && in.RoleARN == "" && in.Logging == nil && in.Tracing == nil {
		return world.Errorf("MissingRequiredParameter",
			"Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified")
	}
	changed := in.apply(*m)
	if in.Definition != nil {
		if err := checkDefinition(*in.Definition); err != nil {
			return err
		}
		changed.Definition = s.keep(*in.Definition)
	}
	if err := s.checkRole(changed.ARN, changed.RoleARN, changed.Logging); err != nil {
		return err
	}
	if changed.Definition != m.Definition || changed.RoleARN != m.RoleARN {
		changed.RevisionID = s.w.UUID()
	}
	changed.Updated = s.w.Now()
	*m = changed
	return nil
}

// apply changes what is given, except for the definition.
func (in updateInput) apply(m Machine) Machine {
	if in.RoleARN != "" {
		m.RoleARN = in.RoleARN
	}
	if in.Logging != nil {
		m.Logging = in.Logging.withDefaults()
	}
	if in.Tracing != nil {
		m.Tracing = *in.Tracing
	}
	return m
}

// machine returns a state machine that exists and is not being deleted.
func (s *Service) machine(arn string) (*Machine, error) {
	m := s.state.Machines[arn]
	switch {
	case m == nil:
		return nil, world.Errorf("StateMachineDoesNotExist", "State Machine Does Not Exist: '%s'", arn)
	case m.Deleting:
		return nil, world.Errorf("StateMachineDeleting", "State Machine is deleting: '%s'", arn)
	}
	return m, nil
}

func (s *Service) machinesByName() []*Machine {
	return slices.SortedFunc(maps.Values(s.state.Machines), func(a, b *Machine) int { return strings.Compare(a.Name, b.Name) })
}
