package simulate

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

func checkRestored(e *evidence) {
	for _, x := range e.ended("Stuck") {
		v := e.truth.Services[x.Service]
		earlier := slices.ContainsFunc(v.Rollouts, func(r rollout) bool {
			return r.Status == "SUCCESSFUL" && r.FinishedAt.Before(x.Start) && e.digest(r.TaskDefinition) != x.Digest
		})
		if earlier && !e.harsh() && !e.people(x.Service) {
			e.broken("%s is stuck, and there was something to go back to: %s", e.name(x), x.Cause)
		}
	}
}

// rolledBack says whether the image of an execution had been rolled back before it, or was about to be.
func (e *evidence) rolledBack(x *execution) bool {
	return slices.ContainsFunc(e.truth.Executions, func(other *execution) bool {
		return other != x && other.Service == x.Service && other.Digest == x.Digest && other.Start.Before(x.Stop) && other.failed()
	})
}

// failed says whether an execution came as far as to blame its image.
func (x *execution) failed() bool { return x.Document.Rollout.Verdict == "failed" }

func checkQuarantined(e *evidence) {
	for _, q := range e.trail.writes {
		var put parked
		if q.Operation != "PutItem" || q.Code != "" || json.Unmarshal(q.Body, &put) != nil || !strings.HasPrefix(put.Item.Item.S, "quarantine#") {
			continue
		}
		service, digest := strings.TrimPrefix(put.Item.Item.S, "quarantine#"), put.Item.ID.S
		e.done("UpdateService", func(w write, a aimed) {
			x, r := e.bySession(w.Session), e.truth.Revisions[a.TaskDefinition]
			if x == nil || x.Service != service || !made(x, r) || digestOf(r.Image) != digest || !e.trail.lastLook(w.Session, w.At).After(q.At) {
				return // what looked before could not know
			}
			released := slices.ContainsFunc(e.trail.released[service+digest], func(at time.Time) bool { return at.After(q.At) && at.Before(w.At) })
			if !released {
				e.broken("%s deployed its image at %s, and that was put into quarantine at %s", e.name(x), e.clock(w.At), e.clock(q.At))
			}
		})
	}
}
