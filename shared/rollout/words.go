package rollout

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"fairlead/shared/revision"
)

// underway describes a deployment that ECS has not finished.
func (c inquiry) underway() string {
	switch c.ours.Status {
	case rollbackRequested, rollbackInProgress:
		return c.say("ECS is rolling it back")
	case stopRequested:
		return c.say("ECS is stopping it")
	case pending:
		return c.say("ECS has not started it yet") + c.waiting()
	default:
		return c.say("%s%s", c.count(c.ours.Running), c.stage()) + c.waiting() + c.setbacks()
	}
}

// count says how many tasks run, and of how many where ECS asks for no fewer: it does of a daemon service.
func (c inquiry) count(running int) string {
	if c.ours.Requested < running {
		return fmt.Sprintf("%d tasks are running", running)
	}
	return fmt.Sprintf("%d of %d tasks are running", running, c.ours.Requested)
}

// stage says what a deployment that shifts traffic is doing.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-how-it-works.html
func (c inquiry) stage() string {
	words := map[string]string{
		"":                              "",
		"PRE_SCALE_UP":                  "; the new tasks are being started",
		"SCALE_UP":                      "; the new tasks are being started",
		"POST_SCALE_UP":                 "; the new tasks have started and get no traffic yet",
		"TEST_TRAFFIC_SHIFT":            "; test traffic is shifting to them",
		"POST_TEST_TRAFFIC_SHIFT":       "; test traffic has shifted to them",
		"PRE_PRODUCTION_TRAFFIC_SHIFT":  "; production traffic is about to shift to them",
		"PRODUCTION_TRAFFIC_SHIFT":      "; production traffic is shifting to them",
		"POST_PRODUCTION_TRAFFIC_SHIFT": "; production traffic has shifted to them",
		"BAKE_TIME":                     "; production traffic has shifted to them, and they are baking beside the old ones",
		"CLEAN_UP":                      "; production traffic has shifted to them, and the old tasks are being removed",
	}
	said, known := words[c.ours.Stage]
	if !known {
		return "; its stage is " + c.ours.Stage
	}
	return said
}

// waiting says what ECS waits for, and what a person can do about it.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContinueServiceDeployment.html
func (c inquiry) waiting() string {
	hook := c.ours.Hook
	if hook == (Hook{}) {
		return ""
	}
	then := "rolls it back"
	if hook.Action == "CONTINUE" {
		then = "goes on"
	}
	if !hook.Pause {
		return fmt.Sprintf("; ECS waits for lifecycle hook %s until %s, and then %s", hook.ID, clock(hook.Until), then)
	}
	return fmt.Sprintf("; it is paused for a person until %s, and then ECS %s: look at it, and run "+
		"aws ecs continue-service-deployment --service-deployment-arn %s --hook-id %s --action CONTINUE (or ROLLBACK)",
		clock(hook.Until), then, c.ours.ARN, hook.ID)
}

// setbacks says how many tasks have failed so far, where ECS counts them.
func (c inquiry) setbacks() string {
	if c.seen.Unread != "" {
		return c.failed() + "; why they did is not known: " + c.seen.Unread
	}
	return c.failed()
}

func (c inquiry) failed() string {
	switch {
	case c.ours.Failures > 0 && c.ours.Threshold > 0 && c.ours.Breaker != disabled:
		return fmt.Sprintf("; the circuit breaker has counted %d of %d failures", c.ours.Failures, c.ours.Threshold)
	case c.entry.FailedTasks > 0 && c.ours.Breaker == disabled:
		return fmt.Sprintf("; tasks have failed %d times, and no circuit breaker ends that", c.entry.FailedTasks)
	case c.entry.FailedTasks > 0:
		return fmt.Sprintf("; tasks have failed %d times", c.entry.FailedTasks)
	default:
		return ""
	}
}

// stopper is who stopped the deployment, as far as ECS shows it.
func (c inquiry) stopper() string {
	switch {
	case c.ours.Breaker == triggered:
		return "by its circuit breaker"
	case len(c.ours.Alarms) > 0:
		return "by its alarms"
	default:
		return "by the circuit breaker, an alarm or a person"
	}
}

// late describes a deployment that ECS has not finished in time.
func (c inquiry) late(budget Budget, reason string) string {
	return fmt.Sprintf("ECS has not finished the deployment, and there was no progress for %s: %s", budget.Timeout+c.ours.Declared, reason)
}

// say puts ECS's own words first and ours behind them.
func (c inquiry) say(format string, args ...any) string {
	var words []string
	for _, w := range []string{c.ours.Reason, c.ours.RollbackReason, c.entryReason()} {
		if w = strings.TrimSpace(w); w != "" && !slices.Contains(words, w) {
			words = append(words, w)
		}
	}
	if len(c.ours.Alarms) > 0 {
		words = append(words, "Alarms: "+strings.Join(c.ours.Alarms, ", ")+".")
	}
	return strings.Join(append(words, fmt.Sprintf(format, args...)), " ")
}

// entryReason is why ECS failed our entry; what it says of one in progress or completed adds nothing.
func (c inquiry) entryReason() string {
	if c.entry.State != failed {
		return ""
	}
	return c.entry.Reason
}

func (d Deployment) name() string {
	if d.TaskDefinition == "" {
		return "another revision"
	}
	return revision.Short(d.TaskDefinition)
}

func clock(t time.Time) string { return t.UTC().Format(time.RFC3339) }
