package recordoutcome_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fairlead/functions/recordoutcome"
	"fairlead/shared/config"
	"fairlead/shared/diagnosis"
	"fairlead/shared/edge/announce"
	"fairlead/shared/edge/announce/announcetest"
	"fairlead/shared/edge/handler"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/fault"
	"fairlead/shared/outcome"
	"fairlead/shared/permission/permissiontest"
)

var update = flag.Bool("update", false, "write the samples in events/ anew")

const (
	run    = "arn:aws:states:eu-west-1:123456789012:execution:fairlead:13cde686-328b-6117-af20-0e5566167482"
	schema = "../../events/outcome.schema.json"
	td     = "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop-web:"
	digest = "sha256:4a5b6c7d8e9f00112233445566778899aabbccddeeff00112233445566778899"

	input   = `"service":"web","event":{"id":"13cde686-328b-6117-af20-0e5566167482","time":"2026-11-23T09:00:00Z","detail":{"repository-name":"shop/web","image-tag":"3f2a9c1-812","image-digest":"` + digest + `"}}`
	checked = input + `,"image":{"entered":"2026-11-23T09:00:01.2Z","decision":"deploy","repository":"shop/web","tag":"3f2a9c1-812","digest":"` + digest + `","running":{"taskDefinition":"` + td + `41"}}`
	updated = checked + `,"claim":{"entered":"2026-11-23T09:00:03Z","granted":true,"sequence":7},"revision":{"entered":"2026-11-23T09:00:04Z","decision":"registered","taskDefinition":"` + td + `42","base":"` + td + `41"},
		"update":{"entered":"2026-11-23T09:00:05.5Z","decision":"updated","at":"2026-11-23T09:00:06Z","previous":"` + td + `41"}`
	deployed   = "{" + updated + `,"rollout":{"entered":"2026-11-23T09:03:09Z","verdict":"healthy","reason":"ECS finished it successfully: 2 of 2 tasks are running","runningTaskDefinition":"` + td + `42"}}`
	rejected   = "{" + input + `,"fault":{"Error":"Image.NotFound","Cause":"{\"errorMessage\":\"no image has the tag 3f2a9c1-812\",\"errorType\":\"Image.NotFound\"}"}}`
	skipped    = "{" + input + `,"image":{"entered":"2026-11-23T09:00:01.2Z","decision":"skip","reason":"the service runs this image already","repository":"shop/web","tag":"3f2a9c1-812","digest":"` + digest + `","running":{"taskDefinition":"` + td + `41"}}}`
	superseded = "{" + checked + `,"claim":{"entered":"2026-11-23T09:00:03Z","granted":false,"reason":"a newer push is being deployed"}}`
)

// rolledBack is a deployment that crashed and that ECS took back; stuck is one after which there was nothing to go back to.
var (
	rolledBack = crashed(true, "41", "Service deployment rolled back because the circuit breaker threshold was exceeded. ECS rolled it back: the service runs shop-web:41 again") +
		`"decision":"restored","reason":"ECS rolled it back","taskDefinition":"` + td + `41"}}`
	stuck = crashed(false, "42", "ECS has given the deployment up, and does not roll it back") +
		`"decision":"nothing","reason":"there is nothing to go back to: no earlier deployment of the service has succeeded"}}`
)

// crashed is the document of a deployment that failed, up to what was decided of the way back.
func crashed(restored bool, running, reason string) string {
	return "{" + updated + fmt.Sprintf(`,"rollout":{"entered":"2026-11-23T09:03:09Z","verdict":"failed","restored":%t,"reason":%q,"runningTaskDefinition":%q},"diagnosis":%s,"rollback":{"entered":"2026-11-23T09:03:09.6Z",`,
		restored, reason, td+running, diagnosed())
}

// diagnosed is what DiagnoseFailure says of three tasks that crashed.
func diagnosed() string {
	exit := 1
	task := diagnosis.Task{StopCode: "EssentialContainerExited", StoppedReason: "Essential container in task exited",
		Containers: []diagnosis.Container{{Name: "web", ExitCode: &exit}}}
	raw, err := json.Marshal(struct {
		Entered string `json:"entered"`
		diagnosis.Diagnosis
	}{"2026-11-23T09:03:09.2Z", diagnosis.Classify(diagnosis.Evidence{
		Tasks: []diagnosis.Task{task, task, task}, LogOf: "web", Log: []string{"panic: no database at DB_HOST"}})})
	if err != nil {
		panic(err)
	}
	return string(raw)
}

