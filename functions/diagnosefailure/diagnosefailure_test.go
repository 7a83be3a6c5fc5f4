package diagnosefailure_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	logs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/google/go-cmp/cmp"

	"fairlead/functions/diagnosefailure"
	"fairlead/shared/config"
	"fairlead/shared/diagnosis"
	"fairlead/shared/edge/evidence"
	"fairlead/shared/edge/handler"
	"fairlead/shared/fault"
	"fairlead/shared/permission/permissiontest"
)

const (
	ours = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:42"
	run  = "arn:aws:states:eu-west-1:123456789012:execution:fairlead:run"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// account is an account whose service web has one task, which crashed a minute after noon. With down set it answers nothing.
type account struct{ down error }

func (a account) ListTasks(context.Context, *ecs.ListTasksInput, ...func(*ecs.Options)) (*ecs.ListTasksOutput, error) {
	return &ecs.ListTasksOutput{TaskArns: []string{"7"}}, a.down
}

func (a account) DescribeTasks(context.Context, *ecs.DescribeTasksInput, ...func(*ecs.Options)) (*ecs.DescribeTasksOutput, error) {
	at := aws.Time(noon.Add(time.Minute))
	return &ecs.DescribeTasksOutput{Tasks: []types.Task{{TaskArn: aws.String("task/prod/7"), TaskDefinitionArn: aws.String(ours), StartedBy: aws.String("ecs-svc/42"), CreatedAt: at, StartedAt: at,
		StopCode: types.TaskStopCodeEssentialContainerExited, StoppedReason: aws.String("Essential container in task exited"),
		Containers: []types.Container{{Name: aws.String("app"), ExitCode: aws.Int32(1)}}}}}, a.down
}

func (a account) DescribeServices(context.Context, *ecs.DescribeServicesInput, ...func(*ecs.Options)) (*ecs.DescribeServicesOutput, error) {
	return &ecs.DescribeServicesOutput{Services: []types.Service{{}}}, a.down
}

func (a account) DescribeTaskDefinition(context.Context, *ecs.DescribeTaskDefinitionInput, ...func(*ecs.Options)) (*ecs.DescribeTaskDefinitionOutput, error) {
	return &ecs.DescribeTaskDefinitionOutput{TaskDefinition: &types.TaskDefinition{ContainerDefinitions: []types.ContainerDefinition{{Name: aws.String("app"),
		LogConfiguration: &types.LogConfiguration{LogDriver: types.LogDriverAwslogs, Options: map[string]string{"awslogs-group": "/web", "awslogs-stream-prefix": "web"}}}}}}, a.down
}

func (a account) DescribeTargetHealth(context.Context, *elb.DescribeTargetHealthInput, ...func(*elb.Options)) (*elb.DescribeTargetHealthOutput, error) {
	return &elb.DescribeTargetHealthOutput{}, a.down
}

func (a account) GetLogEvents(context.Context, *logs.GetLogEventsInput, ...func(*logs.Options)) (*logs.GetLogEventsOutput, error) {
	return &logs.GetLogEventsOutput{Events: []logstypes.OutputLogEvent{{Message: aws.String("panic: no dsn")}}}, a.down
}

func handle(t *testing.T, a account, document string) (diagnosis.Diagnosis, error) {
	t.Helper()
	step := diagnosefailure.Step{
		Config: config.Config{Services: map[string]config.Service{"web": {Name: "web", Cluster: "prod", Service: "web"}}},
		Logger: slog.New(slog.DiscardHandler),
		Sources: func(_ context.Context, service config.Service, execution string) evidence.Sources {
			if service.Name != "web" || execution != run {
				t.Errorf("a session for %s of %s", service.Name, execution)
			}
			return evidence.Sources{ECS: a, Targets: a, Logs: a, Region: "eu-west-1"}
		},
	}
	return step.Handle(t.Context(), handler.Request{Execution: handler.Execution{ID: run}, State: handler.State{EnteredTime: noon.Add(5 * time.Minute)}, Document: json.RawMessage(document)})
}

const failed = `{"service":"web","revision":{"taskDefinition":"` + ours + `"},"update":{"decision":"updated","at":"2026-11-23T12:00:00Z"},"rollout":{"verdict":"failed","reason":"circuit breaker"}}`

func TestHandleNamesTheCause(t *testing.T) {
	got, err := handle(t, account{}, failed)
	want := diagnosis.Diagnosis{
		Cause: diagnosis.Crashed, What: "container app ended by itself (exit code 1, once); its log ends with: panic: no dsn", Occurrences: 1,
		Fix: "read the last lines of its log above, and mend the image; to see it at home: docker run with the image's digest",
		Evidence: []string{"1 stopped task: EssentialContainerExited: Essential container in task exited; container app: exit code 1", "circuit breaker",
			"the last lines of container app:", "panic: no dsn"},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}

func TestHandleGoesOnWithoutItsSources(t *testing.T) {
	got, err := handle(t, account{down: errors.New("no route to host")}, failed)
	if err != nil || got.Cause != diagnosis.CircuitBreaker || len(got.Evidence) != 4 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestHandleKeepsToItsTime(t *testing.T) {
	later := `{"service":"web","revision":{"taskDefinition":"` + ours + `"},"update":{"decision":"updated","at":"2026-11-23T12:04:00Z"}}`
	if got, err := handle(t, account{}, later); err != nil || got.Cause != diagnosis.Unknown {
		t.Errorf("a task of an earlier attempt explains nothing: %+v, %v", got, err)
	}
}

func TestHandleRefuses(t *testing.T) {
	for document, want := range map[string]fault.Code{
		`[]`: fault.InputInvalid,
		`{"service":"shop","revision":{"taskDefinition":"x"}}`: fault.UnknownName,
	} {
		if _, err := handle(t, account{}, document); fault.From(err) == nil || fault.From(err).Code != want {
			t.Errorf("%s: %v, want %s", document, err, want)
		}
	}
}

func TestPolicy(t *testing.T) {
	permissiontest.Check(t, diagnosefailure.Policy(), permissiontest.Ports{Spared: []string{"ecs:ListTagsForResource"},
		Look: []any{(*evidence.API)(nil), (*evidence.TargetsAPI)(nil), (*evidence.LogsAPI)(nil)}})
}
