package ledger

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrNotHeld says that a service was never held, so that there is nothing to lift.
var ErrNotHeld = errors.New("it was never held")

// Hold says that a service is not to be deployed now, because an operator says so. It ends when an operator lifts it, or at
// its own end where it has one. A hold that was lifted is kept as such until the next one.
type Hold struct {
	Service string
	// Reason is why, By the ARN of who holds the service, At since when.
	Reason, By string
	At         time.Time
	// Until is the end of the hold; the zero time for one that lasts until it is lifted.
	Until time.Time
	// LiftedAt is when an operator lifted it, zero if nobody has; LiftedBy is who, LiftReason why, which may be empty.
	LiftedAt             time.Time
	LiftedBy, LiftReason string
}

// Exists is false for the zero Hold: a service that was never held.
func (h Hold) Exists() bool { return h.Service != "" }

// InForce says whether the service is not to be deployed at a time.
func (h Hold) InForce(now time.Time) bool {
	return h.Exists() && h.LiftedAt.IsZero() && (h.Until.IsZero() || now.Before(h.Until))
}

// Refusal is the sentence that says why an image is not deployed: who holds the service, since when, until when, why, and
// how that is lifted. The image is named as people know it.
func (h Hold) Refusal(image string) string {
	return fmt.Sprintf("%s is not deployed: service %s is held by %s since %s, %s: %s; "+
		"lift it with `fairlead release %s`: the newest push goes out within about 15 minutes of the hold's end",
		image, h.Service, h.By, h.At.UTC().Format(time.RFC3339), h.End(), sentence(h.Reason), h.Service)
}

// End says until when the service is held.
func (h Hold) End() string {
	if h.Until.IsZero() {
		return "until somebody lifts it"
	}
	return "until " + h.Until.UTC().Format(time.RFC3339)
}

// sentence is a reason as it stands within a refusal: one line, bounded, without a full stop.
func sentence(reason string) string {
	reason = strings.TrimRight(strings.Join(strings.Fields(strings.ToValidUTF8(reason, "\uFFFD")), " "), ". ")
	if len(reason) > maxReason {
		reason = strings.ToValidUTF8(reason[:maxReason], "") + "…"
	}
	return reason
}

// HoldReader reads holds, for who is about to deploy.
type HoldReader interface {
	// Hold returns the hold of a service as it is now (a consistent read), whether it is in force or not. A service that was
	// never held has the zero Hold.
	Hold(ctx context.Context, service string) (Hold, error)
}

// HoldKeeper sets and lifts holds, for operators.
type HoldKeeper interface {
	HoldReader
	// SetHold holds a service, whatever hold there is already, and returns the one whose place it takes.
	SetHold(ctx context.Context, h Hold) (before Hold, err error)
	// LiftHold lifts the hold of a service and returns it as it stands then. One that is not in force any more at that time is
	// returned as it is. The error wraps [ErrNotHeld] if the service was never held.
	LiftHold(ctx context.Context, service, by, reason string, at time.Time) (Hold, error)
}

// lift returns the hold as lifted, and whether that is a change.
func (h Hold) lift(by, reason string, at time.Time) (Hold, bool) {
	if !h.InForce(at) {
		return h, false
	}
	h.LiftedAt, h.LiftedBy, h.LiftReason = at, by, reason
	return h, true
}

// notHeld is the error of lifting what never was held.
func notHeld(service string) error { return fmt.Errorf("release service %s: %w", service, ErrNotHeld) }
