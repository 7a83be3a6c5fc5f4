package ledgertest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"fairlead/shared/edge/ledger"
	"fairlead/shared/sweep"
)

func aRecord(minute int) sweep.Record {
	return sweep.Record{Repository: "shop/web", At: at(minute), From: at(0), Seen: "0123456789ab", Waiting: map[string]sweep.Waiting{"ba9876543210": {Since: at(1), Seen: at(2)}}}
}

func sweepRead(t *testing.T, l Ledger) {
	none, err := l.Sweeps.Sweep(t.Context(), "web")
	check(t, err)
	equal(t, sweep.Record{}, none)
	check(t, l.Sweeps.RecordSweep(t.Context(), "web", none, aRecord(3)))
	got, err := l.Sweeps.Sweep(t.Context(), "web")
	check(t, err)
	equal(t, aRecord(3), got)
	other, err := l.Sweeps.Sweep(t.Context(), "web2")
	check(t, err)
	equal(t, sweep.Record{}, other)
}

func sweptOnce(t *testing.T, l Ledger) {
	check(t, l.Sweeps.RecordSweep(t.Context(), "web", sweep.Record{}, aRecord(3)))
	for _, stale := range []sweep.Record{{}, aRecord(2)} {
		if err := l.Sweeps.RecordSweep(t.Context(), "web", stale, aRecord(4)); !errors.Is(err, ledger.ErrSwept) {
			t.Errorf("over the look at %s: %v, want ErrSwept", stale.At, err)
		}
	}
	check(t, l.Sweeps.RecordSweep(t.Context(), "web", aRecord(3), aRecord(5)))
	got, err := l.Sweeps.Sweep(t.Context(), "web")
	check(t, err)
	equal(t, aRecord(5), got)
}

// largestSweepRead is about the bounds of a record.
func largestSweepRead(t *testing.T, l Ledger) {
	largest := aRecord(3)
	largest.Repository, largest.Seen = strings.Repeat("a", 256), strings.Repeat("0123456789ab", sweep.MostSeen)
	for i := range sweep.MostWaiting {
		largest.Waiting[fmt.Sprintf("%012x", i)] = sweep.Waiting{Since: at(1), Seen: at(2)}
	}
	check(t, l.Sweeps.RecordSweep(t.Context(), "web", sweep.Record{}, largest))
	got, err := l.Sweeps.Sweep(t.Context(), "web")
	check(t, err)
	equal(t, largest, got)
}
