package look_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"fairlead/shared/edge/look"
	"fairlead/shared/edge/look/looktest"
	"fairlead/shared/fault"
	"fairlead/shared/permission"
	"fairlead/shared/permission/permissiontest"
	"fairlead/shared/rollout"
)

const (
	ours = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:42"
	base = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:41"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestServiceReadsWhatJudgeNeeds(t *testing.T) {
	api := looktest.Running(base)
	api.Service.CreatedAt, api.Service.SchedulingStrategy = aws.Time(noon.Add(-time.Hour)), types.SchedulingStrategyDaemon
	api.Service.Deployments = []types.Deployment{{Id: aws.String("ecs-svc/41"), Status: aws.String("PRIMARY"), TaskDefinition: aws.String(base),
		RolloutState: types.DeploymentRolloutStateCompleted, RolloutStateReason: aws.String("completed"), CreatedAt: aws.Time(noon), UpdatedAt: aws.Time(noon.Add(time.Minute)), RunningCount: 1, FailedTasks: 2}}
	d := api.Deploy("42", ours, types.ServiceDeploymentStatusRollbackSuccessful, noon)
	d.StatusReason = aws.String("rolled back")
	d.FinishedAt = aws.Time(noon.Add(time.Minute))
	d.Rollback = &types.Rollback{Reason: aws.String("breaker"), ServiceRevisionArn: aws.String("r/41"), StartedAt: aws.Time(noon)}
	d.Alarms = &types.ServiceDeploymentAlarms{AlarmNames: []string{"quiet", "web-5xx"}, TriggeredAlarmNames: []string{"web-5xx"}}
	d.DeploymentCircuitBreaker = &types.ServiceDeploymentCircuitBreaker{FailureCount: 3, Threshold: 3, Status: types.ServiceDeploymentRollbackMonitorsStatusTriggered}
	d.LifecycleStage = types.ServiceDeploymentLifecycleStagePostScaleUp
	d.DeploymentConfiguration = &types.DeploymentConfiguration{BakeTimeInMinutes: aws.Int32(5), LifecycleHooks: []types.DeploymentLifecycleHook{
		{TargetType: types.DeploymentLifecycleHookTargetTypePause, LifecycleStages: []types.DeploymentLifecycleHookStage{"POST_SCALE_UP"}, TimeoutConfiguration: &types.DeploymentLifecycleHookTimeoutConfiguration{TimeoutInMinutes: aws.Int32(1440)}},
		{TargetType: types.DeploymentLifecycleHookTargetTypeAwsLambda, LifecycleStages: []types.DeploymentLifecycleHookStage{"POST_SCALE_UP", "PRE_SCALE_UP"}, TimeoutConfiguration: &types.DeploymentLifecycleHookTimeoutConfiguration{TimeoutInMinutes: aws.Int32(10)}},
	}}
	d.LifecycleHookDetails = []types.DeploymentLifecycleHookDetail{{TargetType: types.DeploymentLifecycleHookTargetTypePause, Status: types.DeploymentLifecycleHookStatusAwaitingAction,
		HookId: aws.String("h-1"), ExpiresAt: aws.Time(noon.Add(time.Hour)), TimeoutAction: types.DeploymentLifecycleHookActionRollback}}

	got, err := look.Service(t.Context(), api, "prod", "web", rollout.Aim{TaskDefinition: ours, Since: noon})
	if err != nil {
		t.Fatal(err)
	}
	want := rollout.Seen{
		Status: "ACTIVE", TaskDefinition: base, CreatedAt: noon.Add(-time.Hour), DesiredCount: 1, Daemon: true, At: noon.Add(time.Minute),
		Entries: []rollout.Entry{{ID: "ecs-svc/41", Status: "PRIMARY", TaskDefinition: base, State: "COMPLETED", Reason: "completed", CreatedAt: noon, Running: 1, FailedTasks: 2}},
		Deployments: []rollout.Deployment{{
			ARN: *d.ServiceDeploymentArn, Status: "ROLLBACK_SUCCESSFUL", Reason: "rolled back", TaskDefinition: ours, Revision: *d.TargetServiceRevision.Arn,
			Requested: 1, Running: 1, CreatedAt: noon, StartedAt: noon, FinishedAt: noon.Add(time.Minute),
			RollbackReason: "breaker", RollbackRevision: "r/41", RollbackAt: noon, Alarms: []string{"web-5xx"}, Failures: 3, Threshold: 3,
			Declared: 10 * time.Minute, Hook: rollout.Hook{ID: "h-1", Pause: true, Until: noon.Add(time.Hour), Action: "ROLLBACK"},
			Stage: "POST_SCALE_UP", Breaker: "TRIGGERED",
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error("(-want +got)\n" + diff)
	}
	if diff := cmp.Diff([]string{"DescribeServices", "ListServiceDeployments", "DescribeServiceRevisions", "DescribeServiceDeployments"}, api.Calls()); diff != "" {
		t.Error("calls (-want +got)\n" + diff)
	}
}

func TestServiceFindsOurs(t *testing.T) {
	tests := []struct {
		name  string
		began time.Duration // before the service was pointed at ours
		entry bool          // the service lists a deployment of ours that began then
		many  int           // other deployments
		found bool
	}{
		{name: "one that began with the update", found: true},
		{name: "one on a later page", many: 7, found: true},
		{name: "one by a clock that is a little behind", began: 50 * time.Second, found: true},
		{name: "an adopted one that began long before", began: 3 * time.Hour, found: true},
		{name: "an adopted one that the service itself dates", began: 40 * time.Hour, entry: true, found: true},
		{name: "not one of last week", began: 7 * 24 * time.Hour},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			api := looktest.Running(ours)
			for i := range tt.many {
				api.Deploy(fmt.Sprint(i), base, types.ServiceDeploymentStatusStopped, noon)
			}
			api.Deploy("42", ours, types.ServiceDeploymentStatusInProgress, noon.Add(-tt.began))
			if tt.entry {
				api.Service.Deployments = []types.Deployment{{Id: aws.String("ecs-svc/42"), TaskDefinition: aws.String(ours), CreatedAt: aws.Time(noon.Add(-tt.began))}}
			}
			seen, err := look.Service(t.Context(), api, "prod", "web", rollout.Aim{TaskDefinition: ours, Since: noon})
			if err != nil {
				t.Fatal(err)
			}
			found := false
			for _, d := range seen.Deployments {
				found = found || d.TaskDefinition == ours
			}
			if found != tt.found {
				t.Errorf("found %v, want %v: %+v", found, tt.found, seen.Deployments)
			}
		})
	}
}

