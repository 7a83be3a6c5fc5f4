package outcome

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

const runARN = "arn:aws:states:eu-west-1:123456789012:execution:fairlead:run"

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// aRun began at noon and took a minute.
func aRun() Run {
	return Run{Execution: runARN, Name: "run", StartedAt: noon, EndedAt: noon.Add(time.Minute)}
}

// key is a key of the document whose state was entered some seconds after noon.
func key(name string, seconds int) string {
	return fmt.Sprintf(`%q:{"entered":%q}`, name, noon.Add(time.Duration(seconds)*time.Second).Format(time.RFC3339))
}

func TestTellTheSteps(t *testing.T) {
	document := func(keys ...string) string { return "{" + strings.Join(keys, ",") + "}" }
	tests := []struct {
		name     string
		document string
		in       Step
		want     string
	}{
		{name: "those that were passed, in order", document: document(key("claim", 3), key("image", 1), key("revision", 4)),
			want: "CheckImage 1 ClaimService 3 RegisterRevision 4"},
		{name: "those of one moment in the order of the flow", document: document(key("update", 2), key("claim", 2), key("image", 2), key("revision", 2)),
			want: "CheckImage 2 ClaimService 2 RegisterRevision 2 UpdateService 2"},
		{name: "a revision that was made again after the first update", document: document(key("image", 1), key("revision", 6), key("update", 5)),
			want: "CheckImage 1 UpdateService 5 RegisterRevision 6"},
		{name: "the way back", document: document(key("rollout", 9), key("diagnosis", 10), key("rollback", 11), key("restoration", 20)),
			want: "JudgeRollout 9 DiagnoseFailure 10 RollBack 11 JudgeRollback 20"},
		{name: "the state that it broke off in", document: document(key("image", 1)), in: Step{Name: "ClaimService", EnteredAt: noon.Add(2 * time.Second)},
			want: "CheckImage 1 ClaimService 2"},
		{name: "the state that it broke off in, once", document: document(key("image", 1), key("rollout", 5)), in: Step{Name: "JudgeRollout", EnteredAt: noon.Add(8 * time.Second)},
			want: "CheckImage 1 JudgeRollout 8"},
		{name: "nothing from before it began or after it ended", document: document(key("image", -1), key("claim", 61), key("revision", 60)), want: "RegisterRevision 60"},
		{name: "nothing of keys of another shape", document: `{"image":7,"claim":{"entered":"yesterday"},"revision":{"entered":{}},"update":{},"rollout":null}`},
		{name: "nothing of a state whose time is not known", document: `{}`, in: Step{Name: "CheckImage"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			run := aRun()
			run.In = tt.in
			var got []string
			for _, step := range Tell(Salvage(tt.document), End{Name: Failed}, run, Place{}).Steps {
				got = append(got, fmt.Sprintf("%s %.0f", step.Name, step.EnteredAt.Sub(noon).Seconds()))
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, " ")); diff != "" {
				t.Error("(-want +got)\n" + diff)
			}
		})
	}
}

func TestTellWhatStartedIt(t *testing.T) {
	for document, want := range map[string]Starter{
		`{"service":"web","tag":"v1"}`:                              {Kind: "operator"},
		`{"service":"web","tag":"v1","sweep":null}`:                 {Kind: "operator"},
		`{"service":"web","tag":"v1","sweep":{"at":"now"}}`:         {Kind: "sweep"},
		`{"service":"web","event":{"id":"e-1","time":"today"}}`:     {Kind: "push", ID: "e-1", Time: "today"},
		`{"service":"web","event":{"id":"e\u0007 1","time":"t\n"}}`: {Kind: "push", ID: "e 1", Time: "t"},
	} {
		if diff := cmp.Diff(want, Tell(Salvage(document), End{Name: Failed}, aRun(), Place{}).StartedBy); diff != "" {
			t.Errorf("%s (-want +got)\n%s", document, diff)
		}
	}
}

