package reportoutcome

import (
	"encoding/json"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"fairlead/shared/fault"
)

// ending is what is read of the event that an execution has ended. Input, error and cause may be cut there: they are read
// from the execution itself.
// https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
type ending struct {
	ExecutionARN    string `json:"executionArn"`
	StateMachineARN string `json:"stateMachineArn"`
	Name            string `json:"name"`
	Status          string `json:"status"`
	StartDate       int64  `json:"startDate"` // milliseconds since 1970
	StopDate        int64  `json:"stopDate"`  // the same
	// RedriveCount is not promised by AWS.
	RedriveCount *int `json:"redriveCount"`
}

// parse reads the event. reason says why it is none to report. One that is no JSON object is a fault.
func parse(raw json.RawMessage, stateMachine string) (end ending, reason string, err error) {
	var event struct {
		Source     string `json:"source"`
		DetailType string `json:"detail-type"`
		Detail     ending `json:"detail"`
	}
	if err := json.Unmarshal(raw, &event); err != nil {
		return ending{}, "", fault.New(fault.InputInvalid, "only EventBridge's rule for the ends of executions may call this function", "read the event: %w", err)
	}
	end = event.Detail
	switch {
	case event.Source != "aws.states" || event.DetailType != "Step Functions Execution Status Change" || end.ExecutionARN == "":
		return ending{}, "it is not the change of an execution's status", nil
	case end.StateMachineARN != stateMachine:
		return ending{}, "it is an execution of another state machine", nil
	case end.Status != "FAILED" && end.Status != "TIMED_OUT" && end.Status != "ABORTED":
		return ending{}, "the execution is " + end.Status, nil
	}
	return end, "", nil
}

func (e ending) started() time.Time { return time.UnixMilli(e.StartDate).UTC() }
func (e ending) stopped() time.Time { return time.UnixMilli(e.StopDate).UTC() }

// redrive is which attempt of the execution has ended. By the time the event is read the execution may have been
// redriven: then it has not ended at the event's time, and the attempt is the one before.
func (e ending) redrive(now *sfn.DescribeExecutionOutput) int {
	count := int(aws.ToInt32(now.RedriveCount))
	if e.RedriveCount != nil {
		return min(*e.RedriveCount, count)
	}
	if now.StopDate != nil && now.StopDate.UnixMilli() == e.StopDate {
		return count
	}
	return max(count-1, 0)
}
