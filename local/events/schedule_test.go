package events_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fairlead/local/events"
	"fairlead/local/world"
)

const scheduled = `{"Name":"sweep","ScheduleExpression":"rate(15 minutes)","State":"ENABLED","Targets":[{"Id":"sweep","Arn":"arn:aws:lambda:eu-west-1:123456789012:function:sweep"}]}`

func declare(t *testing.T, s *events.Service, properties string) {
	t.Helper()
	if _, err := s.Declare(world.Declared{Type: "AWS::Events::Rule", Properties: json.RawMessage(properties)}); err != nil {
		t.Fatal(err)
	}
}

// pass lets time pass in small steps, as clocks do.
func pass(w *world.World, d time.Duration) {
	for end := w.Now().Add(d); w.Now().Before(end); {
		w.Advance(w.Now().Add(time.Second))
	}
}

func TestARuleOnAScheduleRuns(t *testing.T) {
	t.Parallel()
	w, _, to := setUp(t, scheduled, roles{})
	pass(w, 14*time.Minute)
	if len(to.invoked) != 0 {
		t.Errorf("it began before its first interval was over: %v", to.invoked)
	}
	pass(w, 47*time.Minute)
	if len(to.invoked) != 4 {
		t.Fatalf("in an hour it ran %d times", len(to.invoked))
	}
	var event map[string]any
	if err := json.Unmarshal([]byte(to.invoked[0]), &event); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"version": "0", "id": event["id"], "detail-type": "Scheduled Event", "source": "aws.events", "account": "123456789012",
		"time": "2026-11-23T08:15:00Z", "region": "eu-west-1", "resources": []any{"arn:aws:events:eu-west-1:123456789012:rule/sweep"}, "detail": map[string]any{}}
	if diff := cmp.Diff(want, event); diff != "" || event["id"] == "" {
		t.Errorf("the event (-want +got):\n%s", diff)
	}
}

func TestAScheduleIsChangedByAnUpdate(t *testing.T) {
	t.Parallel()
	const other = `{"Name":"sweep","ScheduleExpression":"rate(1 hour)","Targets":[{"Id":"sweep","Arn":"arn:aws:lambda:eu-west-1:123456789012:function:sweep"}]}`
	const disabled = `{"Name":"sweep","ScheduleExpression":"rate(15 minutes)","State":"DISABLED","Targets":[{"Id":"sweep","Arn":"arn:aws:lambda:eu-west-1:123456789012:function:sweep"}]}`
	for name, test := range map[string]struct {
		update func(*testing.T, *events.Service)
		runs   int // within two hours and a minute, after ten minutes of every quarter of an hour
	}{
		"another interval":     {func(t *testing.T, s *events.Service) { declare(t, s, other) }, 2},
		"the same again":       {func(t *testing.T, s *events.Service) { declare(t, s, scheduled) }, 8},
		"disabled":             {func(t *testing.T, s *events.Service) { declare(t, s, disabled) }, 0},
		"disabled and enabled": {func(t *testing.T, s *events.Service) { declare(t, s, disabled); declare(t, s, scheduled) }, 8},
		"removed":              {func(_ *testing.T, s *events.Service) { _ = s.Withdraw("AWS::Events::Rule", "sweep") }, 0},
		"removed and made anew": {func(t *testing.T, s *events.Service) {
			_ = s.Withdraw("AWS::Events::Rule", "sweep")
			declare(t, s, scheduled)
		}, 8},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, s, to := setUp(t, scheduled, roles{})
			pass(w, 10*time.Minute)
			test.update(t, s)
			pass(w, 2*time.Hour+time.Minute)
			if len(to.invoked) != test.runs {
				t.Errorf("it ran %d times, want %d", len(to.invoked), test.runs)
			}
		})
	}
}

func TestAScheduleGoesOnInAWorldThatIsReadBack(t *testing.T) {
	t.Parallel()
	w, _, _ := setUp(t, scheduled, roles{})
	pass(w, 20*time.Minute)
	raw, err := w.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	back, _, to := setUp(t, "", roles{})
	if err := back.Restore(raw); err != nil {
		t.Fatal(err)
	}
	back.Advance(back.Now().Add(3 * 24 * time.Hour)) // it stood still for so long
	pass(back, 2*time.Second)
	if len(to.invoked) != 1 {
		t.Errorf("what was missed was made up for %d times, want once", len(to.invoked))
	}
	pass(back, time.Hour)
	if len(to.invoked) != 5 {
		t.Errorf("an hour later it had run %d times", len(to.invoked))
	}
}

func TestASchedulePutsNothingOnTheBus(t *testing.T) {
	t.Parallel()
	w, s, to := setUp(t, scheduled, roles{})
	declare(t, s, `{"Name":"all","EventPattern":{"account":["123456789012"]},"Targets":[{"Id":"x","Arn":"arn:aws:lambda:eu-west-1:123456789012:function:other"}]}`)
	pass(w, 16*time.Minute)
	if len(to.invoked) != 1 {
		t.Errorf("%d functions were invoked, want that of the schedule's own rule", len(to.invoked))
	}
}

func TestARuleOnAScheduleRunsBesideItsSchedule(t *testing.T) {
	t.Parallel()
	w, s, to := setUp(t, scheduled, roles{})
	pass(w, time.Minute)
	s.RunSchedules()
	pass(w, time.Minute)
	if len(to.invoked) != 1 {
		t.Errorf("it ran %d times", len(to.invoked))
	}
	pass(w, 14*time.Minute)
	if len(to.invoked) != 2 {
		t.Errorf("with its schedule it ran %d times", len(to.invoked))
	}
}
