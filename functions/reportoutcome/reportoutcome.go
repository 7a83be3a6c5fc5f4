// Package reportoutcome is the function beside the workflow that reports the ends that the workflow cannot: an execution
// that was stopped, that timed out, or that failed in one of its states. EventBridge calls it when the status of an
// execution changes. An end that passed RecordOutcome has been reported there.
package reportoutcome

import (
	"context"
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"fairlead/shared/edge/announce"
	"fairlead/shared/edge/handler"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/edge/report"
	"fairlead/shared/edge/session"
)

// Reporter is the function with its ports.
type Reporter struct {
	report.Reporter
	StateMachine string // the ARN of ours
}

// New makes the function.
func New(rt session.Runtime) handler.Func {
	reporter := Reporter{StateMachine: rt.Env.StateMachine, Reporter: report.Reporter{
		Config: rt.Config, Logger: rt.Logger, States: sfn.NewFromConfig(rt.AWS),
		Announce: announce.Announcer{
			History: ledger.NewHistory(dynamodb.NewFromConfig(rt.AWS), rt.Env.Ledger),
			Events:  eventbridge.NewFromConfig(rt.AWS),
			Bus:     rt.Env.EventBus,
		}}}
	return func(ctx context.Context, payload json.RawMessage) (json.RawMessage, error) {
		var event json.RawMessage
		return handler.Run(ctx, rt.Logger, payload, &event, func(ctx context.Context) (any, error) { return reporter.Handle(ctx, event) })
	}
}

// Handle reports the end that the event tells of, unless the workflow has done so, or this function at an earlier event.
func (r Reporter) Handle(ctx context.Context, raw json.RawMessage) (report.Reported, error) {
	ended, reason, err := parse(raw, r.StateMachine)
	if err != nil || reason != "" {
		return report.Reported{Reason: reason}, err
	}
	return r.Report(ctx, ended)
}
