package sweep

import (
	"fmt"
	"strings"
	"time"

	"fairlead/shared/claim"
)

// Rollout is what the service is pointed at, and what is known of the executions that had to do with it.
type Rollout struct {
	TaskDefinition string
	Digest         string
	Sequence       int64  // of the claim under which the revision was made; 0 if it is not ours
	State          string // ECS's rolloutState of the PRIMARY deployment
	Recorded       string // the digest that the service was last said to be deployed with; "" if that is not known
	// Maker is the execution that registered the revision, Holder the one that holds the claim: often the same. One whose
	// ARN cannot be told from the revision's tags is the zero Run.
	Maker, Holder Run
}

// Run is an execution as Step Functions has it.
type Run struct {
	Execution string // its ARN
	Status    string // RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED, PENDING_REDRIVE; "" if it does not exist any more
	Error     string
	StoppedAt time.Time
	Redrives  int    // how often it was redriven
	Follows   string // ARN of the task definition whose rollout it was started to follow, or ""
}

// runs says whether the execution goes on, or may be about to.
func (r Run) runs() bool { return r.Status == "RUNNING" || r.Status == "PENDING_REDRIVE" }

// told says whether the execution passed an end of the workflow: it has followed its rollout as far as that went.
func (r Run) told() bool { return r.Status == "SUCCEEDED" || r.alarmed() }

// alarmed says whether the execution passed an end that tells a person of a failure.
func (r Run) alarmed() bool {
	return r.Status == "FAILED" && (r.Error == "Rollout.RolledBack" || r.Error == "Rollout.Stuck")
}

// Lost says whether the execution has ended without an end of the workflow, and whoever wanted to redrive it had the time to.
// One that the sweep itself has started is given an hour: what stopped it has to be mended first.
func (r Run) Lost(now time.Time) bool {
	return !r.runs() && !r.told() && r.rested(now)
}

// rested says whether nothing more is to be expected of an execution that has ended.
func (r Run) rested(now time.Time) bool {
	patience := Grace
	if r.swept() {
		patience = time.Hour
	}
	return !now.Before(r.StoppedAt.Add(patience))
}

// swept says whether the sweep has started the execution.
func (r Run) swept() bool { return strings.Contains(r.Execution, ":sweep-") }

// ECS's rolloutStates of a deployment that has ended.
const (
	completed = "COMPLETED"
	failed    = "FAILED"
)

// Abandoned says whether nobody follows a rollout that has not ended, and why or why not.
//
// It has not ended while ECS has not completed it, so that it goes on, or failed and was not put back; nor while nobody has said
// that it was deployed, though ECS has completed it: until then the parameter names what ran before. Who had to
// follow it is the execution that holds the claim, if that is for this image: the one that deployed it, or one that has
// followed it since. If that one ended without an end of the workflow, nobody follows; nor if it has passed the rollout over.
// A person who has stopped it has some minutes to redrive it.
func Abandoned(r Rollout, held claim.Claim, now time.Time) (abandoned bool, reason string) {
	if reason := r.settled(held); reason != "" {
		return false, reason
	}
	switch follower := r.follower(held); {
	case r.passedOver(follower):
		return follower.rested(now), fmt.Sprintf("execution %s has taken it over, and ended at %s without going back from it", follower.Execution, follower.StoppedAt.UTC().Format(time.RFC3339))
	case follower.told():
		return false, fmt.Sprintf("execution %s has followed it as far as it went", follower.Execution)
	case follower.Execution == "":
		return false, "which execution has made it cannot be told"
	case follower.Status == "" && r.State == completed:
		return false, fmt.Sprintf("how execution %s ended cannot be told any more, and ECS has completed it", follower.Execution)
	case !follower.Lost(now):
		return false, fmt.Sprintf("execution %s ended %s only at %s, and may be redriven", follower.Execution, follower.Status, follower.StoppedAt.UTC().Format(time.RFC3339))
	default:
		return true, fmt.Sprintf("execution %s ended %s without following it", follower.Execution, or(follower.Status, "long ago"))
	}
}

// follower is the execution that had to follow it.
func (r Rollout) follower(held claim.Claim) Run {
	if held.Exists() && held.Digest == r.Digest {
		return r.Holder
	}
	return r.Maker
}

// passedOver says whether an execution took the claim over from the maker of a revision with its own image, which has failed
// in service, and ended well without going back from it: a quarantine or a hold kept it from deploying, and the maker had left the
// service to it. Of what the maker has called stuck a person knows. A failure of what was in service well before is a person's, who
// has had ECS deploy it anew. A holder that the sweep has started itself has done what there is to do.
func (r Rollout) passedOver(holder Run) bool {
	took := holder.Status == "SUCCEEDED" && holder.Execution != r.Maker.Execution && !holder.swept()
	return took && r.State == failed && r.Recorded != r.Digest && !r.Maker.alarmed()
}

// settled says why there is nothing to follow, or somebody at it, whatever became of the execution that had to; or nothing.
func (r Rollout) settled(held claim.Claim) string {
	switch reason := r.ended(); {
	case r.Sequence == 0:
		return "the service is pointed at a revision that is not ours"
	case reason != "":
		return reason
	case r.Maker.runs() || r.Holder.runs():
		return "an execution is at it"
	case held.Exists() && held.Digest != r.Digest && held.Sequence != r.Sequence:
		return fmt.Sprintf("execution %s has claimed the service since, for another image", held.Holder)
	case r.wayBack(held):
		return fmt.Sprintf("execution %s has gone back to it from the image that it deployed: that is left to its redrive", held.Holder)
	default:
		return ""
	}
}

// wayBack says whether a revision was made under the claim with another image than the claim's: a copy of an earlier one, to go
// back to. Who followed it as a rollout of its own would put an image into quarantine that was well, should it fail now.
func (r Rollout) wayBack(held claim.Claim) bool {
	return held.Exists() && held.Sequence == r.Sequence && r.Digest != "" && held.Digest != r.Digest
}

// ended says why there is nothing left of the rollout to follow, or to tell of; or nothing.
func (r Rollout) ended() string {
	switch {
	case r.State == completed && r.Recorded == r.Digest:
		return "the rollout has ended, and that it was deployed is recorded"
	case r.State == completed, r.State == "IN_PROGRESS", r.State == failed:
		return ""
	default:
		return "how far the rollout is cannot be told"
	}
}

func or(first, second string) string {
	if first != "" {
		return first
	}
	return second
}
