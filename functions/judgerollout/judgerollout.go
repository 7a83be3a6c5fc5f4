// Package judgerollout is the states JudgeRollout and JudgeRollback: it reads ECS and gives the verdict on the deployment,
// or, once the service goes back, on that.
//
// It alone decides. Whoever released the execution from AwaitRollout only said "look": a forged, doubled or stale wake
// therefore changes nothing.
package judgerollout

import (
	"context"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"fairlead/shared/config"
	"fairlead/shared/edge/handler"
	"fairlead/shared/edge/look"
	"fairlead/shared/edge/session"
	"fairlead/shared/fault"
	"fairlead/shared/rollout"
)

// Step is JudgeRollout with its ports.
type Step struct {
	Config config.Config
	Logger *slog.Logger
	// Look returns ECS under the look role of the service, in a session of the execution.
	Look func(ctx context.Context, service config.Service, executionARN string) look.RolloutAPI
}

// New makes the function.
func New(rt session.Runtime) handler.Func {
	step := Step{Config: rt.Config, Logger: rt.Logger,
		Look: func(ctx context.Context, service config.Service, executionARN string) look.RolloutAPI {
			return ecs.NewFromConfig(rt.As(ctx, service, config.Look, executionARN))
		}}
	return handler.Adapt(rt.Logger, step.Handle)
}

// Handle looks at the service and judges. If nothing of ours ever reached the service it returns the fault
// Rollout.Absent: nothing was touched, and there is nothing to wait for.
func (s Step) Handle(ctx context.Context, request handler.Request) (rollout.Judged, error) {
	document, err := rollout.ParseDocument(request.Document)
	if err != nil {
		return rollout.Judged{}, err
	}
	service, err := s.Config.Lookup(document.Service)
	if err != nil {
		return rollout.Judged{}, err
	}
	now := request.State.EnteredTime
	aim := document.Aim(now)
	seen, err := look.Rollout(ctx, s.Look(ctx, service, request.Execution.ID), service.Cluster, service.Service, aim)
	if err != nil {
		return rollout.Judged{}, err
	}
	judged := rollout.Judge(aim, seen, now, rollout.Budget{Timeout: time.Duration(service.Timeout), EarlyStop: service.EarlyStop})
	s.Logger.InfoContext(ctx, "rollout judged", "service", service.Name, "verdict", judged.Verdict, "reason", judged.Reason,
		"status", judged.Status, "restored", judged.Restored, "deadline", judged.Deadline, "execution", request.Execution.ID)
	if judged.Verdict == rollout.Absent {
		return rollout.Judged{}, fault.New(fault.RolloutAbsent,
			"read in the history of the execution why UpdateService got no answer, then "+fault.Anew,
			"service %s was not touched: %s", service.Name, judged.Reason)
	}
	return judged, nil
}