func TestServiceWithout(t *testing.T) {
	aim := rollout.Aim{TaskDefinition: ours, Since: noon}
	t.Run("a service that does not exist has no status, and nothing more is asked", func(t *testing.T) {
		api := &looktest.ECS{}
		seen, err := look.Service(t.Context(), api, "prod", "web", aim)
		if err != nil || seen.Status != "" || len(api.Calls()) != 1 {
			t.Errorf("%+v, %v, calls %v", seen, err, api.Calls())
		}
	})
	t.Run("a service for which ECS keeps no service deployments has none", func(t *testing.T) {
		api := looktest.Running(ours)
		api.Fails["ListServiceDeployments"] = &types.UnsupportedFeatureException{}
		seen, err := look.Service(t.Context(), api, "prod", "web", aim)
		if err != nil || seen.Status != "ACTIVE" || len(seen.Deployments) != 0 {
			t.Errorf("%+v, %v", seen, err)
		}
	})
	for _, call := range []string{"DescribeServices", "ListServiceDeployments", "DescribeServiceRevisions", "DescribeServiceDeployments"} {
		t.Run("a refused "+call+" is a fault of its kind", func(t *testing.T) {
			api := looktest.Running(ours)
			api.Deploy("42", ours, types.ServiceDeploymentStatusInProgress, noon)
			api.Fails[call] = &smithy.GenericAPIError{Code: "ThrottlingException", Message: "Rate exceeded"}
			_, err := look.Service(t.Context(), api, "prod", "web", aim)
			if got := fault.From(err); got == nil || got.Code != fault.AWSThrottled {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestPermissions(t *testing.T) {
	permissiontest.Check(t, permission.Policy{Look: look.Permissions}, permissiontest.Ports{Look: []any{(*look.API)(nil)}})
}

// moving is a service in which something happens between the calls of a look.
type moving struct {
	*looktest.ECS
	happens func()
}

// DescribeServiceDeployments implements the call.
func (m moving) DescribeServiceDeployments(ctx context.Context, in *ecs.DescribeServiceDeploymentsInput, options ...func(*ecs.Options)) (*ecs.DescribeServiceDeploymentsOutput, error) {
	m.happens()
	return m.ECS.DescribeServiceDeployments(ctx, in, options...)
}

// TestWhatHappensDuringALookIsLookedAtOnceMore has a newer deployment cut short the rollback of ours in the middle of a look.
func TestWhatHappensDuringALookIsLookedAtOnceMore(t *testing.T) {
	const newer = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:43"
	api := looktest.Running(base)
	api.Deploy("42", ours, types.ServiceDeploymentStatusRollbackInProgress, noon)
	happened := 0
	got, err := look.Service(t.Context(), moving{api, func() {
		if happened++; happened == 1 {
			api.Service.TaskDefinition, api.Deployments[0].Status = aws.String(newer), types.ServiceDeploymentStatusRollbackFailed
			api.Deploy("43", newer, types.ServiceDeploymentStatusInProgress, noon.Add(time.Minute))
		}
	}}, "prod", "web", rollout.Aim{TaskDefinition: ours, Since: noon})
	if err != nil || got.TaskDefinition != newer || len(got.Deployments) != 2 || happened != 2 {
		t.Errorf("looked %d times, and saw %+v, %v", happened, got, err)
	}
}

// TestALookEndsThoughTheServiceDoesNotStandStill has our deployment go on in each look.
func TestALookEndsThoughTheServiceDoesNotStandStill(t *testing.T) {
	api := looktest.Running(ours)
	api.Deploy("42", ours, types.ServiceDeploymentStatusPending, noon)
	statuses := []types.ServiceDeploymentStatus{types.ServiceDeploymentStatusPending, types.ServiceDeploymentStatusInProgress}
	happened := 0
	got, err := look.Service(t.Context(), moving{api, func() { happened++; api.Deployments[0].Status = statuses[happened%2] }}, "prod", "web", rollout.Aim{TaskDefinition: ours, Since: noon})
	if err != nil || happened != 3 || len(got.Deployments) != 1 {
		t.Errorf("looked %d times, and saw %+v, %v", happened, got, err)
	}
}
