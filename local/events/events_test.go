package events_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fairlead/local/events"
	"fairlead/local/world"
)

// target records what arrives, and fails as often as it is told.
type target struct {
	failures []error
	started  []string // execution names
	inputs   []string
	invoked  []string
	letters  []map[string]string
}

func (t *target) fail() error {
	if len(t.failures) == 0 {
		return nil
	}
	err := t.failures[0]
	t.failures = t.failures[1:]
	return err
}

func (t *target) Start(_ world.Principal, _, name, input string) error {
	if err := t.fail(); err != nil {
		return err
	}
	t.started, t.inputs = append(t.started, name), append(t.inputs, input)
	return nil
}

func (t *target) InvokeAsync(_ world.Principal, _ string, payload json.RawMessage) error {
	if err := t.fail(); err != nil {
		return err
	}
	t.invoked = append(t.invoked, string(payload))
	return nil
}

func (t *target) Deliver(_ world.Principal, _, _ string, attributes map[string]string) error {
	t.letters = append(t.letters, attributes)
	return nil
}

type roles struct{ err error }

func (r roles) ServiceSession(role, _, _, _ string) (world.Principal, error) {
	return world.Principal{RoleARN: role}, r.err
}
func (roles) Issue(world.Principal, time.Duration) world.Credentials { return world.Credentials{} }

const rule = `{"Name":"push","EventPattern":{"source":["aws.ecr"],"detail":{"action-type":["PUSH"]}},"Targets":[{
 "Id":"web","Arn":"arn:aws:states:eu-west-1:123456789012:stateMachine:fairlead","RoleArn":"arn:aws:iam::123456789012:role/events",
 "DeadLetterConfig":{"Arn":"arn:aws:sqs:eu-west-1:123456789012:dead"},"RetryPolicy":{"MaximumRetryAttempts":2,"MaximumEventAgeInSeconds":3600},
 "InputTransformer":{"InputPathsMap":{"tag":"$.detail.image-tag"},"InputTemplate":"{\"service\":\"web\",\"tag\":<tag>,\"said\":\"of <tag>\",\"event\":<aws.events.event.json>}"}}]}`

func setUp(t *testing.T, declared string, r roles) (*world.World, *events.Service, *target) {
	t.Helper()
	w := world.New(world.Place{Partition: "aws", Region: "eu-west-1", Account: "123456789012"}, 1, time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC))
	s, to := events.New(w, r), &target{}
	s.Reach(events.Targets{Workflows: to, Functions: to, Queues: to})
	w.Add(s)
	if declared != "" {
		if _, err := s.Declare(world.Declared{Type: "AWS::Events::Rule", Properties: json.RawMessage(declared)}); err != nil {
			t.Fatal(err)
		}
	}
	return w, s, to
}

func push(s *events.Service) {
	s.Publish(world.Event{Source: "aws.ecr", DetailType: "ECR Image Action", Detail: json.RawMessage(`{"action-type":"PUSH","image-tag":"v1"}`)})
}

func settle(w *world.World) {
	for at, ok := w.Next(); ok; at, ok = w.Next() {
		w.Advance(at)
	}
}

func TestAMatchingEventStartsTheTargetWithItsTemplateFilledIn(t *testing.T) {
	t.Parallel()
	w, s, to := setUp(t, rule, roles{})
	push(s)
	settle(w)
	if len(to.started) != 1 || len(to.started[0]) != 73 {
		t.Fatalf("execution names %q, want one of 73 characters", to.started)
	}
	var input struct {
		Service, Tag, Said string
		Event              world.Event
	}
	if err := json.Unmarshal([]byte(to.inputs[0]), &input); err != nil {
		t.Fatal(err)
	}
	if input.Service != "web" || input.Tag != "v1" || input.Said != "of v1" || input.Event.Account != "123456789012" {
		t.Errorf("input %+v", input)
	}
	if !strings.HasPrefix(to.started[0], input.Event.ID+"_") {
		t.Errorf("name %s does not begin with the event's id", to.started[0])
	}
}

