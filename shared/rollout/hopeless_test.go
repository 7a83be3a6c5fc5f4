package rollout

import (
	"strings"
	"testing"
	"time"

	"fairlead/shared/diagnosis"
)

// crashed is a task of ours that ended by itself.
func crashed(code int) diagnosis.Task {
	return diagnosis.Task{StopCode: "EssentialContainerExited", StoppedReason: "Essential container in task exited", Containers: []diagnosis.Container{{Name: "web", ExitCode: &code}}}
}

// from is a task that ran for half a minute from a time.
func from(task diagnosis.Task, began time.Time) diagnosis.Task {
	task.CreatedAt, task.StartedAt, task.StoppedAt = began, began, began.Add(30*time.Second)
	return task
}

// unpullable is a task of ours whose image cannot be pulled.
func unpullable() diagnosis.Task {
	return diagnosis.Task{StopCode: "TaskFailedToStart", StoppedReason: "CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref x/web:1: x/web:1: not found"}
}

func TestJudgeStopsEarly(t *testing.T) {
	healthy := crashed(1)
	healthy.Health = "HEALTHY"
	scaledIn := diagnosis.Task{StopCode: "ServiceSchedulerInitiated", StoppedReason: "Scaling activity initiated by deployment ecs-svc/42"}
	counts := func(failures int) func(*Deployment) {
		return func(d *Deployment) { d.Failures, d.Threshold = failures, 10 }
	}
	up := func(health string, minute float64) []diagnosis.Task {
		return []diagnosis.Task{{Health: health, CreatedAt: at(minute), StartedAt: at(minute)}}
	}
	lasting := func(minute float64, d time.Duration) diagnosis.Task {
		t := from(crashed(1), at(minute))
		t.StoppedAt = t.StartedAt.Add(d)
		return t
	}
	quick := func(minute float64) diagnosis.Task { return lasting(minute, 5*time.Second) }
	large := with(service(ours, deployment(ours, inProgress, 0, tasks(198, 300), counts(2))), func(s *Seen) { s.Partly = true })
	before := crashed(1)
	before.CreatedAt, before.StartedAt, before.StoppedAt = at(-2), at(-2), at(-1)
	long := crashed(1)
	long.CreatedAt, long.StartedAt, long.StoppedAt = at(0), at(0), at(3)
	once := service(ours, deployment(ours, inProgress, 0, tasks(1, 2), counts(1)))
	failing := service(ours, deployment(ours, inProgress, 0, tasks(0, 2), counts(2)))
	tests := []struct {
		name    string
		seen    Seen
		stopped []diagnosis.Task
		running []diagnosis.Task
		patient bool
		failed  string // on the way back: our revision
		want    Verdict
		says    string
	}{
		{name: "a second crash like the first ends the wait", seen: failing, stopped: []diagnosis.Task{crashed(1), crashed(1)}, want: Failed, says: "ended by itself (exit code 1, "},
		{name: "and says how far ECS's own count is", seen: failing, stopped: []diagnosis.Task{crashed(1), crashed(1)}, want: Failed, says: "though ECS still tries; the circuit breaker has counted 2 of 10 failures"},
		{name: "one crash does not", seen: failing, stopped: []diagnosis.Task{crashed(1)}, want: Progressing},
		{name: "another crash does not", seen: failing, stopped: []diagnosis.Task{crashed(1), crashed(2)}, want: Progressing},
		{name: "a service may switch that off", seen: failing, stopped: []diagnosis.Task{crashed(1), crashed(1)}, patient: true, want: Progressing},
		{name: "a second image that cannot be pulled ends the wait", seen: failing, stopped: []diagnosis.Task{unpullable(), unpullable()}, want: Failed, says: "not in the registry"},
		{name: "and that no service switches off", seen: failing, stopped: []diagnosis.Task{unpullable(), unpullable()}, patient: true, want: Failed},
		{name: "a count that a healthy task has set back shows that ours can be healthy", seen: once, stopped: []diagnosis.Task{crashed(1), crashed(1)}, want: Progressing},
		{name: "a task that is healthy shows it", seen: failing, stopped: []diagnosis.Task{crashed(1), crashed(1)}, running: up("HEALTHY", 3), want: Progressing},
		{name: "so does one that has run for longer than those that crashed, and for a minute", seen: failing, stopped: []diagnosis.Task{crashed(1), crashed(1)}, running: up("UNKNOWN", 2), want: Progressing},
		{name: "not one that runs for less than a minute", seen: failing, stopped: []diagnosis.Task{crashed(1), crashed(1)}, running: up("UNKNOWN", 3), want: Failed},
		{name: "nor one that has to get past where the others crashed", seen: failing, stopped: []diagnosis.Task{long, from(crashed(1), at(3.1))}, running: up("UNKNOWN", 1), want: Failed},
		{name: "one that has run for three times as long as those that crashed at once is waited for", seen: failing, stopped: []diagnosis.Task{quick(3.6), quick(3.7)}, running: up("UNKNOWN", 3.7), want: Progressing},
		{name: "not one that has not got past that", seen: failing, stopped: []diagnosis.Task{quick(3.6), quick(3.8)}, running: up("UNKNOWN", 3.8), want: Failed},
		{name: "more tasks run than could be read: one of them may be well", seen: large, stopped: []diagnosis.Task{crashed(1), crashed(1)}, running: up("UNKNOWN", 3.9), want: Progressing},
		{name: "nor is an image given up that they may have pulled", seen: large, stopped: []diagnosis.Task{unpullable(), unpullable()}, want: Progressing},
		{name: "a task that was counted and has just ended speaks for nothing", seen: service(ours, deployment(ours, inProgress, 0, tasks(1, 2), counts(2))), stopped: []diagnosis.Task{crashed(1), crashed(1)}, want: Failed},
		{name: "nor does one that ECS may not know yet to have ended", seen: failing, stopped: []diagnosis.Task{lasting(3.6, time.Second), lasting(3.7, time.Second)}, running: up("UNKNOWN", 3.8), want: Failed},
		{name: "a crash of an earlier deployment of our revision is not counted", seen: failing, stopped: []diagnosis.Task{before, crashed(1)}, want: Progressing},
		{name: "nor does it show that ours was healthy", seen: failing, stopped: []diagnosis.Task{before, crashed(1), crashed(1)}, want: Failed},
		{name: "nor where ECS keeps no service deployments", seen: entries(service(ours), Entry{ID: "ecs-svc/42", Status: primary, TaskDefinition: ours, State: inProgress, CreatedAt: at(0), FailedTasks: 2}), stopped: []diagnosis.Task{before, crashed(1)}, want: Progressing},
		{name: "tasks that the scheduler stopped are not counted", seen: failing, stopped: []diagnosis.Task{crashed(1), scaledIn, scaledIn, crashed(1)}, want: Failed},
		{name: "a task that was healthy shows that ours can be", seen: failing, stopped: []diagnosis.Task{healthy, crashed(1), crashed(1)}, want: Progressing},
		{name: "a breaker that keeps its count does not show whether one was", seen: service(ours, deployment(ours, inProgress, 0, tasks(0, 2), counts(2), func(d *Deployment) { d.Keeps = true })), stopped: []diagnosis.Task{crashed(1), crashed(1)}, want: Progressing},
		{name: "without a circuit breaker the service's own list counts", seen: entries(service(ours, deployment(ours, inProgress, 0, tasks(0, 2))), Entry{ID: "ecs-svc/42", Status: primary, TaskDefinition: ours, State: inProgress, FailedTasks: 2}), stopped: []diagnosis.Task{crashed(1), crashed(1)}, want: Failed},
		{name: "also where ECS keeps no service deployments", seen: entries(service(ours), Entry{ID: "ecs-svc/42", Status: primary, TaskDefinition: ours, State: inProgress, FailedTasks: 2}), stopped: []diagnosis.Task{crashed(1), crashed(1)}, want: Failed},
		{name: "what has succeeded is healthy, however it got there", seen: service(ours, deployment(ours, successful, 0, counts(2))), stopped: []diagnosis.Task{crashed(1), crashed(1)}, want: Healthy},
		{name: "something newer is never called a failure of ours", seen: service(third, deployment(ours, inProgress, 0, counts(2)), deployment(third, pending, 3)), stopped: []diagnosis.Task{crashed(1), crashed(1)}, want: Superseded},
		{name: "the way back is not given up", seen: failing, stopped: []diagnosis.Task{crashed(1), crashed(1)}, failed: third, want: Progressing},
		{name: "why tasks stopped is missed where it cannot be read", seen: with(failing, func(s *Seen) { s.Unread = "denied" }), want: Progressing, says: "2 of 10 failures; why they did is not known: denied"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.seen.Running = tt.running
			for i, task := range tt.stopped { // one after the other, unless it is said otherwise
				if task.CreatedAt.IsZero() {
					task = from(task, at(float64(i)))
				}
				tt.seen.Stopped = append(tt.seen.Stopped, task)
			}
			got := Judge(Aim{TaskDefinition: ours, Base: base, Since: noon, Failed: tt.failed}, tt.seen, at(4), Budget{Timeout: 30 * time.Minute, EarlyStop: !tt.patient})
			if got.Verdict != tt.want || !strings.Contains(got.Reason, tt.says) || got.Restored {
				t.Errorf("%s, want %s: %s", got.Verdict, tt.want, got.Reason)
			}
		})
	}
}
