package claimservice_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fairlead/functions/claimservice"
	"fairlead/shared/claim"
	"fairlead/shared/config"
	"fairlead/shared/edge/handler"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/fault"
	"fairlead/shared/permission/permissiontest"
)

func TestPermissions(t *testing.T) {
	permissiontest.Check(t, claimservice.Policy(), permissiontest.Ports{
		Own: []any{(*ledger.Getter)(nil), (*ledger.Putter)(nil)},
	})
}

func at(minute int) time.Time { return time.Date(2026, 11, 23, 8, minute, 0, 0, time.UTC) }

// request is that of an execution that started one minute after its image was pushed.
func request(execution string, minute int) handler.Request {
	document := fmt.Sprintf(`{"service":"web","image":{"digest":"sha256:%s","tag":"%s","time":%q,"running":{"sequence":7}}}`,
		execution, execution, at(minute).Format(time.RFC3339))
	return handler.Request{
		Execution: handler.Execution{ID: execution, StartTime: at(minute + 1)},
		State:     handler.State{Name: "ClaimService", EnteredTime: at(minute + 2)},
		Document:  json.RawMessage(document),
	}
}

func step(claims interface {
	claimservice.Ledger
	ledger.QuarantineReader
	ledger.HoldReader
}) claimservice.Step {
	return claimservice.Step{
		Config: config.Config{Services: map[string]config.Service{"web": {Name: "web"}}},
		Claims: claims, Quarantine: claims, Holds: claims, Now: func() time.Time { return at(55) }, Logger: slog.New(slog.DiscardHandler),
	}
}

