package states

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"fairlead/local/states/asl"
	"fairlead/local/world"
)

// ticket says which attempt an invocation belongs to.
type ticket struct {
	Execution string `json:"execution"`
	Turn      int    `json:"turn"`
}

// work is one attempt of a task, with its fields evaluated.
type work struct {
	state     *asl.State
	function  string
	payload   string
	input     string // the effective input
	timeout   time.Duration
	heartbeat time.Duration
}

// attempt schedules and starts a task; on an error before that, it does what the state says about the error.
func (s *Service) attempt(x *Execution, state *asl.State) *next {
	x.supersede()
	if state.Kind() == asl.WaitForTaskToken {
		x.Activity.Secret = s.w.Hex(64)
	}
	x.Activity.Phase = phaseInvoked
	job, err := s.prepare(x, state)
	if err != nil {
		return s.retryOrCatch(x, state, s.located(x, err))
	}
	s.recordStart(x, job)
	if !x.running() {
		return nil
	}
	if job.timeout > 0 {
		s.after(x, job.timeout, laterTimeout)
	}
	if err := s.invoke(x, job); err != nil {
		return s.taskFailed(x, state, err)
	}
	return nil
}

func (s *Service) prepare(x *Execution, state *asl.State) (work, error) {
	job := work{state: state}
	scope := s.scope(x, state)
	input, err := state.InputPath.Eval(scope)
	if err != nil {
		return job, err
	}
	inner := scope
	inner.Input = input
	if job.timeout, err = state.Timeout.Eval(inner); err != nil {
		return job, err
	}
	if job.heartbeat, err = state.Heartbeat.Eval(inner); err != nil {
		return job, err
	}
	parameters := input
	if state.Parameters != nil {
		if parameters, err = state.Parameters.Eval(inner); err != nil {
			return job, err
		}
	}
	if job.input, err = payload(parameters, state.Name); err != nil {
		return job, err
	}
	return job, job.address(parameters)
}

// address finds out which function is called, with what.
func (job *work) address(parameters any) error {
	if job.state.Kind() == asl.InvokeFunction {
		job.function, job.payload = job.state.Resource, job.input
		return nil
	}
	fields, _ := parameters.(map[string]any)
	name, ok := fields["FunctionName"].(string)
	if !ok {
		return &asl.Fault{Name: asl.ErrorRuntime, Cause: fmt.Sprintf(
			"The Parameters '%s' could not be used to start the Task: [The value of the field 'FunctionName' has an invalid format]", job.input)}
	}
	job.function, job.payload = name, "{}"
	if v, ok := fields["Payload"]; ok {
		job.payload = string(asl.Encode(v))
	}
	return nil
}

func (s *Service) recordStart(x *Execution, job work) {
	timeout, heartbeat := int64(job.timeout/time.Second), int64(job.heartbeat/time.Second)
	if job.state.Kind() == asl.InvokeFunction {
		s.record(x, "LambdaFunctionScheduled", Details{Resource: job.function, Timeout: timeout}.input(job.input))
		s.record(x, "LambdaFunctionStarted", Details{})
		return
	}
	details := taskDetails(job.state)
	scheduled := details
	scheduled.Region, scheduled.Parameters, scheduled.Timeout, scheduled.Heartbeat = s.w.Region, &job.input, timeout, heartbeat
	s.record(x, "TaskScheduled", scheduled)
	s.record(x, "TaskStarted", details)
}

func taskDetails(state *asl.State) Details {
	if state.Kind() == asl.WaitForTaskToken {
		return Details{ResourceType: "lambda", Resource: "invoke.waitForTaskToken"}
	}
	return Details{ResourceType: "lambda", Resource: "invoke"}
}

// invoke starts the function under the state machine's role.
func (s *Service) invoke(x *Execution, job work) *asl.Fault {
	session, err := s.ports.Roles.ServiceSession(x.RoleARN, "states.amazonaws.com", x.MachineARN, s.w.Alphanumeric(32))
	if err != nil {
		return &asl.Fault{Name: asl.ErrorPermissions, Cause: err.Error()}
	}
	what, err := json.Marshal(ticket{x.ARN, x.Turn})
	if err != nil {
		panic("states: a ticket cannot be written: " + err.Error())
	}
	err = s.ports.Invoker.Invoke(session, job.function, json.RawMessage(job.payload), world.Ticket{Service: serviceName, What: what})
	if err != nil {
		return s.lambdaFault(err)
	}
	return nil
}

