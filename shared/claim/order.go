package claim

import (
	"time"

	"github.com/Masterminds/semver/v3"
)

// Order is where a push stands among the pushes for a service.
type Order struct {
	// Version is the semantic version of the tag under a semver policy, or "".
	Version string
	// Time is when the tag was pushed: the event's time, or the execution's start for an operator's input.
	Time time.Time
	// Start is when the execution started. It orders two executions of one push.
	Start time.Time
}

// Newer says whether o is newer than other: by version if both have one and the versions differ, then by time, then by
// start. An order is not newer than itself.
func (o Order) Newer(other Order) bool {
	if c := compareVersions(o.Version, other.Version); c != 0 {
		return c > 0
	}
	if c := o.Time.Compare(other.Time); c != 0 {
		return c > 0
	}
	return o.Start.After(other.Start)
}

// String is the order as a person reads it.
func (o Order) String() string {
	pushed := "the push of " + o.Time.UTC().Format(time.RFC3339)
	if o.Version == "" {
		return pushed
	}
	return "version " + o.Version + " (" + pushed + ")"
}

// tell is the two orders as a person tells them apart: with the starts of their executions, where those alone do.
func (o Order) tell(other Order) (ours, theirs string) {
	ours, theirs = o.String(), other.String()
	if ours == theirs {
		ours += ", whose execution started " + o.Start.UTC().Format(time.RFC3339Nano)
		theirs += ", whose execution started " + other.Start.UTC().Format(time.RFC3339Nano)
	}
	return ours, theirs
}

// Mark is the newest order that was ever granted for a service. It never goes down.
type Mark struct {
	Order
	// Back is when an operator last went back, or zero. What was pushed until then is not newer than that decision,
	// whatever its version.
	Back time.Time
}

// Admits says whether an order is newer than all that was granted, and than the last time that an operator went back.
func (m Mark) Admits(o Order) bool {
	return o.Newer(m.Order) && (m.Back.IsZero() || o.Time.After(m.Back))
}

// raise is the mark after an order was granted: the highest version of all, and the later time unless the version alone
// made the order newer.
func (m Mark) raise(o Order, back bool) Mark {
	raised := m
	c := compareVersions(o.Version, m.Version)
	if c > 0 || m.Version == "" {
		raised.Version = o.Version
	}
	later := o.Time.After(m.Time) || (o.Time.Equal(m.Time) && o.Start.After(m.Start))
	if later || (c > 0 && !back) {
		raised.Time, raised.Start = o.Time, o.Start
	}
	if back && o.Time.After(m.Back) {
		raised.Back = o.Time
	}
	return raised
}

// compareVersions compares two semantic versions; 0 if they are equal or if one of them is none.
func compareVersions(a, b string) int {
	va, errA := semver.NewVersion(a)
	vb, errB := semver.NewVersion(b)
	if errA != nil || errB != nil {
		return 0
	}
	return va.Compare(vb)
}
