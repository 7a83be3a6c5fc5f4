package states

import "fairlead/local/world"

type describeOutput struct {
	ExecutionARN  string       `json:"executionArn"`
	MachineARN    string       `json:"stateMachineArn"`
	Name          string       `json:"name"`
	Status        string       `json:"status"`
	Start         *world.Epoch `json:"startDate"`
	Stop          *world.Epoch `json:"stopDate,omitempty"`
	Input         string       `json:"input"`
	InputDetails  included     `json:"inputDetails"`
	Output        *string      `json:"output,omitempty"`
	OutputDetails *included    `json:"outputDetails,omitempty"`
	TraceHeader   string       `json:"traceHeader,omitempty"`
	Error         *string      `json:"error,omitempty"`
	Cause         *string      `json:"cause,omitempty"`
	RedriveCount  int          `json:"redriveCount"`
	RedriveDate   *world.Epoch `json:"redriveDate,omitempty"`
	RedriveStatus string       `json:"redriveStatus"`
	RedriveReason string       `json:"redriveStatusReason,omitempty"`
}

func (s *Service) describeExecution(c *world.Call, in executionInput) (*describeOutput, error) {
	x, err := s.authorized(c, "states:DescribeExecution", in.ExecutionARN)
	if err != nil {
		return nil, err
	}
	out := &describeOutput{ExecutionARN: x.ARN, MachineARN: x.MachineARN, Name: x.Name, Status: x.Status, Start: world.EpochOf(x.Start), Stop: world.EpochOf(x.Stop),
		Input: x.Input, InputDetails: included{true}, Output: x.Output, TraceHeader: x.TraceHeader, Error: x.Error, Cause: x.Cause,
		RedriveCount: x.RedriveCount, RedriveDate: world.EpochOf(x.Redriven)}
	if x.Output != nil {
		out.OutputDetails = &included{true}
	}
	out.RedriveStatus, out.RedriveReason = s.redriveStatus(x)
	return out, nil
}
