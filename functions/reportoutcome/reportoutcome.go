// Package reportoutcome is the function beside the workflow that reports the ends that the workflow cannot: an execution
// that was stopped, that timed out, or that failed in one of its states. EventBridge calls it when the status of an
// execution changes. An end that passed RecordOutcome has been reported there.
package reportoutcome

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"fairlead/shared/config"
	"fairlead/shared/edge/announce"
	"fairlead/shared/edge/handler"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/edge/session"
	"fairlead/shared/fault"
	"fairlead/shared/outcome"
)

// States reads executions, with the SDK's signatures.
type States interface {
	DescribeExecution(context.Context, *sfn.DescribeExecutionInput, ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error)
	GetExecutionHistory(context.Context, *sfn.GetExecutionHistoryInput, ...func(*sfn.Options)) (*sfn.GetExecutionHistoryOutput, error)
}

// Reporter is the function with its ports.
type Reporter struct {
	Config       config.Config
	Logger       *slog.Logger
	StateMachine string // the ARN of ours
	States       States
	Announce     announce.Announcer
}

// New makes the function.
func New(rt session.Runtime) handler.Func {
	reporter := Reporter{Config: rt.Config, Logger: rt.Logger, StateMachine: rt.Env.StateMachine, States: sfn.NewFromConfig(rt.AWS),
		Announce: announce.Announcer{
			History: ledger.NewHistory(dynamodb.NewFromConfig(rt.AWS), rt.Env.Ledger),
			Events:  eventbridge.NewFromConfig(rt.AWS),
			Bus:     rt.Env.EventBus,
		}}
	return func(ctx context.Context, payload json.RawMessage) (json.RawMessage, error) {
		var event json.RawMessage
		return handler.Run(ctx, rt.Logger, payload, &event, func(ctx context.Context) (any, error) { return reporter.Handle(ctx, event) })
	}
}

// Reported is what the function answers, for the log alone.
type Reported struct {
	Reported bool   `json:"reported"`
	Reason   string `json:"reason"` // why nothing was reported; "" if it was
	ID       string `json:"id"`     // of the outcome; "" if there is none to report
}

// Handle reports the end that the event tells of, unless the workflow has done so, or this function at an earlier event.
func (r Reporter) Handle(ctx context.Context, raw json.RawMessage) (Reported, error) {
	ended, reason, err := parse(raw, r.StateMachine)
	if err != nil || reason != "" {
		return Reported{Reason: reason}, err
	}
	execution, err := r.States.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: aws.String(ended.ExecutionARN)})
	if gone := new(types.ExecutionDoesNotExist); errors.As(err, &gone) {
		return Reported{Reason: "the execution does not exist any more"}, nil
	}
	if err != nil {
		return Reported{}, fault.FromAWS("read execution "+ended.ExecutionARN, err)
	}
	redrive := ended.redrive(execution)
	last, err := r.lastState(ctx, ended.ExecutionARN, int(aws.ToInt32(execution.RedriveCount))-redrive)
	if err != nil {
		return Reported{}, err
	}
	if last.isEnd {
		return Reported{Reason: "the end " + last.name + " is reported by RecordOutcome"}, nil
	}
	if last.input == "" {
		last.input = aws.ToString(execution.Input)
	}
	return r.report(ctx, ended, redrive, last)
}

// report announces the end.
func (r Reporter) report(ctx context.Context, ended ending, redrive int, last state) (Reported, error) {
	document := outcome.Salvage(last.input)
	service := r.Config.Services[document.Service] // the zero service if it is not configured
	broke := outcome.Break{Status: ended.Status, State: last.name, Fault: last.fault}
	end := outcome.Failure(document, broke)
	run := outcome.Run{Execution: ended.ExecutionARN, Name: ended.Name, Redrive: redrive, StartedAt: ended.started(), EndedAt: ended.stopped()}
	event := outcome.Tell(document, end, run, outcome.Place{Cluster: service.Cluster, Service: service.Service})
	first, err := r.Announce.Announce(ctx, service.Name, event)
	if err != nil {
		return Reported{}, err
	}
	r.Logger.InfoContext(ctx, "outcome reported", "service", event.Service.Name, "outcome", end.Name, "state", last.name,
		"error", end.Error, "announced", first, "execution", ended.ExecutionARN)
	if !first {
		return Reported{Reason: "it was reported already", ID: event.ID}, nil
	}
	return Reported{Reported: true, ID: event.ID}, nil
}
