package world_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fairlead/local/world"
)

// entry has all that a state may be made of.
type entry struct {
	At     time.Time
	Name   string
	Open   *bool
	Counts [2]int
	Tags   []map[string]string
	Raw    json.RawMessage
	Any    any
	Inner  map[string]*entry
	plain
}

type plain struct{ Number int }

// cabinet is a service of entries, with something that it does not write down.
type cabinet struct {
	diary
	state struct {
		Entries map[string]entry
		Epoch   *world.Epoch
		Unsaid  []string `json:"-"`
		cache   []string
	}
}

func (c *cabinet) Name() string { return "cabinet" }
func (c *cabinet) State() any   { return &c.state }

func newCabinet() (*world.World, *cabinet) {
	w := world.New(world.Place{Partition: "aws", Region: "eu-west-1", Account: "123456789012"}, 7, start)
	c := &cabinet{diary: diary{w: w}}
	w.Add(c)
	return w, c
}

func filledCabinet() (*world.World, *cabinet) {
	w, c := newCabinet()
	open := true
	inner := &entry{Name: "inner", Any: map[string]any{"list": []any{"a", 1.5, nil, true}}}
	c.state.Entries = map[string]entry{"x": {At: start, Name: "x", Open: &open, Counts: [2]int{1, 2}, Tags: []map[string]string{{"a": "b"}, nil},
		Raw: json.RawMessage(`{"a":1}`), Inner: map[string]*entry{"i": inner, "none": nil}, plain: plain{3}}}
	c.state.Epoch, c.state.Unsaid, c.state.cache = world.EpochOf(start), []string{"unsaid"}, []string{"cache"}
	w.After(time.Second, "cabinet", "later")
	w.Hex(8)
	return w, c
}

func snapshot(t *testing.T, w *world.World) string {
	t.Helper()
	raw, err := w.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestACopyOfAWorldIsWhatItsSnapshotIs(t *testing.T) {
	t.Parallel()
	original, _ := filledCabinet()
	w, c := newCabinet()
	if err := w.Become(original); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(snapshot(t, original), snapshot(t, w)); diff != "" {
		t.Error(diff)
	}
	if c.state.Unsaid != nil || c.state.cache != nil {
		t.Error("the copy has what is not written down")
	}
	if w.UUID() != original.UUID() {
		t.Error("identifiers differ after a copy")
	}
}

func TestACopyOfAWorldSharesNothingWithIt(t *testing.T) {
	t.Parallel()
	original, _ := filledCabinet()
	before := snapshot(t, original)
	w, c := newCabinet()
	if err := w.Become(original); err != nil {
		t.Fatal(err)
	}
	x := c.state.Entries["x"]
	*x.Open, x.Tags[0]["a"], x.Tags[1], x.Raw[2] = false, "changed", map[string]string{}, 'z'
	x.Inner["i"].Any.(map[string]any)["list"].([]any)[0] = "changed"
	x.Inner["new"] = &entry{}
	c.state.Epoch.Time = time.Time{}
	c.state.Entries["y"] = entry{}
	w.Advance(start.Add(time.Minute))
	if diff := cmp.Diff(before, snapshot(t, original)); diff != "" {
		t.Error(diff)
	}
}

func TestAWorldThatLacksAServiceCannotBecomeAnother(t *testing.T) {
	t.Parallel()
	original, _ := filledCabinet()
	w, _ := newWorld()
	if err := w.Become(original); err == nil {
		t.Error("a copy without the cabinet was made")
	}
}
