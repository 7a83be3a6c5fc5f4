package rollout

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fairlead/shared/diagnosis"
)

// crashed is a task of ours that ended by itself.
func crashed(code int) diagnosis.Task {
	return diagnosis.Task{StopCode: "EssentialContainerExited", StoppedReason: "Essential container in task exited", Containers: []diagnosis.Container{{Name: "web", ExitCode: &code}}}
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
	failing := service(ours, deployment(ours, inProgress, 0, tasks(0, 2), counts(2)))
	tests := []struct {
		name    string
		seen    Seen
		stopped []diagnosis.Task
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
		{name: "ECS may count a little behind", seen: service(ours, deployment(ours, inProgress, 0, counts(1))), stopped: []diagnosis.Task{crashed(1), crashed(1)}, want: Failed},
		{name: "a count that a healthy task has set back shows that ours can be healthy", seen: service(ours, deployment(ours, inProgress, 0, counts(1))), stopped: []diagnosis.Task{crashed(1), crashed(1), crashed(1)}, want: Progressing},
		{name: "tasks that the scheduler stopped are not counted", seen: failing, stopped: []diagnosis.Task{crashed(1), scaledIn, scaledIn, crashed(1)}, want: Failed},
		{name: "a task that was healthy shows that ours can be", seen: failing, stopped: []diagnosis.Task{healthy, crashed(1), crashed(1)}, want: Progressing},
		{name: "a breaker that keeps its count does not show whether one was", seen: service(ours, deployment(ours, inProgress, 0, counts(2), func(d *Deployment) { d.Keeps = true })), stopped: []diagnosis.Task{crashed(1), crashed(1)}, want: Progressing},
		{name: "without a circuit breaker the service's own list counts", seen: entries(service(ours, deployment(ours, inProgress, 0)), Entry{ID: "ecs-svc/42", Status: primary, TaskDefinition: ours, State: inProgress, FailedTasks: 2}), stopped: []diagnosis.Task{crashed(1), crashed(1)}, want: Failed},
		{name: "also where ECS keeps no service deployments", seen: entries(service(ours), Entry{ID: "ecs-svc/42", Status: primary, TaskDefinition: ours, State: inProgress, FailedTasks: 2}), stopped: []diagnosis.Task{crashed(1), crashed(1)}, want: Failed},
		{name: "what has succeeded is healthy, however it got there", seen: service(ours, deployment(ours, successful, 0, counts(2))), stopped: []diagnosis.Task{crashed(1), crashed(1)}, want: Healthy},
		{name: "something newer is never called a failure of ours", seen: service(third, deployment(ours, inProgress, 0, counts(2)), deployment(third, pending, 3)), stopped: []diagnosis.Task{crashed(1), crashed(1)}, want: Superseded},
		{name: "the way back is not given up", seen: failing, stopped: []diagnosis.Task{crashed(1), crashed(1)}, failed: third, want: Progressing},
		{name: "why tasks stopped is missed where it cannot be read", seen: with(failing, func(s *Seen) { s.Unread = "denied" }), want: Progressing, says: "2 of 10 failures; why they did is not known: denied"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.seen.Stopped = slices.Clone(tt.stopped)
			got := Judge(Aim{TaskDefinition: ours, Base: base, Since: noon, Failed: tt.failed}, tt.seen, at(4), Budget{Timeout: 30 * time.Minute, EarlyStop: !tt.patient})
			if got.Verdict != tt.want || !strings.Contains(got.Reason, tt.says) || got.Restored {
				t.Errorf("%s, want %s: %s", got.Verdict, tt.want, got.Reason)
			}
		})
	}
}
