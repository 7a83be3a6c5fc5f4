package simulate

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"fairlead/local/states"
	"fairlead/shared/edge/handler"
)

// truth is what ECS and Step Functions show at the end of a run.
type truth struct {
	Settled    bool
	Services   map[string]*service
	Revisions  map[string]*taskDefinition // by ARN
	Parameters map[string]string          // what is published of each service, by its name
	Executions []*execution               // in the order of their starts
}

// service is an ECS service.
type service struct {
	Name     string
	Running  string // the task definition that it is pointed at
	Desired  int
	Rollouts []rollout // oldest first
	pointed  []pointing
}

// rollout is a service deployment.
type rollout struct {
	TaskDefinition string
	Status         string
	CreatedAt      time.Time
	FinishedAt     time.Time
	Running        int // tasks, when it was over
}

// pointing is a moment at which the service was pointed at a task definition.
type pointing struct {
	at             time.Time
	taskDefinition string
	rollback       bool // by ECS itself
}

// taskDefinition is a revision.
type taskDefinition struct {
	ARN       string
	Number    int
	Image     string
	Execution string // that registered it, by its tag; "" for one that Fairlead did not
	Base      string // the number of the revision that it says it copies
	Status    string
	Rest      string // all of it but the image, as JSON
	Tags      map[string]string
}

// execution is a run of the workflow.
type execution struct {
	ARN, Name   string
	Service     string
	Session     string // how its sessions are called
	Tag, Digest string // that it asks for
	Push        time.Time
	Ordered     time.Time // which of two of one push is the newer: its start, or for one of the sweep its push
	Replaces    string    // what an operator goes back from
	Swept       string    // what the sweep has started it for: "push" or "rollout"
	Copied      bool      // an operator has started it with the input of such a one
	Named       bool      // an operator has named its image by hand, rather than an event or the sweep
	Follows     string    // the task definition whose rollout it follows
	Start, Stop time.Time
	Status      string
	Outcome     string
	State       string // that it ended in
	Cause       string
	Redrives    int
	Transitions int
	Document    document
}

// document is what is read of an execution's document: where it says what it did, for the story and for nothing else.
type document struct {
	Image struct{ Decision, Reason, Digest string }
	Claim struct {
		Granted  bool
		Sequence int64
		Reason   string
	}
	Revision struct{ Decision, Reason, TaskDefinition, Base string }
	Update   struct{ Decision, Reason, TaskDefinition string }
	Rollout  struct{ Verdict, Reason, Status string }
	Outcome  struct{ Name, Cause string }
}

// digestOf is the digest that an image is pinned to; "" if it is not.
func digestOf(image string) string {
	_, digest, _ := strings.Cut(image, "@")
	return digest
}

// input is what is read of an execution's input.
type input struct {
	Service string
	Tag     string
	Digest  string
	Event   struct {
		Time   time.Time
		Detail struct {
			Tag    string `json:"image-tag"`
			Digest string `json:"image-digest"`
		}
	}
	AllowOlder struct{ Replaces string }
	Sweep      struct {
		Digest   string
		PushedAt time.Time
		Follow   string
	}
}

func request(x *states.Execution) (in input) {
	_ = json.Unmarshal([]byte(x.Input), &in) // an input that is none asks for nothing
	return in
}

// tell reads an execution.
func tell(x *states.Execution) *execution {
	in := request(x)
	e := &execution{ARN: x.ARN, Name: x.Name, Service: in.Service, Session: in.Service + "-" + handler.Short(x.ARN), Tag: in.Tag, Digest: in.Digest,
		Push: x.Start, Replaces: in.AllowOlder.Replaces, Start: x.Start, Stop: x.Stop, Status: x.Status, Redrives: x.RedriveCount,
		Transitions: x.Transitions, Ordered: x.Start.Truncate(time.Millisecond)} // as its context object tells it
	if in.Event.Detail.Tag != "" {
		e.Tag, e.Digest, e.Push = in.Event.Detail.Tag, in.Event.Detail.Digest, in.Event.Time
	}
	switch {
	case in.Sweep.Follow != "":
		e.Swept, e.Follows = "rollout", in.Sweep.Follow
	case in.Sweep.Digest != "":
		e.Swept, e.Digest, e.Push, e.Ordered = "push", in.Sweep.Digest, in.Sweep.PushedAt, in.Sweep.PushedAt
	}
	e.Named = in.Event.Detail.Tag == "" && e.Swept == ""
	e.Copied = e.Swept != "" && !strings.HasPrefix(x.Name, "sweep-")
	if x.Activity != nil {
		e.State = x.Activity.State
		_ = json.Unmarshal([]byte(x.Activity.Input), &e.Document) // what cannot be read is not told
	}
	if x.Cause != nil {
		e.Cause = *x.Cause
	}
	e.Outcome = named(x.Status, e.State)
	return e
}

// named is the outcome of an execution: its end state, or Failed for one that failed elsewhere.
func named(status, state string) string {
	switch {
	case status == "RUNNING":
		return "running"
	case status == "SUCCEEDED", status == "FAILED" && slices.Contains([]string{"Rejected", "RolledBack", "Stuck"}, state):
		return state
	default:
		return "Failed"
	}
}