func TestDeliveriesThatFail(t *testing.T) {
	t.Parallel()
	throttled := world.Errorf("ThrottlingException", "Rate exceeded")
	for name, test := range map[string]struct {
		failures []error
		roles    roles
		started  int
		code     string
		retries  string
	}{
		"a throttled target is tried again":         {failures: []error{throttled, throttled}, started: 1},
		"after the last attempt a letter is dead":   {failures: []error{throttled, throttled, throttled}, code: "THROTTLING", retries: "2"},
		"a denial is dead at once":                  {failures: []error{world.Errorf("AccessDeniedException", "no")}, code: "NO_PERMISSIONS", retries: "0"},
		"a role that cannot be assumed is dead too": {roles: roles{errors.New("trust")}, code: "FAILED_TO_ASSUME_ROLE", retries: "0"},
		"a name that is taken is dead too":          {failures: []error{world.Errorf("ExecutionAlreadyExists", "x")}, code: "RESOURCE_ALREADY_EXISTS", retries: "0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, s, to := setUp(t, rule, test.roles)
			to.failures = test.failures
			push(s)
			settle(w)
			if len(to.started) != test.started {
				t.Errorf("%d executions started, want %d", len(to.started), test.started)
			}
			var code, retries string
			if len(to.letters) == 1 {
				code, retries = to.letters[0]["ERROR_CODE"], to.letters[0]["RETRY_ATTEMPTS"]
			}
			if code != test.code || retries != test.retries {
				t.Errorf("dead letters %v, want code %q after %q retries", to.letters, test.code, test.retries)
			}
		})
	}
}

func TestEventsCanBeLostAndDoubled(t *testing.T) {
	t.Parallel()
	for times, want := range map[int]int{0: 1, 2: 3} {
		w, s, to := setUp(t, rule, roles{})
		s.Disturb(events.Disturbance{Source: "aws.ecr", Events: 1, Times: times})
		push(s)
		push(s)
		settle(w)
		if len(to.started) != want {
			t.Errorf("with the first of two events delivered %d times, %d executions; want %d", times, len(to.started), want)
		}
	}
}

func TestAnEventArrivesLateOnRequest(t *testing.T) {
	t.Parallel()
	w, s, to := setUp(t, rule, roles{})
	s.Disturb(events.Disturbance{Source: "aws.ecr", Events: 1, Times: 1, Delay: time.Hour})
	push(s)
	push(s)
	w.Advance(w.Now().Add(59 * time.Minute))
	if len(to.started) != 1 {
		t.Errorf("after 59 minutes: %d executions, want that of the second event", len(to.started))
	}
	w.Advance(w.Now().Add(2 * time.Minute))
	if len(to.started) != 2 {
		t.Errorf("after an hour: %d executions, want both", len(to.started))
	}
}

func TestARuleThatCannotBeServedIsRefused(t *testing.T) {
	t.Parallel()
	for name, declared := range map[string]string{
		"a cron expression":     `{"ScheduleExpression":"cron(0 20 * * ? *)"}`,
		"a plural of one":       `{"ScheduleExpression":"rate(1 hours)"}`,
		"a singular of many":    `{"ScheduleExpression":"rate(15 minute)"}`,
		"a rate of nothing":     `{"ScheduleExpression":"rate(0 minutes)"}`,
		"a rate in seconds":     `{"ScheduleExpression":"rate(30 seconds)"}`,
		"neither":               `{"State":"ENABLED"}`,
		"another bus":           `{"EventBusName":"mine","EventPattern":{"source":["a"]}}`,
		"a bad pattern":         `{"EventPattern":{"source":"a"}}`,
		"a target of no kind":   `{"EventPattern":{"source":["a"]},"Targets":[{"Id":"x","Arn":"arn:aws:sns:eu-west-1:123456789012:t"}]}`,
		"no role for a machine": `{"EventPattern":{"source":["a"]},"Targets":[{"Id":"x","Arn":"arn:aws:states:eu-west-1:123456789012:stateMachine:t"}]}`,
	} {
		_, s, _ := setUp(t, "", roles{})
		if _, err := s.Declare(world.Declared{Type: "AWS::Events::Rule", Properties: json.RawMessage(declared)}); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func TestNobodyCanPutAnEventOfAWS(t *testing.T) {
	t.Parallel()
	w, _, to := setUp(t, rule, roles{})
	w.SetAuthority(anyone{})
	out, err := w.Call(world.Request{Service: "events", Operation: "PutEvents",
		Body: []byte(`{"Entries":[{"Source":"aws.ecr","DetailType":"ECR Image Action","Detail":"{\"action-type\":\"PUSH\"}"}]}`)})
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := json.Marshal(out)
	want := `{"FailedEntryCount":1,"Entries":[{"ErrorCode":"NotAuthorizedForSourceException","ErrorMessage":"Not authorized for the source."}]}`
	if diff := cmp.Diff(want, string(raw)); diff != "" {
		t.Error(diff)
	}
	settle(w)
	if len(to.started) != 0 {
		t.Error("a forged event started an execution")
	}
}

type anyone struct{}

func (anyone) Authorize(world.Principal, string, string, world.Keys) error { return nil }
