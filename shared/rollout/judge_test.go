package rollout

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fairlead/shared/revision"
)

const (
	arn   = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:"
	ours  = arn + "42"
	base  = arn + "41"
	third = arn + "43"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func at(minutes float64) time.Time { return noon.Add(time.Duration(minutes * float64(time.Minute))) }

// deployment is a service deployment of a task definition that began at a minute after noon; its revision has the same
// number as the task definition, as far as these tests care.
func deployment(taskDefinition, status string, minute float64, more ...func(*Deployment)) Deployment {
	d := Deployment{
		ARN: "arn:aws:ecs:eu-west-1:123456789012:service-deployment/prod/web/" + number(taskDefinition) + status, Status: status,
		TaskDefinition: taskDefinition, Revision: "arn:aws:ecs:eu-west-1:123456789012:service-revision/prod/web/" + strings.TrimPrefix(revision.Short(taskDefinition), "web:"),
		Requested: 2, Running: 2, CreatedAt: at(minute), StartedAt: at(minute),
	}
	if d.over() {
		d.FinishedAt = at(minute + 1)
	}
	for _, set := range more {
		set(&d)
	}
	return d
}

func because(reason string) func(*Deployment) { return func(d *Deployment) { d.Reason = reason } }
func tasks(running, requested int) func(*Deployment) {
	return func(d *Deployment) { d.Running, d.Requested = running, requested }
}
func finished(minute float64) func(*Deployment) {
	return func(d *Deployment) { d.FinishedAt = at(minute) }
}

func stage(name string) func(*Deployment) { return func(d *Deployment) { d.Stage = name } }

// service is a service that is pointed at a task definition and asks for two tasks.
func service(taskDefinition string, deployments ...Deployment) Seen {
	return Seen{Status: active, TaskDefinition: taskDefinition, DesiredCount: 2, Deployments: deployments}
}

func entry(id, status, taskDefinition, state string, minute float64) Entry {
	return Entry{ID: "ecs-svc/" + id, Status: status, TaskDefinition: taskDefinition, State: state, CreatedAt: at(minute), Running: 2}
}

func with(s Seen, change func(*Seen)) Seen { change(&s); return s }

func entries(s Seen, list ...Entry) Seen { s.Entries = list; return s }

type judgement struct {
	name     string
	seen     Seen
	minute   float64 // when it is judged; the service was pointed at ours at noon
	accepted bool
	want     Verdict
	restored bool
	says     string
}

func (j judgement) run(t *testing.T) {
	t.Helper()
	aim := Aim{TaskDefinition: ours, Base: base, Since: noon, Accepted: j.accepted}
	got := Judge(aim, j.seen, at(j.minute), Budget{Timeout: 30 * time.Minute})
	if got.Verdict != j.want || got.Restored != j.restored {
		t.Errorf("verdict %s, restored %v; want %s, %v (%s)", got.Verdict, got.Restored, j.want, j.restored, got.Reason)
	}
	if !strings.Contains(got.Reason, j.says) {
		t.Errorf("reason %q does not say %q", got.Reason, j.says)
	}
}

func TestJudgeByStatus(t *testing.T) {
	const breaker = "Service deployment rolled back because the circuit breaker threshold was exceeded."
	const alarm = "Service deployment rolled back because of one or more active alarms."
	tests := []judgement{
		{name: "a pending deployment is progressing", seen: service(ours, deployment(ours, pending, 0)), minute: 1, want: Progressing},
		{name: "a deployment in progress is progressing, whatever runs", seen: service(ours, deployment(ours, inProgress, 0)), minute: 1, want: Progressing, says: "2 of 2 tasks"},
		{name: "the circuit breaker's count is told while it goes on", seen: service(ours, deployment(ours, inProgress, 0, tasks(0, 2), func(d *Deployment) { d.Failures, d.Threshold = 2, 3 })), minute: 1, want: Progressing, says: "2 of 3 failures"},
		{name: "a status that ECS may add one day is progressing", seen: service(ours, deployment(ours, "QUARANTINED", 0)), minute: 1, want: Progressing},
		{name: "a successful deployment in place is healthy", seen: service(ours, deployment(ours, successful, 0)), minute: 2, want: Healthy, says: "2 of 2 tasks"},
		{name: "a successful deployment stays healthy however late it is looked at", seen: service(ours, deployment(ours, successful, 0)), minute: 600, want: Healthy},
		{name: "a successful deployment of a service that asks for no task proves nothing", seen: with(service(ours, deployment(ours, successful, 0, tasks(0, 0))), func(s *Seen) { s.DesiredCount = 0 }), minute: 2, want: Unproven, says: "no task was asked for"},
		{name: "tasks asked for only after it succeeded without any prove nothing", seen: service(ours, deployment(ours, successful, 0, tasks(0, 0))), minute: 2, want: Unproven},
		{name: "a service scaled to zero after tasks of ours had run is healthy", seen: with(service(ours, deployment(ours, successful, 0)), func(s *Seen) { s.DesiredCount = 0 }), minute: 2, want: Healthy},
		{name: "a requested rollback is waited for", seen: service(ours, deployment(ours, rollbackRequested, 0)), minute: 1, want: Progressing, says: "rolling it back"},
		{name: "a rollback in progress has failed, while the evidence is fresh", seen: service(base, deployment(ours, rollbackInProgress, 0, because(breaker))), minute: 1, want: Failed, says: breaker},
		{name: "rolled back by the circuit breaker is failed and restored, in ECS's words", seen: service(base, deployment(ours, rollbackSuccessful, 0, because(breaker))), minute: 4, want: Failed, restored: true, says: breaker + " ECS rolled it back: the service runs web:41 again"},
		{name: "rolled back by an alarm names the alarm", seen: service(base, deployment(ours, rollbackSuccessful, 0, because(alarm), func(d *Deployment) { d.Alarms = []string{"web-5xx"} })), minute: 4, want: Failed, restored: true, says: "Alarms: web-5xx."},
		{name: "the rollback's own reason is told too", seen: service(base, deployment(ours, rollbackSuccessful, 0, func(d *Deployment) { d.RollbackReason = "Stopped by a person." })), minute: 4, want: Failed, restored: true, says: "Stopped by a person."},
		{name: "a failed rollback is failed and not restored", seen: service(ours, deployment(ours, rollbackFailed, 0, because("No rollback candidate was found to run the rollback."))), minute: 4, want: Failed, says: "No rollback candidate"},
		{name: "a requested stop is waited for", seen: service(ours, deployment(ours, stopRequested, 0)), minute: 1, want: Progressing, says: "stopping"},
		{name: "stopped by the circuit breaker without rollback is failed", seen: entries(service(ours, deployment(ours, stopped, 0)), Entry{ID: "ecs-svc/42", Status: primary, TaskDefinition: ours, State: failed, Reason: "ECS deployment circuit breaker: tasks failed to start."}), minute: 4, want: Failed, says: "ECS deployment circuit breaker: tasks failed to start."},
		{name: "stopped by a person with the base in place again is failed and restored", seen: entries(service(base, deployment(ours, stopped, 0)), entry("41", primary, base, completed, -60)), minute: 4, want: Failed, restored: true, says: "web:41 again"},
		{name: "stopped by a person with the base on its way is failed and not yet restored", seen: entries(service(base, deployment(ours, stopped, 0)), entry("41", primary, base, inProgress, -60)), minute: 4, want: Failed},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.run)
	}
}

