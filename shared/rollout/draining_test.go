package rollout

import (
	"strings"
	"testing"
	"time"
)

// but is a look with changes.
func but(s Seen, changes []func(*Seen)) Seen {
	for _, change := range changes {
		change(&s)
	}
	return s
}

// of is a change of the first service deployment.
func of(change func(*Deployment)) func(*Seen) { return func(s *Seen) { change(&s.Deployments[0]) } }

// TestJudgeADeploymentThatOnlyWaitsForOthersToEnd: both tasks of ours run, and the deadline has passed.
func TestJudgeADeploymentThatOnlyWaitsForOthersToEnd(t *testing.T) {
	draining := func(desired, running int) []Entry {
		lead, old := entry("42", primary, ours, inProgress, 0), entry("41", "ACTIVE", base, completed, -60)
		lead.Desired, lead.Running, old.Desired, old.Running = 2, 2, desired, running
		return []Entry{lead, old}
	}
	drains := func(change ...func(*Seen)) Seen {
		return but(entries(service(ours, deployment(ours, inProgress, 0)), draining(0, 2)...), change)
	}
	lists := func(list ...Entry) func(*Seen) { return func(s *Seen) { s.Entries = list } }
	third := entry("40", "DRAINING", base, completed, -90)
	third.Desired = 1
	tests := []struct {
		name   string
		seen   Seen
		failed bool
	}{
		{name: "older tasks run on: they are protected", seen: drains()},
		{name: "older tasks are taken out of their target groups, and count no more", seen: drains(lists(draining(0, 0)...))},
		{name: "where ECS keeps no service deployments", seen: drains(func(s *Seen) { s.Deployments = nil })},

		{name: "not while ECS asks for older tasks: ours are not healthy yet", seen: drains(lists(draining(2, 2)...)), failed: true},
		{name: "not while it asks for tasks of one of them", seen: drains(lists(append(draining(0, 2), third)...)), failed: true},
		{name: "not with a task that is missing", seen: drains(of(tasks(1, 2))), failed: true},
		{name: "not with the first batch alone", seen: drains(of(tasks(2, 2)), func(s *Seen) { s.DesiredCount = 30 }), failed: true},
		{name: "not with a task that has failed", seen: drains(of(func(d *Deployment) { d.Failures = 1 })), failed: true},
		{name: "not where traffic shifts", seen: drains(of(stage("BAKE_TIME"))), failed: true},
		{name: "not with nothing left that is replaced", seen: drains(lists(draining(0, 2)[:1]...)), failed: true},
		{name: "not where no task is asked for", seen: drains(of(tasks(0, 0)), func(s *Seen) { s.DesiredCount = 0 }), failed: true},
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

// TestJudgeADeploymentWhoseAlarmsAreWatched: both tasks of ours run, nothing is left of those before, and the deadline has passed.
func TestJudgeADeploymentWhoseAlarmsAreWatched(t *testing.T) {
	bakes := func(change ...func(*Seen)) Seen {
		return but(entries(service(ours, deployment(ours, inProgress, 0, func(d *Deployment) { d.Watched = true })), entry("42", primary, ours, inProgress, 0)), change)
	}
	older := entry("41", "ACTIVE", base, completed, -60)
	older.Desired = 1
	tests := []struct {
		name   string
		seen   Seen
		minute float64
		failed bool
	}{
		{name: "it is healthy so far", seen: bakes(), minute: 34},
		{name: "for hours", seen: bakes(), minute: 23 * 60},
		{name: "not for longer than any alarm looks back", seen: bakes(), minute: 25 * 60, failed: true},
		{name: "not without alarms", seen: bakes(of(func(d *Deployment) { d.Watched = false })), minute: 34, failed: true},
		{name: "not with a task that is missing", seen: bakes(of(tasks(1, 2))), minute: 34, failed: true},
		{name: "not with a task that has failed", seen: bakes(of(func(d *Deployment) { d.Failures = 1 })), minute: 34, failed: true},
		{name: "not while ECS asks for older tasks", seen: bakes(func(s *Seen) { s.Entries = append(s.Entries, older) }), minute: 34, failed: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			aim := Aim{TaskDefinition: ours, Base: base, Since: noon, Running: 400, Deadline: at(33)}
			got := Judge(aim, tt.seen, at(tt.minute), Budget{Timeout: 30 * time.Minute})
			if tt.failed != (got.Verdict == Failed) || tt.failed == strings.HasSuffix(got.Reason, "before it ends it") {
				t.Errorf("%s until %s: %s", got.Verdict, got.Deadline, got.Reason)
			}
		})
	}
}

// TestECSRollsBackInSmallBatches: thirty tasks, three at a time and ten minutes each. Ours only become fewer.
func TestECSRollsBackInSmallBatches(t *testing.T) {
	aim := Aim{TaskDefinition: ours, Base: base, Since: noon, Accepted: true, Failed: ours, BackSince: at(10)}
	budget := Budget{Timeout: 30 * time.Minute}
	look := func(minute float64, old int) Judged {
		lead, left := entry("41", primary, base, inProgress, -60), entry("42", "DRAINING", ours, failed, 0)
		lead.Running, left.Running = old, 30-old
		seen := entries(service(base, deployment(ours, rollbackInProgress, 0, tasks(30-old, 0), func(d *Deployment) { d.RollbackAt, d.Failures = at(10), 15 })), lead, left)
		seen.DesiredCount = 30
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
		if got := look(143, 30); got.Verdict != Progressing || !strings.Contains(got.Reason, "replaced tasks") {
			t.Errorf("%s: %s", got.Verdict, got.Reason)
		}
	})
	t.Run("and fails once nothing comes of it any more", func(t *testing.T) {
		if got := look(175, 29); got.Verdict != Failed {
			t.Errorf("%s: %s", got.Verdict, got.Reason)
		}
	})
}
