package claimservice_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"fairlead/shared/edge/handler"
	"fairlead/shared/edge/ledger"
)

// swept is the request of an execution that the sweep has started for a push of a minute, or for the rollout of a sequence.
func swept(execution, kind, digest string, minute, running int) handler.Request {
	document := fmt.Sprintf(`{"service":"web","image":{"digest":"sha256:%s","tag":"%s","time":%q,"sweep":%q,"running":{"sequence":%d}}}`,
		digest, digest, at(minute).Format(time.RFC3339), kind, running)
	return handler.Request{Execution: handler.Execution{ID: execution, StartTime: at(50)},
		State: handler.State{Name: "ClaimService", EnteredTime: at(51)}, Document: json.RawMessage(document)}
}

// TestWhatTheSweepFoundLosesAgainstItsOwnSecond lets an event of the same second be claimed before it, and after it.
func TestWhatTheSweepFoundLosesAgainstItsOwnSecond(t *testing.T) {
	after := step(ledger.NewMemory())
	if got, err := after.Handle(t.Context(), request("a", 10)); err != nil || !got.Granted {
		t.Fatalf("%+v, %v", got, err)
	}
	if got, err := after.Handle(t.Context(), swept("s", "push", "b", 10, 7)); err != nil || got.Granted {
		t.Errorf("after an event of its second: %+v, %v", got, err)
	}
	before := step(ledger.NewMemory())
	if got, err := before.Handle(t.Context(), swept("s", "push", "b", 10, 7)); err != nil || !got.Granted {
		t.Errorf("before: %+v, %v", got, err)
	}
	if got, err := before.Handle(t.Context(), swept("s2", "push", "b", 10, 7)); err != nil || got.Granted {
		t.Errorf("a second sweep: %+v, %v", got, err)
	}
	if got, err := before.Handle(t.Context(), request("a", 10)); err != nil || !got.Granted {
		t.Errorf("an event of its second after it: %+v, %v", got, err)
	}
}

func TestWhatIsFollowedMayBeInQuarantine(t *testing.T) {
	memory := ledger.NewMemory()
	s := step(memory)
	if got, err := s.Handle(t.Context(), request("a", 10)); err != nil || !got.Granted {
		t.Fatalf("%+v, %v", got, err)
	}
	if err := memory.SetQuarantine(t.Context(), ledger.Quarantine{Service: "web", Digest: "sha256:a", Execution: "a", Reason: "it crashed", At: at(20)}); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Handle(t.Context(), swept("s", "rollout", "a", 50, 8)); err != nil || !got.Granted || got.Sequence != 9 {
		t.Errorf("following: %+v, %v", got, err)
	}
	if got, err := s.Handle(t.Context(), swept("s", "push", "a", 60, 8)); err != nil || !got.Granted {
		t.Errorf("the holder again: %+v, %v", got, err)
	}
	if got, err := s.Handle(t.Context(), swept("p", "push", "a", 45, 8)); err != nil || got.Granted {
		t.Errorf("deploying it: %+v, %v", got, err)
	}
	if held, _ := memory.Claim(t.Context(), "web"); !held.Mark.Time.Equal(at(10)) {
		t.Errorf("the mark was raised to %s", held.Mark)
	}
	if got, err := s.Handle(t.Context(), request("b", 11)); err != nil || !got.Granted {
		t.Errorf("a push that is newer than what is followed: %+v, %v", got, err)
	}
}

// TestWhatRunsAlreadyStandsInTheClaim is about a holder that may find nothing to deploy: an older execution that is in the
// middle of its call puts back what stands there.
func TestWhatRunsAlreadyStandsInTheClaim(t *testing.T) {
	for running, want := range map[string]string{"sha256:a": "web:7", "sha256:z": ""} {
		memory := ledger.NewMemory()
		document := fmt.Sprintf(`{"service":"web","image":{"digest":"sha256:a","time":%q,"running":{"digest":%q,"taskDefinition":"web:7"}}}`, at(10).Format(time.RFC3339), running)
		_, err := step(memory).Handle(t.Context(), handler.Request{Execution: handler.Execution{ID: "a", StartTime: at(11)}, Document: json.RawMessage(document)})
		if err != nil {
			t.Fatal(err)
		}
		if held, _ := memory.Claim(t.Context(), "web"); held.TaskDefinition != want {
			t.Errorf("while %s runs the claim names %q, want %q", running, held.TaskDefinition, want)
		}
	}
}
