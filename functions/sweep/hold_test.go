package sweep_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fairlead/shared/edge/ledger"
)

// kept is a push of a minute that a hold has kept back, by an execution that ended a minute later.
func (w *world) kept(t *testing.T, name, letter string, minute int) {
	t.Helper()
	w.push(name, letter, at(minute))
	w.ended(t, ledger.Entry{Name: "Skipped", Tag: name, Digest: digest(letter), Execution: execution + name, At: at(minute + 1), Held: true, Pushed: at(minute)})
}

func (w *world) ended(t *testing.T, e ledger.Entry) {
	t.Helper()
	e.Service, e.ID = "web", e.Execution+strconv.FormatInt(e.At.Unix(), 10)
	if err := w.ledger.Append(t.Context(), e); err != nil {
		t.Fatal(err)
	}
}

func (w *world) hold(t *testing.T, minute, until int) {
	t.Helper()
	if _, err := w.ledger.SetHold(t.Context(), ledger.Hold{Service: "web", Reason: "a migration", By: "Ada", At: at(minute), Until: at(until)}); err != nil {
		t.Fatal(err)
	}
}

func TestWhatAHoldKeptBack(t *testing.T) {
	goes := func(name, letter string, minute int) string {
		return `{"service":"web","tag":"` + name + `","sweep":{"digest":"` + digest(letter) + `","pushedAt":"` + at(minute).Format(time.RFC3339) + `","held":true}}`
	}
	tests := []struct {
		name   string
		change func(*testing.T, *world)
		want   []string
	}{
		{"goes out", func(*testing.T, *world) {}, []string{goes("v2", "b", 17)}},
		{"goes out, the newest of it", func(t *testing.T, w *world) { w.kept(t, "v3", "c", 19) }, []string{goes("v3", "c", 19)}},
		{"that had the claim when the hold came goes out", func(t *testing.T, w *world) { w.claim(t, 5, "v2", "b", at(17)) }, []string{goes("v2", "b", 17)}},
		{"waits while another hold is in force", func(t *testing.T, w *world) { w.hold(t, 28, 59) }, nil},
		{"and is older than what was claimed since does not", func(t *testing.T, w *world) { w.claim(t, 5, "c", "c", at(21)) }, nil},
		{"before an operator went back does not", func(t *testing.T, w *world) {
			held, _ := w.ledger.Claim(t.Context(), "web")
			next := held
			next.Sequence, next.Holder, next.Mark.Back = 5, execution+"back", at(20)
			if err := w.ledger.ReplaceClaim(t.Context(), "web", held, next); err != nil {
				t.Fatal(err)
			}
		}, nil},
		{"and runs by now goes out too, lest an older one does", func(_ *testing.T, w *world) { w.point("b", "COMPLETED", 4) }, []string{goes("v2", "b", 17)}},
		{"and was rejected since does not", func(t *testing.T, w *world) {
			w.ended(t, ledger.Entry{Name: "Rejected", Tag: "v2", Digest: digest("b"), Execution: execution + "x", At: at(25)})
		}, nil},
		{"and was rehearsed since goes out", func(t *testing.T, w *world) {
			w.ended(t, ledger.Entry{Name: "Skipped", Tag: "v2", Digest: digest("b"), Execution: execution + "x", At: at(25), DryRun: true})
		}, []string{goes("v2", "b", 17)}},
		{"and is in quarantine does not", func(t *testing.T, w *world) {
			if err := w.ledger.SetQuarantine(t.Context(), ledger.Quarantine{Service: "web", Digest: digest("b"), Execution: "x", At: at(3)}); err != nil {
				t.Fatal(err)
			}
		}, nil},
		{"under a tag that names it no longer does not", func(_ *testing.T, w *world) { w.images = w.images[:1] }, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := calm(t)
			w.hold(t, 16, 25)
			w.kept(t, "v2", "b", 17)
			test.change(t, w)
			for range 3 {
				w.sweep(t)
				if diff := cmp.Diff(test.want, w.inputs()); diff != "" {
					t.Errorf("at %s it has started (-want +got):\n%s", w.now.Format(time.TimeOnly), diff)
				}
				w.now = w.now.Add(7 * time.Minute)
			}
		})
	}
}

// TestWhatIsNamedByHandIsOwedToNobody is about an operator's input under a hold.
func TestWhatIsNamedByHandIsOwedToNobody(t *testing.T) {
	w := calm(t)
	w.hold(t, 16, 25)
	w.ended(t, ledger.Entry{Name: "Skipped", Tag: "v1", Digest: digest("a"), Execution: execution + "x", At: at(17), Held: true})
	w.point("b", "COMPLETED", 4)
	if w.sweep(t); len(w.started) != 0 {
		t.Errorf("started %v", w.inputs())
	}
}

// TestOfTwoHeldPushesOfOneSecondTheLaterStartedGoesOut is about an image that was pushed before under another tag: what ECR
// tells of it is old.
func TestOfTwoHeldPushesOfOneSecondTheLaterStartedGoesOut(t *testing.T) {
	w := calm(t)
	w.hold(t, 16, 25)
	for i, v := range []string{"b", "c"} {
		w.push("v-"+v, v, at(17-i))
		w.ended(t, ledger.Entry{Name: "Skipped", Tag: "v-" + v, Digest: digest(v), Execution: execution + v, StartedAt: at(17).Add(time.Duration(i) * 500 * time.Millisecond),
			At: at(18), Held: true, Pushed: at(17)})
	}
	if w.sweep(t); len(w.started) != 1 || !strings.Contains(w.inputs()[0], `"tag":"v-c"`) {
		t.Errorf("started %v", w.inputs())
	}
}

// TestWhatIsHeldAgainGoesOutAgain is about the sweep's own execution, which a second hold keeps back.
func TestWhatIsHeldAgainGoesOutAgain(t *testing.T) {
	w := calm(t)
	w.hold(t, 16, 25)
	w.kept(t, "v2", "b", 17)
	w.sweep(t)
	w.ended(t, ledger.Entry{Name: "Skipped", Tag: "v2", Digest: digest("b"), Execution: execution + *w.started[0].Name, At: at(31), Held: true, Pushed: at(17)})
	w.now = at(45)
	if w.sweep(t); len(w.started) != 2 || *w.started[0].Name == *w.started[1].Name {
		t.Errorf("started %v", w.inputs())
	}
}

// TestThePushesOfALongHoldDoNotFillTheRecord wants that what the history knows is not kept twice.
func TestThePushesOfALongHoldDoNotFillTheRecord(t *testing.T) {
	w := calm(t)
	w.hold(t, 16, 59)
	for i := range 9 {
		w.kept(t, "w"+strconv.Itoa(i), string(rune('a'+i)), 17)
	}
	w.push("lost", "z", at(18))
	w.sweep(t)
	record, _ := w.ledger.Sweep(t.Context(), "web")
	if len(record.Waiting) != 1 || len(w.started) != 0 {
		t.Errorf("%d wait, started %v", len(record.Waiting), w.inputs())
	}
	w.now = at(60)
	if w.sweep(t); len(w.started) != 1 || !strings.Contains(w.inputs()[0], `"tag":"lost"`) {
		t.Errorf("after the hold it has started %v", w.inputs())
	}
}
