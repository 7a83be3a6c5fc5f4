package ledgertest

import (
	"errors"
	"testing"

	"fairlead/shared/edge/ledger"
	"fairlead/shared/sweep"
)

func aRecord(minute int) sweep.Record {
	return sweep.Record{Repository: "shop/web", At: at(minute), Seen: "0123456789ab", Waiting: map[string]sweep.Waiting{"ba9876543210": {Since: at(1), Seen: at(2)}}}
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
