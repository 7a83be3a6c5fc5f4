package reportoutcome_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"fairlead/functions/reportoutcome"
	"fairlead/shared/config"
	"fairlead/shared/edge/announce"
	"fairlead/shared/edge/announce/announcetest"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/edge/report"
	"fairlead/shared/fault"
	"fairlead/shared/outcome"
	"fairlead/shared/permission"
	"fairlead/shared/permission/permissiontest"
)

const (
	machine = "arn:aws:states:eu-west-1:123456789012:stateMachine:fairlead"
	run     = "arn:aws:states:eu-west-1:123456789012:execution:fairlead:run"
	input   = `{"service":"web","tag":"v1"}`
	updated = `{"service":"web","tag":"v1","revision":{"decision":"registered","taskDefinition":"arn:aws:ecs:eu-west-1:123456789012:task-definition/web:42"},"update":{"decision":"updated","at":"2026-11-23T12:00:00Z"}}`
	schema  = "../../events/outcome.schema.json"
)

var stop = time.Date(2026, 11, 23, 12, 30, 0, 0, time.UTC)

// scene is an execution with its history, a bus and a ledger.
type scene struct {
	execution sfn.DescribeExecutionOutput
	history   []types.HistoryEvent // the oldest first
	fails     map[string]error
	bus       announcetest.Bus
	ledger    *ledger.Memory
}

// ended is an execution that ended in a state, after the events before.
func ended(events ...types.HistoryEvent) *scene {
	return &scene{ledger: ledger.NewMemory(), history: events, fails: map[string]error{},
		execution: sfn.DescribeExecutionOutput{Input: aws.String(input), StopDate: aws.Time(stop), RedriveCount: aws.Int32(0)}}
}

func entered(name, document string) types.HistoryEvent {
	return types.HistoryEvent{Type: types.HistoryEventTypeTaskStateEntered, Timestamp: aws.Time(stop.Add(-time.Minute)), StateEnteredEventDetails: &types.StateEnteredEventDetails{Name: aws.String(name), Input: aws.String(document)}}
}

func failed(code, message string) types.HistoryEvent {
	cause, _ := json.Marshal(map[string]string{"errorMessage": message, "errorType": code})
	return types.HistoryEvent{Type: types.HistoryEventTypeExecutionFailed, ExecutionFailedEventDetails: &types.ExecutionFailedEventDetails{Error: aws.String(code), Cause: aws.String(string(cause))}}
}

func redriven() types.HistoryEvent {
	return types.HistoryEvent{Type: types.HistoryEventTypeExecutionRedriven}
}

func (s *scene) DescribeExecution(_ context.Context, _ *sfn.DescribeExecutionInput, _ ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error) {
	return &s.execution, s.fails["DescribeExecution"]
}

// GetExecutionHistory gives three events to a page, the newest first.
func (s *scene) GetExecutionHistory(_ context.Context, in *sfn.GetExecutionHistoryInput, _ ...func(*sfn.Options)) (*sfn.GetExecutionHistoryOutput, error) {
	if err := s.fails["GetExecutionHistory"]; err != nil {
		return nil, err
	}
	events := slices.Clone(s.history)
	slices.Reverse(events)
	from := len(aws.ToString(in.NextToken))
	to := min(from+3, len(events))
	out := &sfn.GetExecutionHistoryOutput{Events: events[from:to]}
	if to < len(events) {
		out.NextToken = aws.String(strings.Repeat("x", to))
	}
	return out, nil
}

func (s *scene) handle(t *testing.T, event string) (report.Reported, error) {
	t.Helper()
	reporter := reportoutcome.Reporter{StateMachine: machine, Reporter: report.Reporter{
		Config: config.Config{Services: map[string]config.Service{"web": {Name: "web", Cluster: "prod", Service: "shop-web"}}},
		Logger: slog.New(slog.DiscardHandler), States: s,
		Announce: announce.Announcer{History: s.ledger, Events: &s.bus, Bus: "default"},
	}}
	return reporter.Handle(t.Context(), []byte(event))
}

// change is the event that the execution has ended.
func change(status, more string) string {
	return fmt.Sprintf(`{"source":"aws.states","detail-type":"Step Functions Execution Status Change","detail":{"executionArn":%q,"stateMachineArn":%q,
		"name":"run","status":%q,"startDate":1795435200000,"stopDate":%d%s}}`, run, machine, status, stop.UnixMilli(), more)
}

// sent is the one event that was sent.
func (s *scene) sent(t *testing.T) outcome.Event {
	t.Helper()
	if len(s.bus.Sent) != 1 {
		t.Fatalf("sent %d events", len(s.bus.Sent))
	}
	announcetest.Validate(t, schema, announcetest.Delivered(t, s.bus.Sent[0]))
	var event outcome.Event
	if err := json.Unmarshal([]byte(*s.bus.Sent[0].Detail), &event); err != nil {
		t.Fatal(err)
	}
	return event
}

