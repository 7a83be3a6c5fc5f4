// Package report tells the end of an execution that the workflow could not tell itself: one that was stopped, that timed
// out, or that failed in one of its states. It reads from the execution where it ended and with what, and announces the
// outcome once.
//
// Two functions find such ends: reportoutcome by event, sweep by looking for those whose event was lost.
package report

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"fairlead/shared/config"
	"fairlead/shared/edge/announce"
	"fairlead/shared/fault"
	"fairlead/shared/outcome"
	"fairlead/shared/permission"
)

// States reads executions, with the SDK's signatures.
type States interface {
	DescribeExecution(context.Context, *sfn.DescribeExecutionInput, ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error)
	GetExecutionHistory(context.Context, *sfn.GetExecutionHistoryInput, ...func(*sfn.Options)) (*sfn.GetExecutionHistoryOutput, error)
}

// Ending is that an execution has ended, as whoever found it knows.
type Ending struct {
	Execution string // its ARN
	Name      string
	Status    string // FAILED, TIMED_OUT or ABORTED
	StartedAt time.Time
	StoppedAt time.Time
	// Redrive is which attempt of the execution has ended, nil where that is not known.
	Redrive *int
}

// redrive is which attempt has ended. By the time it is looked at the execution may have been redriven: then it has not
// ended at the time that was told, and the attempt is the one before.
func (e Ending) redrive(now *sfn.DescribeExecutionOutput) int {
	count := int(aws.ToInt32(now.RedriveCount))
	if e.Redrive != nil {
		return min(*e.Redrive, count)
	}
	if now.StopDate != nil && now.StopDate.UnixMilli() == e.StoppedAt.UnixMilli() {
		return count
	}
	return max(count-1, 0)
}

// Reporter tells ends.
type Reporter struct {
	Config   config.Config
	Logger   *slog.Logger
	States   States
	Announce announce.Announcer
}

// Reported is what became of it, for the log alone.
type Reported struct {
	Reported bool   `json:"reported"`
	Reason   string `json:"reason"` // why nothing was reported; "" if it was
	ID       string `json:"id"`     // of the outcome; "" if there is none to report
}

// Report reports the end, unless the workflow has done so, or an earlier call.
func (r Reporter) Report(ctx context.Context, ended Ending) (Reported, error) {
	execution, err := r.States.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: aws.String(ended.Execution)})
	if gone := new(types.ExecutionDoesNotExist); errors.As(err, &gone) {
		return Reported{Reason: "the execution does not exist any more"}, nil
	}
	if err != nil {
		return Reported{}, fault.FromAWS("read execution "+ended.Execution, err)
	}
	redrive := ended.redrive(execution)
	last, err := r.lastState(ctx, ended.Execution, int(aws.ToInt32(execution.RedriveCount))-redrive)
	if err != nil {
		return Reported{}, err
	}
	if last.isEnd {
		return Reported{Reason: "the end " + last.name + " is reported by RecordOutcome"}, nil
	}
	if last.input == "" {
		last.input = aws.ToString(execution.Input)
	}
	return r.announce(ctx, ended, redrive, last)
}

// announce announces the end.
func (r Reporter) announce(ctx context.Context, ended Ending, redrive int, last state) (Reported, error) {
	broke := outcome.Break{Status: ended.Status, State: last.name, Fault: last.fault}
	document := outcome.Salvage(last.input)
	if !broke.Began() {
		document = document.Given()
	}
	service := r.Config.Services[document.Service] // the zero service if it is not configured
	end := outcome.Failure(document, broke)
	run := outcome.Run{Execution: ended.Execution, Name: ended.Name, Redrive: redrive, StartedAt: ended.StartedAt, EndedAt: ended.StoppedAt,
		In: outcome.Step{Name: last.name, EnteredAt: last.at}}
	event := outcome.Tell(document, end, run, outcome.Place{Cluster: service.Cluster, Service: service.Service})
	first, err := r.Announce.Announce(ctx, service.Name, event)
	if err != nil {
		return Reported{}, err
	}
	r.Logger.InfoContext(ctx, "outcome reported", "service", event.Service.Name, "outcome", end.Name, "state", last.name,
		"error", end.Error, "announced", first, "execution", ended.Execution)
	if !first {
		return Reported{Reason: "it was reported already", ID: event.ID}, nil
	}
	return Reported{Reported: true, ID: event.ID}, nil
}

// Permissions are the statements of a function that reports.
func Permissions(place permission.Place) []permission.Statement {
	return append(announce.Permissions(place), permission.Statement{
		Sid: "ReadExecutions", Actions: []string{"states:DescribeExecution", "states:GetExecutionHistory"},
		Resources: []string{Executions(place.StateMachineARN)},
		Why:       "finds the state in which an execution ended, and the document as it was then",
	})
}

// Executions are the executions of a state machine. Whatever tokens the ARN is made of, it says stateMachine in clear.
func Executions(stateMachineARN string) string {
	return strings.Replace(stateMachineARN, ":stateMachine:", ":execution:", 1) + ":*"
}
