package rollout

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"fairlead/shared/diagnosis"
)

// world is a random look at ECS: anything that the API's types allow.
func world(seed uint64) (Aim, Seen, time.Time) {
	r := rand.New(rand.NewPCG(seed, 7))
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	minute := func() time.Time {
		if r.IntN(8) == 0 {
			return time.Time{}
		}
		return at(float64(r.IntN(120) - 60))
	}
	definition := func() string { return pick(ours, ours, base, third, "") }
	seen := Seen{Status: pick(active, active, active, "DRAINING", ""), TaskDefinition: definition(), DesiredCount: r.IntN(3), Daemon: r.IntN(4) == 0}
	if r.IntN(4) == 0 {
		seen.CreatedAt = minute()
	}
	for range r.IntN(4) {
		seen.Deployments = append(seen.Deployments, Deployment{
			ARN: pick("a", "b"), Revision: pick("r/41", "r/42", "r/43"), TaskDefinition: definition(), Reason: pick("", "because"),
			Status:    pick(pending, inProgress, successful, stopRequested, stopped, rollbackRequested, rollbackInProgress, rollbackSuccessful, rollbackFailed, "", "NEW"),
			Requested: r.IntN(3), Running: r.IntN(3), CreatedAt: minute(), StartedAt: minute(), FinishedAt: minute(), RollbackAt: minute(),
			RollbackRevision: pick("", "", "r/41"), Declared: time.Duration(r.IntN(3)) * time.Minute,
			Stage: pick("", "", "SCALE_UP", "BAKE_TIME", "NEW"), Breaker: pick("", triggered, disabled), Early: r.IntN(3) == 0, Failures: r.IntN(3), Threshold: r.IntN(3), Keeps: r.IntN(4) == 0,
			Hook: Hook{ID: pick("", "h-1"), Pause: r.IntN(2) == 0, Until: minute(), Action: pick("", "CONTINUE", "ROLLBACK")},
		})
	}
	for range r.IntN(4) {
		seen.Entries = append(seen.Entries, Entry{ID: pick("ecs-svc/41", "ecs-svc/42", ""), Status: pick(primary, "ACTIVE", "DRAINING"),
			TaskDefinition: definition(), State: pick(inProgress, completed, failed, ""), CreatedAt: minute(), Running: r.IntN(3), FailedTasks: r.IntN(3)})
	}
	for range r.IntN(4) {
		seen.Stopped = append(seen.Stopped, [...]diagnosis.Task{crashed(1), crashed(r.IntN(3)), unpullable(), {}}[r.IntN(4)])
	}
	aim := Aim{TaskDefinition: ours, Base: pick(base, ""), Since: minute(), Accepted: r.IntN(2) == 0, Running: r.IntN(3), Stage: pick("", "SCALE_UP"), Deadline: minute()}
	return aim, seen, minute()
}

// FuzzJudge holds Judge to its promises in worlds that no one would think of.
func FuzzJudge(f *testing.F) {
	for seed := range uint64(2000) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		aim, seen, now := world(seed)
		budget := Budget{Timeout: 30 * time.Minute, EarlyStop: seed%2 == 0}
		got := Judge(aim, seen, now, budget)
		check(t, seen, got)
		if again := Judge(aim, seen, now, budget); again != got {
			t.Errorf("judged twice, told twice:\n%+v\n%+v", got, again)
		}
		stale := Judge(aim, seen, now.Add(-time.Hour), budget)
		if stale.Verdict != Progressing && stale.Verdict != got.Verdict {
			t.Errorf("%s by an old now, %s by the right one", stale.Verdict, got.Verdict)
		}
	})
}

func check(t *testing.T, seen Seen, got Judged) {
	t.Helper()
	if got.Reason == "" {
		t.Errorf("%s without a reason", got.Verdict)
	}
	if got.Verdict != Failed && got.Restored {
		t.Errorf("%s and restored", got.Verdict)
	}
	if strings.HasPrefix(got.Status, "ROLLBACK_") && (got.Verdict == Healthy || got.Verdict == Unproven) {
		t.Errorf("%s is %s", got.Status, got.Verdict)
	}
	if got.Verdict == Healthy && seen.TaskDefinition != "" && seen.TaskDefinition != ours && got.Status != "" {
		t.Errorf("healthy, but the service is pointed at %s", seen.TaskDefinition)
	}
	if got.Verdict == Failed && got.Status != rollbackSuccessful && seen.Status == active && replaced(seen, got.ServiceDeployment, got.Status) {
		t.Errorf("superseded is called failed: %s", got.Reason)
	}
}

// replaced says, by its own reckoning, whether every deployment of ours is older than one of something else that ECS is
// not rolling back to.
func replaced(seen Seen, arn, status string) bool {
	if arn == "" && status == "" {
		return false
	}
	var newestOurs, newestOther time.Time
	for _, d := range seen.Deployments {
		switch {
		case d.RollbackRevision != "":
			return false // which one ECS rolls back to is told by other tests
		case d.TaskDefinition == ours:
			newestOurs = latest(newestOurs, d.CreatedAt)
		default:
			newestOther = latest(newestOther, d.CreatedAt)
		}
	}
	return newestOther.After(newestOurs)
}
