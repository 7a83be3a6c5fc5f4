// Package registerrevision is the step RegisterRevision: it copies what the service runs, or what CheckImage found
// in its place, with the new image, and registers the copy; or it finds that none is needed.
//
// It reads the service and its task definition under the look role, decides by [revision.Choose], and registers under
// the register role, after it has looked for a copy that this execution has registered already (shared/edge/lossless).
//
// An image that was put into quarantine since the claim was taken gets no revision: an execution that failed here and is
// redriven days later would deploy what was rolled back meanwhile.
package registerrevision

import (
	"context"
	"encoding/json"
	"log/slog"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"fairlead/shared/claim"
	"fairlead/shared/config"
	"fairlead/shared/edge/handler"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/edge/lossless"
	"fairlead/shared/edge/session"
	"fairlead/shared/fault"
	"fairlead/shared/image"
	"fairlead/shared/push"
	"fairlead/shared/revision"
	"fairlead/shared/rollout"
)

// Reader is what the step asks ECS, under the look role.
type Reader interface {
	lossless.Reader
	DescribeServices(context.Context, *ecs.DescribeServicesInput, ...func(*ecs.Options)) (*ecs.DescribeServicesOutput, error)
}

// Ports are what the step acts through, on behalf of one service and execution.
type Ports struct {
	Look     Reader
	Register lossless.Registrar
}

// Step is RegisterRevision.
type Step struct {
	Config config.Config
	Logger *slog.Logger
	// Quarantine is the ledger's, under the function's own role.
	Quarantine ledger.QuarantineReader
	Place      func(context.Context) (config.Place, error)
	// Open opens the ports under the service's roles.
	Open func(ctx context.Context, service config.Service, executionARN string) Ports
}

// New makes the function. Its SDK does not repeat RegisterTaskDefinition: the workflow does, and the step looks first.
func New(rt session.Runtime) handler.Func {
	step := Step{Config: rt.Config, Logger: rt.Logger, Place: rt.Place,
		Quarantine: ledger.NewQuarantined(dynamodb.NewFromConfig(rt.AWS), rt.Env.Ledger),
		Open: func(ctx context.Context, service config.Service, executionARN string) Ports {
			return Ports{
				Look:     ecs.NewFromConfig(rt.As(ctx, service, config.Look, executionARN)),
				Register: ecs.NewFromConfig(session.Once(rt.As(ctx, service, config.Register, executionARN))),
			}
		}}
	return handler.Adapt(rt.Logger, step.Handle)
}

// Handle finds or registers the revision that the service is to run.
func (s Step) Handle(ctx context.Context, request handler.Request) (revision.Registered, error) {
	task, err := s.task(ctx, request)
	if err != nil {
		return revision.Registered{}, err
	}
	base, err := task.readBase(ctx)
	if err != nil {
		return revision.Registered{}, err
	}
	chosen, err := s.choose(ctx, task, base)
	if err != nil {
		return revision.Registered{}, err
	}
	chosen.Attempt = task.attempt
	s.Logger.InfoContext(ctx, "revision chosen", "service", task.service.Name, "decision", chosen.Decision, "reason", chosen.Reason,
		"task_definition", chosen.TaskDefinition, "base", chosen.Base, "copied", chosen.Copied, "attempt", chosen.Attempt, "execution", request.Execution.ID)
	return chosen, nil
}

// choose says which revision the service is to run, and makes it if it is new and its image is not in quarantine.
func (s Step) choose(ctx context.Context, t task, b base) (revision.Registered, error) {
	chosen := revision.Choose(b.seen, t.want)
	if chosen.Decision != revision.New {
		return chosen, nil
	}
	q, inForce, err := s.Quarantine.Quarantined(ctx, t.service.Name, string(t.image.Digest))
	switch {
	case err != nil:
		return revision.Registered{}, err
	case inForce:
		chosen.Decision, chosen.Reason, chosen.TaskDefinition = revision.Quarantined, q.Refusal(t.image.Named()), chosen.Base
		return chosen, nil
	}
	chosen.TaskDefinition, err = t.make(ctx, b, chosen.Copied)
	return chosen, err
}

// task is one run of the step: what it knows from the request.
type task struct {
	Ports
	service   config.Service
	place     config.Place
	execution handler.Execution
	image     image.Checked
	want      revision.Want
	attempt   int
}

// document is what the step reads of the execution's document.
type document struct {
	Service  string              `json:"service"`
	Image    image.Checked       `json:"image"`
	Claim    claim.Result        `json:"claim"`
	Revision revision.Registered `json:"revision"`
	Update   rollout.Updated     `json:"update"`
}

// task parses the request and opens the ports.
func (s Step) task(ctx context.Context, request handler.Request) (task, error) {
	var d document
	if err := json.Unmarshal(request.Document, &d); err != nil {
		return task{}, fault.New(fault.InputInvalid, "start anew with an input as in the folder events/", "read the document: %w", err)
	}
	service, err := s.Config.Lookup(d.Service)
	if err != nil {
		return task{}, err
	}
	place, err := s.Place(ctx)
	if err != nil {
		return task{}, err
	}
	return task{
		Ports: s.Open(ctx, service, request.Execution.ID), service: service, place: place, execution: request.Execution, image: d.Image,
		want: revision.Want{
			Execution: request.Execution.ID, Sequence: d.Claim.Sequence,
			Image: image.Pin(d.Image.RepositoryURI, d.Image.Digest), Replaces: d.Image.Replaces, Copies: d.copies(), Follows: d.follows(),
		},
		attempt: d.attempt(request.Execution),
	}, nil
}

// copies is the revision that CheckImage found to be copied in the place of what the service runs, if it found one.
func (d document) copies() revision.Name {
	name, err := revision.ParseName(d.Image.Copies)
	if err != nil || d.Image.Copies == d.Image.Running.TaskDefinition {
		return revision.Name{}
	}
	return name
}

// follows is the revision that CheckImage found to be followed, if the execution deploys nothing.
func (d document) follows() revision.Name {
	if d.Image.Sweep != push.SweptRollout {
		return revision.Name{}
	}
	name, _ := revision.ParseName(d.Image.Running.TaskDefinition) // CheckImage has parsed it
	return name
}

// attempt counts the revisions that this execution makes. Only UpdateService sends it back here, and says so; what a
// document says that was pasted from another execution is older than this one and does not count.
func (d document) attempt(execution handler.Execution) int {
	if d.Update.Decision == rollout.BaseMoved && !d.Update.At.Before(execution.StartTime) {
		return d.Revision.Attempt + 1
	}
	return 1
}
