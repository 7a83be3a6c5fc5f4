package rollout

import (
	"testing"
	"time"
)

func TestJudgeTellsWhatECSIsDoing(t *testing.T) {
	entryOfOurs := func(s Seen, failures int) Seen {
		return entries(s, Entry{ID: "ecs-svc/42", Status: primary, TaskDefinition: ours, State: inProgress, CreatedAt: noon, FailedTasks: failures})
	}
	breaker := func(status string, failures, threshold int) func(*Deployment) {
		return func(d *Deployment) { d.Breaker, d.Failures, d.Threshold = status, failures, threshold }
	}
	waits := func(hook Hook) func(*Deployment) { return func(d *Deployment) { d.Hook = hook } }
	tests := []judgement{
		{name: "traffic that shifts", seen: service(ours, deployment(ours, inProgress, 0, stage("PRODUCTION_TRAFFIC_SHIFT"))), minute: 1, want: Progressing, says: "2 of 2 tasks are running; production traffic is shifting to them"},
		{name: "a bake time", seen: service(ours, deployment(ours, inProgress, 0, stage("BAKE_TIME"))), minute: 1, want: Progressing, says: "baking beside the old ones"},
		{name: "a stage that ECS may add one day", seen: service(ours, deployment(ours, inProgress, 0, stage("POST_MORTEM"))), minute: 1, want: Progressing, says: "its stage is POST_MORTEM"},
		{name: "a pause, what ends it and who", seen: service(ours, deployment(ours, inProgress, 0, stage("POST_SCALE_UP"), waits(Hook{ID: "h-1", Pause: true, Until: at(60), Action: "ROLLBACK"}))), minute: 1, want: Progressing,
			says: "paused for a person until 2026-11-23T13:00:00Z, and then ECS rolls it back: look at it, and run aws ecs continue-service-deployment --service-deployment-arn arn:aws:ecs:eu-west-1:123456789012:service-deployment/prod/web/web:42IN_PROGRESS --hook-id h-1 --action CONTINUE (or ROLLBACK)"},
		{name: "a function that ECS waits for", seen: service(ours, deployment(ours, inProgress, 0, waits(Hook{ID: "h-1", Until: at(60), Action: "CONTINUE"}))), minute: 1, want: Progressing,
			says: "ECS waits for lifecycle hook h-1 until 2026-11-23T13:00:00Z, and then goes on"},
		{name: "a pause before it has started", seen: service(ours, deployment(ours, pending, 0, waits(Hook{ID: "h-1", Pause: true, Until: at(60)}))), minute: 1, want: Progressing, says: "--hook-id h-1"},
		{name: "a circuit breaker with a threshold of its own", seen: entryOfOurs(service(ours, deployment(ours, inProgress, 0, breaker("MONITORING", 4, 250))), 4), minute: 1, want: Progressing, says: "counted 4 of 250 failures"},
		{name: "tasks that fail without a circuit breaker", seen: entryOfOurs(service(ours, deployment(ours, inProgress, 0, breaker(disabled, 0, 3))), 7), minute: 1, want: Progressing, says: "failed 7 times, and no circuit breaker ends that"},
		{name: "that a circuit breaker stopped it", seen: service(ours, deployment(ours, stopped, 0, breaker(triggered, 3, 3))), minute: 4, want: Failed, says: "by its circuit breaker"},
		{name: "that alarms stopped it", seen: service(ours, deployment(ours, stopped, 0, func(d *Deployment) { d.Alarms = []string{"web-5xx"} })), minute: 4, want: Failed, says: "by its alarms"},
		{name: "that it does not know who stopped it", seen: service(ours, deployment(ours, stopped, 0)), minute: 4, want: Failed, says: "by the circuit breaker, an alarm or a person"},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.run)
	}
}

