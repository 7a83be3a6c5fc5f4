package updateservice_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"fairlead/shared/edge/ecstest"
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

// TestWhatWasAboutToBePointedBeforeTheHold has an attempt come as far as the call, which AWS may carry out yet: an attempt that
// repeats it goes on, and follows it. A redrive is held.
func TestWhatWasAboutToBePointedBeforeTheHold(t *testing.T) {
	for retry, want := range map[int]rollout.Decision{0: rollout.Held, 1: rollout.Pointed} {
		w := newWorld(t)
		w.hold(t, w.claim(t).Pointing(mine, entered()))
		w.holdService(t)
		again := request("registered", 1)
		again.State.RetryCount = retry
		got, err := w.step(w.ledger).Handle(t.Context(), again)
		if err != nil || got.Decision != want {
			t.Errorf("retry %d: got %+v, %v; want %s", retry, got, err, want)
		}
		if coming := w.claim(t).TaskDefinition == mine; coming != (want == rollout.Pointed) {
			t.Errorf("retry %d: the claim says that ours is coming: %t", retry, coming)
		}
	}
}

// TestWhatAWSRefusedBeforeTheHoldIsHeld has AWS refuse the call of an attempt: it is not about to come any more.
func TestWhatAWSRefusedBeforeTheHoldIsHeld(t *testing.T) {
	for name, test := range map[string]struct {
		answer ecstest.Answer
		coming string
		want   rollout.Decision
	}{
		"throttled":      {ecstest.Fault("ThrottlingException", "Rate exceeded"), "", rollout.Held},
		"without answer": {ecstest.Answer{Err: errors.New("connection reset by peer")}, mine, rollout.Pointed},
	} {
		w := newWorld(t)
		w.Intercept = func(operation string, effect func() ecstest.Answer) ecstest.Answer {
			if operation == "UpdateService" {
				w.Intercept = nil
				return test.answer
			}
			return effect()
		}
		if _, err := w.run(t); err == nil || w.claim(t).TaskDefinition != test.coming {
			t.Errorf("%s: %v, and the claim says that %q is coming, want %q", name, err, w.claim(t).TaskDefinition, test.coming)
		}
		w.holdService(t)
		again := request("registered", 1)
		again.State.RetryCount = 1
		if got, err := w.step(w.ledger).Handle(t.Context(), again); err != nil || got.Decision != test.want {
			t.Errorf("%s: the next attempt got %+v, %v; want %s", name, got, err, test.want)
		}
	}
}

// TestARetryBeforeTheCallIsHeld has the first attempt break off before it came as far as the call.
func TestARetryBeforeTheCallIsHeld(t *testing.T) {
	w := newWorld(t)
	w.holdService(t)
	broken := w.step(w.ledger)
	broken.Holds = unreadable{}
	if _, err := broken.Handle(t.Context(), request("registered", 1)); err == nil {
		t.Fatal("a hold that cannot be read is no hold")
	}
	again := request("registered", 1)
	again.State.RetryCount = 1
	if got, err := w.step(w.ledger).Handle(t.Context(), again); err != nil || got.Decision != rollout.Held {
		t.Errorf("got %+v, %v", got, err)
	}
}

// unreadable is a ledger that does not answer.
type unreadable struct{}

func (unreadable) Hold(context.Context, string) (ledger.Hold, error) {
	return ledger.Hold{}, errors.New("the ledger does not answer")
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
