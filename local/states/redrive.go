package states

import (
	"strings"
	"time"

	"fairlead/local/world"
)

// The limits of redriving.
// https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
const (
	redrivable     = 14 * 24 * time.Hour  // after the execution's end
	maxOpen        = 365 * 24 * time.Hour // after its start
	tokensKept     = 10
	tokensValidFor = 15 * time.Minute
)

// redrive is a redrive that carried a client token.
type redrive struct {
	Token string    `json:"token"`
	At    time.Time `json:"at"`
}

type redriveInput struct {
	ExecutionARN string `json:"executionArn"`
	ClientToken  string `json:"clientToken"`
}

type redriveOutput struct {
	RedriveDate *world.Epoch `json:"redriveDate"`
}

// redriveExecution lets an execution that failed, was stopped or timed out go on at its last state.
func (s *Service) redriveExecution(c *world.Call, in redriveInput) (*redriveOutput, error) {
	x, err := s.authorized(c, "states:RedriveExecution", in.ExecutionARN)
	if err != nil {
		return nil, err
	}
	const maxClientToken = 64
	if len(in.ClientToken) > maxClientToken || strings.ContainsFunc(in.ClientToken, func(r rune) bool { return r < '!' || r > '~' }) {
		return nil, validation("Value '%s' at 'clientToken' failed to satisfy constraint: Member must satisfy regular expression pattern: [!-~]+", in.ClientToken)
	}
	if at, ok := s.redrivenWith(x, in.ClientToken); ok {
		return &redriveOutput{world.EpochOf(at)}, nil
	}
	if status, reason := s.redriveStatus(x); status != "REDRIVABLE" {
		return nil, world.Errorf("ExecutionNotRedrivable", "%s", reason)
	}
	s.resume(x, in.ClientToken)
	return &redriveOutput{world.EpochOf(x.Redriven)}, nil
}

// redrivenWith says when a redrive with this client token took place, if that was not long ago.
func (s *Service) redrivenWith(x *Execution, token string) (time.Time, bool) {
	for _, r := range x.Redrives {
		if token != "" && r.Token == token && s.w.Now().Sub(r.At) <= tokensValidFor {
			return r.At, true
		}
	}
	return time.Time{}, false
}

func (s *Service) resume(x *Execution, token string) {
	x.Status, x.Stop, x.Error, x.Cause = running, time.Time{}, nil, nil
	x.RedriveCount++
	x.Redriven = s.w.Now().Truncate(time.Millisecond)
	if token != "" {
		x.Redrives = append(x.Redrives, redrive{token, x.Redriven})
		x.Redrives = x.Redrives[max(0, len(x.Redrives)-tokensKept):]
	}
	x.supersede()
	x.Last = int64(len(x.History))
	x.Transitions++
	s.record(x, "ExecutionRedriven", Details{RedriveCount: x.RedriveCount})
	s.notify(x)
	s.schedule(x)
}

// redriveStatus says whether an execution can be redriven and, if not, why.
func (s *Service) redriveStatus(x *Execution) (status, reason string) {
	m, now := s.state.Machines[x.MachineARN], s.w.Now()
	switch {
	case x.Status == running || x.Status == succeeded:
		reason = "Execution is " + x.Status + " and cannot be redriven"
	case m == nil || m.Deleting:
		reason = "State machine is in DELETING status"
	case len(x.History) >= maxEvents-1:
		reason = "Execution history event limit exceeded"
	case now.Sub(x.Start) > maxOpen:
		reason = "Execution has exceeded the max execution time"
	case now.Sub(x.Stop) > redrivable:
		reason = "Execution redrivable period exceeded"
	default:
		return "REDRIVABLE", ""
	}
	return "NOT_REDRIVABLE", reason
}
