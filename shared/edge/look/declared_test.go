package look

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"

	"fairlead/shared/rollout"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// hook is a function that is called at stages; it has no timeout of its own where minutes is 0.
func hook(minutes int32, stages ...types.DeploymentLifecycleHookStage) types.DeploymentLifecycleHook {
	h := types.DeploymentLifecycleHook{TargetType: types.DeploymentLifecycleHookTargetTypeAwsLambda, LifecycleStages: stages}
	if minutes > 0 {
		h.TimeoutConfiguration = &types.DeploymentLifecycleHookTimeoutConfiguration{TimeoutInMinutes: &minutes}
	}
	return h
}

func TestDeclared(t *testing.T) {
	const before, shift = "PRE_PRODUCTION_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT"
	baked := func(strategy types.DeploymentStrategy, hooks ...types.DeploymentLifecycleHook) types.DeploymentConfiguration {
		return types.DeploymentConfiguration{Strategy: strategy, BakeTimeInMinutes: aws.Int32(5), LifecycleHooks: hooks}
	}
	canary := baked(types.DeploymentStrategyCanary)
	canary.CanaryConfiguration = &types.CanaryConfiguration{CanaryBakeTimeInMinutes: aws.Int32(60)}
	linear := baked(types.DeploymentStrategyLinear, hook(7, before))
	linear.LinearConfiguration = &types.LinearConfiguration{StepPercent: aws.Float64(30), StepBakeTimeInMinutes: aws.Int32(15)}
	pause := types.DeploymentLifecycleHook{TargetType: types.DeploymentLifecycleHookTargetTypePause, LifecycleStages: []types.DeploymentLifecycleHookStage{before}}
	tests := []struct {
		name   string
		config types.DeploymentConfiguration
		stage  string
		want   int // minutes
	}{
		{name: "a rolling update declares nothing"},
		{name: "a rolling update that watches alarms bakes", config: baked(types.DeploymentStrategyRolling), want: 5},
		{name: "no time is declared for the scaling", config: baked(types.DeploymentStrategyBlueGreen), stage: "SCALE_UP"},
		{name: "the bake time counts while it bakes", config: baked(types.DeploymentStrategyBlueGreen), stage: "BAKE_TIME", want: 5},
		{name: "without a stage all that is named counts", config: baked(types.DeploymentStrategyBlueGreen, hook(7, "POST_SCALE_UP", before), hook(0, "PRE_SCALE_UP")), want: 19},
		{name: "a function counts at its stage", config: baked(types.DeploymentStrategyBlueGreen, hook(7, "POST_SCALE_UP", before)), stage: "POST_SCALE_UP", want: 7},
		{name: "a function without a timeout has a day, at its stage", config: baked(types.DeploymentStrategyBlueGreen, hook(0, "POST_SCALE_UP")), stage: "POST_SCALE_UP", want: 1440},
		{name: "a pause counts nowhere", config: baked(types.DeploymentStrategyBlueGreen, pause), stage: before},
		{name: "a canary waits between its two shifts", config: canary, stage: shift, want: 60},
		{name: "a canary waits ten minutes if it names none", config: baked(types.DeploymentStrategyCanary), stage: before, want: 10},
		{name: "a canary bakes as well", config: canary, want: 65},
		{name: "four steps of a linear shift have three waits between them", config: linear, stage: shift, want: 45},
		{name: "with the function that is called before each", config: linear, stage: before, want: 52},
		{name: "ten steps of six minutes if it names none", config: baked(types.DeploymentStrategyLinear), stage: shift, want: 54},
		{name: "a step that no API takes is no division by zero", config: types.DeploymentConfiguration{Strategy: types.DeploymentStrategyLinear,
			LinearConfiguration: &types.LinearConfiguration{StepPercent: aws.Float64(0)}}, stage: shift, want: 594},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := declared(tt.config, tt.stage); got != time.Duration(tt.want)*time.Minute {
				t.Errorf("%s, want %d minutes", got, tt.want)
			}
		})
	}
}

func TestWaitedFor(t *testing.T) {
	detail := func(id string, kind types.DeploymentLifecycleHookTargetType, status types.DeploymentLifecycleHookStatus, minutes int) types.DeploymentLifecycleHookDetail {
		d := types.DeploymentLifecycleHookDetail{HookId: &id, TargetType: kind, Status: status, TimeoutAction: types.DeploymentLifecycleHookActionContinue}
		if minutes > 0 {
			d.ExpiresAt = aws.Time(noon.Add(time.Duration(minutes) * time.Minute))
		}
		return d
	}
	const pause, function = types.DeploymentLifecycleHookTargetTypePause, types.DeploymentLifecycleHookTargetTypeAwsLambda
	const awaits, runs, done = types.DeploymentLifecycleHookStatusAwaitingAction, types.DeploymentLifecycleHookStatusInProgress, types.DeploymentLifecycleHookStatusSucceeded
	tests := []struct {
		name  string
		hooks []types.DeploymentLifecycleHookDetail
		want  rollout.Hook
	}{
		{name: "none"},
		{name: "not one that is done", hooks: []types.DeploymentLifecycleHookDetail{detail("a", function, done, 9)}},
		{name: "a function that runs", hooks: []types.DeploymentLifecycleHookDetail{detail("a", function, runs, 9)}, want: rollout.Hook{ID: "a", Until: noon.Add(9 * time.Minute), Action: "CONTINUE"}},
		{name: "a person before a function", hooks: []types.DeploymentLifecycleHookDetail{detail("p", pause, awaits, 60), detail("a", function, runs, 9)},
			want: rollout.Hook{ID: "p", Pause: true, Until: noon.Add(time.Hour), Action: "CONTINUE"}},
		{name: "one without an end has a day", hooks: []types.DeploymentLifecycleHookDetail{detail("p", pause, awaits, 0)}, want: rollout.Hook{ID: "p", Pause: true, Until: noon.Add(24 * time.Hour), Action: "CONTINUE"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, waitedFor(tt.hooks, noon)); diff != "" {
				t.Error("(-want +got)\n" + diff)
			}
		})
	}
}
