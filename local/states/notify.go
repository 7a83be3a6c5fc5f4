package states

import (
	"encoding/json"
	"time"

	"fairlead/local/world"
)

// maxDetail is how large the escaped input and output of an event may be together; beyond it, AWS leaves out the input,
// and an output that alone is larger. https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
const maxDetail = 248 * 1024

// statusChange is the detail of a "Step Functions Execution Status Change" event. What has no value is null.
type statusChange struct {
	ExecutionARN  string    `json:"executionArn"`
	MachineARN    string    `json:"stateMachineArn"`
	Name          string    `json:"name"`
	Status        string    `json:"status"`
	Start         int64     `json:"startDate"` // milliseconds
	Stop          *int64    `json:"stopDate"`
	Input         *string   `json:"input"`
	Output        *string   `json:"output"`
	InputDetails  *included `json:"inputDetails"`
	OutputDetails *included `json:"outputDetails"`
	VersionARN    *string   `json:"stateMachineVersionArn"`
	AliasARN      *string   `json:"stateMachineAliasArn"`
	RedriveCount  int       `json:"redriveCount"`
	RedriveDate   *int64    `json:"redriveDate"`
	RedriveStatus string    `json:"redriveStatus"`
	RedriveReason *string   `json:"redriveStatusReason"`
	Error         *string   `json:"error"`
	Cause         *string   `json:"cause"`
}

type included struct {
	Included bool `json:"included"`
}

// notify emits the event that says which status the execution has now.
func (s *Service) notify(x *Execution) {
	d := statusChange{ExecutionARN: x.ARN, MachineARN: x.MachineARN, Name: x.Name, Status: x.Status, Start: x.Start.UnixMilli(), Stop: milliseconds(x.Stop),
		Input: &x.Input, Output: x.Output, InputDetails: &included{true}, RedriveCount: x.RedriveCount, RedriveDate: milliseconds(x.Redriven), Error: x.Error, Cause: x.Cause}
	if x.Output != nil {
		d.OutputDetails = &included{true}
		if escaped(x.Output) > maxDetail {
			d.Output, d.OutputDetails.Included = nil, false
		}
	}
	if escaped(&x.Input)+escaped(d.Output) > maxDetail {
		d.Input, d.InputDetails.Included = nil, false
	}
	status, reason := s.redriveStatus(x)
	d.RedriveStatus, d.RedriveReason = status, optional(reason)
	detail, err := json.Marshal(d)
	if err != nil {
		panic("states: an event cannot be written: " + err.Error())
	}
	s.ports.Bus.Publish(world.Event{DetailType: "Step Functions Execution Status Change", Source: "aws.states", Time: s.w.Now(), Resources: []string{x.ARN}, Detail: detail})
}

func escaped(text *string) int {
	if text == nil {
		return 0
	}
	raw, err := json.Marshal(*text)
	if err != nil {
		return 0
	}
	return len(raw)
}

func milliseconds(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	ms := t.UnixMilli()
	return &ms
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
