package steps

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

// Run is an execution as it stands.
type Run struct {
	ARN    string
	Status types.ExecutionStatus
	Path   []string // the states that were entered, in order
	Steps  []string // the path without its choices, and Redriven wherever it went on after an end
	Ended  string   // the state it ended in, or failed in
	Error  string
	Cause  string
	Output map[string]json.RawMessage // the document, if it succeeded
}

// Redriven stands in an execution's steps for a redrive: the state before it goes on, or is entered once more if it is an end.
const Redriven = "redriven"

// Outcome is the outcome's name: that of the end state, or Failed for an execution that failed elsewhere.
func (r Run) Outcome() string {
	named := slices.Contains([]string{"Rejected", "RolledBack", "Stuck"}, r.Ended)
	switch {
	case r.Status == types.ExecutionStatusRunning:
		return "running"
	case r.Status == types.ExecutionStatusSucceeded, named:
		return r.Ended
	default:
		return "Failed"
	}
}

// Says is what the execution tells a person: the failure's cause, or the outcome's.
func (r Run) Says() string {
	if r.Cause != "" || r.Output == nil {
		return r.Error + ": " + r.Cause
	}
	var outcome struct{ Cause string }
	_ = json.Unmarshal(r.Output["outcome"], &outcome)
	return outcome.Cause
}

// Runs are all executions, the oldest first.
func (l *Lab) Runs(ctx context.Context) ([]Run, error) {
	var runs []Run
	pages := sfn.NewListExecutionsPaginator(l.SFN(), &sfn.ListExecutionsInput{StateMachineArn: aws.String(l.Machine())})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, listed := range page.Executions {
			run, err := l.Run(ctx, *listed.ExecutionArn)
			if err != nil {
				return nil, err
			}
			runs = append([]Run{run}, runs...)
		}
	}
	return runs, nil
}

// Run reads one execution.
func (l *Lab) Run(ctx context.Context, arn string) (Run, error) {
	described, err := l.SFN().DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &arn})
	if err != nil {
		return Run{}, err
	}
	run := Run{ARN: arn, Status: described.Status, Error: aws.ToString(described.Error), Cause: aws.ToString(described.Cause)}
	if described.Output != nil {
		if err := json.Unmarshal([]byte(*described.Output), &run.Output); err != nil {
			return Run{}, fmt.Errorf("output of %s: %w", arn, err)
		}
	}
	pages := sfn.NewGetExecutionHistoryPaginator(l.SFN(), &sfn.GetExecutionHistoryInput{ExecutionArn: &arn, MaxResults: 1000})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return Run{}, err
		}
		for _, event := range page.Events {
			run.enter(event)
		}
	}
	return run, nil
}

// enter takes an event of the history into the path.
func (r *Run) enter(event types.HistoryEvent) {
	if event.Type == types.HistoryEventTypeExecutionRedriven {
		r.Steps = append(r.Steps, Redriven)
	}
	if event.StateEnteredEventDetails == nil {
		return
	}
	r.Ended = *event.StateEnteredEventDetails.Name
	r.Path = append(r.Path, r.Ended)
	if event.Type != types.HistoryEventTypeChoiceStateEntered {
		r.Steps = append(r.Steps, r.Ended)
	}
}