func TestTellTheDiagnosis(t *testing.T) {
	d := Salvage(`{"diagnosis":{"cause":"image.not-found","what":"it is\ngone","fix":"push it","heals":true,"occurrences":2,"evidence":["1","2","3","4","5","6","7","8","9","10","11"]},
		"rollback":{"decision":"restoring","taskDefinition":"` + td + `41"}}`)
	got := Tell(d, End{Name: RolledBack}, aRun(), Place{})
	want := Finding{Cause: "image.not-found", What: "it is gone", Fix: "push it", Heals: true, Occurrences: 2, Evidence: []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"}}
	if diff := cmp.Diff(want, got.Diagnosis); diff != "" || got.Revision.Back != td+"41" {
		t.Errorf("back to %q (-want +got)\n%s", got.Revision.Back, diff)
	}
	if none := Tell(Document{}, End{Name: Deployed}, aRun(), Place{}); none.Diagnosis.Evidence == nil || none.Diagnosis.Cause != "" || none.Revision.Back != "" {
		t.Errorf("%+v", none)
	}
}

func TestTellHowLongItTook(t *testing.T) {
	for name, tt := range map[string]struct {
		end  time.Duration
		want float64
	}{"a minute": {time.Minute, 60}, "a millisecond": {time.Millisecond, 0.001}, "clocks that differ": {-time.Second, 0}} {
		run := aRun()
		run.EndedAt = noon.Add(tt.end)
		if got := Tell(Document{}, End{Name: Skipped}, run, Place{}).Execution.Seconds; got != tt.want {
			t.Errorf("%s: %v s, want %v", name, got, tt.want)
		}
	}
}

// TestTellIsSmallAndPlain fills all that comes from outside with long texts, control characters and other things than
// texts: an event has 256 KB at most, and chat programs show it.
func TestTellIsSmallAndPlain(t *testing.T) {
	for name, filler := range map[string]string{"long": strings.Repeat("x", 1<<17), "wide": strings.Repeat("€", 1<<14), "control": strings.Repeat("a\u0000\u202e\u001b[31m\n", 1<<12),
		"markup": strings.Repeat("<b>**x** <!channel> ", 1<<12)} {
		t.Run(name, func(t *testing.T) {
			text, _ := json.Marshal(filler)
			document := strings.ReplaceAll(`{"service":X,"tag":X,"digest":X,"event":{"id":X,"time":X,"detail":{"repository-name":X,"image-tag":X,"image-digest":X}},
				"image":{"entered":X,"repository":X,"tag":X,"digest":X,"running":{"taskDefinition":X}},"revision":{"decision":"registered","taskDefinition":X,"base":X},
				"update":{"decision":"updated","previous":X,"at":"2026-11-23T12:00:00Z"},"rollout":{"verdict":"failed","reason":X,"runningTaskDefinition":X},"diagnosis":{"cause":X,"what":X,"fix":X,"evidence":[X,X,X,X,X,X,X,X,X,X,X,X]},"fault":{"Error":X,"Cause":X},"sweep":X}`, "X", string(text))
			d := Salvage(document)
			end := Failure(d, Break{Status: "FAILED", State: filler, Fault: Fault{Error: filler, Cause: filler}})
			run := aRun()
			run.In = Step{Name: filler, EnteredAt: noon}
			raw, err := json.Marshal(Tell(d, end, run, Place{Cluster: "prod", Service: "web"}))
			if err != nil {
				t.Fatal(err)
			}
			if len(raw) > 32<<10 {
				t.Errorf("%d bytes", len(raw))
			}
			for path, value := range texts("detail", decoded(t, raw)) {
				if lines := strings.Count(value, "\n"); lines > 2 || lines > 0 && path != "detail.cause" {
					t.Errorf("%s has %d line ends", path, lines)
				}
				if i := strings.IndexFunc(value, func(r rune) bool { return !unicode.IsPrint(r) && r != '\n' }); i >= 0 {
					t.Errorf("%s has %q", path, value[i:i+1])
				}
			}
		})
	}
}

func decoded(t *testing.T, raw []byte) (value any) {
	t.Helper()
	if err := json.Unmarshal(raw, &value); err != nil {
		t.Fatal(err)
	}
	return value
}

// texts are all texts within a value, by their paths.
func texts(path string, value any) map[string]string {
	all := map[string]string{}
	switch value := value.(type) {
	case string:
		all[path] = value
	case map[string]any:
		for name, v := range value {
			maps.Copy(all, texts(path+"."+name, v))
		}
	case []any:
		for i, v := range value {
			maps.Copy(all, texts(fmt.Sprintf("%s[%d]", path, i), v))
		}
	}
	return all
}
