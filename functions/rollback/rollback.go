// Package rollback is the step RollBack: it takes the service back to what it ran successfully before, unless ECS is
// doing so already or something newer has taken over.
//
// It first puts the image into quarantine, so that nothing deploys it again meanwhile, and then makes one of two calls,
// each under the claim (shared/edge/pointing): StopServiceDeployment, which names our own deployment, or UpdateService.
// Whatever happens between two calls, a step that is run again finds what is done and does the rest: it does not go back
// twice.
//
// An execution that has lost the claim stops its own deployment and touches nothing else.
package rollback

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"fairlead/shared/claim"
	"fairlead/shared/config"
	"fairlead/shared/edge/handler"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/edge/look"
	"fairlead/shared/edge/lossless"
	"fairlead/shared/edge/pointing"
	"fairlead/shared/edge/session"
	"fairlead/shared/fault"
	"fairlead/shared/image"
	"fairlead/shared/rollback"
	"fairlead/shared/rollout"
)

// Reader is what the step asks ECS, under the look role.
type Reader interface {
	look.API
	lossless.Reader
}

// Updater takes services back, under the update role.
type Updater interface {
	pointing.Updater
	StopServiceDeployment(context.Context, *ecs.StopServiceDeploymentInput, ...func(*ecs.Options)) (*ecs.StopServiceDeploymentOutput, error)
}

// Quarantines is where the images are that are not deployed again.
type Quarantines interface {
	ledger.QuarantineReader
	ledger.QuarantineWriter
}

// Ports are what the step acts through, on behalf of one service and execution.
type Ports struct {
	Look     Reader
	Register lossless.Registrar
	Update   Updater
}

// Step is RollBack.
type Step struct {
	Config      config.Config
	Logger      *slog.Logger
	Claims      pointing.Claims
	Quarantines Quarantines
	Now         func() time.Time
	Place       func(context.Context) (config.Place, error)
	// Open opens the ports under the service's roles.
	Open func(ctx context.Context, service config.Service, executionARN string) Ports
}

// New makes the function.
func New(rt session.Runtime) handler.Func { return With(rt, time.Now) }

// With makes the function with another clock than the wall's. Its SDK repeats none of the calls that change something: the workflow does, and the step looks
// first.
func With(rt session.Runtime, now func() time.Time) handler.Func {
	db := dynamodb.NewFromConfig(rt.AWS)
	step := Step{Config: rt.Config, Logger: rt.Logger, Place: rt.Place, Now: now,
		Claims: ledger.NewClaims(db, rt.Env.Ledger), Quarantines: ledger.NewQuarantineSetter(db, rt.Env.Ledger),
		Open: func(ctx context.Context, service config.Service, executionARN string) Ports {
			return Ports{
				Look:     ecs.NewFromConfig(rt.As(ctx, service, config.Look, executionARN)),
				Register: ecs.NewFromConfig(session.Once(rt.As(ctx, service, config.Register, executionARN))),
				Update:   ecs.NewFromConfig(session.Once(rt.As(ctx, service, config.Update, executionARN))),
			}
		}}
	return handler.Adapt(rt.Logger, step.Handle)
}

// Handle takes the service back, or says what makes that needless, impossible or wrong.
func (s Step) Handle(ctx context.Context, request handler.Request) (rollback.Done, error) {
	task, err := s.task(ctx, request)
	if err != nil {
		return rollback.Done{}, err
	}
	done, err := task.run(ctx)
	if err != nil {
		return rollback.Done{}, err
	}
	s.Logger.InfoContext(ctx, "service rolled back", "service", task.Service.Name, "decision", done.Decision, "reason", done.Reason,
		"task_definition", done.TaskDefinition, "copy_of", done.CopyOf, "failed", task.aim.TaskDefinition, "execution", request.Execution.ID)
	return done, nil
}

// task is one run of the step: what it knows from the request.
type task struct {
	pointing.Hand
	ports       Ports
	quarantines Quarantines
	now         func() time.Time
	aim         rollout.Aim
	document    document
}

// document is what the step reads of the execution's document, beside what a rollout is followed by.
type document struct {
	Image     image.Checked  `json:"image"`
	Claim     claim.Result   `json:"claim"`
	Rollout   rollout.Judged `json:"rollout"`
	Diagnosis struct {
		What string `json:"what"`
	} `json:"diagnosis"`
}

// why says why the image goes into quarantine.
func (d document) why() string {
	if d.Diagnosis.What != "" {
		return d.Diagnosis.What
	}
	return d.Rollout.Reason
}

// task parses the request and opens the ports.
func (s Step) task(ctx context.Context, request handler.Request) (task, error) {
	const fix = "start a new execution with the original input: this document was not made by the steps before"
	followed, err := rollout.ParseDocument(request.Document)
	if err != nil {
		return task{}, err
	}
	var d document
	if err := json.Unmarshal(request.Document, &d); err != nil {
		return task{}, fault.New(fault.InputInvalid, fix, "read the document: %w", err)
	}
	if d.Image.Digest == "" || d.Rollout.Verdict != rollout.Failed {
		return task{}, fault.New(fault.InputInvalid, fix, "the document names no image that has failed")
	}
	service, err := s.Config.Lookup(followed.Service)
	if err != nil {
		return task{}, err
	}
	place, err := s.Place(ctx)
	if err != nil {
		return task{}, err
	}
	ports := s.Open(ctx, service, request.Execution.ID)
	return task{ports: ports, quarantines: s.Quarantines, now: s.Now, aim: followed.Aim(request.State.EnteredTime), document: d, Hand: pointing.Hand{
		Reader: ports.Look, Updater: ports.Update, Claims: s.Claims, Service: service, Place: place, Execution: request.Execution, State: request.State,
	}}, nil
}
