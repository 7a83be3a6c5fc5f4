package checkimage_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"fairlead/shared/config"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/fault"
	"fairlead/shared/gate/rules"
	"fairlead/shared/image"
)

func TestAServiceIsLookedAtAsItStands(t *testing.T) {
	w, memory := sound(t), ledger.NewMemory()
	w.holds = memory
	got, err := w.check(`{"service":"web","dryRun":true}`)
	if err != nil || got.Decision != image.Skip || got.Reason != "dry run: nothing stands in the way of a push to service web" || len(got.Warnings) != 0 {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := memory.SetHold(t.Context(), ledger.Hold{Service: "web", Reason: "a migration", By: "Ada", At: start.Add(-time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if got, err = w.check(`{"service":"web","dryRun":true}`); err != nil || got.Held || !strings.HasSuffix(got.Reason, ", with 1 warning") || !strings.Contains(got.Warnings[0], "held by Ada") {
		t.Errorf("a held one: %+v, %v", got, err)
	}
	delete(w.roles.trust, "task")
	if _, err := w.check(`{"service":"web","dryRun":true}`); fault.From(err).Code != fault.ServiceRoleUnusable {
		t.Errorf("one without its role: %v", err)
	}
	if _, err := w.check(`{"service":"shop","dryRun":true}`); fault.From(err).Code != fault.UnknownName {
		t.Errorf("one that is not configured: %v", err)
	}
}

func TestAllServicesAreLookedAt(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*world)
		reason string
		lines  string
	}{
		"a sound one":   {func(*world) {}, "a push would fail at 0 of 1", "web: ok"},
		"one that gave": {func(w *world) { w.roles.simulated = "implicitDeny" }, "a push would fail at 0 of 1", "web: ok, with 4 warnings|web: warning: a simulation says"},
		"one whose gate lets nothing pass": {func(w *world) {
			w.config.Gates = config.Gates{Image: &rules.Policy{ImmutableTag: true}}
			w.pushedAt(start, ecrtypes.ImageTagMutabilityMutable)
		}, "a push would fail at 1 of 1", "web: FAILS: gate image: every push would be rejected"},
		"one that is gone": {func(w *world) {
			w.services.describeServices = func(*ecs.DescribeServicesInput) (*ecs.DescribeServicesOutput, error) {
				return nil, errors.New("no answer")
			}
		}, "a push would fail at 1 of 1", "web: FAILS: describe service web in cluster prod: no answer"},
	} {
		w := sound(t)
		test.change(w)
		got, err := w.check(`{"service":"*","dryRun":true}`)
		if err != nil || got.Decision != image.Skip || !strings.Contains(got.Reason, test.reason) {
			t.Errorf("%s: %s: %s, %v", name, got.Decision, got.Reason, err)
		}
		for i, line := range strings.Split(test.lines, "|") {
			if !strings.HasPrefix(got.Warnings[i], line) {
				t.Errorf("%s: line %d is %q, want %q", name, i, got.Warnings[i], line)
			}
		}
	}
	if _, err := sound(t).check(`{"service":"*","tag":"v1"}`); fault.From(err).Code != fault.UnknownName {
		t.Errorf("all of them cannot be deployed to: %v", err)
	}
}
