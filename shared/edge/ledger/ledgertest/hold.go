package ledgertest

import (
	"errors"
	"testing"
	"time"

	"fairlead/shared/edge/ledger"
)

// holdTests are the part of the suite that is about holds.
func holdTests() map[string]func(*testing.T, Ledger) {
	return map[string]func(*testing.T, Ledger){
		"a service that was never held has the zero hold, and none to lift": neverHeld,
		"a hold is read as it was set, at its service alone":                holdRead,
		"a second hold takes the place of the first, which is told":         holdReplaced,
		"a hold is lifted once, and kept as lifted":                         holdLifted,
		"a hold whose end has passed is not lifted":                         holdPassed,
		"a service is held anew after its hold was lifted":                  heldAnew,
	}
}

func aHold(reason string, minute, until int) ledger.Hold {
	h := ledger.Hold{Service: "web", Reason: reason, By: "arn:aws:iam::123456789012:user/ada", At: at(minute)}
	if until > 0 {
		h.Until = at(until)
	}
	return h
}

func (l Ledger) hold(t *testing.T, h ledger.Hold) ledger.Hold {
	t.Helper()
	before, err := l.Holds.SetHold(t.Context(), h)
	check(t, err)
	return before
}

// wantHold wants what the ledger says of the service web, and whether that is in force at a minute.
func (l Ledger) wantHold(t *testing.T, want ledger.Hold, minute int, inForce bool) {
	t.Helper()
	for _, reader := range []ledger.HoldReader{l.Held, l.Holds} {
		got, err := reader.Hold(t.Context(), "web")
		check(t, err)
		equal(t, want, got)
		equal(t, inForce, got.InForce(at(minute)))
	}
}

func neverHeld(t *testing.T, l Ledger) {
	l.wantHold(t, ledger.Hold{}, 1, false)
	if _, err := l.Holds.LiftHold(t.Context(), "web", "bob", "", at(1)); !errors.Is(err, ledger.ErrNotHeld) {
		t.Errorf("lift: got %v, want ErrNotHeld", err)
	}
	l.wantHold(t, ledger.Hold{}, 1, false)
}

func holdRead(t *testing.T, l Ledger) {
	equal(t, ledger.Hold{}, l.hold(t, aHold("a migration", 1, 0)))
	l.wantHold(t, aHold("a migration", 1, 0), 59, true)
	got, err := l.Held.Hold(t.Context(), "web2")
	check(t, err)
	equal(t, ledger.Hold{}, got)
}

func holdReplaced(t *testing.T, l Ledger) {
	l.hold(t, aHold("a migration", 1, 0))
	equal(t, aHold("a migration", 1, 0), l.hold(t, aHold("it takes longer", 2, 30)))
	l.wantHold(t, aHold("it takes longer", 2, 30), 29, true)
	l.wantHold(t, aHold("it takes longer", 2, 30), 30, false)
}

func holdLifted(t *testing.T, l Ledger) {
	l.hold(t, aHold("a migration", 1, 0))
	want := aHold("a migration", 1, 0)
	want.LiftedAt, want.LiftedBy, want.LiftReason = at(5), "bob", "it is done"
	got, err := l.Holds.LiftHold(t.Context(), "web", "bob", "it is done", at(5))
	check(t, err)
	equal(t, want, got)
	again, err := l.Holds.LiftHold(t.Context(), "web", "eve", "once more", at(6))
	check(t, err)
	equal(t, want, again)
	l.wantHold(t, want, 6, false)
}

func holdPassed(t *testing.T, l Ledger) {
	l.hold(t, aHold("a migration", 1, 10))
	got, err := l.Holds.LiftHold(t.Context(), "web", "bob", "", at(11))
	check(t, err)
	equal(t, aHold("a migration", 1, 10), got)
	equal(t, time.Time{}, got.LiftedAt)
}

func heldAnew(t *testing.T, l Ledger) {
	l.hold(t, aHold("a migration", 1, 0))
	if _, err := l.Holds.LiftHold(t.Context(), "web", "bob", "", at(5)); err != nil {
		t.Fatal(err)
	}
	l.hold(t, aHold("another one", 7, 0))
	l.wantHold(t, aHold("another one", 7, 0), 8, true)
}
