// Package states is the embedded Amazon Step Functions: Standard workflows in the JSONPath states language.
//
// An execution is data: its state, its input, its counters and its history stand in State and survive a round trip
// through JSON. What is to happen later (a wait, a retry, a timeout, a missing heartbeat) stands on the world's agenda
// and carries the execution's turn, so that an event of an earlier turn is ignored. Package asl says what a definition
// means; this package runs it:
//
//	service.go machines.go delete.go  what exists, and the API of state machines
//	start.go describe.go list.go   the API of executions
//	run.go task.go outcome.go      the engine: enter a state, run a task, retry and catch
//	history.go logging.go notify.go  what it leaves behind: history, log lines, events
//	redrive.go callbacks.go        resume a failed execution; task tokens
//	resource.go                    AWS::StepFunctions::StateMachine
//
// Where AWS's documentation is silent, its behaviour was taken from recordings of the real service; what is neither
// documented nor recorded says so where it is decided.
package states

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"fairlead/local/states/asl"
	"fairlead/local/world"
)

const serviceName = "states"

// Ports are what Step Functions asks of other services.
type Ports struct {
	Bus       world.Bus
	Roles     world.Roles
	Invoker   world.Invoker
	Logs      world.Logs
	Authority world.Authority // decides whether a state machine's role may deliver logs
}

// Service is Step Functions.
type Service struct {
	w      *world.World
	ports  Ports
	state  State
	parsed map[string]*asl.Machine // by digest of the definition: derived from state, so not part of it
}

// State is all that the service remembers.
type State struct {
	Machines    map[string]*Machine   `json:"machines"`    // by ARN
	Executions  map[string]*Execution `json:"executions"`  // by ARN
	Definitions map[string]string     `json:"definitions"` // by digest
	Started     int64                 `json:"started"`     // how many executions were ever started
}

// New makes the service in a world.
func New(w *world.World, ports Ports) *Service {
	return &Service{w: w, ports: ports, parsed: map[string]*asl.Machine{}, state: State{
		Machines: map[string]*Machine{}, Executions: map[string]*Execution{}, Definitions: map[string]string{}}}
}

// Name is the service's signing name.
func (s *Service) Name() string { return serviceName }

// State points to all that the service remembers.
func (s *Service) State() any { return &s.state }

// Operations are the API operations that are served.
func (s *Service) Operations() map[string]world.Operation {
	return map[string]world.Operation{
		"CreateStateMachine":               world.Op(s.createStateMachine),
		"UpdateStateMachine":               world.Op(s.updateStateMachine),
		"DescribeStateMachine":             world.Op(s.describeStateMachine),
		"DescribeStateMachineForExecution": world.Op(s.describeStateMachineForExecution),
		"ListStateMachines":                world.Op(s.listStateMachines),
		"DeleteStateMachine":               world.Op(s.deleteStateMachine),
		"ValidateStateMachineDefinition":   world.Op(s.validateStateMachineDefinition),
		"ListTagsForResource":              world.Op(s.listTagsForResource),
		"StartExecution":                   world.Op(s.startExecution),
		"DescribeExecution":                world.Op(s.describeExecution),
		"ListExecutions":                   world.Op(s.listExecutions),
		"GetExecutionHistory":              world.Op(s.getExecutionHistory),
		"StopExecution":                    world.Op(s.stopExecution),
		"RedriveExecution":                 world.Op(s.redriveExecution),
		"SendTaskSuccess":                  world.Op(s.sendTaskSuccess),
		"SendTaskFailure":                  world.Op(s.sendTaskFailure),
		"SendTaskHeartbeat":                world.Op(s.sendTaskHeartbeat),
	}
}

// Start starts an execution as StartExecution does, with the same checks, on behalf of who.
func (s *Service) Start(who world.Principal, machineARN, name, input string) error {
	body, err := json.Marshal(startInput{StateMachineARN: machineARN, Name: name, Input: &input})
	if err != nil {
		return err
	}
	_, err = s.w.Call(world.Request{Service: serviceName, Operation: "StartExecution", Principal: who, Body: body})
	return err
}

// Transitions returns how many state transitions an execution has made so far: each state that it entered, each retry
// and each redrive. It is what AWS bills.
func (s *Service) Transitions(executionARN string) int {
	if x := s.state.Executions[executionARN]; x != nil {
		return x.Transitions
	}
	return 0
}

// Running returns how many executions run.
func (s *Service) Running() int {
	count := 0
	for _, x := range s.state.Executions {
		if x.running() {
			count++
		}
	}
	return count
}

// keep remembers a definition and returns its digest.
func (s *Service) keep(definition string) string {
	sum := sha256.Sum256([]byte(definition))
	digest := hex.EncodeToString(sum[:])
	s.state.Definitions[digest] = definition
	return digest
}

// definition returns a definition that was accepted before.
func (s *Service) definition(digest string) *asl.Machine {
	if m := s.parsed[digest]; m != nil {
		return m
	}
	m, err := asl.Parse([]byte(s.state.Definitions[digest]))
	if err != nil {
		panic("states: a definition that was accepted cannot be read: " + err.Error())
	}
	s.parsed[digest] = m
	return m
}
