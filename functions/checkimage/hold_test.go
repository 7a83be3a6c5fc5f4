package checkimage_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"fairlead/shared/edge/ledger"
	"fairlead/shared/fault"
	"fairlead/shared/image"
)

// TestAServiceThatIsHeldIsNotDeployed wants that all but going back and following are skipped, and are told why.
func TestAServiceThatIsHeldIsNotDeployed(t *testing.T) {
	const refusal = " is not deployed: service web is held by Ada since 2026-11-23T07:00:10Z, until somebody lifts it: the database moves; lift it with `fairlead release web`"
	swept := `{"service":"web","tag":"v1","sweep":{"digest":"DIGEST","pushedAt":"2026-11-23T07:00:00Z"`
	for name, test := range map[string]struct {
		input string
		want  string // "" if it goes on
		held  bool
	}{
		"a push":                        {event("v1", ""), refusal, true},
		"an operator's tag":             {`{"service":"web","tag":"v1"}`, refusal, true},
		"an operator's digest":          {`{"service":"web","digest":"DIGEST"}`, refusal, true},
		"what the sweep found":          {swept + "}}", refusal, true},
		"what a hold kept back before":  {swept + `,"held":true}}`, refusal, true},
		"a dry run":                     {`{"service":"web","tag":"v1","dryRun":true}`, refusal, false},
		"an operator who goes back":     {`{"service":"web","tag":"v1","allowOlder":{"replaces":"` + string(old) + `"}}`, "", false},
		"a rollout that nobody follows": {`{"service":"web","sweep":{"follow":"` + definition + `"}}`, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			w, memory := sound(t), ledger.NewMemory()
			w.holds = memory
			hold := ledger.Hold{Service: "web", Reason: "the database\nmoves.", By: "Ada", At: start.Add(-time.Hour)}
			if _, err := memory.SetHold(t.Context(), hold); err != nil {
				t.Fatal(err)
			}
			input := strings.ReplaceAll(test.input, "DIGEST", string(w.registry.tags["v1"]))
			got, err := w.check(input)
			if err != nil {
				t.Fatal(err)
			}
			if test.want == "" && got.Decision != image.Deploy || test.want != "" && (got.Decision != image.Skip || !strings.Contains(got.Reason, test.want)) || got.Held != test.held {
				t.Errorf("%s, held %v: %s", got.Decision, got.Held, got.Reason)
			}
			if got.Digest == "" {
				t.Error("which image was held is not told")
			}
			hold.Until = start.Add(time.Second) // it is that second now
			if _, err := memory.SetHold(t.Context(), hold); err != nil {
				t.Fatal(err)
			}
			if got, err := w.check(input); err != nil || got.Held || strings.Contains(got.Reason, "is held") {
				t.Errorf("after its end %s: %s, %v", got.Decision, got.Reason, err)
			}
		})
	}
}

// silent is a ledger that does not say whether a service is held.
type silent struct{}

func (silent) Hold(context.Context, string) (ledger.Hold, error) {
	return ledger.Hold{}, fault.New(fault.AWSUnavailable, fault.Later, "no answer")
}

func TestAHoldThatCannotBeReadIsNotPassed(t *testing.T) {
	w := sound(t)
	w.holds = silent{}
	got, err := w.check(event("v1", ""))
	if f := fault.From(err); f == nil || f.Code != fault.AWSUnavailable || got.Decision != "" {
		t.Errorf("got %+v, %v; want %s", got, err, fault.AWSUnavailable)
	}
}
