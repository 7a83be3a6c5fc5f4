package report

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"fairlead/shared/fault"
	"fairlead/shared/outcome"
)

// state is where an execution ended, and with what.
type state struct {
	name  string // "" if the history does not tell
	at    time.Time
	input string // the document as it was then
	isEnd bool   // an end of the workflow, which comes after RecordOutcome
	fault outcome.Fault
	ended bool // the event that ended the execution was read: those before it, of earlier attempts, tell other ends
}

// Bounds of the search. The last state is a few events from the end: its own attempts and retries.
const (
	pageSize = 100
	maxPages = 10
)

// lastState reads the history backwards for the state that was entered last before the given number of redrives. A redriven
// state is not entered again, so it may stand before the redrive of its own attempt.
func (r Reporter) lastState(ctx context.Context, executionARN string, redrivesSince int) (state, error) {
	input := &sfn.GetExecutionHistoryInput{ExecutionArn: aws.String(executionARN), ReverseOrder: true, MaxResults: pageSize,
		IncludeExecutionData: aws.Bool(true)}
	var last state
	for range maxPages {
		page, err := r.States.GetExecutionHistory(ctx, input)
		if err != nil {
			return state{}, fault.FromAWS("read the history of execution "+executionARN, err)
		}
		for _, event := range page.Events {
			if event.Type == types.HistoryEventTypeExecutionRedriven {
				redrivesSince--
			}
			if redrivesSince <= 0 && last.read(event) {
				return last, nil
			}
		}
		if input.NextToken = page.NextToken; aws.ToString(input.NextToken) == "" {
			break
		}
	}
	return last, nil
}

// read takes from an event what it tells, the latest events first, and says whether that is all.
func (s *state) read(event types.HistoryEvent) bool {
	failed, aborted, late := event.ExecutionFailedEventDetails, event.ExecutionAbortedEventDetails, event.ExecutionTimedOutEventDetails
	switch {
	case s.ended:
	case failed != nil:
		s.ended, s.fault = true, faultOf(failed.Error, failed.Cause)
	case aborted != nil:
		s.ended, s.fault = true, faultOf(aborted.Error, aborted.Cause)
	case late != nil:
		s.ended, s.fault = true, faultOf(late.Error, late.Cause)
	}
	entered := event.StateEnteredEventDetails
	if entered == nil {
		return false
	}
	s.at = aws.ToTime(event.Timestamp)
	s.name, s.input = aws.ToString(entered.Name), aws.ToString(entered.Input)
	s.isEnd = event.Type == types.HistoryEventTypeFailStateEntered || event.Type == types.HistoryEventTypeSucceedStateEntered
	return true
}

func faultOf(err, cause *string) outcome.Fault {
	return outcome.Fault{Error: aws.ToString(err), Cause: aws.ToString(cause)}
}
