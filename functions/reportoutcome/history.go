package reportoutcome

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"fairlead/shared/fault"
)

// state is where an execution ended.
type state struct {
	name  string // "" if the history does not tell
	input string // the document as it was then
	isEnd bool   // an end of the workflow, which comes after RecordOutcome
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
	for range maxPages {
		page, err := r.States.GetExecutionHistory(ctx, input)
		if err != nil {
			return state{}, fault.FromAWS("read the history of execution "+executionARN, err)
		}
		for _, event := range page.Events {
			if event.Type == types.HistoryEventTypeExecutionRedriven {
				redrivesSince--
			}
			if entered := event.StateEnteredEventDetails; entered != nil && redrivesSince <= 0 {
				return stateOf(event.Type, entered), nil
			}
		}
		if input.NextToken = page.NextToken; aws.ToString(input.NextToken) == "" {
			break
		}
	}
	return state{}, nil
}

func stateOf(kind types.HistoryEventType, entered *types.StateEnteredEventDetails) state {
	end := strings.HasPrefix(string(kind), "Fail") || strings.HasPrefix(string(kind), "Succeed")
	return state{name: aws.ToString(entered.Name), input: aws.ToString(entered.Input), isEnd: end}
}
