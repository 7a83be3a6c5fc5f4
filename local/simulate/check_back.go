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
		if earlier && !e.harsh() && !e.people(x.Service) && !e.withheld(x) && !e.idle(v) {
			e.broken("%s is stuck, and there was something to go back to: %s", e.name(x), x.Cause)
		}
	}
}

func checkBlamed(e *evidence) {
	const most = 3 // redrives by the sweep, which those of people count towards
	for _, x := range e.ended("Failed") {
		blamed := slices.ContainsFunc(e.bans(), func(b ban) bool { return b.service == x.Service && b.digest == x.Digest })
		if e.takenBack(x) && !blamed && !e.claimedSince(x) && x.Redrives < most && e.trail.late == 0 {
			e.broken("ECS took %s back from what %s deployed, which broke off in %s, and nobody has put its image into quarantine", x.Service, e.name(x), x.State)
		}
	}
}

// takenBack says whether ECS has taken the service back from what an execution deployed last.
func (e *evidence) takenBack(x *execution) bool {
	last := ""
	for _, r := range e.truth.Services[x.Service].Rollouts {
		if made(x, e.truth.Revisions[r.TaskDefinition]) {
			last = r.Status
		}
	}
	return last == "ROLLBACK_SUCCESSFUL"
}

// claimedSince says whether another execution took the claim after one, and not to follow what that had left.
func (e *evidence) claimedSince(x *execution) bool {
	return slices.ContainsFunc(e.truth.Executions, func(other *execution) bool {
		theirs := other.Document.Claim
		return other.Service == x.Service && theirs.Granted && theirs.Sequence > x.Document.Claim.Sequence && other.Swept != "rollout"
	})
}

// withheld says whether a newer execution took the claim from one, and ended without touching the service: the service is not
// pointed back from under it, and a person is told.
func (e *evidence) withheld(x *execution) bool {
	return slices.ContainsFunc(e.truth.Executions, func(other *execution) bool {
		theirs := other.Document.Claim
		return other.Service == x.Service && theirs.Granted && theirs.Sequence > x.Document.Claim.Sequence && !e.touched(other, other.Stop)
	})
}

// rolledBack says whether the image of an execution had been rolled back before it, or was about to be.
func (e *evidence) rolledBack(x *execution) bool {
	return slices.ContainsFunc(e.truth.Executions, func(other *execution) bool {
		return other != x && other.Service == x.Service && other.Digest == x.Digest && other.Start.Before(x.Stop) && other.failed()
	})
}

// failed says whether an execution came as far as to blame its image.
func (x *execution) failed() bool { return x.Document.Rollout.Verdict == "failed" }

// ban is that an image is not to be deployed to a service any more.
type ban struct {
	service, digest string
	since           time.Time
	why             string
}

// bans are the images that were put into quarantine, and those of the executions that say they were rolled back: they are there,
// or should be.
func (e *evidence) bans() (all []ban) {
	for _, x := range e.ended("RolledBack") {
		all = append(all, ban{x.Service, x.Digest, x.Stop.Add(slack), e.name(x) + " ended as RolledBack"})
	}
	for _, w := range e.trail.writes {
		var put parked
		if w.Operation != "PutItem" || w.Code != "" || json.Unmarshal(w.Body, &put) != nil {
			continue
		}
		if service, ok := strings.CutPrefix(put.Item.Item.S, "quarantine#"); ok {
			all = append(all, ban{service, put.Item.ID.S, w.At, "the image was put into quarantine at " + e.clock(w.At)})
		}
	}
	return all
}

func checkQuarantined(e *evidence) {
	for _, b := range e.bans() {
		e.done("UpdateService", func(w write, a aimed) {
			x, r := e.bySession(w.Session), e.truth.Revisions[a.TaskDefinition]
			if x == nil || x.Service != b.service || !made(x, r) || digestOf(r.Image) != b.digest || !e.trail.lastLook(w.Session, w.At).After(b.since) {
				return // what looked before could not know
			}
			released := slices.ContainsFunc(e.trail.released[b.service+b.digest], func(at time.Time) bool { return at.After(b.since.Add(-slack)) && at.Before(w.At) })
			if !released {
				e.broken("%s deployed its image at %s, and %s", e.name(x), e.clock(w.At), b.why)
			}
		})
	}
}
