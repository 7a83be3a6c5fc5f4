package ledgertest

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"fairlead/shared/edge/ledger"
)

// quarantineTests are the part of the suite that is about quarantines.
func quarantineTests() map[string]func(*testing.T, Ledger) {
	return map[string]func(*testing.T, Ledger){
		"a digest that never failed is not in quarantine":                          neverQuarantined,
		"a digest is in quarantine as it was put there, at its service alone":      quarantineRead,
		"a second execution leaves a quarantine that is in force as it is":         quarantineStays,
		"a quarantine that was released is kept, and is in force no more":          quarantineReleased,
		"a quarantine is released once":                                            quarantineReleasedOnce,
		"what never was in quarantine cannot be released":                          nothingToRelease,
		"no execution that put it there undoes a release":                          releaseHolds,
		"another execution puts a digest into quarantine anew after a release":     quarantineAnew,
		"an execution of the time before a release does not undo the next one":     laterReleaseHolds,
		"the quarantines of a service are listed, released or not, latest first":   quarantinesListed,
		"the item of a digest that fails again and again does not grow for ever":   quarantineBounded,
		"a quarantine that is set twice by one execution is the first one of them": quarantineTwice,
	}
}

func aQuarantine(digest, execution string, minute int) ledger.Quarantine {
	return ledger.Quarantine{Service: "web", Digest: digest, Tag: "v1", Execution: execution, Reason: "it crashed in " + execution, At: at(minute)}
}

func (l Ledger) set(t *testing.T, q ledger.Quarantine) {
	t.Helper()
	check(t, l.Setter.SetQuarantine(t.Context(), q))
}

func (l Ledger) release(t *testing.T, digest, by string, minute int) ledger.Quarantine {
	t.Helper()
	q, err := l.Keeper.Release(t.Context(), "web", digest, by, "mended by "+by, at(minute))
	check(t, err)
	return q
}

// wantQuarantine wants what the ledger says of a digest; who put it there is compared apart.
func wantQuarantine(t *testing.T, l Ledger, digest string, want ledger.Quarantine, inForce bool, executions ...string) {
	t.Helper()
	got, force, err := l.Asked.Quarantined(t.Context(), "web", digest)
	check(t, err)
	equal(t, inForce, force)
	want.Executions = executions
	equal(t, want, got)
}

func neverQuarantined(t *testing.T, l Ledger) {
	wantQuarantine(t, l, "sha256:a", ledger.Quarantine{}, false)
}

func quarantineRead(t *testing.T, l Ledger) {
	q := aQuarantine("sha256:a", "a", 1)
	l.set(t, q)
	wantQuarantine(t, l, "sha256:a", q, true, "a")
	wantQuarantine(t, l, "sha256:b", ledger.Quarantine{}, false)
	_, elsewhere, err := l.Asked.Quarantined(t.Context(), "web2", "sha256:a")
	check(t, err)
	equal(t, false, elsewhere)
}

func quarantineTwice(t *testing.T, l Ledger) {
	q := aQuarantine("sha256:a", "a", 1)
	l.set(t, q)
	l.set(t, aQuarantine("sha256:a", "a", 2))
	wantQuarantine(t, l, "sha256:a", q, true, "a")
}

func quarantineStays(t *testing.T, l Ledger) {
	q := aQuarantine("sha256:a", "a", 1)
	l.set(t, q)
	l.set(t, aQuarantine("sha256:a", "b", 2))
	wantQuarantine(t, l, "sha256:a", q, true, "a", "b")
}

func released(q ledger.Quarantine, by string, minute int) ledger.Quarantine {
	q.ReleasedAt, q.ReleasedBy, q.ReleaseReason = at(minute), by, "mended by "+by
	return q
}

func quarantineReleased(t *testing.T, l Ledger) {
	q := aQuarantine("sha256:a", "a", 1)
	l.set(t, q)
	want := released(q, "Ada", 2)
	got := l.release(t, "sha256:a", "Ada", 2)
	got.Executions = nil
	equal(t, want, got)
	wantQuarantine(t, l, "sha256:a", want, false, "a")
}

