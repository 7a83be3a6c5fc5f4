// Package lambda is the embedded AWS Lambda: which functions there are, who may invoke them, and what is to be run.
//
// It runs nothing itself. An adapter takes what is pending ([Service.Take]), runs it (local/lambda/runner starts the
// real binaries) and says how it ended ([Service.Complete]).
package lambda

import (
	"encoding/json"
	"fmt"
	"time"

	"fairlead/local/world"
)

// Limits, from https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html.
const (
	maxSyncPayload  = 6 << 20   // bytes, synchronous invocation
	maxAsyncPayload = 256 << 10 // bytes, asynchronous invocation
	maxConcurrency  = 1000      // running at once in an account
)

// asyncAttempts is how often an asynchronous invocation is tried in all, and asyncPause how long Lambda waits before the second
// and the third time: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html.
const asyncAttempts = 3

func asyncPause(attempt int) time.Duration { return time.Duration(attempt) * time.Minute }

// Function is a function as its template declares it.
type Function struct {
	Name        string            `json:"name"`
	ARN         string            `json:"arn"`
	Role        string            `json:"role"`
	Handler     string            `json:"handler"` // the name of the Go package whose host build is run
	Code        string            `json:"code"`    // the asset's directory
	Timeout     time.Duration     `json:"timeout"`
	MemoryMB    int               `json:"memoryMb"`
	Environment map[string]string `json:"environment"`
	LogGroup    string            `json:"logGroup"`
	Permissions []permission      `json:"permissions"` // its resource policy
}

// Invocation is one run of a function.
type Invocation struct {
	ID       string          `json:"id"`
	Function string          `json:"function"`
	Payload  json.RawMessage `json:"payload"`
	Ticket   world.Ticket    `json:"ticket"`
	Async    bool            `json:"async"`
	Attempt  int             `json:"attempt"` // from 1
}

type state struct {
	Functions map[string]*Function  `json:"functions"`
	Pending   []Invocation          `json:"pending"`
	Running   map[string]Invocation `json:"running"`
}

// Resources decides by identity and resource policy together; local/iam does.
type Resources interface {
	AuthorizeWithResource(who world.Principal, action, resource string, keys world.Keys, policy string) error
}

// Service is the embedded Lambda.
type Service struct {
	w      *world.World
	policy Resources
	roles  world.Roles
	logs   world.Logs
	state  state
}

// New makes a Lambda without functions.
func New(w *world.World, policy Resources, roles world.Roles, logs world.Logs) *Service {
	return &Service{w: w, policy: policy, roles: roles, logs: logs,
		state: state{Functions: map[string]*Function{}, Running: map[string]Invocation{}}}
}

// Name is "lambda".
func (s *Service) Name() string { return "lambda" }

// State is what Lambda remembers.
func (s *Service) State() any { return &s.state }

// Operations are none: functions are invoked by Step Functions and EventBridge, inside.
func (s *Service) Operations() map[string]world.Operation { return map[string]world.Operation{} }

// Due queues an asynchronous invocation once more.
func (s *Service) Due(what json.RawMessage) {
	var again Invocation
	if err := json.Unmarshal(what, &again); err != nil {
		panic(fmt.Sprintf("lambda: %v", err))
	}
	s.state.Pending = append(s.state.Pending, again)
}

// Invoke starts a function for a service that waits for its end, under the service's role.
func (s *Service) Invoke(who world.Principal, function string, payload json.RawMessage, ticket world.Ticket) error {
	f, err := s.admit(who, function, payload, maxSyncPayload)
	if err != nil {
		return err
	}
	s.queue(f, payload, ticket, false)
	return nil
}

// InvokeAsync starts a function for nobody in particular, as EventBridge does: the function's resource policy must let
// the service in. A failure is tried again twice.
func (s *Service) InvokeAsync(who world.Principal, function string, payload json.RawMessage) error {
	f, err := s.admit(who, function, payload, maxAsyncPayload)
	if err != nil {
		return err
	}
	s.queue(f, payload, world.Ticket{}, true)
	return nil
}

