package asl

import "fmt"

// The error names that the states language reserves.
// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
const (
	ErrorAll               = "States.ALL"
	ErrorTimeout           = "States.Timeout"
	ErrorHeartbeatTimeout  = "States.HeartbeatTimeout"
	ErrorTaskFailed        = "States.TaskFailed"
	ErrorPermissions       = "States.Permissions"
	ErrorRuntime           = "States.Runtime"
	ErrorDataLimitExceeded = "States.DataLimitExceeded"
	ErrorResultPath        = "States.ResultPathMatchFailure"
	ErrorIntrinsic         = "States.IntrinsicFailure"
)

// Fault is an error as the states language has it: a state failed with it, and a retrier or catcher may match it.
type Fault struct {
	Name      string // "States.Timeout", "Lambda.TooManyRequestsException", what a function called its error
	Cause     string
	NoName    bool // SendTaskFailure gave no error: reported as null
	NoCause   bool // reported as null
	Heartbeat bool // a States.Timeout because no heartbeat came
}

// Error is the fault as one line.
func (f *Fault) Error() string { return f.Name + ": " + f.Cause }

// Output is the fault as a catcher's output: {"Error": …, "Cause": …}.
func (f *Fault) Output() any {
	out := map[string]any{"Error": f.Name, "Cause": f.Cause}
	if f.NoName {
		out["Error"] = nil
	}
	if f.NoCause {
		out["Cause"] = nil
	}
	return out
}

func runtimeFault(format string, args ...any) *Fault {
	return &Fault{Name: ErrorRuntime, Cause: fmt.Sprintf(format, args...)}
}
