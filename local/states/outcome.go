package states

import (
	"fairlead/local/states/asl"
)

// end ends an execution: with a fault, or without one if it succeeded, was stopped or took too long.
func (s *Service) end(x *Execution, status string, f *asl.Fault) {
	if !x.running() {
		return
	}
	details := Details{}
	if f != nil {
		x.Error, x.Cause = errorOf(f), causeOf(f)
		details = details.fault(f)
	}
	if status == succeeded {
		details = details.output(*x.Output)
	}
	if status == aborted || status == timedOut {
		x.Last = 0 // it came from outside, not from the state before
	}
	s.record(x, endEvent(status), details)
	x.Status, x.Stop = status, s.w.Now()
	x.supersede()
	s.notify(x)
	s.sweep(x.MachineARN)
}

func endEvent(status string) string {
	switch status {
	case succeeded:
		return "ExecutionSucceeded"
	case failed:
		return "ExecutionFailed"
	case timedOut:
		return "ExecutionTimedOut"
	default:
		return "ExecutionAborted"
	}
}

// retryOrCatch decides what follows a task's fault: the next attempt, a catcher's state, or the end of the execution.
func (s *Service) retryOrCatch(x *Execution, state *asl.State, f *asl.Fault) *next {
	if !x.running() {
		return nil
	}
	x.supersede()
	a := x.Activity
	i := state.RetrierFor(f)
	if i >= 0 && a.Retried[i] < state.Retry[i].MaxAttempts {
		wait := state.Retry[i].Delay(a.Retried[i], s.w.Random)
		a.Retried[i]++
		a.RetryCount++
		a.Phase = phaseResting
		x.Transitions++
		s.after(x, wait, laterRetry)
		return nil
	}
	catcher := state.CatcherFor(f)
	if catcher == nil {
		s.end(x, failed, f)
		return nil
	}
	return s.caught(x, state, catcher, f)
}

// caught leaves a state by a catcher. The output is the state's raw input with the error; OutputPath does not apply.
func (s *Service) caught(x *Execution, state *asl.State, catcher *asl.Catcher, f *asl.Fault) *next {
	output, err := catcher.ResultPath.Place(s.scope(x, state).Input, f.Output())
	var raw string
	if err == nil {
		raw, err = payload(output, state.Name)
	}
	if err != nil {
		s.end(x, failed, s.located(x, err))
		return nil
	}
	s.record(x, state.Type+"StateExited", Details{Name: state.Name}.output(raw))
	return &next{catcher.Next, raw}
}