func TestJudgeSupersession(t *testing.T) {
	newer := deployment(third, inProgress, 3)
	tests := []judgement{
		{name: "stopped by a newer deployment is superseded", seen: service(third, deployment(ours, stopped, 0), newer), minute: 4, want: Superseded, says: "web:43"},
		{name: "being stopped by a newer deployment is superseded", seen: service(third, newer, deployment(ours, stopRequested, 0)), minute: 4, want: Superseded},
		{name: "in progress with a newer deployment beside it is superseded", seen: service(third, newer, deployment(ours, inProgress, 0)), minute: 4, want: Superseded},
		{name: "a newer deployment of the base is a newer deployment", seen: service(base, deployment(base, inProgress, 3), deployment(ours, stopped, 0)), minute: 4, want: Superseded, says: "web:41"},
		{name: "a newer deployment whose revision cannot be read is not ours to touch", seen: service(third, deployment(ours, stopped, 0), deployment("", inProgress, 3)), minute: 4, want: Superseded, says: "another revision"},
		{name: "superseded while it rolled back", seen: service(third, deployment(ours, rollbackInProgress, 0), newer), minute: 4, want: Superseded},
		{name: "superseded after its rollback failed", seen: service(third, deployment(ours, rollbackFailed, 0), newer), minute: 4, want: Superseded},
		{name: "superseded while it rolled back, by what is not listed yet", seen: entries(service(third, deployment(ours, rollbackFailed, 0)), entry("43", primary, third, inProgress, 3)), minute: 4, want: Superseded, says: "web:43"},
		{name: "a rollback that fails at what it goes back to is not superseded", seen: entries(service(base, deployment(ours, rollbackFailed, 0)), entry("41", primary, base, failed, -60)), minute: 4, want: Failed},
		{name: "superseded after it had succeeded", seen: service(third, deployment(ours, successful, 0), newer), minute: 4, want: Superseded, says: "succeeded"},
		{name: "superseded after it had succeeded, by what is not listed yet", seen: service(third, deployment(ours, successful, 0)), minute: 4, want: Superseded, says: "pointed at web:43 afterwards"},
		{name: "a newer deployment after ECS had rolled ours back leaves the truth about ours", seen: service(third, deployment(ours, rollbackSuccessful, 0), newer), minute: 4, want: Failed, restored: true},
		{name: "what ECS rolls ours back to does not supersede it", seen: service(base, deployment(ours, rollbackInProgress, 0, func(d *Deployment) {
			d.RollbackRevision = "arn:aws:ecs:eu-west-1:123456789012:service-revision/prod/web/41"
		}), deployment(base, inProgress, 3)), minute: 4, want: Failed},
		{name: "put back after something newer that is not listed yet either, is waited for", seen: entries(service(ours, deployment(ours, successful, 0)), entry("77", primary, ours, inProgress, 3.5)), minute: 4, want: Progressing, says: "pointed at our revision again"},
		{name: "what succeeded has, if ECS lists nothing newer in time", seen: entries(service(ours, deployment(ours, successful, 0)), entry("77", primary, ours, inProgress, 3.5)), minute: 6, want: Healthy},
		{name: "put back after something newer, by a deployment that is not listed yet, is waited for", seen: entries(service(ours, deployment(ours, stopped, 0), deployment(third, stopRequested, 3.6)), entry("77", primary, ours, inProgress, 3.5)), minute: 4, want: Progressing, says: "pointed at our revision again"},
		{name: "put back by a deployment that never shows is superseded", seen: entries(service(ours, deployment(ours, stopped, 0), deployment(third, stopped, 3)), entry("77", primary, ours, inProgress, 3.5)), minute: 6, want: Superseded},
		{name: "a newer deployment that ECS is rolling back to ours is waited for", seen: entries(service(ours, deployment(ours, successful, 0), deployment(third, rollbackInProgress, 3)), entry("42", primary, ours, inProgress, 0)), minute: 8, want: Progressing, says: "taking the service back to it"},
		{name: "a newer deployment that ECS rolled back to ours leaves ours healthy", seen: entries(service(ours, deployment(ours, successful, 0), deployment(third, rollbackSuccessful, 3)), entry("42", primary, ours, completed, 0)), minute: 8, want: Healthy},
		{name: "an older deployment does not supersede ours", seen: service(ours, deployment(third, stopped, -3), deployment(ours, inProgress, 0)), minute: 4, want: Progressing},
		{name: "superseded however long ago the deadline was", seen: service(third, deployment(ours, inProgress, 0), newer), minute: 600, want: Superseded},
		{name: "a successor of our own revision is adopted", seen: service(ours, deployment(ours, stopped, 0), deployment(ours, inProgress, 3)), minute: 4, want: Progressing},
		{name: "a successor of our own revision that succeeds is healthy", seen: service(ours, deployment(ours, successful, 3), deployment(third, stopped, 2), deployment(ours, stopped, 0)), minute: 5, want: Healthy},
		{name: "a successor of our own revision that is not listed yet is waited for", seen: entries(service(ours, deployment(ours, stopped, 0)), entry("77", primary, ours, inProgress, 1)), minute: 2, want: Progressing, says: "not listed yet"},
		{name: "a successor that never shows is not waited for", seen: entries(service(ours, deployment(ours, stopped, 0)), entry("77", primary, ours, inProgress, 1)), minute: 4, want: Failed},
		{name: "stopped with the service pointed elsewhere is waited for while the lists settle", seen: service(third, deployment(ours, stopped, 0)), minute: 2, want: Progressing},
		{name: "stopped with the service pointed at a third revision is superseded", seen: service(third, deployment(ours, stopped, 0)), minute: 4, want: Superseded, says: "web:43"},
		{name: "a failure of ours from before this attempt is not judged", seen: service(ours, deployment(ours, rollbackSuccessful, -20)), minute: 1, want: Progressing, says: "does not list"},
		{name: "a deployment that we found under way and that fails is judged", seen: service(base, deployment(ours, rollbackSuccessful, -20, finished(3))), minute: 4, want: Failed, restored: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.run)
	}
}

