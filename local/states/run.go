package states

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"fairlead/local/states/asl"
)

// later is an event on the world's agenda.
type later struct {
	Execution string    `json:"execution"`
	Kind      laterKind `json:"kind"`
	Turn      int       `json:"turn"` // of the execution, when the event was put on the agenda
	Beat      int       `json:"beat,omitempty"`
	Redrive   int       `json:"redrive,omitempty"`
}

type laterKind string

const (
	laterBegin     laterKind = "begin"     // the execution begins, or resumes after a redrive
	laterWait      laterKind = "wait"      // a Wait state is over
	laterRetry     laterKind = "retry"     // the next attempt of a task
	laterTimeout   laterKind = "timeout"   // TimeoutSeconds of a task
	laterHeartbeat laterKind = "heartbeat" // HeartbeatSeconds of a task
	laterDeadline  laterKind = "deadline"  // TimeoutSeconds of the state machine
)

func (s *Service) after(x *Execution, d time.Duration, kind laterKind) {
	e := later{Execution: x.ARN, Kind: kind, Turn: x.Turn, Redrive: x.RedriveCount}
	if x.Activity != nil {
		e.Beat = x.Activity.Beat
	}
	s.w.After(d, serviceName, e)
}

// Due lets an event happen that was on the agenda, unless it no longer counts.
func (s *Service) Due(what json.RawMessage) {
	var e later
	if err := json.Unmarshal(what, &e); err != nil {
		panic("states: an event on the agenda cannot be read: " + err.Error())
	}
	x := s.state.Executions[e.Execution]
	if x == nil || !x.running() || e.Redrive != x.RedriveCount {
		return
	}
	if e.Kind == laterDeadline {
		s.end(x, timedOut, nil)
		return
	}
	if e.Turn == x.Turn {
		s.run(x, s.due(x, e))
	}
}

func (s *Service) due(x *Execution, e later) *next {
	switch e.Kind {
	case laterBegin:
		return s.begin(x)
	case laterWait:
		return s.waited(x)
	case laterRetry:
		return s.attempt(x, s.current(x))
	case laterTimeout:
		return s.timeOut(x, &asl.Fault{Name: asl.ErrorTimeout})
	case laterHeartbeat:
		if e.Beat == x.Activity.Beat {
			return s.timeOut(x, &asl.Fault{Name: asl.ErrorTimeout, Heartbeat: true})
		}
	case laterDeadline:
	}
	return nil
}

// next is the state that an execution is to enter; nil if it waits for something or has ended.
type next struct{ state, input string }

// run enters states until one of them waits or the execution ends.
func (s *Service) run(x *Execution, n *next) {
	for n != nil && x.running() {
		if m := s.state.Machines[x.MachineARN]; m == nil || m.Deleting {
			s.end(x, aborted, nil)
			return
		}
		n = s.enter(x, *n)
	}
}

// begin enters the first state or, after a redrive, resumes at the last one: a task is scheduled again in the state
// that it entered, any other state is entered again. The documentation says "reschedules" of a task and "re-enters" of
// the others; which events AWS writes between ExecutionRedriven and TaskScheduled is not documented.
func (s *Service) begin(x *Execution) *next {
	a := x.Activity
	if a == nil {
		return &next{s.definition(x.Definition).StartAt, x.Input}
	}
	state := s.current(x)
	if state.Type == "Task" {
		a.Retried, a.RetryCount = make([]int, len(state.Retry)), 0
		return s.attempt(x, state)
	}
	return &next{a.State, a.Input}
}

func (s *Service) current(x *Execution) *asl.State {
	return s.definition(x.Definition).States[x.Activity.State]
}

func (s *Service) enter(x *Execution, n next) *next {
	state := s.definition(x.Definition).States[n.state]
	x.supersede()
	x.Transitions++
	s.record(x, state.Type+"StateEntered", Details{Name: state.Name}.input(n.input))
	if !x.running() {
		return nil
	}
	x.Activity = &Activity{State: state.Name, Entered: s.w.Now(), EnteredEvent: x.Last, Input: n.input, Retried: make([]int, len(state.Retry))}
	switch state.Type {
	case "Task":
		return s.attempt(x, state)
	case "Pass":
		return s.settle(x, state, s.pass)
	case "Choice":
		return s.settle(x, state, s.choose)
	case "Wait":
		return s.settle(x, state, s.wait)
	case "Succeed":
		return s.settle(x, state, s.succeed)
	default:
		return s.settle(x, state, s.fail)
	}
}

// settle lets a state do what it does; if that is an error, the execution fails.
func (s *Service) settle(x *Execution, state *asl.State, act func(*Execution, *asl.State, asl.Scope) (*next, error)) *next {
	n, err := act(x, state, s.scope(x, state))
	if err != nil {
		s.end(x, failed, s.located(x, err))
		return nil
	}
	return n
}

