package look

import (
	"math"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"fairlead/shared/rollout"
)

// What ECS does where a deployment configuration leaves it open.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CanaryConfiguration.html
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LinearConfiguration.html
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentLifecycleHookTimeoutConfiguration.html
const (
	canaryBake  = 10 // minutes
	linearBake  = 6  // minutes
	linearStep  = 10 // percent
	hookTimeout = 1440
)

// declared is the time that a deployment takes by its own configuration before it shows progress again: in a stage the
// time that is declared for that stage; where ECS tells none all that is declared. A pause stops the clock instead.
func declared(c types.DeploymentConfiguration, stage string) time.Duration {
	bake := int(aws.ToInt32(c.BakeTimeInMinutes))
	steps, between := shifts(c)
	minutes := 0
	switch stage {
	case "":
		minutes = bake + (steps-1)*between + named(c.LifecycleHooks)
	case "PRE_PRODUCTION_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT": // ECS goes through both for each step
		minutes = (steps-1)*between + atStage(c.LifecycleHooks, stage)
	case "BAKE_TIME":
		minutes = bake
	default:
		minutes = atStage(c.LifecycleHooks, stage)
	}
	return time.Duration(minutes) * time.Minute
}

// shifts is in how many steps the production traffic shifts, and how many minutes lie between two of them.
func shifts(c types.DeploymentConfiguration) (steps, between int) {
	switch c.Strategy {
	case types.DeploymentStrategyCanary:
		between = canaryBake
		if canary := c.CanaryConfiguration; canary != nil && canary.CanaryBakeTimeInMinutes != nil {
			between = int(*canary.CanaryBakeTimeInMinutes)
		}
		return 2, between
	case types.DeploymentStrategyLinear:
		percent, between := float64(linearStep), linearBake
		if linear := c.LinearConfiguration; linear != nil {
			if linear.StepPercent != nil {
				percent = *linear.StepPercent
			}
			if linear.StepBakeTimeInMinutes != nil {
				between = int(*linear.StepBakeTimeInMinutes)
			}
		}
		return int(math.Ceil(100 / max(percent, 1))), between
	default:
		return 1, 0
	}
}

// named is the time of the functions whose timeout the configuration names, once for each stage that they are called at.
// One that has the default of a day would hide that nothing moves: it counts in its own stage, and while ECS waits for it.
func named(hooks []types.DeploymentLifecycleHook) int {
	minutes := 0
	for _, hook := range hooks {
		if !isPause(hook.TargetType) && hook.TimeoutConfiguration != nil {
			minutes += int(aws.ToInt32(hook.TimeoutConfiguration.TimeoutInMinutes)) * len(hook.LifecycleStages)
		}
	}
	return minutes
}

// atStage is the time of the functions that are called at a stage.
func atStage(hooks []types.DeploymentLifecycleHook, stage string) int {
	minutes := 0
	for _, hook := range hooks {
		if isPause(hook.TargetType) || !slices.Contains(hook.LifecycleStages, types.DeploymentLifecycleHookStage(stage)) {
			continue
		}
		timeout := hookTimeout
		if t := hook.TimeoutConfiguration; t != nil && t.TimeoutInMinutes != nil {
			timeout = int(*t.TimeoutInMinutes)
		}
		minutes += timeout
	}
	return minutes
}

// waitedFor is the hook that ECS waits for, one for a person before any other. One whose end ECS does not tell has the
// default time from when ECS last wrote the deployment down.
func waitedFor(hooks []types.DeploymentLifecycleHookDetail, written time.Time) rollout.Hook {
	var found rollout.Hook
	for _, h := range hooks {
		waits := h.Status == types.DeploymentLifecycleHookStatusAwaitingAction || h.Status == types.DeploymentLifecycleHookStatusInProgress
		if !waits || (found.Pause && !isPause(h.TargetType)) {
			continue
		}
		found = rollout.Hook{ID: aws.ToString(h.HookId), Pause: isPause(h.TargetType), Until: aws.ToTime(h.ExpiresAt), Action: string(h.TimeoutAction)}
		if found.Until.IsZero() {
			found.Until = written.Add(hookTimeout * time.Minute)
		}
	}
	return found
}

func isPause(t types.DeploymentLifecycleHookTargetType) bool {
	return t == types.DeploymentLifecycleHookTargetTypePause
}