func quarantineReleasedOnce(t *testing.T, l Ledger) {
	l.set(t, aQuarantine("sha256:a", "a", 1))
	first := l.release(t, "sha256:a", "Ada", 2)
	equal(t, first, l.release(t, "sha256:a", "Grace", 3))
}

func nothingToRelease(t *testing.T, l Ledger) {
	l.set(t, aQuarantine("sha256:a", "a", 1))
	for _, of := range [][2]string{{"web", "sha256:b"}, {"web2", "sha256:a"}} {
		if _, err := l.Keeper.Release(t.Context(), of[0], of[1], "Ada", "mended", at(2)); !errors.Is(err, ledger.ErrNotQuarantined) {
			t.Errorf("release %v: got error %v, want ErrNotQuarantined", of, err)
		}
		all, err := l.Keeper.Quarantines(t.Context(), of[0])
		check(t, err)
		if slices.ContainsFunc(all, func(q ledger.Quarantine) bool { return q.Digest == of[1] }) {
			t.Errorf("release %v made an item", of)
		}
	}
}

func releaseHolds(t *testing.T, l Ledger) {
	q := aQuarantine("sha256:a", "a", 1)
	l.set(t, q)
	l.set(t, aQuarantine("sha256:a", "b", 2))
	l.release(t, "sha256:a", "Ada", 3)
	for _, execution := range []string{"a", "b"} {
		l.set(t, aQuarantine("sha256:a", execution, 4))
		wantQuarantine(t, l, "sha256:a", released(q, "Ada", 3), false, "a", "b")
	}
}

func quarantineAnew(t *testing.T, l Ledger) {
	l.set(t, aQuarantine("sha256:a", "a", 1))
	l.release(t, "sha256:a", "Ada", 2)
	anew := aQuarantine("sha256:a", "b", 3)
	anew.Tag = "v2"
	l.set(t, anew)
	wantQuarantine(t, l, "sha256:a", anew, true, "a", "b")
}

func laterReleaseHolds(t *testing.T, l Ledger) {
	l.set(t, aQuarantine("sha256:a", "a", 1))
	l.release(t, "sha256:a", "Ada", 2)
	anew := aQuarantine("sha256:a", "b", 3)
	l.set(t, anew)
	l.release(t, "sha256:a", "Grace", 4)
	l.set(t, aQuarantine("sha256:a", "a", 5))
	wantQuarantine(t, l, "sha256:a", released(anew, "Grace", 4), false, "a", "b")
}

func quarantinesListed(t *testing.T, l Ledger) {
	none, err := l.Keeper.Quarantines(t.Context(), "web")
	check(t, err)
	equal(t, nil, none)
	for minute, digest := range map[int]string{2: "sha256:b", 3: "sha256:a", 1: "sha256:c"} {
		l.set(t, aQuarantine(digest, "x", minute))
	}
	elsewhere := aQuarantine("sha256:d", "x", 4)
	elsewhere.Service = "web2"
	l.set(t, elsewhere)
	l.release(t, "sha256:b", "Ada", 5)
	all, err := l.Keeper.Quarantines(t.Context(), "web")
	check(t, err)
	var got []string
	for _, q := range all {
		got = append(got, fmt.Sprint(q.Digest, " ", q.InForce()))
	}
	equal(t, []string{"sha256:a true", "sha256:b false", "sha256:c true"}, got)
}

func quarantineBounded(t *testing.T, l Ledger) {
	const remembered = 100
	for n := range remembered + 2 {
		l.set(t, aQuarantine("sha256:a", fmt.Sprint("execution ", n), 1))
	}
	got, _, err := l.Asked.Quarantined(t.Context(), "web", "sha256:a")
	check(t, err)
	equal(t, remembered, len(got.Executions))
	equal(t, "execution 101", got.Executions[remembered-1])
}