func TestJudgeByStrategy(t *testing.T) {
	early := func(d *Deployment) { d.Early = true }
	daemon := func(s Seen, desired int) Seen { s.Daemon, s.DesiredCount = true, desired; return s }
	scaled := func(s Seen, desired int) Seen { s.DesiredCount = desired; return s }
	tests := []judgement{
		{name: "early success with tasks still to come, and the old ones still there, is healthy",
			seen:   entries(service(ours, deployment(ours, successful, 0, early, tasks(1, 2))), entry("42", primary, ours, completed, 0), entry("41", "ACTIVE", base, completed, -60)),
			minute: 2, want: Healthy, says: "by its early success criteria: 1 of 2 tasks are running, and the others follow"},
		{name: "early success with all tasks says no more of it", seen: service(ours, deployment(ours, successful, 0, early)), minute: 2, want: Healthy, says: "successfully: 2 of 2"},
		{name: "early success before a task ran proves nothing", seen: service(ours, deployment(ours, successful, 0, early, tasks(0, 2))), minute: 2, want: Unproven, says: "asked for no task"},
		{name: "a daemon on three instances is healthy, whatever count it asks for", seen: daemon(service(ours, deployment(ours, successful, 0, tasks(3, 0))), 0), minute: 2, want: Healthy, says: "3 tasks are running"},
		{name: "a daemon that the service's own list alone counts is healthy", seen: daemon(entries(service(ours, deployment(ours, successful, 0, tasks(0, 0))), entry("42", primary, ours, completed, 0)), 0), minute: 2, want: Healthy},
		{name: "a daemon without an instance proves nothing", seen: daemon(service(ours, deployment(ours, successful, 0, tasks(0, 0))), 0), minute: 2, want: Unproven, says: "no instance to run on"},
		{name: "a daemon is judged while it goes on like any other", seen: daemon(service(ours, deployment(ours, inProgress, 0, tasks(1, 3))), 3), minute: 2, want: Progressing, says: "1 of 3"},
		{name: "a service that was scaled up meanwhile is healthy", seen: scaled(service(ours, deployment(ours, successful, 0, tasks(2, 5))), 5), minute: 2, want: Healthy, says: "2 of 5"},
		{name: "a service that was scaled to zero before a task ran proves nothing", seen: scaled(service(ours, deployment(ours, successful, 0, tasks(0, 2))), 0), minute: 2, want: Unproven},
		{name: "a service that is scaled to zero goes on until ECS has finished", seen: scaled(service(ours, deployment(ours, inProgress, 0, tasks(0, 2))), 0), minute: 2, want: Progressing},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.run)
	}
	t.Run("a service that was scaled to zero says so if a task had run before", func(t *testing.T) {
		got := Judge(Aim{TaskDefinition: ours, Base: base, Since: noon, Running: 1}, scaled(service(ours, deployment(ours, successful, 0, tasks(0, 0))), 0), at(2), Budget{})
		if got.Verdict != Unproven || got.Reason != "the revision is in place, but the service was scaled to 0 while it was being deployed, so nothing shows that it is healthy" {
			t.Errorf("%s: %s", got.Verdict, got.Reason)
		}
	})
}

func TestJudgeAServiceThatIsNotTheSame(t *testing.T) {
	created := func(s Seen, minute float64) Seen { s.CreatedAt = at(minute); return s }
	back := func(d *Deployment) {
		d.RollbackRevision = "arn:aws:ecs:eu-west-1:123456789012:service-revision/prod/web/42"
	}
	tests := []judgement{
		{name: "deleted and created anew with the base is somebody else's act", accepted: true, seen: entries(created(service(base), 3), entry("51", primary, base, completed, 3)), minute: 9, want: Superseded, says: "created anew on 2026-11-23T12:03:00Z with web:41"},
		{name: "so it is with a revision of their own", seen: created(service(third, deployment(third, inProgress, 3)), 3), minute: 4, want: Superseded, says: "web:43"},
		{name: "what became of ours in the old service counts no more", seen: created(service(third, deployment(ours, rollbackFailed, 0)), 3), minute: 4, want: Superseded, says: "anew"},
		{name: "created anew with our revision it is adopted", seen: created(service(ours, deployment(ours, successful, 3)), 3), minute: 4, want: Healthy},
		{name: "created anew with our revision a failure in the old service is not judged", seen: created(service(ours, deployment(ours, stopped, 0)), 3), minute: 4, want: Progressing, says: "does not list"},
		{name: "created anew with our revision it may still fail", seen: created(service(ours, deployment(ours, stopped, 3), deployment(ours, successful, 0)), 3), minute: 9, want: Failed},
		{name: "a service that was created just before is the same", seen: created(service(base, deployment(ours, rollbackSuccessful, 0)), -0.5), minute: 4, want: Failed, restored: true},
		{name: "a deployment that a person forced again and that failed leaves ours in place", seen: service(ours, deployment(ours, rollbackSuccessful, 5, back), deployment(ours, successful, 0)), minute: 9, want: Healthy},
		{name: "also while ECS goes back", seen: service(ours, deployment(ours, rollbackInProgress, 5, back), deployment(ours, successful, 0)), minute: 9, want: Healthy},
		{name: "it does not if something else was successful between", seen: service(base, deployment(ours, rollbackSuccessful, 5), deployment(base, successful, 2), deployment(ours, successful, 0)), minute: 9, want: Failed, restored: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.run)
	}
}

// TestJudgeADeadlineThatIsDeclared: what the stage declares is added to the timeout, and said when it has passed.
func TestJudgeADeadlineThatIsDeclared(t *testing.T) {
	seen := service(ours, deployment(ours, inProgress, 0, stage("BAKE_TIME"), func(d *Deployment) { d.Declared = time.Hour }))
	aim := Aim{TaskDefinition: ours, Base: base, Since: noon, Running: 2, Stage: "BAKE_TIME"}
	for minute, want := range map[float64]Verdict{89: Progressing, 91: Failed} {
		if got := Judge(aim, seen, at(minute), Budget{Timeout: 30 * time.Minute}); got.Verdict != want {
			t.Errorf("after %.0f minutes %s: %s", minute, got.Verdict, got.Reason)
		}
	}
}
