package updateservice_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"fairlead/shared/edge/ledger"
	"fairlead/shared/rollout"
)

// holdService lets an operator hold the service.
func (w *world) holdService(t *testing.T) {
	t.Helper()
	if _, err := w.ledger.SetHold(t.Context(), ledger.Hold{Service: "web", Reason: "a migration", By: "Ada", At: entered().Add(-time.Minute)}); err != nil {
		t.Fatal(err)
	}
}

func TestAServiceThatIsHeldIsPointedNowhere(t *testing.T) {
	w := newWorld(t)
	w.holdService(t)
	got, err := w.run(t)
	if err != nil || got.Decision != rollout.Held || !strings.Contains(got.Reason, "held by Ada") {
		t.Errorf("got %+v, %v", got, err)
	}
	if updates := w.Count("UpdateService"); updates != 0 || w.claim(t).TaskDefinition != "" {
		t.Errorf("%d updates, and the claim says that %q is coming", updates, w.claim(t).TaskDefinition)
	}
}

func TestWhatWasPointedBeforeTheHoldGoesOn(t *testing.T) {
	w := newWorld(t)
	if got, err := w.run(t); err != nil || got.Decision != rollout.Pointed {
		t.Fatalf("got %+v, %v", got, err)
	}
	w.holdService(t)
	if got, err := w.run(t); err != nil || got.Decision != rollout.AlreadyThere {
		t.Errorf("a second attempt: %+v, %v", got, err)
	}
}

func TestWhoGoesBackIsNotHeld(t *testing.T) {
	w := newWorld(t)
	w.holdService(t)
	back := request("registered", 1)
	back.Document = json.RawMessage(strings.Replace(string(back.Document), `{`, `{"image":{"replaces":"sha256:a"},`, 1))
	if got, err := w.step(w.ledger).Handle(t.Context(), back); err != nil || got.Decision != rollout.Pointed {
		t.Errorf("got %+v, %v", got, err)
	}
}
