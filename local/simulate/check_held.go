package simulate

import (
	"slices"
	"time"
)

// held is a hold of a service as an operator has set it, and how it came to its end.
type held struct {
	service     string
	from, until time.Time
}

// lift ends the hold of a service.
func (t *trail) lift(service string, now time.Time) {
	for i := range t.holds {
		if h := &t.holds[i]; h.service == service && h.until.After(now) {
			h.until = now
		}
	}
}

// heldUntil is when the last hold ends.
func (t *trail) heldUntil() (last time.Time) {
	for _, h := range t.holds {
		if h.until.After(last) {
			last = h.until
		}
	}
	return last
}

// heldAt says whether a service was held throughout a span of time.
func (e *evidence) heldAt(service string, from, until time.Time) bool {
	return slices.ContainsFunc(e.trail.holds, func(h held) bool {
		return h.service == service && !h.from.After(from) && !h.until.Before(until)
	})
}

// keptBack says whether an execution ended because its service was held: it was skipped untouched, or failed when it was to be
// recorded so, and a hold was in force then.
func (e *evidence) keptBack(x *execution) bool {
	skipped := x.Outcome == "Skipped" || x.State == "RecordOutcome"
	return skipped && !e.touched(x, x.Stop) && slices.ContainsFunc(e.trail.holds, func(h held) bool {
		return h.service == x.Service && h.from.Before(x.Stop) && h.until.After(x.Start)
	})
}

// heard is the first execution that the event of a push had started and a hold has kept back, for the one that the sweep started in
// its stead and for what else the hold kept back of it; for any other it is itself. It tells which of two pushes of one second is
// the newer.
func (e *evidence) heard(x *execution) *execution {
	if x.Swept != "push" && !e.keptBack(x) {
		return x
	}
	for _, other := range e.truth.Executions {
		if e.keptBack(other) && other.Service == x.Service && other.Tag == x.Tag && other.Digest == x.Digest && other.Swept == "" && !other.Named {
			return other
		}
	}
	return x
}

func checkHeld(e *evidence) {
	began := map[string]bool{}
	e.done("UpdateService", func(w write, a aimed) {
		x := e.bySession(w.Session)
		if x == nil || x.Replaces != "" || !made(x, e.truth.Revisions[a.TaskDefinition]) || began[x.ARN] {
			return
		}
		began[x.ARN] = true
		if e.heldAt(x.Service, w.At.Add(-slack), w.At) && !e.heldDuringTheCall(x, w.At) {
			e.broken("%s points service %s at its image, which is held", e.name(x), x.Service)
		}
	})
}

// heldDuringTheCall says whether a call of UpdateService whose end nobody could tell was made before the hold came: the attempt that
// repeats it goes on, for the call may yet be carried out.
func (e *evidence) heldDuringTheCall(x *execution, at time.Time) bool {
	return slices.ContainsFunc(e.trail.unsure, func(call time.Time) bool {
		return call.After(x.Start) && call.Before(at) && !e.heldAt(x.Service, call, at)
	})
}
