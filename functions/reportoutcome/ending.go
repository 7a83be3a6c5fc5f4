package reportoutcome

import (
	"encoding/json"
	"time"

	"fairlead/shared/edge/report"
	"fairlead/shared/fault"
)

// change is what is read of the event that an execution has ended. Input, error and cause may be cut there: they are read
// from the execution itself.
// https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
type change struct {
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
func parse(raw json.RawMessage, stateMachine string) (end report.Ending, reason string, err error) {
	var event struct {
		Source     string `json:"source"`
		DetailType string `json:"detail-type"`
		Detail     change `json:"detail"`
	}
	if err := json.Unmarshal(raw, &event); err != nil {
		return report.Ending{}, "", fault.New(fault.InputInvalid, "only EventBridge's rule for the ends of executions may call this function", "read the event: %w", err)
	}
	d := event.Detail
	switch {
	case event.Source != "aws.states" || event.DetailType != "Step Functions Execution Status Change" || d.ExecutionARN == "":
		return report.Ending{}, "it is not the change of an execution's status", nil
	case d.StateMachineARN != stateMachine:
		return report.Ending{}, "it is an execution of another state machine", nil
	case d.Status != "FAILED" && d.Status != "TIMED_OUT" && d.Status != "ABORTED":
		return report.Ending{}, "the execution is " + d.Status, nil
	}
	return report.Ending{Execution: d.ExecutionARN, Name: d.Name, Status: d.Status, Redrive: d.RedriveCount,
		StartedAt: time.UnixMilli(d.StartDate).UTC(), StoppedAt: time.UnixMilli(d.StopDate).UTC()}, "", nil
}
