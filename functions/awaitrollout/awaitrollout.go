// Package awaitrollout is the states AwaitRollout and AwaitRollback: it parks the execution's task token, so that waiting
// costs nothing, and looks once.
//
// The look closes the gap between the update and the parking: an event that came in between found no token to release.
// What this step sees decides nothing but whether there is anything to wait for; JudgeRollout looks for itself.
package awaitrollout

import (
	"context"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"fairlead/shared/config"
	"fairlead/shared/edge/handler"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/edge/look"
	"fairlead/shared/edge/park"
	"fairlead/shared/edge/session"
	"fairlead/shared/rollout"
)

// Step is AwaitRollout with its ports.
type Step struct {
	Config config.Config
	Logger *slog.Logger
	Tokens ledger.TokenWriter
	States park.Sender
	// Look returns ECS under the look role of the service, in a session of the execution.
	Look func(ctx context.Context, service config.Service, executionARN string) look.RolloutAPI
}

// New makes the function.
func New(rt session.Runtime) handler.Func {
	step := Step{Config: rt.Config, Logger: rt.Logger,
		Tokens: ledger.NewParkedTokens(dynamodb.NewFromConfig(rt.AWS), rt.Env.Ledger),
		States: sfn.NewFromConfig(rt.AWS),
		Look: func(ctx context.Context, service config.Service, executionARN string) look.RolloutAPI {
			return ecs.NewFromConfig(rt.As(ctx, service, config.Look, executionARN))
		}}
	return handler.Adapt(rt.Logger, step.Handle)
}

// Parked is what the function answers. The workflow does not see it: the state's result is that of the token.
type Parked struct {
	Parked  bool            `json:"parked"`  // the execution waits
	Verdict rollout.Verdict `json:"verdict"` // of the look; "" if there was none
}

// Handle parks the token and looks at the service. If there is nothing to wait for it releases the token itself. A call
// that comes after a later attempt of the state has parked its own token does nothing.
func (s Step) Handle(ctx context.Context, request handler.Request) (Parked, error) {
	document, service, token, err := s.read(request)
	if err != nil {
		return Parked{}, err
	}
	now := request.State.EnteredTime
	aim := document.Aim(now)
	stored, err := s.Tokens.StoreToken(ctx, token)
	if err != nil || !stored {
		return Parked{}, err
	}
	seen, err := look.Rollout(ctx, s.Look(ctx, service, request.Execution.ID), service.Cluster, service.Service, aim)
	if err != nil {
		return Parked{}, err
	}
	judged := rollout.Judge(aim, seen, now, rollout.Budget{Timeout: time.Duration(service.Timeout), EarlyStop: service.EarlyStop})
	s.Logger.InfoContext(ctx, "rollout looked at", "service", service.Name, "verdict", judged.Verdict, "reason", judged.Reason,
		"execution", request.Execution.ID)
	if judged.Verdict == rollout.Progressing {
		return Parked{Parked: true, Verdict: judged.Verdict}, nil
	}
	_, err = park.Release(ctx, s.States, s.Tokens, token)
	return Parked{Verdict: judged.Verdict}, err
}

// read parses the request.
func (s Step) read(request handler.Request) (document rollout.Document, service config.Service, token ledger.Token, err error) {
	if document, err = rollout.ParseDocument(request.Document); err != nil {
		return document, service, token, err
	}
	if token, err = park.Token(request, document.Service); err != nil {
		return document, service, token, err
	}
	aim := document.Aim(request.State.EnteredTime)
	token.TaskDefinition, token.Since, token.Failed = aim.TaskDefinition, aim.Since, aim.Failed
	service, err = s.Config.Lookup(document.Service)
	return document, service, token, err
}
