// Package updateservice is the step UpdateService: it points the service at the revision. From here on the service was
// touched.
//
// It makes its one call under the claim (shared/edge/pointing), so that the newest execution wins whatever the order in
// which calls arrive. A service that an operator has begun to hold since the claim was taken is not pointed anywhere: this is the
// last moment in which nothing was touched. Nor is it for an image that came into quarantine since its revision was made, which
// an execution that is redriven here days later would deploy again.
package updateservice

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"fairlead/shared/config"
	"fairlead/shared/edge/handler"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/edge/look"
	"fairlead/shared/edge/pointing"
	"fairlead/shared/edge/session"
	"fairlead/shared/fault"
	"fairlead/shared/image"
	"fairlead/shared/revision"
	"fairlead/shared/rollout"
)

// Ports are what the step acts through, on behalf of one service and execution.
type Ports struct {
	Look   look.API
	Update pointing.Updater
}

// Step is UpdateService.
type Step struct {
	Config config.Config
	Logger *slog.Logger
	Claims pointing.Claims
	// Holds are the ledger's, under the function's own role; whether one has passed, Now says.
	Holds ledger.HoldReader
	Now   func() time.Time
	// Quarantine is the ledger's too.
	Quarantine ledger.QuarantineReader
	Place      func(context.Context) (config.Place, error)
	// Open opens the ports under the service's roles.
	Open func(ctx context.Context, service config.Service, executionARN string) Ports
}

// New makes the function. Its SDK does not repeat UpdateService: the workflow does, and the step looks first.
func New(rt session.Runtime) handler.Func { return With(rt, time.Now) }

// With makes the function with another clock than the wall's.
func With(rt session.Runtime, now func() time.Time) handler.Func {
	table := dynamodb.NewFromConfig(rt.AWS)
	step := Step{Config: rt.Config, Logger: rt.Logger, Place: rt.Place,
		Claims: ledger.NewClaims(table, rt.Env.Ledger), Holds: ledger.NewHeld(table, rt.Env.Ledger), Now: now,
		Quarantine: ledger.NewQuarantined(table, rt.Env.Ledger),
		Open: func(ctx context.Context, service config.Service, executionARN string) Ports {
			return Ports{
				Look:   ecs.NewFromConfig(rt.As(ctx, service, config.Look, executionARN)),
				Update: ecs.NewFromConfig(session.Once(rt.As(ctx, service, config.Update, executionARN))),
			}
		}}
	return handler.Adapt(rt.Logger, step.Handle)
}

// Handle points the service at the revision, or says what makes that needless or wrong.
func (s Step) Handle(ctx context.Context, request handler.Request) (rollout.Updated, error) {
	task, err := s.task(ctx, request)
	if err != nil {
		return rollout.Updated{}, err
	}
	updated, err := task.run(ctx)
	if err != nil {
		return rollout.Updated{}, err
	}
	s.Logger.InfoContext(ctx, "service updated", "service", task.Service.Name, "decision", updated.Decision, "reason", updated.Reason,
		"task_definition", task.revision.TaskDefinition, "previous", updated.Previous, "deployment", updated.Deployment,
		"execution", request.Execution.ID)
	return updated, nil
}

// task is one run of the step: what it knows from the request.
type task struct {
	pointing.Hand
	look       look.API
	holds      ledger.HoldReader
	quarantine ledger.QuarantineReader
	now        func() time.Time
	image      image.Checked
	gates      gates
	revision   revision.Registered
}

// task parses the request and opens the ports.
func (s Step) task(ctx context.Context, request handler.Request) (task, error) {
	var document struct {
		Service  string              `json:"service"`
		Image    image.Checked       `json:"image"`
		Revision revision.Registered `json:"revision"`
		gates
	}
	if err := json.Unmarshal(request.Document, &document); err != nil {
		return task{}, fault.New(fault.InputInvalid, "start anew with an input as in the folder events/", "read the document: %w", err)
	}
	if document.Revision.TaskDefinition == "" || document.Revision.Base == "" {
		return task{}, fault.New(fault.InputInvalid, "start anew with an input as in the folder events/", "the document names no revision to put into service")
	}
	service, err := s.Config.Lookup(document.Service)
	if err != nil {
		return task{}, err
	}
	place, err := s.Place(ctx)
	if err != nil {
		return task{}, err
	}
	ports := s.Open(ctx, service, request.Execution.ID)
	return task{look: ports.Look, holds: s.Holds, quarantine: s.Quarantine, now: s.Now, image: document.Image, gates: document.gates, revision: document.Revision, Hand: pointing.Hand{
		Reader: ports.Look, Updater: ports.Update, Claims: s.Claims, Service: service, Place: place, Execution: request.Execution, State: request.State,
	}}, nil
}
