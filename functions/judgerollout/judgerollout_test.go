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
		Config: config.Config{Services: map[string]config.Service{"web": {Name: "web", Cluster: "prod", Service: "web", Timeout: config.Duration(30 * time.Minute)}}},
		Logger: slog.New(slog.DiscardHandler),
		Look: func(_ context.Context, service config.Service, execution string) look.API {
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
	permissiontest.Check(t, judgerollout.Policy(), permissiontest.Ports{Look: []any{(*look.API)(nil)}})
}
