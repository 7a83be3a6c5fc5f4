package updateservice_test

import (
	"strings"
	"testing"

	"fairlead/shared/claim"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/rollout"
)

// TestAnImageInQuarantineIsNotPutIntoService has the image rolled back by another execution since its revision was made.
func TestAnImageInQuarantineIsNotPutIntoService(t *testing.T) {
	w := newWorld(t)
	err := w.ledger.SetQuarantine(t.Context(), ledger.Quarantine{Service: "web", Digest: "sha256:b", Execution: another, Reason: "it crashed", At: start()})
	if err != nil {
		t.Fatal(err)
	}
	r := request("registered", 1)
	r.Document = []byte(strings.Replace(string(r.Document), `"service":"web"`, `"service":"web","image":{"digest":"sha256:b"}`, 1))
	got, err := w.step(w.ledger).Handle(t.Context(), r)
	if err != nil || got.Decision != rollout.Quarantined || !strings.Contains(got.Reason, "fairlead quarantine release -service web") {
		t.Errorf("%+v, %v; want quarantined, and how it is released", got, err)
	}
	w.Check(t, "DescribeServices")
	if held := w.claim(t); held != (claim.Claim{Sequence: 5, Holder: me, Digest: "sha256:b", UpdatedAt: start()}) {
		t.Errorf("the claim is %+v: who is overtaken would put ours back", held)
	}
	if _, err := w.ledger.Release(t.Context(), "web", "sha256:b", "Ada", "mended", start()); err != nil {
		t.Fatal(err)
	}
	if got, err := w.step(w.ledger).Handle(t.Context(), r); err != nil || got.Decision != rollout.Pointed {
		t.Errorf("%+v, %v after the release; want it in service", got, err)
	}
}
