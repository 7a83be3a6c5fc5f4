package states

import (
	"errors"

	"fairlead/local/states/asl"
	"fairlead/local/world"
)

type machineInput struct {
	StateMachineARN string `json:"stateMachineArn"`
}

type machineOutput struct {
	StateMachineARN string       `json:"stateMachineArn"`
	Name            string       `json:"name"`
	Status          string       `json:"status,omitempty"`
	Definition      string       `json:"definition"`
	RoleARN         string       `json:"roleArn"`
	Type            string       `json:"type,omitempty"`
	CreationDate    *world.Epoch `json:"creationDate,omitempty"`
	UpdateDate      *world.Epoch `json:"updateDate,omitempty"`
	Logging         logging      `json:"loggingConfiguration"`
	Tracing         tracing      `json:"tracingConfiguration"`
	RevisionID      string       `json:"revisionId,omitempty"`
}

func (s *Service) describeStateMachine(c *world.Call, in machineInput) (*machineOutput, error) {
	if err := checkARN(in.StateMachineARN, "stateMachine"); err != nil {
		return nil, err
	}
	if err := c.Authorize("states:DescribeStateMachine", in.StateMachineARN, nil); err != nil {
		return nil, err
	}
	m := s.state.Machines[in.StateMachineARN]
	if m == nil {
		return nil, world.Errorf("StateMachineDoesNotExist", "State Machine Does Not Exist: '%s'", in.StateMachineARN)
	}
	status := "ACTIVE"
	if m.Deleting {
		status = "DELETING"
	}
	return &machineOutput{StateMachineARN: m.ARN, Name: m.Name, Status: status, Definition: s.state.Definitions[m.Definition], RoleARN: m.RoleARN,
		Type: "STANDARD", CreationDate: world.EpochOf(m.Created), Logging: m.Logging, Tracing: m.Tracing, RevisionID: m.RevisionID}, nil
}

type executionInput struct {
	ExecutionARN string `json:"executionArn"`
}

// describeStateMachineForExecution describes the state machine as it was when the execution started.
func (s *Service) describeStateMachineForExecution(c *world.Call, in executionInput) (*machineOutput, error) {
	x, err := s.authorized(c, "states:DescribeStateMachineForExecution", in.ExecutionARN)
	if err != nil {
		return nil, err
	}
	out := &machineOutput{StateMachineARN: x.MachineARN, Name: x.MachineName, Definition: s.state.Definitions[x.Definition], RoleARN: x.RoleARN,
		UpdateDate: world.EpochOf(x.Updated), Logging: loggingOff(), RevisionID: x.RevisionID}
	if m := s.state.Machines[x.MachineARN]; m != nil {
		out.Logging, out.Tracing = m.Logging, m.Tracing
	}
	return out, nil
}

// authorized returns the execution that a call is about, if the caller may.
func (s *Service) authorized(c *world.Call, action, arn string) (*Execution, error) {
	if err := checkARN(arn, "execution"); err != nil {
		return nil, err
	}
	if err := c.Authorize(action, arn, nil); err != nil {
		return nil, err
	}
	x := s.state.Executions[arn]
	if x == nil {
		return nil, world.Errorf("ExecutionDoesNotExist", "Execution Does Not Exist: '%s'", arn)
	}
	return x, nil
}

type tagsInput struct {
	ResourceARN string `json:"resourceArn"`
}

type tagsOutput struct {
	Tags []tag `json:"tags"`
}

func (s *Service) listTagsForResource(c *world.Call, in tagsInput) (*tagsOutput, error) {
	if err := checkARN(in.ResourceARN, "stateMachine"); err != nil {
		return nil, err
	}
	if err := c.Authorize("states:ListTagsForResource", in.ResourceARN, nil); err != nil {
		return nil, err
	}
	m := s.state.Machines[in.ResourceARN]
	if m == nil {
		return nil, world.Errorf("ResourceNotFound", "Resource not found: '%s'", in.ResourceARN)
	}
	return &tagsOutput{append([]tag{}, m.Tags...)}, nil
}

type validateInput struct {
	Definition string `json:"definition"`
	Type       string `json:"type"`
	Severity   string `json:"severity"`
	MaxResults int    `json:"maxResults"`
}

type validateOutput struct {
	Result      string       `json:"result"`
	Diagnostics []diagnostic `json:"diagnostics"`
	Truncated   bool         `json:"truncated"`
}

type diagnostic struct {
	Severity string `json:"severity"`
	Code     string `json:"code"`
	Message  string `json:"message"`
	Location string `json:"location,omitempty"`
}

// validateStateMachineDefinition lists what CreateStateMachine would refuse. It knows no warnings.
func (s *Service) validateStateMachineDefinition(c *world.Call, in validateInput) (*validateOutput, error) {
	if err := c.Authorize("states:ValidateStateMachineDefinition", "*", nil); err != nil {
		return nil, err
	}
	if err := onlyStandard(in.Type); err != nil {
		return nil, err
	}
	const most = 100
	if in.MaxResults < 0 || in.MaxResults > most {
		return nil, validation("Value '%d' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to %d", in.MaxResults, most)
	}
	if in.MaxResults == 0 {
		in.MaxResults = most
	}
	out := &validateOutput{Result: "OK", Diagnostics: []diagnostic{}}
	_, err := asl.Parse([]byte(in.Definition))
	var problems asl.Problems
	if !errors.As(err, &problems) {
		return out, nil
	}
	out.Result = "FAIL"
	for i, p := range problems {
		if out.Truncated = i >= in.MaxResults; out.Truncated {
			break
		}
		out.Diagnostics = append(out.Diagnostics, diagnostic{"ERROR", p.Code, p.Message, p.Location})
	}
	return out, nil
}