func TestJudgeUnlisted(t *testing.T) {
	old := func(d Entry) Entry { d.Reason = "ECS deployment circuit breaker: tasks failed to start."; return d }
	tests := []judgement{
		{name: "a deployment that is not listed is waited for", seen: service(ours), minute: 1, want: Progressing, says: "does not list"},
		{name: "a service still on its base is waited for while the lists settle", seen: service(base), minute: 1, want: Progressing},
		{name: "nothing of ours and the base in place: ours never arrived", seen: service(base, deployment(base, successful, -60)), minute: 3, want: Absent, says: "still runs web:41"},
		{name: "nothing of ours though ECS had accepted it is a failure that ECS restored", seen: entries(service(base), entry("41", primary, base, completed, -60)), minute: 3, accepted: true, want: Failed, restored: true},
		{name: "nothing of ours and a third revision is somebody else's act", seen: service(third), minute: 3, want: Superseded, says: "web:43"},
		{name: "pointed at ours without any deployment is waited for", seen: service(ours), minute: 3, want: Progressing},
		{name: "pointed at ours without any deployment fails when the time is up", seen: service(ours), minute: 31, want: Failed, says: "no progress for 30m0s"},
		{name: "without service deployments, our entry in progress is progressing", seen: entries(service(ours), entry("42", primary, ours, inProgress, 0), entry("41", "ACTIVE", base, completed, -60)), minute: 3, want: Progressing},
		{name: "without service deployments, our entry without a state is progressing", seen: entries(service(ours), entry("42", primary, ours, "", 0)), minute: 3, want: Progressing},
		{name: "without service deployments, our entry completed is healthy", seen: entries(service(ours), entry("42", primary, ours, completed, 0)), minute: 3, want: Healthy},
		{name: "without service deployments and without tasks nothing is proven", seen: with(entries(service(ours), Entry{ID: "ecs-svc/42", Status: primary, TaskDefinition: ours, State: completed}), func(s *Seen) { s.DesiredCount = 0 }), minute: 3, want: Unproven},
		{name: "without service deployments, our entry failed in place is failed", seen: entries(service(ours), old(entry("42", primary, ours, failed, 0))), minute: 3, want: Failed, says: "tasks failed to start"},
		{name: "without service deployments, an older primary completed is a rollback", seen: entries(service(base), entry("41", primary, base, completed, -60), old(entry("42", "ACTIVE", ours, failed, 0))), minute: 3, want: Failed, restored: true, says: "tasks failed to start"},
		{name: "without service deployments, an older primary in progress is a rollback under way", seen: entries(service(base), entry("41", primary, base, inProgress, -60), entry("42", "DRAINING", ours, failed, 0)), minute: 3, want: Progressing, says: "rolling it back"},
		{name: "without service deployments, an older primary failed is a failed rollback", seen: entries(service(base), entry("41", primary, base, failed, -60), entry("42", "DRAINING", ours, failed, 0)), minute: 3, want: Failed},
		{name: "without service deployments, a newer primary supersedes", seen: entries(service(third), entry("43", primary, third, inProgress, 2), entry("42", "ACTIVE", ours, inProgress, 0)), minute: 3, want: Superseded, says: "web:43"},
		{name: "without service deployments and without a primary it is waited for", seen: entries(service(ours), entry("42", "ACTIVE", ours, inProgress, 0)), minute: 3, want: Progressing},
		{name: "a service deleted meanwhile is failed", seen: Seen{}, minute: 3, want: Failed, says: "not found"},
		{name: "a service that drains is failed", seen: with(service(ours, deployment(ours, inProgress, 0)), func(s *Seen) { s.Status = "DRAINING" }), minute: 3, want: Failed, says: "DRAINING"},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.run)
	}
}

