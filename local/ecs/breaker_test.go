package ecs

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTheThresholdIsHalfOfTheDesiredCountWithinBoundsUnlessSetOtherwise(t *testing.T) {
	for _, test := range []struct {
		config  string
		desired int
		want    int
	}{
		{"", 1, 3}, {"", 25, 13}, {"", 400, 200}, {"", 800, 200}, {"", 0, 3},
		{`{"type":"BOUNDED_PERCENT","value":10}`, 100, 10},
		{`{"type":"UNBOUNDED_PERCENT","value":50}`, 2, 1},
		{`{"type":"UNBOUNDED_PERCENT","value":50}`, 800, 400},
		{`{"type":"COUNT","value":7}`, 800, 7},
	} {
		d := deploymentConfig{"deploymentCircuitBreaker": []byte(`{"enable":true,"rollback":true}`)}
		if test.config != "" {
			d["deploymentCircuitBreaker"] = []byte(`{"enable":true,"rollback":true,"thresholdConfiguration":` + test.config + `}`)
		}
		c, err := d.read()
		if err != nil {
			t.Fatal(err)
		}
		if got := c.threshold(test.desired); got != test.want {
			t.Errorf("%s of %d desired: %d, want %d", test.config, test.desired, got, test.want)
		}
	}
}

func TestTheBreakerRollsBackToTheLastCompletedDeployment(t *testing.T) {
	for name, test := range map[string]struct {
		image         func(*land) string
		change        func(object) object
		least, most   time.Duration
		stopCode, why string
	}{
		"a container that exits at its start": {image: func(l *land) string { return l.push("exit=1") },
			least: 2 * time.Minute, most: 4 * time.Minute, stopCode: essentialExited, why: "Essential container in task exited"},
		"an image that is not there": {image: func(*land) string { return "127.0.0.1:4566/shop/web:gone" },
			least: 10 * time.Minute, most: 12 * time.Minute, stopCode: failedToStart, why: "CannotPullContainerError: "},
		"a container that is never healthy": {image: func(l *land) string { return l.push("unhealthy=true") },
			change: func(in object) object {
				return withHealthCheck(in, object{"command": []string{"CMD", "true"}, "interval": 10})
			},
			least: 4 * time.Minute, most: 8 * time.Minute, stopCode: schedulerInitiated, why: "Task failed container health checks"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLand(t, 1)
			l.watched(true)
			l.create(1, object{"deploymentConfiguration": breakerOn(true)})
			l.until("steady", l.steady)
			first, firstDefinition := l.described().Deployments[0], l.described().TaskDefinition
			in := definitionOf(test.image(l))
			if test.change != nil {
				in = test.change(in)
			}
			began, arn := l.w.Now(), l.register(in)
			l.ok("UpdateService", object{"cluster": prod, "service": "web", "taskDefinition": arn})
			ours := l.described().Deployments[0]
			l.until("rolling back", func() bool { return l.rollout(1) == rollbackInProgress })
			if took := l.w.Now().Sub(began); took < test.least || took > test.most {
				t.Errorf("the breaker took %v", took)
			}
			d := l.described().Deployments
			if len(d) != 2 || d[0].ID != first.ID || d[0].Status != "PRIMARY" || d[0].State != "IN_PROGRESS" ||
				d[0].Reason != "ECS deployment circuit breaker: rolling back to deploymentId "+first.ID+"." ||
				d[1].ID != ours.ID || d[1].Status != "DRAINING" || d[1].State != "FAILED" || d[1].Failed != 3 ||
				d[1].Reason != "ECS deployment circuit breaker: tasks failed to start." {
				t.Errorf("while it rolls back the deployments are %+v", d)
			}
			l.until("rolled back", l.steady)
			after := l.described()
			if len(after.Deployments) != 1 || after.Deployments[0].ID != first.ID || after.Deployments[0].State != "COMPLETED" || after.TaskDefinition != firstDefinition {
				t.Errorf("in the end the service is %+v", after)
			}
			l.holdsRolledBack(ours.ID, first.ID)
			l.holdsStopped(arn, test.stopCode, test.why)
		})
	}
}

// holdsRolledBack holds the last service deployment against what is known of one that ECS rolled back.
func (l *land) holdsRolledBack(ours, first string) {
	l.t.Helper()
	r := l.web().Rollouts[1]
	out := l.ecs.rolloutOutput(l.web(), r)
	number := func(id string) string {
		return "arn:aws:ecs:eu-west-1:123456789012:service-revision/prod/web/" + strings.TrimPrefix(id, "ecs-svc/")
	}
	if out.Status != rollbackSuccessful || out.Reason != "Service deployment rolled back because the circuit breaker threshold was exceeded." ||
		out.Target.ARN != number(ours) || out.Rollback == nil || out.Rollback.Revision != number(first) || out.FinishedAt == nil ||
		out.Sources[0].ARN != number(first) {
		l.t.Errorf("the service deployment is %+v", out)
	}
	if diff := cmp.Diff(breakerOutput{"TRIGGERED", 3, 3}, out.Breaker); diff != "" {
		l.t.Error(diff)
	}
	want := []string{"SERVICE_DEPLOYMENT_IN_PROGRESS", "SERVICE_DEPLOYMENT_COMPLETED", "SERVICE_DEPLOYMENT_IN_PROGRESS",
		"SERVICE_DEPLOYMENT_FAILED", "SERVICE_DEPLOYMENT_IN_PROGRESS", "SERVICE_DEPLOYMENT_COMPLETED"}
	if diff := cmp.Diff(want, l.published("ECS Deployment State Change")); diff != "" {
		l.t.Error(diff)
	}
}

