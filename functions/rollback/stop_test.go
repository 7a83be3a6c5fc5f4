package rollback_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fairlead/shared/edge/ecstest"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/fault"
	"fairlead/shared/rollback"
)

// refuseStops answers the first stop as given, and refuses those after it.
func refuseStops(w *world, first ecstest.Answer) {
	next := first
	w.Intercept = func(operation string, effect func() ecstest.Answer) ecstest.Answer {
		if operation != "StopServiceDeployment" {
			return effect()
		}
		answer := next
		next = ecstest.Fault("ConflictException", "not now")
		return answer
	}
}

// TestAStopThatECSDoesNotShowYet has a first attempt at a stop fail, after which ECS still shows our deployment as going on
// and refuses a second stop. Whether the first one had its effect shows, or has not after a while: then the service is
// pointed back, be it that the claim is another's, and a person is told.
func TestAStopThatECSDoesNotShowYet(t *testing.T) {
	for name, first := range map[string]ecstest.Answer{
		"its answer was lost":  {Err: errors.New("connection reset by peer")},
		"it was throttled":     ecstest.Fault("ThrottlingException", "Rate exceeded"),
		"it was denied before": ecstest.Fault("AccessDeniedException", "User: x is not authorized to perform: ecs:StopServiceDeployment on resource: y"),
	} {
		t.Run(name, func(t *testing.T) {
			for _, tt := range []struct {
				name  string
				then  func(*world)
				want  rollback.Decision
				to    string
				calls string
			}{
				{"and shows it then", func(w *world) { w.Deployments[1].Status = "ROLLBACK_REQUESTED" }, rollback.Restoring, mine, ""},
				{"and never shows it", func(w *world) { w.Now = entered().Add(2 * time.Minute) }, rollback.Pointed, base, " StopServiceDeployment UpdateService"},
				{"and never shows it to one that has lost the claim", func(w *world) {
					w.hold(t, taken("", entered()))
					w.Now = entered().Add(2 * time.Minute)
				}, rollback.Nothing, mine, " StopServiceDeployment"},
			} {
				t.Run(tt.name, func(t *testing.T) {
					w := newWorld(t, "IN_PROGRESS")
					refuseStops(w, first)
					for retry := range 3 {
						w.Now = entered().Add(time.Duration(retry) * 30 * time.Second) // and a second passes with each call
						if _, err := w.run(t, retry); fault.From(err) == nil || fault.From(err).Kind() != fault.Retry {
							t.Fatalf("attempt %d: %v, want a fault that the workflow retries", retry, err)
						}
					}
					tt.then(w)
					got, err := w.run(t, 3)
					if err != nil || got.Decision != tt.want || w.TaskDefinition != tt.to {
						t.Errorf("got %+v, %v on %s; want %s on %s", got, err, w.TaskDefinition, tt.want, tt.to)
					}
					if diff := cmp.Diff("StopServiceDeployment StopServiceDeployment StopServiceDeployment"+tt.calls, w.changes()); diff != "" {
						t.Errorf("calls with an effect (-want +got):\n%s", diff)
					}
				})
			}
		})
	}
}

// TestAHolderThatDoesNotDeploy wants that nobody is sent after a deployment that does not exist.
func TestAHolderThatDoesNotDeploy(t *testing.T) {
	w := newWorld(t, "STOPPED")
	w.hold(t, taken("", entered()))
	held, _ := w.ledger.Claim(t.Context(), "web")
	got, err := w.run(t, 0)
	if err != nil || got.Decision != rollback.Nothing || !strings.Contains(got.Reason, another) || !strings.Contains(got.Reason, base) {
		t.Errorf("got %+v, %v; want the holder and the way back in the reason", got, err)
	}
	if now, _ := w.ledger.Claim(t.Context(), "web"); !cmp.Equal(held, now) {
		t.Errorf("the claim of another was written: %+v", now)
	}
}

// TestAHolderThatDoesNotDeployAndWhatNeedsACopy wants that a person who goes back by hand is told what ECS would not take, and the
// image where a tag would start another.
func TestAHolderThatDoesNotDeployAndWhatNeedsACopy(t *testing.T) {
	copied := "go back by hand to a copy of " + base
	for want, prepare := range map[string]func(*world){
		copied + " with container web pinned to " + registry + "/shop/web@" + good: func(w *world) { w.tagged(); w.Deployments[0].Digest = good },
		copied + ", which was deregistered":                                        func(w *world) { w.Revisions[0]["status"] = "INACTIVE" },
	} {
		w := newWorld(t, "STOPPED")
		prepare(w)
		w.hold(t, taken("", entered()))
		if got, err := w.run(t, 0); err != nil || got.Decision != rollback.Nothing || !strings.Contains(got.Reason, want) {
			t.Errorf("got %+v, %v; want %q in the reason", got, err, want)
		}
	}
}

// TestAStopWithoutTheClaimWritesNoClaim has an execution that lost the claim stop its own deployment.
func TestAStopWithoutTheClaimWritesNoClaim(t *testing.T) {
	w := newWorld(t, "IN_PROGRESS")
	want := taken("", entered())
	w.hold(t, want)
	if got, err := w.run(t, 0); err != nil || got.Decision != rollback.Stopped || got.Awaits != mine {
		t.Errorf("got %+v, %v; want our deployment stopped and awaited", got, err)
	}
	if now, _ := w.ledger.Claim(t.Context(), "web"); !cmp.Equal(want, now) {
		t.Errorf("the claim of another was written (-want +got):\n%s", cmp.Diff(want, now))
	}
}

// TestADeploymentThatFinishedIsNotToBlame has an attempt fail before it looked, or after it put the image into quarantine;
// then ours succeeds. A sound image is not put there by the second attempt, and one that is there is told of.
func TestADeploymentThatFinishedIsNotToBlame(t *testing.T) {
	t.Run("the attempt before had not come so far", func(t *testing.T) {
		w := newWorld(t, "SUCCESSFUL")
		if got, err := w.run(t, 1); err != nil || got.Decision != rollback.Finished || w.quarantined(t) {
			t.Errorf("got %+v, %v, quarantine %v; want finished and none", got, err, w.quarantined(t))
		}
	})
	t.Run("the attempt before had put it into quarantine", func(t *testing.T) {
		w := newWorld(t, "SUCCESSFUL")
		if err := w.ledger.SetQuarantine(t.Context(), ledger.Quarantine{Service: "web", Digest: digest, Execution: me, At: entered()}); err != nil {
			t.Fatal(err)
		}
		if got, err := w.run(t, 1); err != nil || !got.Decision.Blames() || got.Awaits != mine || !w.quarantined(t) {
			t.Errorf("got %+v, %v; want that the end tells of the quarantine", got, err)
		}
	})
	t.Run("an operator has released it since", func(t *testing.T) {
		w := newWorld(t, "SUCCESSFUL")
		if err := w.ledger.SetQuarantine(t.Context(), ledger.Quarantine{Service: "web", Digest: digest, Execution: me, At: entered()}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.ledger.Release(t.Context(), "web", digest, "Ada", "it runs", entered()); err != nil {
			t.Fatal(err)
		}
		if got, err := w.run(t, 1); err != nil || got.Decision.Blames() {
			t.Errorf("got %+v, %v; want that the end tells of no quarantine", got, err)
		}
	})
}
