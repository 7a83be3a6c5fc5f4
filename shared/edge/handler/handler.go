// Package handler is the edge between Lambda and a step: it decodes what the workflow sends, calls the step, logs one
// line, and turns a fault into the error that the workflow matches.
package handler

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"

	"fairlead/shared/fault"
)

// Request is what the workflow sends to a step: Parameters.Payload of its state in infra/workflow.asl.json.
type Request struct {
	Execution Execution `json:"execution"`
	State     State     `json:"state"`
	// TaskToken is set for AwaitRollout alone.
	TaskToken string `json:"taskToken,omitempty"`
	// Document is the execution's input and what the steps before have added, one key each.
	Document json.RawMessage `json:"document"`
}

// attributes are what every log line of the call carries.
func (r *Request) attributes() []any {
	return []any{"execution", r.Execution.ID, "redrive_count", r.Execution.RedriveCount, "state", r.State.Name, "retry_count", r.State.RetryCount}
}

// Execution identifies the run, as the context object of the states language has it.
type Execution struct {
	ID           string    `json:"id"` // the execution's ARN
	Name         string    `json:"name"`
	StartTime    time.Time `json:"startTime"`
	RedriveCount int       `json:"redriveCount"`
}

// State is where in the run the step stands. Its time is the step's "now": the workflow's clock, not the machine's. It
// stays the same through the retries of the state, and AWS does not say whether through a redrive: now may be too early,
// never too late, and what is judged by it must be as true then.
type State struct {
	Name        string    `json:"name"`
	EnteredTime time.Time `json:"enteredTime"`
	RetryCount  int       `json:"retryCount"`
}

// Step is one step of the workflow: it reads, decides and acts, and returns the value of its key in the document.
type Step[Out any] func(ctx context.Context, request Request) (Out, error)

// Func is a step, or one of the functions beside the workflow, as Lambda calls it: JSON in, JSON out.
type Func func(ctx context.Context, payload json.RawMessage) (json.RawMessage, error)

// Adapt makes a step callable by Lambda. Whatever the step returns or does, the error that leaves is a
// [messages.InvokeResponse_Error] by value: its Type is the fault's code, which aws-lambda-go reports as errorType
// (for any other error it reports the Go type name of the outermost error, and a Catch silently stops matching).
func Adapt[Out any](logger *slog.Logger, step Step[Out]) Func {
	return func(ctx context.Context, payload json.RawMessage) (json.RawMessage, error) {
		var request Request
		return Run(ctx, logger, payload, &request, func(ctx context.Context) (any, error) {
			return step(ctx, request)
		})
	}
}

// Run decodes the payload into `into`, calls act and encodes what it returns. It is Adapt's body, and serves the
// functions that EventBridge calls with an event of its own shape.
func Run(ctx context.Context, logger *slog.Logger, payload json.RawMessage, into any, act func(context.Context) (any, error)) (reply json.RawMessage, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			logger.ErrorContext(ctx, "step panicked", "panic", fmt.Sprint(cause), "stack", string(debug.Stack()))
			reply, err = nil, report(ctx, logger, fmt.Errorf("the step panicked: %v", cause))
		}
	}()
	if err := json.Unmarshal(payload, into); err != nil {
		return nil, report(ctx, logger, fault.New(fault.InputInvalid, "start anew with the input that the workflow expects", "decode the request: %w", err))
	}
	if call, ok := into.(interface{ attributes() []any }); ok {
		logger = logger.With(call.attributes()...)
	}
	out, err := act(ctx)
	if err != nil {
		return nil, report(ctx, logger, err)
	}
	reply, err = json.Marshal(out)
	if err != nil {
		return nil, report(ctx, logger, fmt.Errorf("encode the reply: %w", err))
	}
	logger.InfoContext(ctx, "step done", "reply", reply)
	return reply, nil
}

// report logs a fault and makes it the error that aws-lambda-go passes on unchanged.
func report(ctx context.Context, logger *slog.Logger, err error) error {
	f := fault.From(err)
	logger.WarnContext(ctx, "step failed", "code", f.Code, "error", f.Error())
	return messages.InvokeResponse_Error{Type: string(f.Code), Message: f.Error()}
}
