package rollout

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAimOnTheWayBack(t *testing.T) {
	const so = `{"service":"web","revision":{"taskDefinition":%q,"base":%q},"update":{"decision":"updated","at":"2026-11-23T12:01:00Z"},
		"rollout":{"verdict":"failed","since":"2026-11-23T12:01:00Z","running":1,"deadline":"2026-11-23T12:30:00Z"},
		"rollback":{"taskDefinition":%q,"awaits":%q,"at":"2026-11-23T12:31:00Z"}%s}`
	tests := []struct {
		name, awaits, more string
		want               Aim
	}{
		{name: "ECS rolls our deployment back: it is watched, with a deadline of its own", awaits: ours,
			want: Aim{TaskDefinition: ours, Base: base, Since: at(1), Accepted: true, Failed: ours, BackSince: at(31)}},
		{name: "the service was pointed at an earlier revision: its new deployment is judged", awaits: base,
			want: Aim{TaskDefinition: base, Base: ours, Since: at(31), Accepted: true, Failed: ours, BackSince: at(31)}},
		{name: "what an earlier look found stays", awaits: base, more: `,"restoration":{"running":2,"deadline":"2026-11-23T13:00:00Z"}`,
			want: Aim{TaskDefinition: base, Base: ours, Since: at(31), Accepted: true, Running: 2, Deadline: at(60), Failed: ours, BackSince: at(31)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, err := ParseDocument(json.RawMessage(fmt.Sprintf(so, ours, base, base, tt.awaits, tt.more)))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, d.Aim(at(40))); diff != "" {
				t.Error("(-want +got)\n" + diff)
			}
		})
	}
}

// TestJudgeTheWayBack: ours was put into service at noon, and the service began to go back ten minutes later.
func TestJudgeTheWayBack(t *testing.T) {
	failedOurs := deployment(ours, stopped, 0, finished(9))
	before := deployment(base, successful, -60)
	budget := Budget{Timeout: 30 * time.Minute}
	tests := []struct {
		name     string
		aim      string // the revision whose deployment is awaited
		seen     Seen
		minute   float64
		want     Verdict
		deadline time.Time
		says     string
	}{
		{name: "ECS was asked to roll back", aim: ours, seen: service(ours, deployment(ours, rollbackRequested, 0)), minute: 11, want: Progressing, deadline: at(40)},
		{name: "ECS rolls back", aim: ours, seen: service(base, deployment(ours, rollbackInProgress, 0)), minute: 11, want: Progressing, deadline: at(40)},
		{name: "it has", aim: ours, seen: service(base, deployment(ours, rollbackSuccessful, 0)), minute: 12, want: Restored, deadline: at(40), says: "web:41"},
		{name: "it has, and something newer followed", aim: ours, seen: service(third, deployment(ours, rollbackSuccessful, 0), deployment(third, inProgress, 12)), minute: 13, want: Superseded, deadline: at(40), says: "ECS rolled it back, and a newer"},
		{name: "it could not", aim: ours, seen: service(base, deployment(ours, rollbackFailed, 0)), minute: 12, want: Failed, deadline: at(40)},
		{name: "it found nothing to go back to", aim: ours, seen: service(ours, deployment(ours, stopped, 0, finished(11), because("No rollback candidate was found to run the rollback."))), minute: 15,
			want: Failed, deadline: at(40), says: "No rollback candidate"},
		{name: "it does not begin", aim: ours, seen: service(ours, deployment(ours, rollbackRequested, 0)), minute: 41, want: Failed, deadline: at(40), says: "no progress"},
		{name: "our deployment finished first", aim: ours, seen: service(ours, deployment(ours, successful, 0)), minute: 11, want: Healthy, deadline: at(40)},
		{name: "a newer deployment took over", aim: ours, seen: service(third, deployment(ours, rollbackFailed, 0), deployment(third, inProgress, 12)), minute: 13, want: Superseded, deadline: at(40)},
		{name: "the service is deleted", aim: ours, seen: Seen{}, minute: 12, want: Failed, deadline: at(40)},

		{name: "the new deployment of what ran before is not listed yet", aim: base, seen: service(base, before, failedOurs), minute: 11, want: Progressing, deadline: at(40)},
		{name: "it goes on", aim: base, seen: service(base, before, failedOurs, deployment(base, inProgress, 10)), minute: 12, want: Progressing, deadline: at(40)},
		{name: "it succeeds", aim: base, seen: service(base, before, failedOurs, deployment(base, successful, 10)), minute: 13, want: Restored, deadline: at(40)},
		{name: "it succeeds without a task, since none is asked for", aim: base, seen: with(service(base, before, failedOurs, deployment(base, successful, 10, tasks(0, 0))), func(s *Seen) { s.DesiredCount = 0 }),
			minute: 13, want: Restored, deadline: at(40)},
		{name: "it fails", aim: base, seen: service(base, before, failedOurs, deployment(base, stopped, 10, finished(12))), minute: 15, want: Failed, deadline: at(40)},
		{name: "ECS rolls it back to itself, of before", aim: base, seen: service(base, before, failedOurs, deployment(base, rollbackSuccessful, 10)), minute: 15, want: Restored, deadline: at(40)},
		{name: "ECS rolls it back to ours", aim: base, seen: service(ours, before, failedOurs, deployment(base, rollbackSuccessful, 10)), minute: 15, want: Failed, deadline: at(40)},
		{name: "it takes too long", aim: base, seen: service(base, before, failedOurs, deployment(base, inProgress, 10, tasks(0, 2))), minute: 41, want: Failed, deadline: at(40)},
		{name: "a person deploys meanwhile", aim: base, seen: service(third, before, failedOurs, deployment(base, stopped, 10), deployment(third, inProgress, 12)), minute: 13, want: Superseded, deadline: at(40)},
		{name: "ECS lists no service deployments, and completes it", aim: base,
			seen: entries(service(base), entry("44", primary, base, completed, 10), entry("42", "ACTIVE", ours, failed, 0)), minute: 13, want: Restored, deadline: at(40)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			aim := Aim{TaskDefinition: tt.aim, Base: base, Since: noon, Accepted: true, Running: 2, Failed: ours, BackSince: at(10)}
			if tt.aim == base {
				aim.Base, aim.Since = ours, at(10)
			}
			got := Judge(aim, tt.seen, at(tt.minute), budget)
			if got.Verdict != tt.want || got.Restored != (tt.want == Restored) || !strings.Contains(got.Reason, tt.says) {
				t.Errorf("%s, restored %v: %s; want %s that says %q", got.Verdict, got.Restored, got.Reason, tt.want, tt.says)
			}
			if !got.Deadline.Equal(tt.deadline) {
				t.Errorf("deadline %s, want %s", got.Deadline, tt.deadline)
			}
		})
	}
}
