package rollout

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAim(t *testing.T) {
	revised := fmt.Sprintf(`{"service":"web","revision":{"taskDefinition":%q,"base":%q}`, ours, base)
	tests := []struct {
		name, more string
		want       Aim
	}{
		{name: "an update that was answered dates the rollout", more: `,"update":{"decision":"updated","at":"2026-11-23T12:01:00Z"}`, want: Aim{Since: at(1), Accepted: true}},
		{name: "a service that was there already dates it too", more: `,"update":{"decision":"alreadyThere","at":"2026-11-23T12:01:00Z"}`, want: Aim{Since: at(1), Accepted: true}},
		{name: "without an answer it begins now", more: ``, want: Aim{Since: at(9)}},
		{name: "an attempt whose base had moved is no answer", more: `,"update":{"decision":"baseMoved","at":"2026-11-23T12:01:00Z"}`, want: Aim{Since: at(9)}},
		{name: "what an earlier look found stays", more: `,"rollout":{"since":"2026-11-23T12:02:00Z","running":1,"stage":"BAKE_TIME","deadline":"2026-11-23T12:30:00Z"}`, want: Aim{Since: at(2), Running: 1, Stage: "BAKE_TIME", Deadline: at(30)}},
		{name: "an answer counts more than an earlier look", more: `,"update":{"decision":"updated","at":"2026-11-23T12:01:00Z"},"rollout":{"since":"2026-11-23T12:02:00Z","running":1,"stage":"BAKE_TIME","deadline":"2026-11-23T12:30:00Z"}`, want: Aim{Since: at(1), Accepted: true, Running: 1, Stage: "BAKE_TIME", Deadline: at(30)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, err := ParseDocument(json.RawMessage(revised + tt.more + "}"))
			if err != nil {
				t.Fatal(err)
			}
			tt.want.TaskDefinition, tt.want.Base = ours, base
			if diff := cmp.Diff(tt.want, d.Aim(at(9))); diff != "" {
				t.Error("(-want +got)\n" + diff)
			}
		})
	}
}

// TestFieldsAreAlwaysPresent: the workflow picks every field by name, and fails where one is missing.
func TestFieldsAreAlwaysPresent(t *testing.T) {
	for name, value := range map[string]any{"update": Updated{}, "rollout": Judged{}} {
		raw, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		var fields map[string]any
		if err := json.Unmarshal(raw, &fields); err != nil {
			t.Fatal(err)
		}
		if want := map[string]int{"update": 6, "rollout": 11}[name]; len(fields) != want {
			t.Errorf("%s has %d fields when it is empty, want %d: %s", name, len(fields), want, raw)
		}
	}
}
