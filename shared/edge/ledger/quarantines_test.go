package ledger_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"fairlead/shared/edge/ledger"
	"fairlead/shared/fault"
)

// rival lets another writer be faster, before each of the first `times` writes.
type rival struct {
	*table
	times int
	write func()
}

func (r *rival) PutItem(ctx context.Context, in *dynamodb.PutItemInput, options ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	if r.times > 0 {
		r.times--
		r.write()
	}
	return r.table.PutItem(ctx, in, options...)
}

// TestTwoWriteAQuarantineAtOnce lets a second writer come between the read and the write of a first one: neither's word
// is lost.
func TestTwoWriteAQuarantineAtOnce(t *testing.T) {
	const name = "fairlead-ledger"
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	by := func(execution string) ledger.Quarantine {
		return ledger.Quarantine{Service: "web", Digest: "sha256:a", Execution: execution, Reason: execution, At: now}
	}
	open := func(t *testing.T) (*rival, *ledger.Quarantines) {
		t.Helper()
		api := &table{items: map[string]row{}}
		return &rival{table: api}, ledger.NewQuarantines(api, name)
	}
	t.Run("two executions put a digest there: the first one stands, the second is remembered", func(t *testing.T) {
		r, keeper := open(t)
		r.times, r.write = 1, func() { _ = ledger.NewQuarantineSetter(r.table, name).SetQuarantine(t.Context(), by("b")) }
		if err := ledger.NewQuarantineSetter(r, name).SetQuarantine(t.Context(), by("a")); err != nil {
			t.Fatal(err)
		}
		got, _ := keeper.Quarantines(t.Context(), "web")
		if len(got) != 1 || got[0].Execution != "b" || fmt.Sprint(got[0].Executions) != "[b a]" {
			t.Errorf("got %+v, want the quarantine of b, and a remembered", got)
		}
	})
	t.Run("an operator releases while another execution puts it there: the execution came later", func(t *testing.T) {
		r, keeper := open(t)
		if err := ledger.NewQuarantineSetter(r.table, name).SetQuarantine(t.Context(), by("a")); err != nil {
			t.Fatal(err)
		}
		r.times, r.write = 1, func() { _, _ = keeper.Release(t.Context(), "web", "sha256:a", "Ada", "mended", now) }
		if err := ledger.NewQuarantineSetter(r, name).SetQuarantine(t.Context(), by("b")); err != nil {
			t.Fatal(err)
		}
		got, _ := keeper.Quarantines(t.Context(), "web")
		if len(got) != 1 || got[0].Execution != "b" || !got[0].InForce() {
			t.Errorf("got %+v, want the quarantine of b in force", got)
		}
	})
	t.Run("a writer that is always too late says so", func(t *testing.T) {
		r, _ := open(t)
		n := 0
		r.times, r.write = 99, func() {
			n++
			_ = ledger.NewQuarantineSetter(r.table, name).SetQuarantine(t.Context(), by(fmt.Sprint("rival", n)))
		}
		err := ledger.NewQuarantineSetter(r, name).SetQuarantine(t.Context(), by("a"))
		if f := fault.From(err); f == nil || f.Code != fault.LedgerContended {
			t.Errorf("got %v, want %s", err, fault.LedgerContended)
		}
	})
}
