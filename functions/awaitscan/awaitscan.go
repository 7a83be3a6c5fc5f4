// Package awaitscan is the state AwaitScan: it parks the execution's task token until the scan of an image has ended, so that
// waiting costs nothing, and looks once.
//
// The look closes the gap between the judgement and the parking: an event that came in between found no token to release.
// What this step sees decides nothing but whether there is anything to wait for; JudgeScan looks for itself.
package awaitscan

import (
	"context"
	"log/slog"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"fairlead/shared/config"
	"fairlead/shared/edge/findings"
	"fairlead/shared/edge/handler"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/edge/park"
	"fairlead/shared/edge/session"
	"fairlead/shared/fault"
	"fairlead/shared/gate/scan"
)

// Step is AwaitScan with its ports.
type Step struct {
	Config config.Config
	Logger *slog.Logger
	Tokens ledger.TokenWriter
	States park.Sender
	// Look returns ECR under the look role of the service, in a session of the execution.
	Look func(ctx context.Context, service config.Service, executionARN string) findings.API
}

// New makes the function.
func New(rt session.Runtime) handler.Func {
	step := Step{Config: rt.Config, Logger: rt.Logger,
		Tokens: ledger.NewParkedTokens(dynamodb.NewFromConfig(rt.AWS), rt.Env.Ledger),
		States: sfn.NewFromConfig(rt.AWS),
		Look: func(ctx context.Context, service config.Service, executionARN string) findings.API {
			return ecr.NewFromConfig(rt.As(ctx, service, config.Look, executionARN))
		}}
	return handler.Adapt(rt.Logger, step.Handle)
}

// Parked is what the function answers. The workflow does not see it: the state's result is that of the token.
type Parked struct {
	Parked bool `json:"parked"` // the execution waits
}

// Handle parks the token and looks at the scan. If there is nothing to wait for it releases the token itself. A call that
// comes after a later attempt of the state has parked its own token does nothing.
func (s Step) Handle(ctx context.Context, request handler.Request) (Parked, error) {
	document, service, token, err := s.read(request)
	if err != nil {
		return Parked{}, err
	}
	stored, err := s.Tokens.StoreToken(ctx, token)
	if err != nil || !stored {
		return Parked{}, err
	}
	under := false
	if service.Gates.Scan != nil { // or else it was turned off meanwhile, and the role may not look any more
		under, err = findings.Under(ctx, s.Look(ctx, service, request.Execution.ID), service.Repository, document.Scan.Image)
		if err != nil {
			return Parked{}, err
		}
	}
	s.Logger.InfoContext(ctx, "scan looked at", "service", service.Name, "image", document.Scan.Image, "under_way", under, "execution", request.Execution.ID)
	if under {
		return Parked{Parked: true}, nil
	}
	_, err = park.Release(ctx, s.States, s.Tokens, token)
	return Parked{}, err
}

// read parses the request.
func (s Step) read(request handler.Request) (document scan.Document, service config.Service, token ledger.Token, err error) {
	if document, err = scan.ParseDocument(request.Document); err != nil {
		return document, service, token, err
	}
	if document.Scan == nil || document.Scan.Image == "" {
		return document, service, token, fault.New(fault.InputInvalid, "run make deploy: the workflow's definition and this function do not fit",
			"the workflow sent no scan to wait for to state %s", request.State.Name)
	}
	if token, err = park.Token(request, document.Service); err != nil {
		return document, service, token, err
	}
	token.Image = string(document.Scan.Image)
	service, err = s.Config.Lookup(document.Service)
	return document, service, token, err
}