// holdsStopped holds the tasks of a task definition against how they should have ended.
func (l *land) holdsStopped(arn, code, reason string) {
	l.t.Helper()
	n := 0
	for _, t := range l.ecs.state.Tasks {
		if t.Definition != arn {
			continue
		}
		n++
		if t.StopCode == schedulerInitiated && strings.HasPrefix(t.Reason, "Scaling activity") {
			continue
		}
		if t.StopCode != code || !strings.HasPrefix(t.Reason, reason) {
			l.t.Errorf("a task ended with %s: %s", t.StopCode, t.Reason)
		}
	}
	if n < 3 {
		l.t.Errorf("there were %d tasks", n)
	}
}

func TestWithoutADeploymentToGoBackToTheServiceStalls(t *testing.T) {
	l := newLand(t, 1)
	l.watched(true)
	arn := l.register(definitionOf(l.push("exit=1")))
	l.create(1, object{"deploymentConfiguration": breakerOn(true), "taskDefinition": arn})
	l.until("stopped", func() bool { return l.rollout(0) == stopped })
	tasks := len(l.ecs.state.Tasks)
	l.pass(30 * time.Minute)
	out := l.ecs.rolloutOutput(l.web(), l.web().Rollouts[0])
	if out.Reason != "No rollback candidate was found to run the rollback." || out.Breaker.Status != "TRIGGERED" {
		t.Errorf("the service deployment is %+v", out)
	}
	if d := l.described().Deployments; d[0].Status != "PRIMARY" || d[0].State != "FAILED" || len(l.ecs.state.Tasks) != tasks {
		t.Errorf("%d tasks, then %d; the deployments are %+v", tasks, len(l.ecs.state.Tasks), d)
	}
}

func TestWithoutRollbackAFailedDeploymentStaysAsItIs(t *testing.T) {
	l := newLand(t, 1)
	l.watched(true)
	l.create(2, object{"deploymentConfiguration": breakerOn(false)})
	l.until("steady", l.steady)
	arn := l.update(l.push("exit=1"))
	l.until("stopped", func() bool { return l.rollout(1) == stopped })
	l.pass(20 * time.Minute)
	out := l.described()
	if out.TaskDefinition != arn || out.Deployments[0].State != "FAILED" || out.Deployments[0].Status != "PRIMARY" || out.Deployments[1].Running != 2 {
		t.Errorf("the service is %+v", out)
	}
	next := l.update(l.push())
	l.until("steady", l.steady)
	if out := l.described(); out.TaskDefinition != next || len(out.Deployments) != 1 {
		t.Errorf("after the next deployment the service is %+v", out)
	}
}

func TestARollbackThatFailsItselfEndsFailed(t *testing.T) {
	l := newLand(t, 1)
	l.create(1, object{"deploymentConfiguration": object{"minimumHealthyPercent": 0, "maximumPercent": 100,
		"deploymentCircuitBreaker": object{"enable": true, "rollback": true}}})
	l.until("steady", l.steady)
	clear(l.images) // what was deployed is gone from the registry
	l.update("127.0.0.1:4566/shop/web:gone")
	l.until("failed", func() bool { return l.rollout(1) == rollbackFailed })
	l.pass(time.Hour)
	if d := l.described().Deployments; len(d) != 1 || d[0].State != "FAILED" || l.described().Running != 0 {
		t.Errorf("the deployments are %+v", d)
	}
}

func TestAHealthyTaskResetsTheCountUnlessTheBreakerIsSetOtherwise(t *testing.T) {
	for reset, want := range map[bool]string{true: inProgress, false: rollbackInProgress} {
		l := newLand(t, 1)
		l.create(1, object{"deploymentConfiguration": object{"deploymentCircuitBreaker": object{
			"enable": true, "rollback": true, "resetOnHealthyTask": reset}}})
		l.until("steady", l.steady)
		l.update(l.push("exitafter=42s")) // healthy for two seconds, and never for long enough to be steady
		l.until("ten failures, or the breaker", func() bool {
			n := 0
			for _, task := range l.ecs.state.Tasks {
				n += one(task.Failed && task.Last == taskStopped)
			}
			return n == 10 || l.rollout(1) == rollbackInProgress
		})
		if got := l.rollout(1); got != want {
			t.Errorf("with resetOnHealthyTask %v the service deployment is %s, want %s", reset, got, want)
		}
	}
}

func TestTheBreakerCanBeOff(t *testing.T) {
	l := newLand(t, 1)
	l.create(1, nil)
	l.until("steady", l.steady)
	l.update(l.push("exit=1"))
	l.pass(40 * time.Minute)
	d := l.described().Deployments
	if d[0].State != "IN_PROGRESS" || d[0].Failed < 20 || l.rollout(1) != inProgress {
		t.Errorf("the deployments are %+v", d)
	}
	if out := l.ecs.rolloutOutput(l.web(), l.web().Rollouts[1]); out.Breaker.Status != "DISABLED" {
		t.Errorf("the breaker is %+v", out.Breaker)
	}
}

func TestADeploymentWhoseRollbackFailedIsNoCandidateAnyMore(t *testing.T) {
	l := newLand(t, 1)
	l.create(1, object{"deploymentConfiguration": object{"minimumHealthyPercent": 0, "maximumPercent": 100,
		"deploymentCircuitBreaker": object{"enable": true, "rollback": true}}})
	l.until("steady", l.steady)
	clear(l.images)
	l.update("127.0.0.1:4566/shop/web:gone")
	l.until("failed", func() bool { return l.rollout(1) == rollbackFailed })
	l.update("127.0.0.1:4566/shop/web:gone")
	l.until("stopped", func() bool { return l.rollout(2) == stopped })
	if r := l.web().Rollouts[2]; r.Reason != reasonNoCandidate || r.Rollback != nil {
		t.Errorf("the service deployment is %+v", r)
	}
}
