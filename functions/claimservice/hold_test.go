package claimservice_test

import (
	"encoding/json"
	"strings"
	"testing"

	"fairlead/shared/edge/handler"
	"fairlead/shared/edge/ledger"
)

func TestAServiceThatIsHeldGivesNoClaim(t *testing.T) {
	memory := ledger.NewMemory()
	s := step(memory)
	if got, err := s.Handle(t.Context(), request("a", 10)); err != nil || !got.Granted {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := memory.SetHold(t.Context(), ledger.Hold{Service: "web", Reason: "a migration", By: "Ada", At: at(20)}); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Handle(t.Context(), request("b", 11)); err != nil || got.Granted || !got.Held || got.Holder != "a" || !strings.Contains(got.Reason, "held by Ada") {
		t.Errorf("a push: %+v, %v", got, err)
	}
	if got, err := s.Handle(t.Context(), request("a", 10)); err != nil || !got.Granted || got.Held {
		t.Errorf("the holder again: %+v, %v", got, err)
	}
	if got, err := s.Handle(t.Context(), swept("s", "rollout", "a", 50, 8)); err != nil || !got.Granted {
		t.Errorf("following: %+v, %v", got, err)
	}
	back := handler.Request{Execution: handler.Execution{ID: "back", StartTime: at(52)},
		Document: json.RawMessage(`{"service":"web","image":{"digest":"sha256:z","time":"2026-11-23T08:52:00Z","replaces":"sha256:a","running":{"digest":"sha256:a"}}}`)}
	if got, err := s.Handle(t.Context(), back); err != nil || !got.Granted {
		t.Errorf("going back: %+v, %v", got, err)
	}
	if _, err := memory.LiftHold(t.Context(), "web", "Bob", "", at(53)); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Handle(t.Context(), request("c", 53)); err != nil || !got.Granted {
		t.Errorf("after the hold: %+v, %v", got, err)
	}
}

// TestWhatAHoldKeptBackMayHaveHadTheClaim is about a push that had the claim when the hold came: it is started anew.
func TestWhatAHoldKeptBackMayHaveHadTheClaim(t *testing.T) {
	s := step(ledger.NewMemory())
	if got, err := s.Handle(t.Context(), request("a", 10)); err != nil || !got.Granted {
		t.Fatalf("%+v, %v", got, err)
	}
	if got, err := s.Handle(t.Context(), swept("lost", "push", "a", 10, 7)); err != nil || got.Granted {
		t.Errorf("a push that is said to be lost: %+v, %v", got, err)
	}
	if got, err := s.Handle(t.Context(), swept("held", "held", "a", 10, 7)); err != nil || !got.Granted {
		t.Errorf("one that was held: %+v, %v", got, err)
	}
	if got, err := s.Handle(t.Context(), swept("older", "held", "b", 9, 7)); err != nil || got.Granted {
		t.Errorf("an older one that was held: %+v, %v", got, err)
	}
}
