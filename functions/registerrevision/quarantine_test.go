package registerrevision_test

import (
	"context"
	"strings"
	"testing"

	"fairlead/shared/edge/ecstest"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/fault"
	"fairlead/shared/revision"
)

// TestAnImageInQuarantineGetsNoRevision has the image that was claimed rolled back by another execution since.
func TestAnImageInQuarantineGetsNoRevision(t *testing.T) {
	memory := ledger.NewMemory()
	err := memory.SetQuarantine(t.Context(), ledger.Quarantine{Service: "web", Digest: digest("b"), Execution: another, Reason: "it crashed", At: start()})
	if err != nil {
		t.Fatal(err)
	}
	aws := ecstest.New(start(), running(uri+"@"+digest("a")))
	s := step(aws)
	s.Quarantine = memory
	got, err := s.Handle(t.Context(), request(""))
	if err != nil || got.Decision != revision.Quarantined || got.Decision.Deploys() || got.TaskDefinition != ecstest.Revision(1) || len(aws.Revisions) != 1 {
		t.Errorf("%+v, %v with %d revisions; want quarantined, and none made", got, err, len(aws.Revisions))
	}
	for _, says := range []string{"is in quarantine since 2026-11-23T08:00:00Z", another, "it crashed", "fairlead quarantine release -service web"} {
		if !strings.Contains(got.Reason, says) {
			t.Errorf("%q does not say %q", got.Reason, says)
		}
	}
	if _, err := memory.Release(t.Context(), "web", digest("b"), "Ada", "mended", start()); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Handle(t.Context(), request("")); err != nil || got.Decision != revision.New {
		t.Errorf("%+v, %v after the release; want a new revision", got, err)
	}
}

// deaf is a ledger that does not answer.
type deaf struct{}

func (deaf) Quarantined(context.Context, string, string) (ledger.Quarantine, bool, error) {
	return ledger.Quarantine{}, false, fault.New(fault.AWSUnavailable, fault.Later, "no answer")
}

func TestNoRevisionIsMadeOnAGuess(t *testing.T) {
	aws := ecstest.New(start(), running(uri+"@"+digest("a")))
	s := step(aws)
	s.Quarantine = deaf{}
	if _, err := s.Handle(t.Context(), request("")); fault.From(err) == nil || fault.From(err).Code != fault.AWSUnavailable || len(aws.Revisions) != 1 {
		t.Errorf("%v with %d revisions", err, len(aws.Revisions))
	}
}
