package judgerollout_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"

	"fairlead/functions/judgerollout"
	"fairlead/shared/config"
	"fairlead/shared/edge/handler"
	"fairlead/shared/edge/look"
	"fairlead/shared/edge/look/looktest"
	"fairlead/shared/fault"
	"fairlead/shared/permission/permissiontest"
	"fairlead/shared/rollout"
)

const (
	ours = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:42"
	base = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:41"
	run  = "arn:aws:states:eu-west-1:123456789012:execution:fairlead:run"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// step is JudgeRollout over an ECS, for a service web that may take half an hour.
func step(t *testing.T, api *looktest.ECS) judgerollout.Step {
	return judgerollout.Step{
		Config: config.Config{Services: map[string]config.Service{"web": {Name: "web", Cluster: "prod", Service: "web", Timeout: config.Duration(30 * time.Minute), EarlyStop: true}}},
		Logger: slog.New(slog.DiscardHandler),
		Look: func(_ context.Context, service config.Service, execution string) look.RolloutAPI {
			if service.Name != "web" || execution != run {
				t.Errorf("a session for %s of %s", service.Name, execution)
			}
			return api
		},
	}
}

func request(document string, minutes int) handler.Request {
	return handler.Request{Execution: handler.Execution{ID: run}, State: handler.State{Name: "JudgeRollout", EnteredTime: noon.Add(time.Duration(minutes) * time.Minute)},
		Document: json.RawMessage(document)}
}

const updated = `{"service":"web","revision":{"taskDefinition":"` + ours + `","base":"` + base + `"},"update":{"decision":"updated","at":"2026-11-23T12:00:00Z"}`

func TestHandleJudges(t *testing.T) {
	api := looktest.Running(ours)
	api.Deploy("42", ours, types.ServiceDeploymentStatusSuccessful, noon)
	got, err := step(t, api).Handle(t.Context(), request(updated+"}", 3))
	if err != nil {
		t.Fatal(err)
	}
	want := rollout.Judged{Verdict: rollout.Healthy, Reason: "ECS finished it successfully: 1 of 1 tasks are running",
		ServiceDeployment: "arn:aws:ecs:eu-west-1:123456789012:service-deployment/prod/web/42", Status: "SUCCESSFUL",
		RunningTaskDefinition: ours, Running: 1, Since: noon, JudgedAt: noon.Add(3 * time.Minute), Deadline: noon.Add(33 * time.Minute)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error("(-want +got)\n" + diff)
	}
}

func TestHandleRemembersTheLookBefore(t *testing.T) {
	api := looktest.Running(ours)
	api.Deploy("42", ours, types.ServiceDeploymentStatusInProgress, noon)
	got, err := step(t, api).Handle(t.Context(), request(updated+`,"rollout":{"running":1,"since":"2026-11-23T12:00:00Z","deadline":"2026-11-23T12:50:00Z"}}`, 40))
	if err != nil {
		t.Fatal(err)
	}
	if got.Verdict != rollout.Progressing || !got.Deadline.Equal(noon.Add(50*time.Minute)) {
		t.Errorf("%+v", got)
	}
}

func TestHandleGivesUpAtTheSecondCrash(t *testing.T) {
	api := looktest.Running(ours)
	api.Deploy("42", ours, types.ServiceDeploymentStatusInProgress, noon)
	api.Crash(ours, 1, noon.Add(time.Minute))
	if got, err := step(t, api).Handle(t.Context(), request(updated+"}", 2)); err != nil || got.Verdict != rollout.Progressing {
		t.Errorf("after one crash %s, %v", got.Verdict, err)
	}
	api.Crash(ours, 1, noon.Add(2*time.Minute))
	got, err := step(t, api).Handle(t.Context(), request(updated+"}", 3))
	if err != nil || got.Verdict != rollout.Failed || !strings.Contains(got.Reason, "container web ended by itself (exit code 1") {
		t.Errorf("after two crashes %s, %v: %s", got.Verdict, err, got.Reason)
	}
	patient := step(t, api)
	service := patient.Config.Services["web"]
	service.EarlyStop = false
	patient.Config.Services["web"] = service
	if got, err := patient.Handle(t.Context(), request(updated+"}", 3)); err != nil || got.Verdict != rollout.Progressing {
		t.Errorf("with early stops switched off %s, %v: %s", got.Verdict, err, got.Reason)
	}
}

// TestHandleCallsNoMoreThanItNeeds: the calls of a look do not grow with the rollout, nor with how it is deployed.
func TestHandleCallsNoMoreThanItNeeds(t *testing.T) {
	api := looktest.Running(ours)
	d := api.Deploy("42", ours, types.ServiceDeploymentStatusInProgress, noon)
	for minutes := range 20 {
		if minutes == 19 {
			d.Status = types.ServiceDeploymentStatusSuccessful
		}
		if _, err := step(t, api).Handle(t.Context(), request(updated+"}", minutes)); err != nil {
			t.Fatal(err)
		}
	}
	if got := api.Calls(); len(got) != 20*4 {
		t.Errorf("%d calls in 20 looks", len(got))
	}
}

func TestHandleWithoutAnAnswerOfUpdateService(t *testing.T) {
	lost := `{"service":"web","revision":{"taskDefinition":"` + ours + `","base":"` + base + `"},"fault":{"Error":"Aws.AnswerLost","Cause":""}`
	api := looktest.Running(base)
	first, err := step(t, api).Handle(t.Context(), request(lost+"}", 5))
	if err != nil || first.Verdict != rollout.Progressing {
		t.Fatalf("the first look waits for ECS's lists to settle: %+v, %v", first, err)
	}
	judged, _ := json.Marshal(first)
	_, err = step(t, api).Handle(t.Context(), request(lost+`,"rollout":`+string(judged)+"}", 10))
	f := fault.From(err)
	if f == nil || f.Code != fault.RolloutAbsent || !strings.Contains(f.Message, "not touched") {
		t.Errorf("a later one finds that nothing arrived: %v", err)
	}
	api.Service.TaskDefinition = aws.String(ours)
	api.Deploy("42", ours, types.ServiceDeploymentStatusSuccessful, noon)
	if got, err := step(t, api).Handle(t.Context(), request(lost+"}", 10)); err != nil || got.Verdict != rollout.Healthy {
		t.Errorf("and one that did arrive is judged like any other: %+v, %v", got, err)
	}
}

func TestHandleRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		document string
		want     fault.Code
	}{
		"a document that is none":             {document: `[]`, want: fault.InputInvalid},
		"a document without a revision":       {document: `{"service":"web"}`, want: fault.InputInvalid},
		"a service that is not configured":    {document: strings.Replace(updated, `"service":"web"`, `"service":"shop"`, 1) + "}", want: fault.UnknownName},
		"a revision that is not even a value": {document: `{"service":"web","revision":7}`, want: fault.InputInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := step(t, looktest.Running(ours)).Handle(t.Context(), request(tt.document, 1))
			if f := fault.From(err); f == nil || f.Code != tt.want {
				t.Errorf("%v, want %s", err, tt.want)
			}
		})
	}
}

func TestPolicy(t *testing.T) {
	permissiontest.Check(t, judgerollout.Policy(), permissiontest.Ports{Look: []any{(*look.RolloutAPI)(nil)}})
}