func TestHandleReportsWhatBrokeOff(t *testing.T) {
	tests := []struct {
		name   string
		scene  *scene
		status string
		err    string
		says   []string
	}{
		{name: "failed in a state before anything was touched", status: "FAILED", err: "Permission.Denied",
			scene: ended(entered("CheckImage", input), entered("RegisterRevision", input), failed("Permission.Denied", "not authorized to perform: iam:PassRole")),
			says:  []string{"failed in state RegisterRevision. The service was not touched.", "iam:PassRole", "it goes on in RegisterRevision"}},
		{name: "failed after the update", status: "FAILED", err: "Aws.Refused",
			scene: ended(entered("UpdateService", input), entered("JudgeRollout", updated), failed("Aws.Refused", "cluster gone")),
			says:  []string{"had been pointed at web:42", "cluster gone"}},
		{name: "stopped while it waited", status: "ABORTED", err: "Execution.Aborted",
			scene: ended(entered("AwaitRollout", updated), types.HistoryEvent{Type: types.HistoryEventTypeTaskScheduled}, types.HistoryEvent{Type: types.HistoryEventTypeExecutionAborted, ExecutionAbortedEventDetails: &types.ExecutionAbortedEventDetails{}}),
			says:  []string{"was stopped by a person in state AwaitRollout", "or else the sweep"}},
		{name: "stopped by a person without a word, after a redrive", status: "ABORTED", err: "Execution.Aborted",
			scene: ended(entered("CheckImage", input), failed("Service.NotFound", "first"), redriven(), types.HistoryEvent{Type: types.HistoryEventTypeExecutionAborted, ExecutionAbortedEventDetails: &types.ExecutionAbortedEventDetails{}}),
			says:  []string{"was stopped by a person in state CheckImage"}},
		{name: "timed out", status: "TIMED_OUT", err: "States.Timeout",
			scene: ended(entered("AwaitRollout", updated), types.HistoryEvent{Type: types.HistoryEventTypeExecutionTimedOut, ExecutionTimedOutEventDetails: &types.ExecutionTimedOutEventDetails{Error: aws.String("States.Timeout")}}),
			says:  []string{"took longer than an execution may in state AwaitRollout"}},
		{name: "failed after many retries of its state", status: "FAILED", err: "Aws.Throttled",
			scene: ended(slices.Concat([]types.HistoryEvent{entered("RegisterRevision", input)}, make([]types.HistoryEvent, 20), []types.HistoryEvent{failed("Aws.Throttled", "slow")})...),
			says:  []string{"in state RegisterRevision"}},
		{name: "a history that does not tell", status: "FAILED", err: "Execution.Failed", scene: ended(), says: []string{"The deployment of image v1 to service web failed."}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.scene.handle(t, change(tt.status, ""))
			if err != nil || !got.Reported {
				t.Fatalf("%+v, %v", got, err)
			}
			event := tt.scene.sent(t)
			if event.Outcome != outcome.Failed || event.Error != tt.err || event.ID != outcome.ID(run, 0) || event.Service.Service != "shop-web" || !event.Execution.EndedAt.Equal(stop) {
				t.Errorf("%+v", event)
			}
			for _, says := range tt.says {
				if !strings.Contains(event.Cause, says) {
					t.Errorf("the cause does not say %q:\n%s", says, event.Cause)
				}
			}
		})
	}
}

func TestHandleTellsTheStepsUpToTheOneThatFailed(t *testing.T) {
	document := strings.Replace(updated, `"revision":{`, `"revision":{"entered":"2026-11-23T12:00:00Z",`, 1)
	s := ended(entered("RegisterRevision", input), entered("JudgeRollout", document), failed("Aws.Refused", "cluster gone"))
	if _, err := s.handle(t, change("FAILED", "")); err != nil {
		t.Fatal(err)
	}
	want := []outcome.Step{{Name: "RegisterRevision", EnteredAt: stop.Add(-30 * time.Minute)}, {Name: "JudgeRollout", EnteredAt: stop.Add(-time.Minute)}}
	if diff := cmp.Diff(want, s.sent(t).Steps); diff != "" {
		t.Error("(-want +got)\n" + diff)
	}
}

func TestHandleReportsOnce(t *testing.T) {
	s := ended(entered("CheckImage", input), failed("Service.NotFound", "no"))
	for range 3 {
		if _, err := s.handle(t, change("FAILED", "")); err != nil {
			t.Fatal(err)
		}
	}
	s.sent(t)
}