func (s *Service) pass(x *Execution, state *asl.State, scope asl.Scope) (*next, error) {
	result, err := effective(state, scope)
	if err != nil {
		return nil, err
	}
	if state.HasResult {
		result = state.Result
	}
	output, err := state.ResultPath.Place(scope.Input, result)
	if err != nil {
		return nil, err
	}
	return s.leave(x, state, scope, output)
}

// effective is the input after InputPath and Parameters.
func effective(state *asl.State, scope asl.Scope) (any, error) {
	input, err := state.InputPath.Eval(scope)
	if err != nil || state.Parameters == nil {
		return input, err
	}
	scope.Input = input
	return state.Parameters.Eval(scope)
}

func (s *Service) choose(x *Execution, state *asl.State, scope asl.Scope) (*next, error) {
	input, err := state.InputPath.Eval(scope)
	if err != nil {
		return nil, err
	}
	scope.Input = input
	target := state.Default
	for _, rule := range state.Choices {
		held, err := rule.Matches(scope)
		if err != nil {
			return nil, err
		}
		if held {
			target = rule.Next
			break
		}
	}
	if target == "" { // AWS reports States.Runtime here, not the specification's States.NoChoiceMatched
		return nil, &asl.Fault{Name: asl.ErrorRuntime, Cause: "Failed to transition out of the state. The state does not point to a next state."}
	}
	n, err := s.leave(x, state, scope, input)
	if n != nil {
		n.state = target
	}
	return n, err
}

func (s *Service) wait(x *Execution, state *asl.State, scope asl.Scope) (*next, error) {
	input, err := state.InputPath.Eval(scope)
	if err != nil {
		return nil, err
	}
	scope.Input = input
	delay, err := delay(state, scope, s.w.Now())
	if err != nil {
		return nil, err
	}
	x.Activity.Phase = phaseResting
	s.after(x, delay, laterWait)
	return nil, nil //nolint:nilnil // no next state yet, and no error
}

func delay(state *asl.State, scope asl.Scope, now time.Time) (time.Duration, error) {
	if state.Wait.Given() {
		return state.Wait.EvalWait(scope)
	}
	until, err := state.WaitUntil(scope)
	return until.Sub(now), err
}

func (s *Service) waited(x *Execution) *next {
	return s.settle(x, s.current(x), func(x *Execution, state *asl.State, scope asl.Scope) (*next, error) {
		input, err := state.InputPath.Eval(scope)
		if err != nil {
			return nil, err
		}
		return s.leave(x, state, scope, input)
	})
}

func (s *Service) succeed(x *Execution, state *asl.State, scope asl.Scope) (*next, error) {
	input, err := state.InputPath.Eval(scope)
	if err != nil {
		return nil, err
	}
	return s.leave(x, state, scope, input)
}

func (s *Service) fail(x *Execution, state *asl.State, scope asl.Scope) (*next, error) {
	name, named, err := state.Error.Eval(scope)
	if err != nil {
		return nil, err
	}
	cause, caused, err := state.Cause.Eval(scope)
	if err != nil {
		return nil, err
	}
	s.end(x, failed, &asl.Fault{Name: name, NoName: !named, Cause: cause, NoCause: !caused})
	return nil, nil //nolint:nilnil // no next state, and no error of the engine
}

// leave applies OutputPath, records that the state was left and says what follows: nil if the execution has succeeded.
func (s *Service) leave(x *Execution, state *asl.State, scope asl.Scope, output any) (*next, error) {
	scope.Input = output
	selected, err := state.OutputPath.Eval(scope)
	if err != nil {
		return nil, err
	}
	raw, err := payload(selected, state.Name)
	if err != nil {
		return nil, err
	}
	s.record(x, state.Type+"StateExited", Details{Name: state.Name}.output(raw))
	if !state.End {
		return &next{state.Next, raw}, nil
	}
	if x.running() {
		x.Output = &raw
		s.end(x, succeeded, nil)
	}
	return nil, nil //nolint:nilnil // the execution has ended
}

// payload writes what a state or task returned, if it is not too large.
func payload(v any, of string) (string, error) {
	raw := asl.Encode(v)
	if len(raw) > asl.MaxPayload {
		return "", &asl.Fault{Name: asl.ErrorDataLimitExceeded,
			Cause: fmt.Sprintf("The state/task '%s' returned a result with a size exceeding the maximum number of bytes service limit.", of)}
	}
	return string(raw), nil
}

// located says in which state a fault of the states language arose.
func (s *Service) located(x *Execution, err error) *asl.Fault {
	var f *asl.Fault
	if !errors.As(err, &f) {
		f = &asl.Fault{Name: asl.ErrorRuntime, Cause: err.Error()}
	}
	if f.Name == asl.ErrorDataLimitExceeded {
		return f
	}
	told := *f
	told.Cause = fmt.Sprintf("An error occurred while executing the state '%s' (entered at the event id #%d). %s", x.Activity.State, x.Activity.EnteredEvent, f.Cause)
	return &told
}
