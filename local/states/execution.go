package states

import "time"

// The statuses of an execution.
const (
	running   = "RUNNING"
	succeeded = "SUCCEEDED"
	failed    = "FAILED"
	timedOut  = "TIMED_OUT"
	aborted   = "ABORTED"
)

// Execution is one run of a state machine.
type Execution struct {
	ARN         string    `json:"arn"`
	Name        string    `json:"name"`
	Order       int64     `json:"order"` // among all executions, by their start
	MachineARN  string    `json:"machineArn"`
	MachineName string    `json:"machineName"`
	Definition  string    `json:"definition"` // the digest of the definition it started with
	RoleARN     string    `json:"roleArn"`
	RevisionID  string    `json:"revisionId,omitempty"`
	Updated     time.Time `json:"updated"` // when the state machine was last updated, at the start
	TraceHeader string    `json:"traceHeader,omitempty"`

	Status string    `json:"status"`
	Input  string    `json:"input"`
	Output *string   `json:"output,omitempty"`
	Error  *string   `json:"error,omitempty"`
	Cause  *string   `json:"cause,omitempty"`
	Start  time.Time `json:"start"`
	Stop   time.Time `json:"stop"`

	RedriveCount int       `json:"redriveCount"`
	Redriven     time.Time `json:"redriven"`
	Redrives     []redrive `json:"redrives,omitempty"` // the last ones that carried a client token

	Turn        int       `json:"turn"` // rises whenever what was under way no longer counts
	Activity    *Activity `json:"activity,omitempty"`
	History     []Event   `json:"history"`
	Last        int64     `json:"last"` // the id of the event that the next one follows
	Transitions int       `json:"transitions"`
}

// Activity is what an execution does now, or did when it ended: its last state.
type Activity struct {
	State        string    `json:"state"`
	Entered      time.Time `json:"entered"`
	EnteredEvent int64     `json:"enteredEvent"`
	Input        string    `json:"input"`
	Phase        phase     `json:"phase"`
	Retried      []int     `json:"retried,omitempty"` // per retrier: how often it has caused a retry
	RetryCount   int       `json:"retryCount"`
	Secret       string    `json:"secret,omitempty"` // the part of the task token that cannot be guessed
	Beat         int       `json:"beat"`             // rises with each heartbeat
}

// phase is how far a state has come.
type phase string

const (
	phaseInvoked   phase = "invoked"   // the function runs
	phaseSubmitted phase = "submitted" // the function has returned; its task token is awaited
	phaseResting   phase = "resting"   // a Wait state, or a task before its next attempt
)

func (x *Execution) running() bool { return x.Status == running }

// supersede makes everything that is under way stale: timers, invocations, task tokens.
func (x *Execution) supersede() {
	x.Turn++
	if x.Activity != nil {
		x.Activity.Secret = ""
	}
}