// lambdaFault is an error reply of Lambda's API as Step Functions reports it.
func (s *Service) lambdaFault(err error) *asl.Fault {
	var e *world.Error
	if !errors.As(err, &e) {
		e = &world.Error{Code: "ServiceException", Message: err.Error(), Status: 500}
	}
	name, status := "Lambda."+e.Code, e.Status
	if e.Code == "AccessDeniedException" { // Lambda's client has no exception of that name
		name, status = "Lambda.AWSLambdaException", 403
	}
	return &asl.Fault{Name: name, Cause: fmt.Sprintf("%s (Service: AWSLambda; Status Code: %d; Error Code: %s; Request ID: %s; Proxy: null)",
		e.Message, status, e.Code, s.w.UUID())}
}

// Invoked takes the end of an invocation. One that belongs to an attempt that is over (it timed out, its task token
// came back before, the execution ended) is ignored.
func (s *Service) Invoked(what json.RawMessage, result world.Invoked) {
	var t ticket
	if err := json.Unmarshal(what, &t); err != nil {
		panic("states: a ticket cannot be read: " + err.Error())
	}
	x := s.state.Executions[t.Execution]
	if x == nil || !x.running() || x.Turn != t.Turn || x.Activity.Phase != phaseInvoked {
		return
	}
	state := s.current(x)
	if result.FunctionError != "" {
		s.run(x, s.taskFailed(x, state, functionFault(result)))
		return
	}
	s.run(x, s.returned(x, state, result))
}

func functionFault(result world.Invoked) *asl.Fault {
	name := result.ErrorType
	if name == "" {
		name = "Lambda.Unknown"
	}
	return &asl.Fault{Name: name, Cause: *limited(string(result.Payload), maxCause)}
}

// returned takes what a function returned: the task's result or, with a task token, only that it was submitted.
func (s *Service) returned(x *Execution, state *asl.State, result world.Invoked) *next {
	value, of := payloadValue(result.Payload), state.Resource
	if state.Kind() != asl.InvokeFunction {
		value, of = s.invocationResult(result, value), "lambda"
	}
	raw, err := payload(value, of)
	if err != nil {
		return s.taskFailed(x, state, s.located(x, err))
	}
	if state.Kind() != asl.WaitForTaskToken {
		return s.taskSucceeded(x, state, value, raw)
	}
	s.record(x, "TaskSubmitted", taskDetails(state).output(raw))
	x.Activity.Phase = phaseSubmitted
	s.awaitHeartbeat(x, state)
	return nil
}

// payloadValue is a function's reply: JSON, or, where a function returns something else, the text itself.
func payloadValue(raw json.RawMessage) any {
	v, err := asl.Decode(raw)
	if err != nil {
		return string(raw)
	}
	return v
}

// awaitHeartbeat starts the heartbeat's clock anew, if the task has one.
func (s *Service) awaitHeartbeat(x *Execution, state *asl.State) {
	scope := s.scope(x, state)
	input, err := state.InputPath.Eval(scope)
	if err != nil {
		return // it was evaluated before the task started
	}
	scope.Input = input
	x.Activity.Beat++
	if d, err := state.Heartbeat.Eval(scope); err == nil && d > 0 {
		s.after(x, d, laterHeartbeat)
	}
}

func (s *Service) taskSucceeded(x *Execution, state *asl.State, result any, raw string) *next {
	kind, details := "TaskSucceeded", taskDetails(state)
	if state.Kind() == asl.InvokeFunction {
		kind, details = "LambdaFunctionSucceeded", Details{}
	}
	x.supersede()
	s.record(x, kind, details.output(raw))
	n, err := s.finish(x, state, result)
	if err != nil {
		return s.retryOrCatch(x, state, s.located(x, err))
	}
	return n
}

// finish applies ResultSelector and ResultPath to a task's result and leaves the state.
func (s *Service) finish(x *Execution, state *asl.State, result any) (*next, error) {
	scope := s.scope(x, state)
	if state.Selector != nil {
		selecting := scope
		selecting.Input = result
		var err error
		if result, err = state.Selector.Eval(selecting); err != nil {
			return nil, err
		}
	}
	output, err := state.ResultPath.Place(scope.Input, result)
	if err != nil {
		return nil, err
	}
	return s.leave(x, state, scope, output)
}

func (s *Service) taskFailed(x *Execution, state *asl.State, f *asl.Fault) *next {
	kind, details := "TaskFailed", taskDetails(state)
	if state.Kind() == asl.InvokeFunction {
		kind, details = "LambdaFunctionFailed", Details{}
	}
	s.record(x, kind, details.fault(f))
	return s.retryOrCatch(x, state, f)
}

func (s *Service) timeOut(x *Execution, f *asl.Fault) *next {
	state := s.current(x)
	kind, details := "TaskTimedOut", taskDetails(state)
	if state.Kind() == asl.InvokeFunction {
		kind, details = "LambdaFunctionTimedOut", Details{}
	}
	s.record(x, kind, details.fault(f))
	return s.retryOrCatch(x, state, f)
}