func TestHandleReportsEachRedrive(t *testing.T) {
	first := []types.HistoryEvent{entered("CheckImage", input), failed("Service.NotFound", "first")}
	second := append(slices.Clone(first), redriven(), failed("Service.NotActive", "second"))
	later := append(slices.Clone(second), redriven(), entered("AwaitRollout", updated))
	tests := []struct {
		name    string
		history []types.HistoryEvent
		count   int32
		stopped bool   // the execution has not been redriven since
		more    string // of the event
		redrive int
		err     string
		state   string
	}{
		{name: "the first end", history: first, stopped: true, err: "Service.NotFound", state: "CheckImage"},
		{name: "the end of a redrive, whose state was not entered again", history: second, count: 1, stopped: true, redrive: 1, err: "Service.NotActive", state: "CheckImage"},
		{name: "an end that was redriven before it was reported", history: later, count: 2, redrive: 1, err: "Service.NotActive", state: "CheckImage"},
		{name: "an end that the event numbers itself", history: later, count: 2, more: `,"redriveCount":0`, redrive: 0, err: "Service.NotFound", state: "CheckImage"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := ended(tt.history...)
			s.execution.RedriveCount = aws.Int32(tt.count)
			if !tt.stopped {
				s.execution.StopDate = nil
			}
			if _, err := s.handle(t, change("FAILED", tt.more)); err != nil {
				t.Fatal(err)
			}
			event := s.sent(t)
			if event.ID != outcome.ID(run, tt.redrive) || event.Execution.Redrive != tt.redrive || event.Error != tt.err || !strings.Contains(event.What, tt.state) {
				t.Errorf("%+v", event)
			}
		})
	}
}

// TestHandleEndsInAnyOrder has an execution that failed, was redriven and failed again, perhaps redriven once more by the
// time that anyone looks; the events of both ends come late, doubled or the wrong way round. Each end has one event.
func TestHandleEndsInAnyOrder(t *testing.T) {
	history := []types.HistoryEvent{entered("CheckImage", input), failed("Service.NotFound", "first"), redriven(), failed("Service.NotActive", "second")}
	first := strings.Replace(change("FAILED", ""), fmt.Sprint(stop.UnixMilli()), fmt.Sprint(stop.Add(-10*time.Minute).UnixMilli()), 1)
	second := change("FAILED", "")
	numbered := func(event string, redrive int) string {
		return strings.Replace(event, `"status"`, fmt.Sprintf(`"redriveCount":%d,"status"`, redrive), 1)
	}
	for name, events := range map[string][]string{
		"in order":               {first, second},
		"the wrong way round":    {second, first},
		"doubled":                {first, first, second, second, first},
		"numbered":               {numbered(second, 1), numbered(first, 0), numbered(second, 1)},
		"numbered, some of them": {numbered(first, 0), second, first},
	} {
		t.Run(name, func(t *testing.T) {
			s := ended(history...)
			s.execution.RedriveCount = aws.Int32(1)
			for _, event := range events {
				if _, err := s.handle(t, event); err != nil {
					t.Fatal(err)
				}
			}
			s.wantEnds(t, "Service.NotFound", "Service.NotActive")
		})
	}
	t.Run("after another redrive has begun", func(t *testing.T) {
		s := ended(append(history, redriven(), entered("AwaitRollout", updated))...)
		s.execution.RedriveCount, s.execution.StopDate = aws.Int32(2), nil
		for _, event := range []string{numbered(second, 1), numbered(first, 0)} {
			if _, err := s.handle(t, event); err != nil {
				t.Fatal(err)
			}
		}
		s.wantEnds(t, "Service.NotFound", "Service.NotActive")
	})
}

// wantEnds wants one event for each end, by the redrive that it is of.
func (s *scene) wantEnds(t *testing.T, errors ...string) {
	t.Helper()
	got := map[string]string{}
	for _, entry := range s.bus.Sent {
		var event outcome.Event
		if err := json.Unmarshal([]byte(*entry.Detail), &event); err != nil {
			t.Fatal(err)
		}
		got[event.ID] = event.Error
	}
	want := map[string]string{}
	for redrive, err := range errors {
		want[outcome.ID(run, redrive)] = err
	}
	if diff := cmp.Diff(want, got); diff != "" || len(s.bus.Sent) != len(errors) {
		t.Errorf("sent %d (-want +got)\n%s", len(s.bus.Sent), diff)
	}
}