// scene is a bus, a ledger and a parameter store.
type scene struct {
	bus        announcetest.Bus
	ledger     *ledger.Memory
	parameters parameters
}

func newScene() *scene { return &scene{ledger: ledger.NewMemory()} }

func (s *scene) handle(t *testing.T, document string, redrive int) (outcome.Outcome, error) {
	t.Helper()
	step := recordoutcome.Step{
		Deployed: s.ledger, Parameters: &s.parameters,
		Config:   config.Config{Prefix: "fairlead", Services: map[string]config.Service{"web": {Name: "web", Cluster: "prod", Service: "shop-web"}}},
		Logger:   slog.New(slog.DiscardHandler),
		Announce: announce.Announcer{History: s.ledger, Events: &s.bus, Bus: "default"},
	}
	return step.Handle(t.Context(), handler.Request{
		Execution: handler.Execution{ID: run, Name: "13cde686-328b-6117-af20-0e5566167482", StartTime: time.Date(2026, 11, 23, 9, 0, 1, 0, time.UTC), RedriveCount: redrive},
		State:     handler.State{Name: "RecordOutcome", EnteredTime: time.Date(2026, 11, 23, 9, 3, 10, 0, time.UTC)},
		Document:  json.RawMessage(document),
	})
}

func TestGoldenSamplesAreWhatIsSent(t *testing.T) {
	for file, document := range map[string]string{
		"deployed": deployed, "rolledback": rolledBack, "stuck": stuck, "rejected": rejected, "skipped": skipped, "superseded": superseded,
	} {
		t.Run(file, func(t *testing.T) {
			s := newScene()
			if _, err := s.handle(t, document, 0); err != nil {
				t.Fatal(err)
			}
			if len(s.bus.Sent) != 1 || *s.bus.Sent[0].EventBusName != "default" {
				t.Fatalf("sent %+v", s.bus.Sent)
			}
			got := announcetest.Delivered(t, s.bus.Sent[0])
			announcetest.Validate(t, schema, got)
			sample := "../../events/outcome-" + file + ".json"
			if *update {
				if err := os.WriteFile(sample, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(sample)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(want, got) {
				t.Errorf("%s differs; if that is meant, run the test with -update (-want +got):\n%s", sample, cmp.Diff(string(want), string(got)))
			}
		})
	}
}

func TestSchemaNamesEveryFieldOfTheEvent(t *testing.T) {
	raw, err := os.ReadFile(schema)
	if err != nil {
		t.Fatal(err)
	}
	var described struct {
		Properties struct {
			Detail property `json:"detail"`
		} `json:"properties"`
	}
	if err := json.Unmarshal(raw, &described); err != nil {
		t.Fatal(err)
	}
	s := newScene()
	if _, err := s.handle(t, deployed, 0); err != nil {
		t.Fatal(err)
	}
	var sent map[string]any
	if err := json.Unmarshal([]byte(*s.bus.Sent[0].Detail), &sent); err != nil {
		t.Fatal(err)
	}
	described.Properties.Detail.compare(t, "detail", sent)
}

// property is an object of a schema.
type property struct {
	Required   []string            `json:"required"`
	Properties map[string]property `json:"properties"`
}

// compare wants the same names in both, all of them required.
func (p property) compare(t *testing.T, path string, value map[string]any) {
	t.Helper()
	for name, v := range value {
		of, ok := p.Properties[name]
		if !ok {
			t.Errorf("%s.%s is sent and not described", path, name)
		}
		if object, ok := v.(map[string]any); ok {
			of.compare(t, path+"."+name, object)
		}
	}
	if len(p.Required) != len(value) || len(p.Properties) != len(value) {
		t.Errorf("%s has %d fields, %d are described and %d required", path, len(value), len(p.Properties), len(p.Required))
	}
}

func TestHandleWritesTheHistory(t *testing.T) {
	s := newScene()
	got, err := s.handle(t, rolledBack, 0)
	if err != nil {
		t.Fatal(err)
	}
	history, err := s.ledger.History(t.Context(), "web", 10)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 23, 9, 3, 10, 0, time.UTC)
	want := []ledger.Entry{{Service: "web", At: at, ID: got.ID, Name: "RolledBack", Error: "Rollout.RolledBack", Cause: got.Cause, Execution: run,
		Tag: "3f2a9c1-812", Digest: digest, TaskDefinition: td + "42", Base: td + "41",
		StartedBy: "push", StartedAt: time.Date(2026, 11, 23, 9, 0, 1, 0, time.UTC), Expires: at.Add(365 * 24 * time.Hour)}}
	if diff := cmp.Diff(want, history); diff != "" {
		t.Error("(-want +got)\n" + diff)
	}
}

func TestHandleWritesWhomToFollow(t *testing.T) {
	s := newScene()
	if _, err := s.handle(t, strings.Replace(superseded, `"granted":false`, `"granted":false,"follow":"arn:first"`, 1), 0); err != nil {
		t.Fatal(err)
	}
	if history, err := s.ledger.History(t.Context(), "web", 10); err != nil || len(history) != 1 || history[0].Follow != "arn:first" {
		t.Errorf("%+v, %v", history, err)
	}
}

func TestHandleAgain(t *testing.T) {
	s := newScene()
	first, err := s.handle(t, deployed, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("answers the same and announces nothing", func(t *testing.T) {
		again, err := s.handle(t, deployed, 0)
		if diff := cmp.Diff(first, again); err != nil || diff != "" || len(s.bus.Sent) != 1 {
			t.Errorf("%v, sent %d\n%s", err, len(s.bus.Sent), diff)
		}
	})
	t.Run("after a redrive announces anew", func(t *testing.T) {
		again, err := s.handle(t, deployed, 1)
		if err != nil || again.ID == first.ID || len(s.bus.Sent) != 2 {
			t.Errorf("%v, %+v, sent %d", err, again, len(s.bus.Sent))
		}
	})
}

func TestHandleWhenTheBusFails(t *testing.T) {
	for name, tt := range map[string]struct {
		bus  announcetest.Bus
		want fault.Code
	}{
		"with an error":              {bus: announcetest.Bus{Err: errors.New("down")}, want: fault.Unexpected},
		"by throttling the entry":    {bus: announcetest.Bus{Refusal: "ThrottlingException"}, want: fault.AWSThrottled},
		"by failing at the entry":    {bus: announcetest.Bus{Refusal: "InternalFailure"}, want: fault.AWSUnavailable},
		"by not knowing the entry":   {bus: announcetest.Bus{Refusal: "MalformedDetail"}, want: fault.AWSRefused},
		"by not authorising the bus": {bus: announcetest.Bus{Refusal: "NotAuthorizedForSource"}, want: fault.AWSRefused},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene()
			s.bus = tt.bus
			_, err := s.handle(t, deployed, 0)
			if f := fault.From(err); f == nil || f.Code != tt.want {
				t.Errorf("%v, want %s", err, tt.want)
			}
			s.bus = announcetest.Bus{}
			if _, err := s.handle(t, deployed, 0); err != nil || len(s.bus.Sent) != 1 {
				t.Errorf("a retry sends it: %v, sent %d", err, len(s.bus.Sent))
			}
			if history, _ := s.ledger.History(t.Context(), "web", 10); len(history) != 1 {
				t.Errorf("the history has %d lines", len(history))
			}
		})
	}
}

func TestHandleTellsOfAServiceThatIsNoLongerConfigured(t *testing.T) {
	s := newScene()
	if _, err := s.handle(t, strings.Replace(deployed, `"service":"web"`, `"service":"gone"`, 1), 0); err != nil {
		t.Fatal(err)
	}
	announcetest.Validate(t, schema, announcetest.Delivered(t, s.bus.Sent[0]))
	if !strings.Contains(*s.bus.Sent[0].Detail, `"name":"gone"`) {
		t.Error(*s.bus.Sent[0].Detail)
	}
}

func TestHandleRefusesADocumentWithoutAnEnd(t *testing.T) {
	s := newScene()
	for _, document := range []string{`[]`, `{"service":"web"}`, "{" + updated + "}"} {
		if got, err := s.handle(t, document, 0); err == nil || len(s.bus.Sent) != 0 {
			t.Errorf("%s: %+v", document, got)
		}
	}
}

func TestPolicy(t *testing.T) {
	permissiontest.Check(t, recordoutcome.Policy(), permissiontest.Ports{
		Own: []any{(*announce.Putter)(nil), (*ledger.Getter)(nil), (*ledger.Putter)(nil), (*recordoutcome.ParameterPutter)(nil)},
	})
}
