package rollback

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fairlead/shared/revision"
	"fairlead/shared/rollout"
)

const (
	arn    = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:"
	ours   = arn + "42"
	base   = arn + "41"
	older  = arn + "40"
	newer  = arn + "43"
	digest = "sha256:bad"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func at(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }

// deployment is a service deployment of a revision that began at a minute after noon.
func deployment(taskDefinition, status string, minute int, images ...string) rollout.Deployment {
	var ran []rollout.Image
	for _, name := range images {
		ran = append(ran, rollout.Image{Container: "web", Name: name})
	}
	d := rollout.Deployment{ARN: "deployment/" + revision.Short(taskDefinition) + status, Status: status, TaskDefinition: taskDefinition, Revision: "r/" + revision.Short(taskDefinition),
		Requested: 2, Running: 2, CreatedAt: at(minute), StartedAt: at(minute), Images: ran}
	if !strings.HasSuffix(status, "PROGRESS") && !strings.HasSuffix(status, "REQUESTED") && status != pending {
		d.FinishedAt = at(minute + 1)
	}
	return d
}

func service(taskDefinition string, deployments ...rollout.Deployment) rollout.Seen {
	return rollout.Seen{Status: "ACTIVE", TaskDefinition: taskDefinition, DesiredCount: 2, Deployments: deployments}
}

func entries(s rollout.Seen, list ...rollout.Entry) rollout.Seen { s.Entries = list; return s }

func entry(status, taskDefinition, state string, minute int) rollout.Entry {
	return rollout.Entry{ID: "ecs-svc/" + revision.Short(taskDefinition), Status: status, TaskDefinition: taskDefinition, State: state, CreatedAt: at(minute), Running: 2}
}

// idle is a service deployment that succeeded without a task.
func idle(taskDefinition string, minute int) rollout.Deployment {
	d := deployment(taskDefinition, "SUCCESSFUL", minute)
	d.Requested, d.Running, d.Idle = 0, 0, true
	return d
}

// succeeded are what succeeded before ours: the base, and one before it.
func succeeded() []rollout.Deployment {
	return []rollout.Deployment{deployment(base, "SUCCESSFUL", -60, "shop/web@sha256:good"), deployment(older, "SUCCESSFUL", -90, "shop/web@sha256:fine")}
}

func TestChoose(t *testing.T) {
	running := deployment(ours, inProgress, 0)
	tests := []struct {
		name        string
		seen        rollout.Seen
		before      []rollout.Deployment
		earlier     string
		unstoppable bool
		unfit       []string
		loose       []string
		want        Plan // without its reason
		says        string
	}{
		{name: "ours in progress is stopped", seen: service(ours, running), before: succeeded(), want: Plan{Decision: Stopped, Stop: running.ARN, Target: base}, says: "web:41"},
		{name: "ours pending is stopped", seen: service(ours, deployment(ours, pending, 0)), before: succeeded(), want: Plan{Decision: Stopped, Stop: "deployment/web:42PENDING", Target: base}},
		{name: "one that ECS does not let be stopped is left by pointing the service back", seen: service(ours, running), before: succeeded(), unstoppable: true, want: Plan{Decision: Pointed, Target: base}},
		{name: "one that ECS is asked to roll back is waited for", seen: service(ours, deployment(ours, rollbackRequested, 0)), before: succeeded(), want: Plan{Decision: Restoring}},
		{name: "one that ECS rolls back is waited for", seen: service(base, deployment(ours, rollbackInProgress, 0)), before: succeeded(), want: Plan{Decision: Restoring, Target: base}},
		{name: "one that ECS has rolled back needs nothing", seen: service(base, deployment(ours, "ROLLBACK_SUCCESSFUL", 0)), before: succeeded(), want: Plan{Decision: Restored, Target: base}},
		{name: "one that ECS has rolled back, and that something newer has followed, is not back on that", seen: service(newer, deployment(ours, "ROLLBACK_SUCCESSFUL", 0), deployment(newer, inProgress, 5)),
			before: succeeded(), want: Plan{Decision: Superseded}, says: "ECS rolled it back, and a newer service deployment of web:43"},
		{name: "one that ECS has rolled back to what somebody deployed anew since is back on that", seen: service(base, deployment(ours, "ROLLBACK_SUCCESSFUL", 0), deployment(base, inProgress, 5)),
			before: succeeded(), want: Plan{Decision: Restored, Target: base}},
		{name: "a rollback of ECS that failed, on what it goes back to, is not tried again", seen: service(base, deployment(ours, "ROLLBACK_FAILED", 0)), before: succeeded(), want: Plan{Decision: Nothing}, says: "web:41 already"},
		{name: "a rollback of ECS that failed, still on ours, is made by us", seen: service(ours, deployment(ours, "ROLLBACK_FAILED", 0)), before: succeeded(), want: Plan{Decision: Pointed, Target: base}},
		{name: "one that the circuit breaker stopped is left by pointing the service back", seen: service(ours, deployment(ours, "STOPPED", 0)), before: succeeded(), want: Plan{Decision: Pointed, Target: base}, says: "web:41"},
		{name: "one that the circuit breaker is stopping too", seen: service(ours, deployment(ours, "STOP_REQUESTED", 0)), before: succeeded(), want: Plan{Decision: Pointed, Target: base}},
		{name: "one that finished after all is left alone", seen: service(ours, deployment(ours, "SUCCESSFUL", 0)), before: succeeded(), want: Plan{Decision: Finished}},
		{name: "one that something newer has replaced is left alone", seen: service(newer, deployment(ours, "STOPPED", 0), deployment(newer, inProgress, 5)), before: succeeded(), want: Plan{Decision: Superseded}, says: "web:43"},
		{name: "one in progress that something newer replaces too", seen: service(newer, running, deployment(newer, pending, 5)), before: succeeded(), want: Plan{Decision: Superseded}},
		{name: "a service that was pointed elsewhere a moment ago is watched", seen: service(newer, func() rollout.Deployment { d := deployment(ours, "STOPPED", 0); d.FinishedAt = at(10); return d }()),
			before: succeeded(), want: Plan{Decision: Restoring, Target: newer}},
		{name: "a service that is pointed back by hand is not pointed there again", seen: service(base, deployment(ours, "STOPPED", 0)), before: succeeded(), want: Plan{Decision: Nothing}},
		{name: "a service that was deleted", seen: rollout.Seen{}, before: succeeded(), want: Plan{Decision: Gone}},
		{name: "a service that is being deleted", seen: rollout.Seen{Status: "DRAINING", TaskDefinition: ours}, before: succeeded(), want: Plan{Decision: Gone}},

		{name: "without anything that succeeded there is nothing to go back to", seen: service(ours, running), want: Plan{Decision: Nothing}, says: "nothing to go back to"},
		{name: "our own revision is nothing to go back to", seen: service(ours, deployment(ours, "STOPPED", 0)), before: []rollout.Deployment{deployment(ours, "SUCCESSFUL", -60)}, want: Plan{Decision: Nothing}},
		{name: "nor is another one with the image that failed", seen: service(ours, deployment(ours, "STOPPED", 0)), before: []rollout.Deployment{deployment(base, "SUCCESSFUL", -60, "shop/web@"+digest)}, want: Plan{Decision: Nothing}},
		{name: "nor one whose tag stands for it", seen: service(ours, deployment(ours, "STOPPED", 0)), before: []rollout.Deployment{deployment(base, "SUCCESSFUL", -60, "shop/web:latest", digest)}, want: Plan{Decision: Nothing}},
		{name: "nor one that was found unfit", seen: service(ours, running), before: succeeded(), unfit: []string{base}, want: Plan{Decision: Pointed, Target: older}},
		{name: "nor one by a tag that may be that of the image that failed: it is told", seen: service(ours, deployment(ours, "STOPPED", 0)), before: succeeded(), loose: []string{base},
			want: Plan{Decision: Pointed, Target: older}, says: "web:41 was passed over, for it names its image by a tag"},
		{name: "and told where there is nothing else", seen: service(ours, deployment(ours, "STOPPED", 0)), before: succeeded()[:1], loose: []string{base},
			want: Plan{Decision: Nothing}, says: "nothing else to go back to: web:41 was passed over, for it names its image by a tag and ECS does not tell, or not any more, which image that was"},
		{name: "and told of each", seen: service(ours, deployment(ours, "STOPPED", 0)), before: succeeded(), loose: []string{base, older},
			want: Plan{Decision: Nothing}, says: "web:41, web:40 were passed over, for they name their images by a tag"},
		{name: "one of which ECS keeps no service deployment any more too: a person knows whether its tag can have moved",
			seen: entries(service(ours), entry("PRIMARY", ours, "FAILED", 0), entry("ACTIVE", base, "COMPLETED", -60)), loose: []string{base},
			want: Plan{Decision: Nothing}, says: "where the tag cannot have moved since, go back to it by hand"},
		{name: "nor one that ECS does not know any more", seen: service(ours, deployment(ours, "STOPPED", 0)), before: []rollout.Deployment{deployment("", "SUCCESSFUL", -60), deployment(older, "SUCCESSFUL", -90)}, want: Plan{Decision: Pointed, Target: older}},
		{name: "what ECS itself would go back to has the image that failed: the service is pointed at the one before", seen: service(ours, running),
			before: []rollout.Deployment{deployment(base, "SUCCESSFUL", -60, digest), deployment(older, "SUCCESSFUL", -90)}, want: Plan{Decision: Pointed, Target: older}},
		{name: "nor one whose deployment succeeded without a task, which ECS would choose", seen: service(ours, running),
			before: []rollout.Deployment{idle(base, -60), deployment(older, "SUCCESSFUL", -90)}, want: Plan{Decision: Pointed, Target: older}},
		{name: "unless it was scaled up since, and runs", seen: entries(service(ours, running), entry("PRIMARY", ours, "IN_PROGRESS", 0), entry("ACTIVE", base, "COMPLETED", -60)),
			before: []rollout.Deployment{idle(base, -60), deployment(older, "SUCCESSFUL", -90)}, want: Plan{Decision: Stopped, Stop: running.ARN, Target: base}},
		{name: "or unless no other has had one", seen: service(ours, running),
			before: []rollout.Deployment{idle(base, -60), idle(older, -90)}, want: Plan{Decision: Stopped, Stop: running.ARN, Target: base}},
		{name: "without service deployments, what the service itself had completed is gone back to",
			seen: entries(service(ours), entry("PRIMARY", ours, "FAILED", 0), entry("ACTIVE", base, "COMPLETED", -60)), want: Plan{Decision: Pointed, Target: base}},
		{name: "and not what it had not completed", seen: entries(service(ours), entry("PRIMARY", ours, "FAILED", 0), entry("ACTIVE", base, "FAILED", -60)), want: Plan{Decision: Nothing}},

		{name: "an earlier attempt has pointed it back", seen: entries(service(base, deployment(ours, "STOPPED", 0)), entry("PRIMARY", base, "IN_PROGRESS", 9), entry("ACTIVE", ours, "FAILED", 0)),
			before: succeeded(), earlier: base, want: Plan{Decision: Pointed, Target: base, Landed: true, At: at(9)}},
		{name: "an earlier attempt has, and it failed since", seen: service(newer, deployment(ours, "STOPPED", 0), deployment(base, "STOPPED", 9), deployment(newer, inProgress, 10)),
			before: succeeded(), earlier: base, want: Plan{Decision: Pointed, Target: base, Landed: true, At: at(9)}},
		{name: "an earlier attempt did not come so far", seen: entries(service(ours, deployment(ours, "STOPPED", 0)), entry("PRIMARY", ours, "FAILED", 0), entry("ACTIVE", base, "COMPLETED", -60)),
			before: succeeded(), earlier: base, want: Plan{Decision: Pointed, Target: base}},
		{name: "an earlier attempt has stopped it, and ECS has rolled it back under the id of before",
			seen: entries(service(base, deployment(ours, "ROLLBACK_SUCCESSFUL", 0)), entry("PRIMARY", base, "COMPLETED", -60)), before: succeeded(), earlier: base, want: Plan{Decision: Restored, Target: base}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Choose(Case{Aim: rollout.Aim{TaskDefinition: ours, Base: base, Since: noon, Accepted: true}, Seen: tt.seen, Before: tt.before,
				Digest: digest, Earlier: tt.earlier, Unstoppable: tt.unstoppable, Unfit: tt.unfit, Loose: tt.loose, Now: at(10)})
			if got.Reason == "" || !strings.Contains(got.Reason, tt.says) {
				t.Errorf("the reason is %q, want %q in it", got.Reason, tt.says)
			}
			got.Reason = ""
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error("(-want +got)\n" + diff)
			}
		})
	}
}

func TestRan(t *testing.T) {
	ran := func(minute int, digest string) rollout.Deployment {
		d := deployment(base, "SUCCESSFUL", minute)
		d.Images = []rollout.Image{{Container: "web", Name: "shop/web:latest", Digest: digest}, {Container: "proxy", Name: "nginx"}}
		return d
	}
	c := Case{Digest: digest, Before: []rollout.Deployment{deployment(older, "SUCCESSFUL", -10, "x"), ran(-20, digest), ran(-30, ""), ran(-40, "sha256:good"), ran(-50, "sha256:old")}}
	if diff := cmp.Diff(map[string]string{"web": "sha256:good", "proxy": ""}, c.Ran(base)); diff != "" {
		t.Error("(-want +got)\n" + diff)
	}
}
