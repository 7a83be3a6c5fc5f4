package outcome

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWhatWasGivenHasNoKeysOfSteps(t *testing.T) {
	want := Salvage("{" + input + `,"sweep":{}}`)
	got := Salvage("{" + updated + judged("failed", "") + `,"sweep":{},"image":{"tag":"v9","entered":"2026-11-23T12:00:00Z"},"restoration":{},"rollback":{},"diagnosis":{},"outcome":{},"fault":{}}`).Given()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error("(-want +got)\n" + diff)
	}
}
