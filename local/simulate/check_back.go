package simulate

import (
	"slices"
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
	for _, x := range e.ended("RolledBack") {
		e.done("UpdateService", func(w write, a aimed) {
			other, r := e.bySession(w.Session), e.truth.Revisions[a.TaskDefinition]
			late := w.At.After(x.Stop.Add(slack))
			if other == nil || other == x || !late || !made(other, r) || other.Service != x.Service || digestOf(r.Image) != x.Digest {
				return
			}
			released := slices.ContainsFunc(e.trail.released[x.Service+x.Digest], func(at time.Time) bool { return at.After(x.Start) && at.Before(w.At) })
			if !released {
				e.broken("%s was rolled back, and %s deployed the image again", e.name(x), e.name(other))
			}
		})
	}
}