func TestTheNewestPushTakesTheClaim(t *testing.T) {
	memory := ledger.NewMemory()
	s := step(memory)
	for _, want := range []struct {
		execution string
		minute    int
		granted   bool
		sequence  int64
		holder    string
	}{
		{"a", 10, true, 8, "a"},
		{"b", 20, true, 9, "b"},
		{"a", 10, false, 9, "b"}, // superseded, also when it is run again
		{"b", 20, true, 9, "b"},  // run again
		{"c", 15, false, 9, "b"}, // an event that came late
		{"d", 20, false, 9, "b"}, // a doubled event
	} {
		got, err := s.Handle(t.Context(), request(want.execution, want.minute))
		if err != nil {
			t.Fatal(err)
		}
		got.Reason = ""
		if diff := cmp.Diff(claim.Result{Granted: want.granted, Sequence: want.sequence, Holder: want.holder}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", want.execution, diff)
		}
	}
	got, _ := memory.Claim(t.Context(), "web")
	want := claim.Claim{
		Sequence: 9, Holder: "b", Digest: "sha256:b", Tag: "b", UpdatedAt: at(22),
		Mark: claim.Mark{Order: claim.Order{Time: at(20), Start: at(21)}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the ledger (-want +got):\n%s", diff)
	}
}

// TestWhoDeploysTheImageIsToldWhomToFollow is about an event that came twice: how the one that holds the claim ends tells what became
// of the image of the other. A claim for another image tells nothing of it.
func TestWhoDeploysTheImageIsToldWhomToFollow(t *testing.T) {
	s := step(ledger.NewMemory())
	first := request("a", 20)
	if got, err := s.Handle(t.Context(), first); err != nil || !got.Granted || got.Follow != "" {
		t.Fatalf("%+v, %v", got, err)
	}
	doubled := first
	doubled.Execution.ID = "doubled"
	if got, err := s.Handle(t.Context(), doubled); err != nil || got.Granted || got.Follow != "a" {
		t.Errorf("the same event: %+v, %v; want that it follows a", got, err)
	}
	if got, err := s.Handle(t.Context(), request("b", 10)); err != nil || got.Granted || got.Follow != "" {
		t.Errorf("an older image: %+v, %v; want that it follows nobody", got, err)
	}
}

// rival lets another execution write just before each of the first `times` writes; the rest of it is the memory.
type rival struct {
	*ledger.Memory
	times int
	order int
}

func (r *rival) ReplaceClaim(ctx context.Context, service string, held, next claim.Claim) error {
	if r.times > 0 {
		r.times--
		r.order++
		theirs, _ := claim.Decide(held, claim.Candidate{
			Execution: fmt.Sprint("rival", r.order), Order: claim.Order{Time: at(r.order), Start: at(r.order)},
		}, at(r.order))
		if err := r.Memory.ReplaceClaim(ctx, service, held, theirs); err != nil {
			return err
		}
	}
	return r.Memory.ReplaceClaim(ctx, service, held, next)
}

func TestAnotherExecutionWritesBetweenReadAndWrite(t *testing.T) {
	t.Run("the step decides again", func(t *testing.T) {
		got, err := step(&rival{Memory: ledger.NewMemory(), times: 4}).Handle(t.Context(), request("a", 30))
		if err != nil || !got.Granted || got.Sequence != 8 {
			t.Errorf("got %+v, %v; want a grant with a sequence above the rivals' and the running one", got, err)
		}
	})
	t.Run("and loses to a newer one", func(t *testing.T) {
		got, err := step(&rival{Memory: ledger.NewMemory(), times: 1, order: 40}).Handle(t.Context(), request("a", 30))
		if err != nil || got.Granted || got.Holder != "rival41" {
			t.Errorf("got %+v, %v; want that rival41 holds it", got, err)
		}
	})
	t.Run("and asks the workflow to try again in the end", func(t *testing.T) {
		_, err := step(&rival{Memory: ledger.NewMemory(), times: 99}).Handle(t.Context(), request("a", 59))
		if got := fault.From(err).Code; got != fault.LedgerContended {
			t.Errorf("got fault %s (%v), want %s", got, err, fault.LedgerContended)
		}
	})
}

// quarantine puts the image of an execution into quarantine, for the execution that rolled it back.
func quarantine(t *testing.T, memory *ledger.Memory, execution string) {
	t.Helper()
	q := ledger.Quarantine{Service: "web", Digest: "sha256:" + execution, Execution: "the first one", Reason: "it crashed.", At: at(5)}
	if err := memory.SetQuarantine(t.Context(), q); err != nil {
		t.Fatal(err)
	}
}

func TestAnImageThatCameIntoQuarantineTakesNoClaim(t *testing.T) {
	memory := ledger.NewMemory()
	s := step(memory)
	if _, err := s.Handle(t.Context(), request("a", 10)); err != nil {
		t.Fatal(err)
	}
	quarantine(t, memory, "b")
	got, err := s.Handle(t.Context(), request("b", 20))
	if err != nil {
		t.Fatal(err)
	}
	want := claim.Result{Sequence: 8, Holder: "a", Quarantined: true, Reason: ":b (sha256:b) is in quarantine since 2026-11-23T08:05:00Z: " +
		"execution the first one rolled it back: it crashed; release it with " +
		"`fairlead quarantine release -service web -digest sha256:b -reason \"…\"`, then start a new execution"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if held, _ := memory.Claim(t.Context(), "web"); held.Holder != "a" {
		t.Errorf("%s holds the claim: who rolls an image back must not give way to the same image", held.Holder)
	}
	if _, err := memory.Release(t.Context(), "web", "sha256:b", "Ada", "mended", at(30)); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Handle(t.Context(), request("b", 20)); err != nil || !got.Granted {
		t.Errorf("got %+v, %v; want the claim after the release", got, err)
	}
}

// TestAnOlderPushInQuarantineIsSuperseded wants that a push which would not get the claim anyway is told so.
func TestAnOlderPushInQuarantineIsSuperseded(t *testing.T) {
	memory := ledger.NewMemory()
	_, _ = step(memory).Handle(t.Context(), request("b", 20))
	quarantine(t, memory, "a")
	if got, err := step(memory).Handle(t.Context(), request("a", 10)); err != nil || got.Granted || got.Quarantined {
		t.Errorf("got %+v, %v; want it superseded", got, err)
	}
}

// TestTheHolderGoesOn wants that an execution which has the claim keeps it: whoever rolled the image back meanwhile has
// given way to it, and nobody else would see to the service.
func TestTheHolderGoesOn(t *testing.T) {
	memory := ledger.NewMemory()
	_, _ = step(memory).Handle(t.Context(), request("a", 10))
	quarantine(t, memory, "a")
	if got, err := step(memory).Handle(t.Context(), request("a", 10)); err != nil || !got.Granted {
		t.Errorf("got %+v, %v; want the claim that it holds", got, err)
	}
}

// deaf is a ledger that does not answer whether an image is in quarantine.
type deaf struct{ *ledger.Memory }

func (deaf) Quarantined(context.Context, string, string) (ledger.Quarantine, bool, error) {
	return ledger.Quarantine{}, false, fault.New(fault.AWSUnavailable, fault.Later, "no answer")
}

func TestNothingIsClaimedOnAGuess(t *testing.T) {
	memory := ledger.NewMemory()
	_, err := step(deaf{memory}).Handle(t.Context(), request("a", 10))
	if got := fault.From(err); got == nil || got.Code != fault.AWSUnavailable {
		t.Errorf("got %v, want %s", err, fault.AWSUnavailable)
	}
	if held, _ := memory.Claim(t.Context(), "web"); held.Exists() {
		t.Errorf("the claim was taken: %+v", held)
	}
}

// lost writes, and loses the answer.
type lost struct{ *ledger.Memory }

func (l lost) ReplaceClaim(ctx context.Context, service string, held, next claim.Claim) error {
	return errors.Join(l.Memory.ReplaceClaim(ctx, service, held, next), fault.New(fault.AWSAnswerLost, "", "no answer"))
}

func TestALostAnswerIsFoundByTheNextAttempt(t *testing.T) {
	memory := ledger.NewMemory()
	_, err := step(lost{memory}).Handle(t.Context(), request("a", 10))
	if got := fault.From(err); got == nil || got.Code != fault.AWSAnswerLost {
		t.Fatalf("got fault %v, want %s", got, fault.AWSAnswerLost)
	}
	got, err := step(memory).Handle(t.Context(), request("a", 10))
	if err != nil || !got.Granted || got.Sequence != 8 {
		t.Errorf("got %+v, %v; want the claim of the first attempt", got, err)
	}
}

func TestWhatCannotBeClaimed(t *testing.T) {
	for name, test := range map[string]struct {
		document string
		code     fault.Code
	}{
		"a service that is not configured": {`{"service":"nginx","image":{"time":"2026-11-23T08:00:00Z"}}`, fault.UnknownName},
		"a document that is none":          {`[]`, fault.InputInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			r := request("a", 1)
			r.Document = json.RawMessage(test.document)
			_, err := step(ledger.NewMemory()).Handle(t.Context(), r)
			if got := fault.From(err); got == nil || got.Code != test.code {
				t.Errorf("got fault %v, want %s", got, test.code)
			}
		})
	}
}
