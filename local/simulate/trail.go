package simulate

import (
	"encoding/json"
	"strings"
	"time"

	"fairlead/local/world"
	"fairlead/shared/outcome"
)

// trail is what was observed of a run while it went on.
type trail struct {
	opening  time.Time
	calls    map[string]called // by the name of the session
	injected map[Kind]int      // how often each fault met something
	late     int               // calls that arrived after their function had been stopped
	looks    []looked
	writes   []write
	told     []outcome.Event
	released map[string][]time.Time // from quarantine: when, by service and digest
	holds    []held
	lines    []line
	stops    []stopped
	unsure   []time.Time // calls of UpdateService whose end nobody could tell
}

// called is how many calls Fairlead has made in a session, and when the last.
type called struct {
	times int
	last  time.Time
}

// call counts a call.
func (t *trail) call(session string, at time.Time) {
	t.calls[session] = called{t.calls[session].times + 1, at}
}

// write is a call of Fairlead's that changes something, and that had its effect or was refused.
type write struct {
	At        time.Time
	Service   string // of AWS
	Operation string
	Role      string
	Session   string
	Body      []byte
	Code      string
}

// looked is a look at a service by a session.
type looked struct {
	at      time.Time
	session string
}

// lastLook is when a session last looked at its service before a moment.
func (t *trail) lastLook(session string, before time.Time) (last time.Time) {
	for _, l := range t.looks {
		if l.session == session && l.at.Before(before) {
			last = l.at
		}
	}
	return last
}

// line is one line of the story.
type line struct {
	at   time.Time
	who  string
	text string
}

func (t *trail) act(at time.Time, a Act)       { t.lines = append(t.lines, line{at, "plan", a.String()}) }
func (t *trail) note(at time.Time, say string) { t.lines = append(t.lines, line{at, "plan", say}) }

// fault says that a trouble met a call.
func (t *trail) fault(at time.Time, a Act, operation string) {
	t.injected[a.Kind]++
	switch a.Kind {
	case Slow, LoseAnswer, KillBefore, KillAfter, Fail:
		if operation == "UpdateService" {
			t.unsure = append(t.unsure, at)
		}
	default: // refused for sure
	}
	if t.injected[a.Kind] <= told {
		t.lines = append(t.lines, line{at, "fault", string(a.Kind) + " meets " + operation})
	}
}

// told is how many times a fault of one kind is told: an outage meets every call.
const told = 12

// reads are the operations that change nothing.
func reads(operation string) bool {
	for _, prefix := range []string{"Describe", "List", "Get", "Batch", "Query"} {
		if strings.HasPrefix(operation, prefix) {
			return true
		}
	}
	return operation == "AssumeRole"
}

// observe takes down the calls of Fairlead that change something.
func (t *trail) observe(r world.Record) {
	if !ours(r.Request) {
		return
	}
	session := sessionOf(r.Request)
	if r.Request.Operation == "DescribeServices" && r.Code == "" {
		t.looks = append(t.looks, looked{r.At, session})
	}
	if reads(r.Request.Operation) {
		return
	}
	w := write{At: r.At, Service: r.Request.Service, Operation: r.Request.Operation, Code: r.Code, Body: r.Request.Body,
		Role:    r.Request.Principal.RoleARN[strings.LastIndexByte(r.Request.Principal.RoleARN, '/')+1:],
		Session: session}
	t.writes = append(t.writes, w)
	if w.Operation == "PutEvents" && w.Code == "" {
		t.hear(w.Body)
	}
}

// sessionOf is the name of the session that makes a call.
func sessionOf(r world.Request) string {
	return r.Principal.ARN[strings.LastIndexByte(r.Principal.ARN, '/')+1:]
}

// hear takes down the outcome events that are put on the bus.
func (t *trail) hear(body []byte) {
	var put struct {
		Entries []struct{ Detail, DetailType string }
	}
	if json.Unmarshal(body, &put) != nil {
		return
	}
	for _, entry := range put.Entries {
		var event outcome.Event
		if entry.DetailType == outcome.DetailType && json.Unmarshal([]byte(entry.Detail), &event) == nil {
			t.told = append(t.told, event)
		}
	}
}
