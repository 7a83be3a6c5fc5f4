// Package judgescan is the state JudgeScan, the gate "scan": it reads what ECR's scan has found in the image that will run,
// and lets it pass or not.
//
// It stands before the claim: an image that it refuses has touched nothing. Whoever released the execution from AwaitScan
// only said "look": this step alone decides.
package judgescan

import (
	"context"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecr"

	"fairlead/shared/config"
	"fairlead/shared/edge/findings"
	"fairlead/shared/edge/handler"
	"fairlead/shared/edge/session"
	"fairlead/shared/gate/scan"
)

// Registry is what the step asks ECR.
type Registry interface {
	findings.API
	findings.Settings
}

// Step is JudgeScan with its ports.
type Step struct {
	Config config.Config
	Logger *slog.Logger
	Now    func() time.Time
	// Look returns ECR under the look role of the service, in a session of the execution.
	Look func(ctx context.Context, service config.Service, executionARN string) Registry
}

// New makes the function, on the clock of the machine.
func New(rt session.Runtime) handler.Func { return With(rt, time.Now) }

// With makes the function on a clock: whether an allowance is over and a wait long enough is not told by the time at which a
// state was entered first.
func With(rt session.Runtime, now func() time.Time) handler.Func {
	step := Step{Config: rt.Config, Logger: rt.Logger, Now: now,
		Look: func(ctx context.Context, service config.Service, executionARN string) Registry {
			return ecr.NewFromConfig(rt.As(ctx, service, config.Look, executionARN))
		}}
	return handler.Adapt(rt.Logger, step.Handle)
}

// Handle judges each image that may run. One that blocks ends it, whatever the others are; one whose scan is under way is
// awaited until its time is over.
func (s Step) Handle(ctx context.Context, request handler.Request) (scan.Result, error) {
	document, err := scan.ParseDocument(request.Document)
	if err != nil {
		return scan.Result{}, err
	}
	service, err := s.Config.Lookup(document.Service)
	if err != nil {
		return scan.Result{}, err
	}
	if service.Gates.Scan == nil {
		return scan.Result{Decision: scan.Passed, Reason: "gate scan: it was turned off meanwhile", Warnings: []string{}}, nil
	}
	j := judgement{Registry: s.Look(ctx, service, request.Execution.ID), document: document, policy: *service.Gates.Scan,
		repository: service.Repository, now: s.Now().UTC(), out: scan.Result{Decision: scan.Passed, Warnings: []string{}}}
	for _, digest := range document.Image.Runs {
		if err := j.judge(ctx, digest); err != nil {
			return scan.Result{}, err
		}
	}
	if err := j.inTime(); err != nil {
		return scan.Result{}, err
	}
	s.Logger.InfoContext(ctx, "scan judged", "service", service.Name, "decision", j.out.Decision, "reason", j.out.Reason,
		"execution", request.Execution.ID)
	return j.out, nil
}
