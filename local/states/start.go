package states

import (
	"encoding/json"
	"strings"
	"time"
	"unicode"

	"fairlead/local/states/asl"
	"fairlead/local/world"
)

// nameKept is how long the name of an execution that has ended cannot be used again.
const nameKept = 90 * 24 * time.Hour

type startInput struct {
	StateMachineARN string  `json:"stateMachineArn"`
	Name            string  `json:"name,omitempty"`
	Input           *string `json:"input,omitempty"`
	TraceHeader     string  `json:"traceHeader,omitempty"`
}

type startOutput struct {
	ExecutionARN string       `json:"executionArn"`
	StartDate    *world.Epoch `json:"startDate"`
}

func (s *Service) startExecution(c *world.Call, in startInput) (*startOutput, error) {
	if err := checkARN(in.StateMachineARN, "stateMachine"); err != nil {
		return nil, err
	}
	if err := c.Authorize("states:StartExecution", in.StateMachineARN, nil); err != nil {
		return nil, err
	}
	m, err := s.machine(in.StateMachineARN)
	if err != nil {
		return nil, err
	}
	if err := s.checkStart(&in); err != nil {
		return nil, err
	}
	x, err := s.start(m, in)
	if err != nil {
		return nil, err
	}
	return &startOutput{x.ARN, world.EpochOf(x.Start)}, nil
}

// checkStart refuses a bad name or input, and fills in what is not given.
func (s *Service) checkStart(in *startInput) error {
	if in.Name == "" {
		in.Name = s.w.UUID()
	}
	if err := checkName(in.Name); err != nil {
		return err
	}
	const maxTrace = 256
	if len(in.TraceHeader) > maxTrace || strings.ContainsFunc(in.TraceHeader, func(r rune) bool { return r > unicode.MaxASCII }) {
		return tooLong(in.TraceHeader, "traceHeader", maxTrace)
	}
	if in.Input == nil {
		empty := "{}"
		in.Input = &empty
	}
	return checkInput(*in.Input)
}

func checkInput(input string) error {
	if len(input) > asl.MaxPayload {
		return tooLongSecret("input", asl.MaxPayload)
	}
	if strings.TrimSpace(input) == "" {
		return world.Errorf("InvalidExecutionInput", "Invalid State Machine Execution Input: 'Invalid execution input.'")
	}
	if _, err := asl.Decode([]byte(input)); err != nil {
		return world.Errorf("InvalidExecutionInput", "Invalid State Machine Execution Input: '%v'", err)
	}
	return nil
}

// start starts an execution, or returns the one that runs under this name with this input.
func (s *Service) start(m *Machine, in startInput) (*Execution, error) {
	arn := executionARN(m.ARN, in.Name)
	if x := s.state.Executions[arn]; x != nil {
		if x.running() && x.Input == *in.Input {
			return x, nil
		}
		if x.running() || s.w.Now().Sub(x.Stop) < nameKept {
			return nil, world.Errorf("ExecutionAlreadyExists", "Execution Already Exists: '%s'", arn)
		}
	}
	s.state.Started++
	x := &Execution{ARN: arn, Name: in.Name, Order: s.state.Started, MachineARN: m.ARN, MachineName: m.Name, Definition: m.Definition, RoleARN: m.RoleARN,
		RevisionID: m.RevisionID, Updated: m.Updated, TraceHeader: in.TraceHeader, Status: running, Input: *in.Input, Start: s.w.Now().Truncate(time.Millisecond)}
	s.state.Executions[arn] = x
	s.record(x, "ExecutionStarted", Details{RoleARN: x.RoleARN}.input(x.Input))
	s.notify(x)
	s.schedule(x)
	return x, nil
}

// schedule lets the execution go on after the call that started or redrove it has been answered.
func (s *Service) schedule(x *Execution) {
	s.after(x, 0, laterBegin)
	if limit := s.definition(x.Definition).Timeout; limit > 0 {
		s.after(x, limit, laterDeadline)
	}
}

type stopInput struct {
	ExecutionARN string  `json:"executionArn"`
	Error        *string `json:"error"`
	Cause        *string `json:"cause"`
}

type stopOutput struct {
	StopDate *world.Epoch `json:"stopDate"`
}

// stopExecution stops a running execution. One that has ended stays as it is, and its end is returned.
func (s *Service) stopExecution(c *world.Call, in stopInput) (*stopOutput, error) {
	x, err := s.authorized(c, "states:StopExecution", in.ExecutionARN)
	if err != nil {
		return nil, err
	}
	if err := checkFailure(in.Error, in.Cause); err != nil {
		return nil, err
	}
	s.end(x, aborted, failure(in.Error, in.Cause))
	return &stopOutput{world.EpochOf(x.Stop)}, nil
}

func checkFailure(name, cause *string) error {
	if name != nil && len(*name) > maxError {
		return tooLongSecret("error", maxError)
	}
	if cause != nil && len(*cause) > maxCause {
		return tooLongSecret("cause", maxCause)
	}
	return nil
}

// failure is a fault of which both parts may be missing.
func failure(name, cause *string) *asl.Fault {
	f := &asl.Fault{NoName: name == nil, NoCause: cause == nil}
	if name != nil {
		f.Name = *name
	}
	if cause != nil {
		f.Cause = *cause
	}
	return f
}

// validJSON says whether text is one JSON value.
func validJSON(text string) bool { return json.Valid([]byte(text)) }
