package rollout

import (
	"fmt"
	"testing"
	"time"
)

// transitions are the statuses that follow each other.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
func transitions() map[string][]string {
	return map[string][]string{
		pending:            {inProgress, rollbackRequested, stopRequested, stopped},
		inProgress:         {successful, stopRequested, rollbackRequested, rollbackInProgress, stopped},
		stopRequested:      {stopped},
		rollbackRequested:  {successful, rollbackInProgress, stopped},
		rollbackInProgress: {rollbackSuccessful, rollbackFailed},
		successful:         nil, stopped: nil, rollbackSuccessful: nil, rollbackFailed: nil,
	}
}

// strategies make a deployment one of each kind, as far as it is under way.
func strategies() map[string]func(*Deployment) {
	return map[string]func(*Deployment){
		"rolling":                     func(*Deployment) {},
		"rolling, with early success": func(d *Deployment) { d.Early = true },
		"rolling, without a breaker":  func(d *Deployment) { d.Breaker = disabled },
		"blue/green":                  func(d *Deployment) { d.Stage = "POST_SCALE_UP"; d.Declared = 10 * time.Minute },
		"canary":                      func(d *Deployment) { d.Stage = "PRODUCTION_TRAFFIC_SHIFT"; d.Declared = 10 * time.Minute },
		"linear":                      func(d *Deployment) { d.Stage = "PRE_PRODUCTION_TRAFFIC_SHIFT"; d.Declared = 54 * time.Minute },
		"paused":                      func(d *Deployment) { d.Hook = Hook{ID: "h-1", Pause: true, Until: at(1440)} },
	}
}

// TestJudgeEveryTransition looks before and after each transition, alone and with something newer that has been listed in
// between.
func TestJudgeEveryTransition(t *testing.T) {
	type end struct {
		verdict  Verdict
		restored bool
	}
	alone := map[string]end{
		pending: {verdict: Progressing}, inProgress: {verdict: Progressing}, stopRequested: {verdict: Progressing},
		rollbackRequested: {verdict: Progressing}, rollbackInProgress: {verdict: Failed},
		successful: {verdict: Healthy}, stopped: {verdict: Failed},
		rollbackSuccessful: {verdict: Failed, restored: true}, rollbackFailed: {verdict: Failed},
	}
	replaced := map[string]end{rollbackSuccessful: {verdict: Failed, restored: true}} // the truth about ours, and no one's to mend
	for strategy, of := range strategies() {
		for from, to := range transitions() {
			for _, to := range to {
				t.Run(fmt.Sprintf("%s: %s → %s", strategy, from, to), func(t *testing.T) {
					before := service(ours, deployment(ours, from, 0, of))
					after := service(ours, deployment(ours, to, 0, of))
					if to == rollbackInProgress || to == rollbackSuccessful {
						after.TaskDefinition = base
					}
					newer := service(third, deployment(ours, to, 0, of), deployment(third, inProgress, 4))
					judge := func(seen Seen) end {
						aim := Aim{TaskDefinition: ours, Base: base, Since: noon}
						first := Judge(aim, before, at(3), Budget{Timeout: 30 * time.Minute})
						aim.Running, aim.Stage, aim.Deadline = first.Running, first.Stage, first.Deadline
						got := Judge(aim, seen, at(6), Budget{Timeout: 30 * time.Minute})
						if got.Deadline.Before(first.Deadline) {
							t.Errorf("the deadline moved back from %s to %s", first.Deadline, got.Deadline)
						}
						return end{got.Verdict, got.Restored}
					}
					if got := judge(after); got != alone[to] {
						t.Errorf("%+v, want %+v", got, alone[to])
					}
					want, rolledBack := replaced[to]
					if !rolledBack {
						want = end{verdict: Superseded}
					}
					if got := judge(newer); got != want {
						t.Errorf("with something newer %+v, want %+v", got, want)
					}
				})
			}
		}
	}
}

// TestJudgeProgress holds the deadline to what each look finds: more tasks and further stages move it, all else does not.
func TestJudgeProgress(t *testing.T) {
	type step struct {
		running int
		stage   string
		moves   bool
	}
	walk := []step{
		{0, "PRE_SCALE_UP", true}, {0, "PRE_SCALE_UP", false}, {0, "SCALE_UP", true}, {1, "SCALE_UP", true}, {0, "SCALE_UP", false},
		{1, "SCALE_UP", false}, {2, "SCALE_UP", true}, {2, "POST_SCALE_UP", true}, {2, "", false}, {2, "POST_SCALE_UP", false}, {1, "POST_SCALE_UP", false},
		{2, "PRE_PRODUCTION_TRAFFIC_SHIFT", true}, {2, "PRODUCTION_TRAFFIC_SHIFT", true}, {2, "PRE_PRODUCTION_TRAFFIC_SHIFT", true}, {2, "BAKE_TIME", true}, {2, "CLEAN_UP", true},
	}
	aim := Aim{TaskDefinition: ours, Base: base, Since: noon}
	for i, s := range walk {
		now := at(float64(10 * i))
		got := Judge(aim, service(ours, deployment(ours, inProgress, 0, tasks(s.running, 2), stage(s.stage))), now, Budget{Timeout: 30 * time.Minute})
		moved := got.Deadline.After(aim.Deadline)
		if got.Verdict != Progressing || moved != s.moves || moved && !got.Deadline.Equal(now.Add(30*time.Minute)) {
			t.Errorf("look %d, %+v: %s until %s, before until %s", i, s, got.Verdict, got.Deadline, aim.Deadline)
		}
		aim.Running, aim.Stage, aim.Deadline = got.Running, got.Stage, got.Deadline
	}
}
