// Package recordoutcome is the state RecordOutcome, which every execution passes before its end: it says how the
// execution ended, tells infrastructure code what was deployed, writes the history and sends the one outcome event.
package recordoutcome

import (
	"context"
	"log/slog"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"fairlead/shared/config"
	"fairlead/shared/edge/announce"
	"fairlead/shared/edge/handler"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/edge/session"
	"fairlead/shared/outcome"
)

// Step is RecordOutcome with its ports.
type Step struct {
	Config     config.Config
	Logger     *slog.Logger
	Announce   announce.Announcer
	Deployed   ledger.DeployedKeeper
	Parameters ParameterPutter
}

// New makes the function.
func New(rt session.Runtime) handler.Func {
	table := dynamodb.NewFromConfig(rt.AWS)
	step := Step{Config: rt.Config, Logger: rt.Logger,
		Announce: announce.Announcer{History: ledger.NewHistory(table, rt.Env.Ledger), Events: eventbridge.NewFromConfig(rt.AWS), Bus: rt.Env.EventBus},
		Deployed: ledger.NewDeployedItems(table, rt.Env.Ledger), Parameters: ssm.NewFromConfig(rt.AWS),
	}
	return handler.Adapt(rt.Logger, step.Handle)
}

// Handle decides the outcome and announces it. Called again for the same execution and redrive it returns the same and
// announces nothing.
//
// What was deployed is published first: whoever is told of a deployment finds the parameter written. If that is denied the
// execution fails here, and says that only the record is missing: a parameter that is silently old would let infrastructure
// code revert the image.
func (s Step) Handle(ctx context.Context, request handler.Request) (outcome.Outcome, error) {
	document, err := outcome.ParseDocument(request.Document)
	if err != nil {
		return outcome.Outcome{}, err
	}
	end, err := outcome.Decide(document)
	if err != nil {
		return outcome.Outcome{}, err
	}
	service := s.Config.Services[document.Service] // the zero service if it was taken out of the configuration meanwhile
	if found, tells := document.InService(end); tells && service.Name != "" {
		if err := s.publish(ctx, service.Name, found, request); err != nil {
			return outcome.Outcome{}, err
		}
	}
	event := outcome.Tell(document, end, runOf(request), outcome.Place{Cluster: service.Cluster, Service: service.Service})
	first, err := s.Announce.Announce(ctx, service.Name, event)
	if err != nil {
		return outcome.Outcome{}, err
	}
	s.Logger.InfoContext(ctx, "outcome decided", "service", document.Service, "outcome", end.Name, "reason", end.Why,
		"announced", first, "execution", request.Execution.ID)
	return end.Outcome(event.ID), nil
}

func runOf(request handler.Request) outcome.Run {
	e := request.Execution
	return outcome.Run{Execution: e.ID, Name: e.Name, Redrive: e.RedriveCount, StartedAt: e.StartTime, EndedAt: request.State.EnteredTime}
}
