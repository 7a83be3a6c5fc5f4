package states

import (
	"strings"
	"time"

	"fairlead/local/states/asl"
	"fairlead/local/world"
)

// maxEvents is how long a history may grow; the event with this id is the last one.
const maxEvents = 25000

// Event is one event of a history.
type Event struct {
	ID       int64     `json:"id"`
	Previous int64     `json:"previous"`
	At       time.Time `json:"at"`
	Type     string    `json:"type"`
	Details  Details   `json:"details"`
}

// Details are the details of an event of any type; which members are there depends on the type.
type Details struct {
	Name          string     `json:"name,omitempty"`
	Input         *string    `json:"input,omitempty"`
	InputDetails  *truncated `json:"inputDetails,omitempty"`
	Output        *string    `json:"output,omitempty"`
	OutputDetails *truncated `json:"outputDetails,omitempty"`
	RoleARN       string     `json:"roleArn,omitempty"`
	Resource      string     `json:"resource,omitempty"`
	ResourceType  string     `json:"resourceType,omitempty"`
	Region        string     `json:"region,omitempty"`
	Parameters    *string    `json:"parameters,omitempty"`
	Timeout       int64      `json:"timeoutInSeconds,omitempty"`
	Heartbeat     int64      `json:"heartbeatInSeconds,omitempty"`
	Error         *string    `json:"error,omitempty"`
	Cause         *string    `json:"cause,omitempty"`
	RedriveCount  int        `json:"redriveCount,omitempty"`
}

type truncated struct {
	Truncated bool `json:"truncated"`
}

func (d Details) input(raw string) Details {
	d.Input, d.InputDetails = &raw, &truncated{}
	return d
}

func (d Details) output(raw string) Details {
	d.Output, d.OutputDetails = &raw, &truncated{}
	return d
}

func (d Details) fault(f *asl.Fault) Details {
	d.Error, d.Cause = errorOf(f), causeOf(f)
	return d
}

// withoutData leaves out what includeExecutionData: false leaves out. Errors and their causes stay.
func (d Details) withoutData() Details {
	d.Input, d.InputDetails, d.Output, d.OutputDetails, d.Parameters = nil, nil, nil, nil, nil
	return d
}

// record appends an event to the history of a running execution, and to its log. The event that would be number 25,000
// is ExecutionFailed, unless it ends the execution anyway.
func (s *Service) record(x *Execution, kind string, details Details) {
	if !x.running() {
		return
	}
	if len(x.History) == maxEvents-1 && !ends(kind) {
		s.end(x, failed, &asl.Fault{Name: asl.ErrorRuntime, Cause: "The execution reached the maximum number of history events (25000)."})
		return
	}
	e := Event{ID: int64(len(x.History)) + 1, Previous: x.Last, At: s.w.Now(), Type: kind, Details: details}
	x.History = append(x.History, e)
	if kind != "ExecutionStarted" { // the first state's event follows event 0, as recorded from AWS
		x.Last = e.ID
	}
	s.log(x, e)
}

func ends(kind string) bool {
	switch kind {
	case "ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut":
		return true
	}
	return false
}

// wire is the event as GetExecutionHistory returns it.
func (e Event) wire(withData bool) map[string]any {
	details := e.Details
	if !withData {
		details = details.withoutData()
	}
	out := map[string]any{"id": e.ID, "previousEventId": e.Previous, "timestamp": world.Epoch{Time: e.At}, "type": e.Type}
	if member := detailsMember(e.Type); member != "" {
		out[member] = details
	}
	return out
}

// detailsMember is the member of a HistoryEvent that holds the details of an event of this type; empty if it has none.
func detailsMember(kind string) string {
	switch {
	case strings.HasSuffix(kind, "StateEntered"):
		return "stateEnteredEventDetails"
	case strings.HasSuffix(kind, "StateExited"):
		return "stateExitedEventDetails"
	case kind == "LambdaFunctionStarted":
		return ""
	}
	return strings.ToLower(kind[:1]) + kind[1:] + "EventDetails"
}

func errorOf(f *asl.Fault) *string {
	if f.NoName {
		return nil
	}
	return limited(f.Name, maxError)
}

// causeOf is the cause as histories and executions have it: where there is none, it is left out.
func causeOf(f *asl.Fault) *string {
	if f.NoCause || f.Cause == "" {
		return nil
	}
	return limited(f.Cause, maxCause)
}

const (
	maxError = 256
	maxCause = 32768
)

func limited(text string, limit int) *string {
	if len(text) > limit {
		text = strings.ToValidUTF8(text[:limit], "")
	}
	return &text
}