func (s *Service) admit(who world.Principal, arn string, payload json.RawMessage, limit int) (*Function, error) {
	f := s.find(arn)
	if f == nil {
		return nil, &world.Error{Code: "ResourceNotFoundException", Message: "Function not found: " + arn, Status: 404}
	}
	if err := s.policy.AuthorizeWithResource(who, "lambda:InvokeFunction", f.ARN, nil, f.policy()); err != nil {
		return nil, &world.Error{Code: "AccessDeniedException", Message: err.Error(), Status: 403}
	}
	if len(payload) > limit {
		return nil, &world.Error{Code: "RequestTooLargeException", Status: 413,
			Message: fmt.Sprintf("Request must be smaller than %d bytes for the InvokeFunction operation", limit)}
	}
	if len(s.state.Running)+len(s.state.Pending) >= maxConcurrency {
		return nil, &world.Error{Code: "TooManyRequestsException", Message: "Rate Exceeded.", Status: 429}
	}
	return f, nil
}

// find takes a name or an unqualified ARN.
func (s *Service) find(name string) *Function {
	for _, f := range s.state.Functions {
		if f.ARN == name || f.Name == name {
			return f
		}
	}
	return nil
}

func (s *Service) queue(f *Function, payload json.RawMessage, ticket world.Ticket, async bool) {
	s.state.Pending = append(s.state.Pending, Invocation{
		ID: s.w.UUID(), Function: f.Name, Payload: payload, Ticket: ticket, Async: async, Attempt: 1})
}

// Job is an invocation with what is needed to run it.
type Job struct {
	Invocation
	Definition  Function
	Credentials world.Credentials
	Place       world.Place
	Refused     string // why the function cannot be run at all; empty if it can
}

// sessionLength is how long a function's credentials live: Lambda renews an environment's before they expire.
const sessionLength = 12 * time.Hour

// Take hands out what is pending; each job must be completed.
func (s *Service) Take() []Job {
	jobs := make([]Job, 0, len(s.state.Pending))
	for _, invocation := range s.state.Pending {
		s.state.Running[invocation.ID] = invocation
		jobs = append(jobs, s.job(invocation))
	}
	s.state.Pending = nil
	return jobs
}

func (s *Service) job(invocation Invocation) Job {
	f := s.state.Functions[invocation.Function]
	if f == nil {
		return Job{Invocation: invocation, Refused: "the function was deleted"}
	}
	job := Job{Invocation: invocation, Definition: *f, Place: s.w.Place}
	who, err := s.roles.ServiceSession(f.Role, "lambda.amazonaws.com", f.ARN, f.Name)
	if err != nil {
		job.Refused = "The role defined for the function cannot be assumed by Lambda. " + err.Error()
		return job
	}
	job.Credentials = s.roles.Issue(who, sessionLength)
	return job
}

// Complete says how an invocation ended. One that is not running (any more) is ignored.
func (s *Service) Complete(id string, result world.Invoked) {
	invocation, ok := s.state.Running[id]
	if !ok {
		return
	}
	delete(s.state.Running, id)
	result.RequestID = id
	if invocation.Async && result.FunctionError != "" && invocation.Attempt < asyncAttempts {
		pause := asyncPause(invocation.Attempt)
		invocation.Attempt++
		s.w.After(pause, s.Name(), invocation)
	}
	if waiting, ok := s.w.Service(invocation.Ticket.Service).(world.Awaiter); ok {
		waiting.Invoked(invocation.Ticket.What, result)
	}
}

// Abandon completes everything that was running as crashed: what the processes of an earlier run had begun.
func (s *Service) Abandon() {
	for _, id := range sortedKeys(s.state.Running) {
		s.Complete(id, Crashed("the embedded AWS was stopped while the function ran"))
	}
}

// Crashed is the end of a function whose process ended before it answered, as Lambda reports it.
func Crashed(how string) world.Invoked {
	return failed("Runtime.ExitError", "RequestId: Error: Runtime exited with error: "+how)
}

// TimedOut is the end of a function that was stopped at its timeout.
func TimedOut(id string, after time.Duration) world.Invoked {
	return failed("Sandbox.Timedout", fmt.Sprintf("RequestId: %s Error: Task timed out after %.2f seconds", id, after.Seconds()))
}

func failed(kind, message string) world.Invoked {
	payload, _ := json.Marshal(map[string]string{"errorType": kind, "errorMessage": message}) //nolint:errchkjson // strings
	return world.Invoked{Payload: payload, FunctionError: "Unhandled", ErrorType: kind}
}
