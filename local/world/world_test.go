package world_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fairlead/local/world"
)

// diary writes down what is due and when; one entry may put another on the agenda.
type diary struct {
	w     *world.World
	state struct{ Entries []string }
}

func (d *diary) Name() string { return "diary" }
func (d *diary) State() any   { return &d.state }
func (d *diary) Due(what json.RawMessage) {
	d.state.Entries = append(d.state.Entries, d.w.Now().Format("04:05 ")+string(what))
	if string(what) == `"again"` {
		d.w.After(time.Second, "diary", "once more")
	}
}

func (d *diary) Operations() map[string]world.Operation {
	return map[string]world.Operation{
		"Silent": func(*world.Call) (any, error) { return nil, nil },
		"Read": world.Op(func(c *world.Call, _ struct{}) ([]string, error) {
			return d.state.Entries, c.Authorize("diary:Read", "*", nil)
		}),
	}
}

var start = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

func newWorld() (*world.World, *diary) {
	w := world.New(world.Place{Partition: "aws", Region: "eu-west-1", Account: "123456789012"}, 7, start)
	d := &diary{w: w}
	w.Add(d)
	return w, d
}

func TestWhatIsDueHappensInOrderEachAtItsOwnTime(t *testing.T) {
	t.Parallel()
	w, d := newWorld()
	w.After(5*time.Second, "diary", "late")
	w.After(2*time.Second, "diary", "again")
	w.After(2*time.Second, "diary", "same time, later added")
	w.After(time.Hour, "diary", "not yet")
	w.Advance(start.Add(time.Minute))
	want := []string{`00:02 "again"`, `00:02 "same time, later added"`, `00:03 "once more"`, `00:05 "late"`}
	if diff := cmp.Diff(want, d.state.Entries); diff != "" {
		t.Error(diff)
	}
	if w.Advance(start); !w.Now().Equal(start.Add(time.Minute)) {
		t.Errorf("the clock went back to %v", w.Now())
	}
}

func TestAWorldThatIsReadBackGoesOnAsItWould(t *testing.T) {
	t.Parallel()
	w, d := newWorld()
	w.Hex(8)
	w.After(time.Second, "diary", "again")
	raw, err := w.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	back, restored := newWorld()
	if err := back.Restore(raw); err != nil {
		t.Fatal(err)
	}
	w.Advance(start.Add(time.Minute))
	back.Advance(start.Add(time.Minute))
	if diff := cmp.Diff(d.state.Entries, restored.state.Entries); diff != "" {
		t.Error(diff)
	}
	if w.UUID() != back.UUID() {
		t.Error("identifiers differ after a restore")
	}
}

func TestNoOperationAnswersUnasked(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("an operation that asked for no permission was answered")
		}
	}()
	w, _ := newWorld()
	_, _ = w.Call(world.Request{Service: "diary", Operation: "Silent"})
}

func TestWhatIsNotServedSaysSo(t *testing.T) {
	t.Parallel()
	w, _ := newWorld()
	for _, request := range []world.Request{{Service: "diary", Operation: "Burn"}, {Service: "s3", Operation: "GetObject"}} {
		if _, err := w.Call(request); err == nil || world.AsError(err).Code != "NotImplemented" || world.AsError(err).Status != 501 {
			t.Errorf("%s:%s answered %v", request.Service, request.Operation, err)
		}
	}
}

func TestABucketHoldsItsBurstAndRefills(t *testing.T) {
	t.Parallel()
	b := world.Bucket{Burst: 20, Rate: 1}
	taken := 0
	for b.Take(start) {
		taken++
	}
	if taken != 20 {
		t.Errorf("%d calls at once, want 20", taken)
	}
	if !b.Take(start.Add(time.Second)) || b.Take(start.Add(time.Second)) {
		t.Error("after a second, one call and no more")
	}
}

func TestEpochKeepsMilliseconds(t *testing.T) {
	t.Parallel()
	raw, err := json.Marshal(world.EpochOf(start.Add(123 * time.Millisecond)))
	if err != nil || string(raw) != "1795420800.123" {
		t.Fatalf("%s, %v", raw, err)
	}
	var back world.Epoch
	if err := json.Unmarshal(raw, &back); err != nil || !back.Equal(start.Add(123*time.Millisecond)) {
		t.Errorf("read back as %v, %v", back, err)
	}
}
