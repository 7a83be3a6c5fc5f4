// Package sweep answers: what went by unnoticed?
//
// EventBridge delivers at least once, as a rule, and AWS promises no more: an event can be lost. The function sweep looks at
// intervals for what events should have told. A push is found by comparing the tags of a repository with those of the look
// before ([Record.Compare]); which of them is to be deployed, [Choose] says. A rollout is found by what the service is
// pointed at; whether an execution still follows it, [Abandoned] says, and of what it is not pointed at any more [Untold]. The
// package is pure.
package sweep

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"fairlead/shared/claim"
)

// New is a tag that the look before has not seen on its digest.
type New struct {
	Image
	Waiting
	// Version is the tag's semantic version under a semver policy. Not says why the push is not to be deployed, in a sentence;
	// "" if it may be. Whoever has compared sets both.
	Version string
	Not     string
	// Owed says that a hold kept the push back; nil for one that nobody has started.
	Owed *Owed
}

// Order is where the push stands among the others. It is never newer than it was: it was pushed at that time at the
// earliest, and an execution that an event of the same second has started is the newer.
func (n New) Order() claim.Order {
	if n.Owed != nil {
		return n.Owed.order(n.Version)
	}
	return claim.Order{Version: n.Version, Time: n.Since, Start: n.Since}
}

// Grace is how long a push is left to its event: EventBridge delivers within seconds, and tries again for longer only where
// the workflow cannot be started, which the dead-letter queue tells.
const Grace = 5 * time.Minute

// ripe says whether the event had its time: since the push, where its time is known, and since the first look in any case.
func (n New) ripe(now time.Time) bool {
	if n.Owed != nil {
		return true // its event has come
	}
	since := n.Seen
	if n.Since.Equal(n.PushedAt.UTC().Truncate(time.Second)) {
		since = n.Since
	}
	return !now.Before(since.Add(Grace))
}

// Decision is what is to be done about a new tag.
type Decision string

// The decisions.
const (
	Start Decision = "start" // start an execution for it
	Wait  Decision = "wait"  // look again next time
	Leave Decision = "leave" // it needs no further look
)

// Chosen is a decision about one tag.
type Chosen struct {
	New      New
	Decision Decision
	Reason   string
}

// Choose decides about the new tags, the newest first. One is started at most: the newest that may be deployed and that is
// newer than everything that was ever claimed. Those older than it wait: should its image be unfit, they are the newest. While
// the newest is left to its event, nothing older is started. While the service is held nothing is: hold says so in a sentence,
// and is "" if it is not.
func Choose(fresh []New, held claim.Claim, hold string, now time.Time) []Chosen {
	fresh = slices.SortedFunc(slices.Values(fresh), newestFirst)
	var chosen []Chosen
	taken, waiting := "", 0
	for _, n := range fresh {
		c := Chosen{New: n, Decision: Leave, Reason: n.Not}
		switch {
		case n.Not != "":
		case !n.admitted(held):
			c.Reason = fmt.Sprintf("%s is not newer than what execution %s has claimed", n.Order(), held.Holder)
		case hold != "":
			c.Decision, c.Reason = Wait, hold
		case taken != "":
			c.Decision, c.Reason = Wait, taken
		case !n.ripe(now):
			c.Decision, c.Reason = Wait, "its event may still come"
			taken = fmt.Sprintf("tag %s is newer, and its event may still come", n.Tag)
		default:
			c.Decision, c.Reason = Start, n.why()
			taken = fmt.Sprintf("tag %s is newer", n.Tag)
		}
		if c.Decision == Wait {
			if waiting++; waiting > MostWaiting {
				c.Decision, c.Reason = Leave, fmt.Sprintf("%d newer ones wait already", MostWaiting)
			}
		}
		chosen = append(chosen, c)
	}
	return chosen
}

// admitted says whether the push is newer than what was claimed.
func (n New) admitted(held claim.Claim) bool {
	if n.Owed != nil {
		return n.Owed.Stands(n.Version, held)
	}
	return !held.Exists() || held.Mark.Admits(n.Order())
}

// why says why an execution is started.
func (n New) why() string {
	if n.Owed != nil {
		return fmt.Sprintf("a hold kept execution %s from deploying it, and nothing newer was claimed since", n.Owed.Executions[0])
	}
	return "no execution has claimed it, and nothing newer"
}

// newestFirst orders by what the claim goes by, and then by what ECR tells.
func newestFirst(a, b New) int {
	switch {
	case a.Order().Newer(b.Order()):
		return -1
	case b.Order().Newer(a.Order()):
		return 1
	default:
		return cmp.Or(b.PushedAt.Compare(a.PushedAt), cmp.Compare(a.Tag, b.Tag))
	}
}
