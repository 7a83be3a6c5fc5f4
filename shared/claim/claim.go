// Package claim answers: may this execution deploy the service now?
//
// A claim is the right to deploy a service now. There is one for each service, it stands in the ledger, and the newest
// push takes it: [Decide] compares a candidate with the claim that stands, and is pure. It comes after image and before
// revision in the flow: ClaimService adds [Result] to the document, UpdateService asks the ledger again.
//
// A granted claim raises the sequence and forbids older executions to point the service anywhere. It does not end them.
package claim

import (
	"fmt"
	"time"
)

// Claim is what the ledger holds for one service. The zero Claim is that of a service that was never claimed, or whose
// ledger was lost.
type Claim struct {
	// Sequence numbers the grants of one service. It only grows; 0 says that there is no claim.
	Sequence int64
	// Holder is the ARN of the execution that may deploy the service now.
	Holder string
	// Digest and Tag are what the holder deploys.
	Digest, Tag string
	// Mark is the newest order that was ever granted.
	Mark Mark
	// TaskDefinition is the ARN of the revision that the holder is about to put into service, or has put into service.
	// It is empty until just before the holder's UpdateService, unless the service ran the holder's image already: a claim
	// with one belongs to a holder that acts, or that need not.
	TaskDefinition string
	// UpdatedAt is when the holder's step that wrote last was entered.
	UpdatedAt time.Time
}

// Exists says whether there is a claim at all.
func (c Claim) Exists() bool { return c.Sequence > 0 }

// HeldBy says whether the execution holds the claim.
func (c Claim) HeldBy(execution string) bool { return c.Exists() && c.Holder == execution }

// HolderOf is the ARN of the execution that holds the claim, if that deploys the image with this digest; else "".
func (c Claim) HolderOf(digest string) string {
	if !c.Exists() || digest == "" || c.Digest != digest {
		return ""
	}
	return c.Holder
}

// Pointing is the claim with what its holder is about to put into service; an empty ARN says that it is not, after all.
func (c Claim) Pointing(taskDefinition string, now time.Time) Claim {
	c.TaskDefinition, c.UpdatedAt = taskDefinition, now
	return c
}

// Candidate is an execution that asks for the claim.
type Candidate struct {
	// Execution is its ARN.
	Execution string
	Order     Order
	// Digest and Tag are what it wants to deploy.
	Digest, Tag string
	// Replaces is the digest that an operator goes back from, or "". It is granted whatever was pushed,
	// unless an operator has gone back since.
	Replaces string
	// Running is the sequence of the revision that the service runs, or 0 if no execution of ours made it. It keeps the
	// sequence growing when the ledger was lost.
	Running int64
	// InService is the ARN of the revision that the service runs, if that has the candidate's image: it may find nothing to
	// deploy and end, and who is overtaken by it in the middle of a call then puts this back.
	InService string
	// Follows says that it deploys nothing: it follows to its end what the holder has put into service and has left. It
	// never raises the mark.
	Follows bool
}

// Result is the document's key "claim". Every field is always present.
type Result struct {
	Granted  bool   `json:"granted"`
	Sequence int64  `json:"sequence"` // of this execution if granted, else of the holder
	Reason   string `json:"reason"`
	Holder   string `json:"holder"` // ARN of the execution that holds the claim now
	// Follow is the holder's ARN if it is not granted because the holder deploys this very image, else "".
	Follow string `json:"follow"`
	// Quarantined says that it is not granted because the image is in quarantine, for the reason that stands in Reason.
	Quarantined bool `json:"quarantined"`
	// Held says that it is not granted because the service is held, by whom and why stands in Reason.
	Held bool `json:"held"`
}