func TestHandleLeavesAlone(t *testing.T) {
	end := types.HistoryEvent{Type: types.HistoryEventTypeFailStateEntered, StateEnteredEventDetails: &types.StateEnteredEventDetails{Name: aws.String("RolledBack"), Input: aws.String(updated)}}
	for name, event := range map[string]string{
		"an execution that succeeded":     change("SUCCEEDED", ""),
		"one that runs":                   change("RUNNING", ""),
		"another state machine":           strings.Replace(change("FAILED", ""), machine, machine+"-other", 1),
		"another source":                  strings.Replace(change("FAILED", ""), "aws.states", "mallory", 1),
		"another event":                   strings.Replace(change("FAILED", ""), "Step Functions", "Stop Functions", 1),
		"nothing":                         `{}`,
		"an end that passed the recorder": change("FAILED", ""),
	} {
		t.Run(name, func(t *testing.T) {
			s := ended(entered("RecordOutcome", updated), end, failed("Rollout.RolledBack", "told"))
			got, err := s.handle(t, event)
			if err != nil || got.Reported || got.Reason == "" || len(s.bus.Sent) != 0 {
				t.Errorf("%+v, %v, sent %d", got, err, len(s.bus.Sent))
			}
		})
	}
	t.Run("an execution that is gone", func(t *testing.T) {
		s := ended()
		s.fails["DescribeExecution"] = &types.ExecutionDoesNotExist{}
		if got, err := s.handle(t, change("FAILED", "")); err != nil || got.Reported {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestHandleAHandMadeInput(t *testing.T) {
	for name, document := range map[string]string{
		"naming no service":           `{}`,
		"naming an unknown service":   `{"service":"` + strings.Repeat("nowhere ", 5000) + `"}`,
		"that is no object":           `[1,2]`,
		"with a service of no string": `{"service":{"a":1},"event":"boo"}`,
	} {
		t.Run(name, func(t *testing.T) {
			s := ended(entered("CheckImage", document), failed("Input.Invalid", "no"))
			if _, err := s.handle(t, change("FAILED", "")); err != nil {
				t.Fatal(err)
			}
			if event := s.sent(t); event.Service.Cluster != "" || len(event.Cause) > 4096 {
				t.Errorf("%+v", event)
			}
			if history, _ := s.ledger.History(t.Context(), announce.Unnamed, 10); len(history) != 1 {
				t.Errorf("the history has %d lines", len(history))
			}
		})
	}
}

// TestHandleAPastedDocument has the finished document of another execution refused: what its steps said is not told of
// this one.
func TestHandleAPastedDocument(t *testing.T) {
	document := strings.Replace(updated, `{"service"`, `{"image":{"repository":"shop/web","tag":"v9","entered":"2026-11-23T12:29:30Z"},"diagnosis":{"cause":"app.crash","what":"it crashed"},"service"`, 1)
	s := ended(entered("CheckImage", document), failed("Input.Invalid", "no"))
	if _, err := s.handle(t, change("FAILED", "")); err != nil {
		t.Fatal(err)
	}
	event := s.sent(t)
	if !strings.Contains(event.Cause, "image v1 to service web failed in state CheckImage. The service was not touched.") ||
		event.Diagnosis.Cause != "" || len(event.Steps) != 1 || strings.Contains(event.Cause, "web:42") {
		t.Errorf("%+v", event)
	}
}

func TestHandleWhenAWSFails(t *testing.T) {
	for _, call := range []string{"DescribeExecution", "GetExecutionHistory"} {
		t.Run(call, func(t *testing.T) {
			s := ended(entered("CheckImage", input), failed("Service.NotFound", "no"))
			s.fails[call] = &smithy.GenericAPIError{Code: "ThrottlingException", Message: "Rate exceeded"}
			_, err := s.handle(t, change("FAILED", ""))
			if f := fault.From(err); f == nil || f.Code != fault.AWSThrottled || len(s.bus.Sent) != 0 {
				t.Error(err)
			}
			delete(s.fails, call)
			if got, err := s.handle(t, change("FAILED", "")); err != nil || !got.Reported {
				t.Errorf("a retry reports it: %+v, %v", got, err)
			}
		})
	}
	t.Run("an event that is none", func(t *testing.T) {
		if _, err := ended().handle(t, `[]`); fault.From(err) == nil {
			t.Error("no fault")
		}
	})
}

func TestPolicy(t *testing.T) {
	permissiontest.Check(t, reportoutcome.Policy(), permissiontest.Ports{
		Own: []any{(*report.States)(nil), (*announce.Putter)(nil), (*ledger.Getter)(nil), (*ledger.Putter)(nil)},
	})
}

func TestPolicyReadsTheExecutionsOfItsStateMachineAlone(t *testing.T) {
	for _, s := range reportoutcome.Policy().Own(permission.Place{StateMachineARN: machine}) {
		if s.Sid == "ReadExecutions" && !slices.Equal(s.Resources, []string{"arn:aws:states:eu-west-1:123456789012:execution:fairlead:*"}) {
			t.Error(s.Resources)
		}
	}
}