func TestJudgeTime(t *testing.T) {
	budget := Budget{Timeout: 30 * time.Minute}
	running := service(ours, deployment(ours, inProgress, 0, tasks(0, 2)))
	tests := []struct {
		name     string
		aim      Aim
		seen     Seen
		minute   float64
		budget   Budget
		want     Verdict
		deadline time.Time
	}{
		{name: "the deadline counts from the start of the deployment", seen: running, minute: 29, budget: budget, want: Progressing, deadline: at(30)},
		{name: "past the deadline it is failed", seen: running, minute: 31, budget: budget, want: Failed, deadline: at(30)},
		{name: "a task more than ever before moves the deadline", seen: service(ours, deployment(ours, inProgress, 0, tasks(1, 2))), minute: 31, budget: budget, want: Progressing, deadline: at(61)},
		{name: "a task that comes back does not", aim: Aim{Running: 1, Deadline: at(40)}, seen: service(ours, deployment(ours, inProgress, 0, tasks(1, 2))), minute: 41, budget: budget, want: Failed, deadline: at(40)},
		{name: "a deadline never moves back", aim: Aim{Running: 1, Deadline: at(45)}, seen: running, minute: 41, budget: budget, want: Progressing, deadline: at(45)},
		{name: "the start of a rollback moves the deadline", seen: service(base, deployment(ours, rollbackInProgress, 0, tasks(0, 2), func(d *Deployment) { d.RollbackAt = at(28) })), minute: 40, budget: budget, want: Failed, deadline: at(58)},
		{name: "another stage moves the deadline", aim: Aim{Running: 2, Stage: "SCALE_UP", Deadline: at(30)}, seen: service(ours, deployment(ours, inProgress, 0, stage("BAKE_TIME"))), minute: 31, budget: budget, want: Progressing, deadline: at(61)},
		{name: "the same stage does not", aim: Aim{Running: 2, Stage: "SCALE_UP", Deadline: at(30)}, seen: service(ours, deployment(ours, inProgress, 0, stage("SCALE_UP"))), minute: 31, budget: budget, want: Failed, deadline: at(30)},
		{name: "a stage that ECS tells no more does not", aim: Aim{Running: 2, Stage: "SCALE_UP", Deadline: at(30)}, seen: service(ours, deployment(ours, inProgress, 0)), minute: 31, budget: budget, want: Failed, deadline: at(30)},
		{name: "a function that is a hook stops the clock while ECS waits for it", seen: service(ours, deployment(ours, inProgress, 0, tasks(0, 2), func(d *Deployment) { d.Hook = Hook{ID: "h-1", Until: at(310)} })), minute: 300, budget: budget, want: Progressing, deadline: at(330)},
		{name: "declared bake and hook time is added", seen: service(ours, deployment(ours, inProgress, 0, tasks(0, 2), func(d *Deployment) { d.Declared = 15 * time.Minute })), minute: 40, budget: budget, want: Progressing, deadline: at(45)},
		{name: "a pause stops the clock", seen: service(ours, deployment(ours, inProgress, 0, tasks(0, 2), func(d *Deployment) { d.Hook = Hook{ID: "h-1", Pause: true, Until: at(1440)} })), minute: 300, budget: budget, want: Progressing, deadline: at(330)},
		{name: "a pause that has expired does not", seen: service(ours, deployment(ours, inProgress, 0, tasks(0, 2), func(d *Deployment) { d.Hook = Hook{ID: "h-1", Pause: true, Until: at(100)} })), minute: 300, budget: budget, want: Failed, deadline: at(30)},
		{name: "progress that a late look finds counts from when ECS shows it, however old the asker's now is", aim: Aim{Deadline: at(30)},
			seen: with(service(ours, deployment(ours, inProgress, 0, tasks(1, 2))), func(s *Seen) { s.At = at(50) }), minute: 10, budget: budget, want: Progressing, deadline: at(80)},
		{name: "a deployment that was stopped a moment ago has not failed, though it took too long: what follows it is not listed yet",
			seen: service(third, deployment(ours, stopped, 0, finished(31), tasks(0, 2))), minute: 31.5, budget: budget, want: Progressing, deadline: at(30)},
		{name: "without a timeout there is no deadline", seen: running, minute: 6000, want: Progressing},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.aim.TaskDefinition, tt.aim.Base, tt.aim.Since = ours, base, noon
			got := Judge(tt.aim, tt.seen, at(tt.minute), tt.budget)
			if diff := cmp.Diff(tt.want, got.Verdict); diff != "" {
				t.Errorf("verdict (-want +got):\n%s%s", diff, got.Reason)
			}
			if !got.Deadline.Equal(tt.deadline) {
				t.Errorf("deadline %s, want %s", got.Deadline, tt.deadline)
			}
		})
	}
}

// TestWhatECSDoesNotBringBackHasBeenTakenOver has a newer deployment rolled back to ours, and that hang.
func TestWhatECSDoesNotBringBackHasBeenTakenOver(t *testing.T) {
	seen := entries(service(ours, deployment(ours, successful, 0), deployment(third, rollbackInProgress, 3)), entry("42", primary, ours, inProgress, 0))
	got := Judge(Aim{TaskDefinition: ours, Base: base, Since: noon, Running: 99}, seen, at(99), Budget{Timeout: 30 * time.Minute})
	if got.Verdict != Superseded || !strings.Contains(got.Reason, "no progress for 30m0s") {
		t.Errorf("%s: %s", got.Verdict, got.Reason)
	}
}
