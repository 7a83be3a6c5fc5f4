package checkimage_test

import (
	"context"
	"strings"
	"testing"

	"fairlead/shared/edge/ledger"
	"fairlead/shared/fault"
	"fairlead/shared/image"
)

// rolledBack puts the image v1 into quarantine.
func rolledBack(t *testing.T, w *world) *ledger.Memory {
	t.Helper()
	memory := ledger.NewMemory()
	w.ledger = memory
	err := memory.SetQuarantine(t.Context(), ledger.Quarantine{Service: "web", Digest: string(w.registry.tags["v1"]), Tag: "v0",
		Execution: "the first one", Reason: "container app exited with 1.\n it says: no database", At: start.Add(-3600e9)})
	if err != nil {
		t.Fatal(err)
	}
	return memory
}

// TestAnImageInQuarantineIsSkipped wants that nobody gets past a quarantine, and that all are told when, why and how to
// end it.
func TestAnImageInQuarantineIsSkipped(t *testing.T) {
	const reason = " is in quarantine since 2026-11-23T07:00:10Z: execution the first one rolled it back: container app exited with 1. it says: no database; " +
		"release it with `fairlead quarantine release -service web -digest DIGEST -reason \"…\"`, then start a new execution"
	for name, test := range map[string]struct{ input, want string }{
		"a push under another tag":  {event("v1", ""), "shop/web:v1 (DIGEST)"},
		"an operator's tag":         {`{"service":"web","tag":"v1"}`, "shop/web:v1 (DIGEST)"},
		"an operator's digest":      {`{"service":"web","digest":"DIGEST"}`, "shop/web@DIGEST"},
		"an operator who goes back": {`{"service":"web","tag":"v1","allowOlder":{"replaces":"` + string(old) + `"}}`, "shop/web:v1 (DIGEST)"},
		"a dry run":                 {`{"service":"web","tag":"v1","dryRun":true}`, "dry run: nothing would be done, for shop/web:v1 (DIGEST)"},
	} {
		t.Run(name, func(t *testing.T) {
			w := sound(t)
			memory := rolledBack(t, w)
			digest := string(w.registry.tags["v1"])
			input, want := strings.ReplaceAll(test.input, "DIGEST", digest), strings.ReplaceAll(test.want+reason, "DIGEST", digest)
			got, err := w.check(input)
			if err != nil {
				t.Fatal(err)
			}
			if got.Decision != image.Skip || got.Reason != want {
				t.Errorf("%s: %s\nwant %s", got.Decision, got.Reason, want)
			}
			if _, err := memory.Release(t.Context(), "web", digest, "Ada", "the database is back", start); err != nil {
				t.Fatal(err)
			}
			if got, err := w.check(input); err != nil || strings.Contains(got.Reason, "quarantine") {
				t.Errorf("after the release %s: %s, %v", got.Decision, got.Reason, err)
			}
		})
	}
}

func TestAQuarantineIsThatOfOneServiceAndDigest(t *testing.T) {
	w := sound(t)
	memory := ledger.NewMemory()
	w.ledger = memory
	for service, digest := range map[string]image.Digest{"web": old, "api": w.registry.tags["v1"]} {
		if err := memory.SetQuarantine(t.Context(), ledger.Quarantine{Service: service, Digest: string(digest), Execution: "x"}); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := w.check(event("v1", "")); err != nil || got.Decision != image.Deploy {
		t.Errorf("%s: %s, %v", got.Decision, got.Reason, err)
	}
}

// deaf is a ledger that does not answer.
type deaf struct{}

func (deaf) Quarantined(context.Context, string, string) (ledger.Quarantine, bool, error) {
	return ledger.Quarantine{}, false, fault.New(fault.AWSUnavailable, fault.Later, "no answer")
}

func TestNothingIsDeployedOnAGuess(t *testing.T) {
	w := sound(t)
	w.ledger = deaf{}
	got, err := w.check(event("v1", ""))
	if f := fault.From(err); f == nil || f.Code != fault.AWSUnavailable || got.Decision != "" {
		t.Errorf("got %+v, %v; want %s", got, err, fault.AWSUnavailable)
	}
}
