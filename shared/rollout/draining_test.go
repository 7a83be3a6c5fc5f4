package rollout

import (
	"strings"
	"testing"
	"time"

	"fairlead/shared/diagnosis"
)

// up are tasks that have been running since some minutes after noon.
func up(health string, minutes ...float64) []diagnosis.Task {
	var tasks []diagnosis.Task
	for _, minute := range minutes {
		tasks = append(tasks, diagnosis.Task{Health: health, CreatedAt: at(minute), StartedAt: at(minute)})
	}
	return tasks
}

// TestJudgeADeploymentThatOnlyWaitsForOthersToEnd: both tasks of ours were seen running at minute 3, and the deadline has
// passed.
func TestJudgeADeploymentThatOnlyWaitsForOthersToEnd(t *testing.T) {
	draining := func(running int) []Entry {
		old := entry("41", "ACTIVE", base, completed, -60)
		old.Running = running
		return []Entry{entry("42", primary, ours, inProgress, 0), old}
	}
	drains := func(change ...func(*Seen)) Seen {
		s := with(entries(service(ours, deployment(ours, inProgress, 0)), draining(2)...), func(s *Seen) { s.Running = up("UNKNOWN", 2, 3) })
		for _, c := range change {
			c(&s)
		}
		return s
	}
	of := func(change func(*Deployment)) func(*Seen) { return func(s *Seen) { change(&s.Deployments[0]) } }
	runs := func(tasks []diagnosis.Task) func(*Seen) { return func(s *Seen) { s.Running = tasks } }
	beside := func(tasks []diagnosis.Task) func(*Seen) { return func(s *Seen) { s.Beside = tasks } }
	lists := func(list ...Entry) func(*Seen) { return func(s *Seen) { s.Entries = list } }
	tests := []struct {
		name   string
		seen   Seen
		failed bool
	}{
		{name: "older tasks run on: they are protected", seen: drains()},
		{name: "older tasks are taken out of their target groups, and count no more", seen: drains(lists(draining(0)...))},
		{name: "where ECS keeps no service deployments", seen: drains(func(s *Seen) { s.Deployments = nil })},
		{name: "with a container that is healthy", seen: drains(runs(up("HEALTHY", 2, 3)))},
		{name: "with a container that is healthy, beside others that are", seen: drains(runs(up("HEALTHY", 2, 3)), beside(up("HEALTHY", -60)))},
		{name: "beside others whose health nothing checks", seen: drains(beside(up("UNKNOWN", -60)))},
		{name: "with more tasks than could be read", seen: drains(of(tasks(400, 400)))},
		{name: "after a grace period", seen: drains(func(s *Seen) { s.Grace = 25 * time.Minute })},

		{name: "not while ECS may overlook that ours are unhealthy", seen: drains(func(s *Seen) { s.Grace = 31 * time.Minute }), failed: true},
		{name: "not with a task that is unhealthy", seen: drains(runs(append(up("UNKNOWN", 2), up("UNHEALTHY", 3)...))), failed: true},
		{name: "not before the health check of ours has come out, which finds another healthy", seen: drains(runs(append(up("HEALTHY", 2), up("UNKNOWN", 3)...)), beside(up("HEALTHY", -60))), failed: true},
		{name: "not with a task that has been replaced", seen: drains(runs(up("UNKNOWN", 2, 25))), failed: true},
		{name: "not where it is not known how long ours have run", seen: drains(runs(nil)), failed: true},
		{name: "not with a task that is missing", seen: drains(of(tasks(1, 2))), failed: true},
		{name: "not with a task that has failed", seen: drains(of(func(d *Deployment) { d.Failures = 1 })), failed: true},
		{name: "not where traffic shifts", seen: drains(of(stage("BAKE_TIME"))), failed: true},
		{name: "not with nothing left that is replaced", seen: drains(lists(draining(2)[:1]...)), failed: true},
		{name: "not where no task is asked for", seen: drains(of(tasks(0, 0))), failed: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			aim := Aim{TaskDefinition: ours, Base: base, Since: noon, Running: 400, Stage: "BAKE_TIME", Deadline: at(33)}
			got := Judge(aim, tt.seen, at(34), Budget{Timeout: 30 * time.Minute})
			if tt.failed {
				if got.Verdict != Failed || strings.Contains(got.Reason, "replaced tasks") {
					t.Errorf("%s: %s", got.Verdict, got.Reason)
				}
				return
			}
			if got.Verdict != Progressing || !strings.HasSuffix(got.Reason, "deregistration delay or task protection may hold up") || !got.Deadline.Equal(at(64)) {
				t.Errorf("%s until %s: %s", got.Verdict, got.Deadline, got.Reason)
			}
		})
	}
}

func TestOutwaitingAsksOnlyWhenAllWereSeenRunning(t *testing.T) {
	seen := entries(service(ours, deployment(ours, inProgress, 0)), entry("42", primary, ours, inProgress, 0), entry("41", "ACTIVE", base, completed, -60))
	for running, want := range map[int]bool{1: false, 2: true} {
		if got := Outwaiting(Aim{TaskDefinition: ours, Base: base, Since: noon, Running: running}, seen); got != want {
			t.Errorf("%d seen before: %v", running, got)
		}
	}
}

// TestECSRollsBackInSmallBatches: thirty tasks, three at a time and ten minutes each. Ours only become fewer.
func TestECSRollsBackInSmallBatches(t *testing.T) {
	aim := Aim{TaskDefinition: ours, Base: base, Since: noon, Accepted: true, Failed: ours, BackSince: at(10)}
	budget := Budget{Timeout: 30 * time.Minute}
	look := func(minute float64, old int, task ...diagnosis.Task) Judged {
		lead, left := entry("41", primary, base, inProgress, -60), entry("42", "DRAINING", ours, failed, 0)
		lead.Running, left.Running = old, 30-old
		seen := entries(service(base, deployment(ours, rollbackInProgress, 0, tasks(30-old, 0), func(d *Deployment) { d.RollbackAt, d.Failures = at(10), 15 })), lead, left)
		seen.DesiredCount, seen.Running = 30, task
		got := Judge(aim, seen, at(minute), budget)
		aim.Running, aim.Stage, aim.Deadline = got.Running, got.Stage, got.Deadline
		return got
	}
	for batch := range 11 {
		if got := look(float64(12+10*batch), 3*batch); got.Verdict != Progressing {
			t.Fatalf("after %d batches %s: %s", batch, got.Verdict, got.Reason)
		}
	}
	t.Run("and waits for the last of ours to end", func(t *testing.T) {
		if got := look(143, 30, up("UNKNOWN", -60, 112)...); got.Verdict != Progressing || !strings.Contains(got.Reason, "replaced tasks") {
			t.Errorf("%s: %s", got.Verdict, got.Reason)
		}
	})
	t.Run("and fails once nothing comes of it any more", func(t *testing.T) {
		if got := look(175, 29); got.Verdict != Failed {
			t.Errorf("%s: %s", got.Verdict, got.Reason)
		}
	})
}