// Decide says whether the candidate gets the claim, and what the claim is then. If it returns the claim that it was
// given, there is nothing to write.
//
// A candidate gets it if it holds it already, if it goes back and no operator has decided anew since it started, or if its
// order is newer than every order granted so far. One that follows gets it from the execution that deployed what the
// service runs, and from nobody newer. Going back raises the mark to the operator's start, so that neither a late event nor
// a replay of the newest one undoes it.
func Decide(held Claim, candidate Candidate, now time.Time) (Claim, Result) {
	if held.HeldBy(candidate.Execution) {
		return held, granted(held, "this execution holds the claim already")
	}
	reason, fits := fits(held, candidate)
	if !fits {
		return held, Result{Sequence: held.Sequence, Reason: reason, Holder: held.Holder, Follow: held.HolderOf(candidate.Digest)}
	}
	next := Claim{
		Sequence: max(held.Sequence, candidate.Running) + 1,
		Holder:   candidate.Execution,
		Digest:   candidate.Digest,
		Tag:      candidate.Tag,

		TaskDefinition: candidate.InService,
		Mark:           held.Mark.raise(candidate.Order, candidate.Replaces != ""),
		UpdatedAt:      now,
	}
	if candidate.Follows && held.Exists() {
		next.Mark = held.Mark
	}
	return next, granted(next, reason)
}

// fits says whether a candidate that does not hold the claim gets it, and why.
func fits(held Claim, candidate Candidate) (reason string, ok bool) {
	ours, theirs := candidate.Order.tell(held.Mark.Order)
	switch {
	case candidate.Replaces != "" && candidate.Order.Time.Before(held.Mark.Back):
		return fmt.Sprintf("an operator has decided anew since, by an execution that started %s: the newest decision holds",
			held.Mark.Back.UTC().Format(time.RFC3339Nano)), false
	case candidate.Replaces != "":
		return "an operator goes back from " + candidate.Replaces, true
	case !held.Exists():
		return "the first claim of this service", true
	case candidate.Follows:
		return held.lets(candidate)
	case !held.Mark.Admits(candidate.Order) && held.wentBack():
		return held.refuses(candidate.Order), false
	case !held.Mark.Admits(candidate.Order):
		return fmt.Sprintf("%s is not newer than %s, which execution %s deploys: the newest wins",
			ours, theirs, held.Holder), false
	default:
		return fmt.Sprintf("%s is newer than %s", ours, theirs), true
	}
}

// wentBack says whether nothing newer has been granted since an operator went back: the mark is that of what was granted
// before, which the holder does not deploy.
func (c Claim) wentBack() bool {
	since := c.Mark.Time.After(c.Mark.Back) && compareVersions(c.Tag, c.Mark.Version) >= 0
	return !c.Mark.Back.IsZero() && !since
}

// refuses says why an order is not newer than what an operator chose who went back.
func (c Claim) refuses(o Order) string {
	back := c.Mark.Back.UTC().Format(time.RFC3339)
	if compareVersions(o.Version, c.Mark.Version) < 0 {
		return fmt.Sprintf("%s is lower than %s, the highest version granted so far. An operator went back at %s, and execution %s holds the claim: "+
			"a lower version goes out only if an operator chooses it", o, c.Mark.Version, back, c.Holder)
	}
	return fmt.Sprintf("%s is not newer than what was granted to execution %s and before it. An operator went back at %s: only what is pushed later goes out by itself",
		o, c.Holder, back)
}

// lets says whether a candidate may follow what the service runs: the claim is that under which it was deployed, or that of
// an earlier one that followed it. A claim for another image is that of a newer push.
func (c Claim) lets(candidate Candidate) (reason string, ok bool) {
	if c.Sequence == candidate.Running || c.Digest == candidate.Digest {
		return fmt.Sprintf("it follows what execution %s has left", c.Holder), true
	}
	return fmt.Sprintf("execution %s has taken the claim with sequence %d for another image: what the service runs is not to be followed any more", c.Holder, c.Sequence), false
}

// granted is the result for the holder of a claim.
func granted(c Claim, reason string) Result {
	return Result{Granted: true, Sequence: c.Sequence, Reason: reason, Holder: c.Holder}
}
