package states

import (
	"maps"

	"fairlead/local/world"
)

func (s *Service) deleteStateMachine(c *world.Call, in machineInput) (*struct{}, error) {
	if err := checkARN(in.StateMachineARN, "stateMachine"); err != nil {
		return nil, err
	}
	if err := c.Authorize("states:DeleteStateMachine", in.StateMachineARN, nil); err != nil {
		return nil, err
	}
	s.remove(in.StateMachineARN)
	return &struct{}{}, nil
}

// remove begins to delete a state machine: each running execution is stopped at its next transition, and with the
// last of them the state machine and its executions are gone.
func (s *Service) remove(arn string) {
	if m := s.state.Machines[arn]; m != nil {
		m.Deleting = true
		s.sweep(arn)
	}
}

// sweep removes a state machine that is being deleted, once none of its executions is running.
func (s *Service) sweep(arn string) {
	m := s.state.Machines[arn]
	if m == nil || !m.Deleting {
		return
	}
	own := func(_ string, x *Execution) bool { return x.MachineARN == arn }
	for _, x := range s.state.Executions {
		if own("", x) && x.running() {
			return
		}
	}
	maps.DeleteFunc(s.state.Executions, own)
	delete(s.state.Machines, arn)
}
