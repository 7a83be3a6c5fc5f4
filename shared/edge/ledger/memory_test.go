package ledger_test

import (
	"testing"

	"fairlead/shared/edge/ledger"
	"fairlead/shared/edge/ledger/ledgertest"
)

func TestMemory(t *testing.T) {
	ledgertest.Run(t, func(*testing.T) ledgertest.Ledger {
		memory := ledger.NewMemory()
		return ledgertest.Ledger{Claims: memory, Parked: memory, Waiting: memory, History: memory, Past: memory,
			Asked: memory, Setter: memory, Keeper: memory, Deployed: memory, Sweeps: memory, Held: memory, Holds: memory}
	})
}
