package ecs

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestANewerDeploymentStopsTheOneThatIsUnderWay(t *testing.T) {
	for name, wait := range map[string]time.Duration{
		"before its service deployment exists": time.Second,
		"while it is pending":                  2 * time.Second,
		"while its tasks start":                20 * time.Second,
		"while both run":                       70 * time.Second,
	} {
		t.Run(name, func(t *testing.T) {
			l := newLand(t, 1)
			l.watched(true)
			l.create(3, object{"deploymentConfiguration": breakerOn(true)})
			l.until("steady", l.steady)
			l.update(l.push())
			l.pass(wait)
			arn := l.update(l.push())
			l.until("steady", l.steady)
			if diff := cmp.Diff([]string{successful, stopped, successful}, l.rollouts()); diff != "" {
				t.Error(diff)
			}
			out := l.described()
			if len(out.Deployments) != 1 || out.TaskDefinition != arn || out.Deployments[0].TaskDefinition != arn || out.Running != 3 {
				t.Errorf("in the end the service is %+v", out)
			}
			if r := l.web().Rollouts[1]; r.StoppedAt.IsZero() || r.Rollback != nil {
				t.Errorf("the service deployment that was superseded is %+v", r)
			}
		})
	}
}

func TestADeploymentThatReplacesARollbackGoesBackToTheSame(t *testing.T) {
	l := newLand(t, 1)
	l.watched(true)
	l.create(1, object{"deploymentConfiguration": breakerOn(true)})
	l.until("steady", l.steady)
	first := l.described().Deployments[0].ID
	l.update(l.push("exit=1"))
	l.until("rolling back", func() bool { return l.rollout(1) == rollbackInProgress })
	l.update(l.push("exit=2"))
	if got := l.rollout(1); got != rollbackFailed {
		t.Errorf("the rollback that was cut short is %s", got)
	}
	l.until("rolled back", l.steady)
	if diff := cmp.Diff([]string{successful, rollbackFailed, rollbackSuccessful}, l.rollouts()); diff != "" {
		t.Error(diff)
	}
	if got := l.described().Deployments[0].ID; got != first {
		t.Errorf("it went back to %s, not to %s", got, first)
	}
}

func TestStopServiceDeploymentRollsBack(t *testing.T) {
	for name, wait := range map[string]time.Duration{
		"while it is pending":          2 * time.Second,
		"while its tasks start":        20 * time.Second,
		"while its tasks have started": 70 * time.Second,
	} {
		t.Run(name, func(t *testing.T) {
			l := newLand(t, 1)
			l.watched(true)
			l.create(2, nil) // not even the breaker is on
			l.until("steady", l.steady)
			first := l.described().Deployments[0].ID
			l.update(l.push())
			l.pass(wait)
			arn := l.ecs.rolloutARN(l.web(), l.web().Rollouts[1])
			l.ok("StopServiceDeployment", object{"serviceDeploymentArn": arn, "stopType": "ROLLBACK"})
			if got := l.rollout(1); got != rollbackRequested {
				t.Errorf("right after it is %s", got)
			}
			l.until("rolled back", l.steady)
			if got := l.described().Deployments; len(got) != 1 || got[0].ID != first || l.rollout(1) != rollbackSuccessful {
				t.Errorf("in the end it is %s: %+v", l.rollout(1), got)
			}
			if _, err := l.call("StopServiceDeployment", object{"serviceDeploymentArn": arn}); err == nil || err.Code != "ConflictException" {
				t.Errorf("stopped again when it was over: %v", err)
			}
		})
	}
}

func TestARollbackRequestThatComesTooLateFindsTheDeploymentSuccessful(t *testing.T) {
	l := newLand(t, 1)
	l.watched(true)
	l.create(1, nil)
	l.until("steady", l.steady)
	l.update(l.push())
	l.until("nearly complete", func() bool {
		v := l.web()
		return !v.SteadySince.IsZero() && l.w.Now().Sub(v.SteadySince) >= 0 && !v.SteadyReported
	})
	l.pass(steadyAfter - 500*time.Millisecond)
	l.ok("StopServiceDeployment", object{"serviceDeploymentArn": l.ecs.rolloutARN(l.web(), l.web().Rollouts[1])})
	l.until("over", func() bool { return l.web().Rollouts[1].over() })
	if got := l.rollout(1); got != successful {
		t.Errorf("it is %s", got)
	}
}

func TestTheFirstDeploymentCannotBeRolledBack(t *testing.T) {
	l := newLand(t, 1)
	l.watched(true)
	l.create(1, nil)
	l.pass(10 * time.Second)
	l.ok("StopServiceDeployment", object{"serviceDeploymentArn": l.ecs.rolloutARN(l.web(), l.web().Rollouts[0])})
	l.until("stopped", func() bool { return l.rollout(0) == stopped })
	if r := l.web().Rollouts[0]; r.Reason != reasonNoCandidate {
		t.Errorf("its reason is %q", r.Reason)
	}
}

func TestADesiredCountOfZeroIsReachedWithoutATask(t *testing.T) {
	l := newLand(t, 1)
	l.watched(true)
	l.create(0, nil)
	l.until("steady", l.steady)
	l.update("127.0.0.1:4566/shop/web:gone")
	l.until("steady", l.steady)
	if diff := cmp.Diff([]string{successful, successful}, l.rollouts()); diff != "" || len(l.ecs.state.Tasks) != 0 {
		t.Errorf("%d tasks, %s", len(l.ecs.state.Tasks), diff)
	}
}

func TestScalingStartsNoDeployment(t *testing.T) {
	l := newLand(t, 1)
	l.create(2, nil)
	l.until("steady", l.steady)
	id := l.described().Deployments[0].ID
	for _, n := range []int{5, 1, 0, 2} {
		l.ok("UpdateService", object{"cluster": prod, "service": "web", "desiredCount": n})
		l.pass(10 * time.Second)
		l.until("steady", l.steady)
		out := l.described()
		if out.Running != n || out.Deployments[0].ID != id || out.Deployments[0].State != "COMPLETED" || len(l.rollouts()) != 1 {
			t.Errorf("scaled to %d the service is %+v", n, out)
		}
	}
}

func TestTheSameTaskDefinitionDeploysOnlyByForce(t *testing.T) {
	l := newLand(t, 1)
	l.create(1, nil)
	l.until("steady", l.steady)
	in := object{"cluster": prod, "service": "web", "taskDefinition": "web:1"}
	l.ok("UpdateService", in)
	l.pass(time.Minute)
	if n := len(l.rollouts()); n != 1 {
		t.Errorf("the same task definition made %d service deployments", n)
	}
	in["forceNewDeployment"] = true
	l.ok("UpdateService", in)
	l.until("steady", l.steady)
	if diff := cmp.Diff([]string{successful, successful}, l.rollouts()); diff != "" {
		t.Error(diff)
	}
}

func TestAnUpdateEndsThePauseOfTasksThatDoNotStart(t *testing.T) {
	l := newLand(t, 1)
	l.create(1, nil)
	l.until("steady", l.steady)
	l.update("127.0.0.1:4566/shop/web:gone")
	l.until("pausing", func() bool { return l.web().primary().NextStart.After(l.w.Now()) })
	l.ok("UpdateService", object{"cluster": prod, "service": "web", "forceNewDeployment": true})
	l.images["127.0.0.1:4566/shop/web:gone"] = l.images[l.push()]
	began := l.w.Now()
	l.until("steady", l.steady)
	if took := l.w.Now().Sub(began); took > 3*time.Minute {
		t.Errorf("it took %v", took)
	}
}

func TestThePauseBetweenStartsGrowsToAQuarterOfAnHour(t *testing.T) {
	l := newLand(t, 1)
	l.create(1, nil)
	l.until("steady", l.steady)
	l.update("127.0.0.1:4566/shop/web:gone")
	var pauses []time.Duration
	for len(pauses) < 5 {
		d := l.web().primary()
		before := d.NextStart
		l.until("the next pause", func() bool { return !l.web().primary().NextStart.Equal(before) })
		pauses = append(pauses, d.NextStart.Sub(l.w.Now()))
	}
	want := []time.Duration{4 * time.Minute, 8 * time.Minute, 15 * time.Minute, 15 * time.Minute, 15 * time.Minute}
	if diff := cmp.Diff(want, pauses); diff != "" {
		t.Error(diff)
	}
}

func TestTimeRunsFasterAtAnyPaceInTheSameOrder(t *testing.T) {
	var want []string
	for _, pace := range []float64{1, 7.3, 25, 1000, 1e6} {
		l := newLand(t, pace)
		l.watched(true)
		l.create(3, object{"deploymentConfiguration": breakerOn(true)})
		began := l.w.Now()
		l.until("steady", l.steady)
		l.update(l.push("exit=1"))
		l.until("steady", l.steady)
		if took := l.w.Now().Sub(began).Seconds() * pace; took < 200 || took > 600 {
			t.Errorf("at pace %v it took %v s of AWS's", pace, took)
		}
		var got []string
		for _, e := range l.events {
			got = append(got, e.DetailType)
		}
		got = append(got, l.published("ECS Task State Change")...)
		if want == nil {
			want = got
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("pace %v: %s", pace, diff)
		}
	}
}

func TestAServiceThatIsDeletedEndsInactive(t *testing.T) {
	l := newLand(t, 1)
	l.create(2, nil)
	l.until("steady", l.steady)
	if _, err := l.call("DeleteService", object{"cluster": prod, "service": "web"}); err == nil || err.Code != "InvalidParameterException" {
		t.Errorf("deleted with tasks: %v", err)
	}
	l.ok("DeleteService", object{"cluster": prod, "service": "web", "force": true})
	if got := l.described().Status; got != "DRAINING" {
		t.Errorf("it is %s", got)
	}
	if _, err := l.call("UpdateService", object{"cluster": prod, "service": "web", "desiredCount": 1}); err == nil || err.Code != "ServiceNotActiveException" {
		t.Errorf("updated: %v", err)
	}
	l.until("inactive", func() bool { return l.described().Status == "INACTIVE" })
	l.pass(2 * time.Hour)
	if n := len(l.ecs.state.Tasks); n != 0 {
		t.Errorf("%d tasks are still listed", n)
	}
	l.ok("CreateService", object{"cluster": prod, "serviceName": "web", "taskDefinition": "web", "desiredCount": 1, "launchType": "FARGATE",
		"networkConfiguration": object{"awsvpcConfiguration": object{"subnets": []string{"subnet-1"}}}})
	l.until("steady", l.steady)
}

func TestAServiceWithoutCapacityIsToldSo(t *testing.T) {
	l := newLand(t, 1)
	l.create(1, object{"launchType": "EC2"})
	l.pass(time.Minute)
	if e := l.described().Events; len(e) == 0 || l.described().Running != 0 {
		t.Errorf("the events are %+v", e)
	}
}

func TestTheDesiredCountOfAnOlderDeploymentFallsWithItsTasks(t *testing.T) {
	l := newLand(t, 1)
	l.create(4, object{"deploymentConfiguration": object{"minimumHealthyPercent": 50}})
	l.until("steady", l.steady)
	l.update(l.push())
	l.until("half", func() bool { return l.described().Deployments[1].Desired == 2 })
	l.until("gone", func() bool { return len(l.described().Deployments) == 1 })
}

func TestABakeTimeDelaysTheEndOfADeployment(t *testing.T) {
	l := newLand(t, 1)
	l.create(1, object{"deploymentConfiguration": object{"bakeTimeInMinutes": 7}})
	l.pass(6 * time.Minute)
	if got := l.rollout(0); got != inProgress || l.described().Running != 1 {
		t.Errorf("while it bakes the service deployment is %s", got)
	}
	l.pass(4 * time.Minute)
	if got := l.rollout(0); got != successful {
		t.Errorf("afterwards it is %s", got)
	}
}

func TestAnUpdateThatChangesNothingAnnouncesNothing(t *testing.T) {
	l := newLand(t, 1)
	l.create(1, nil)
	l.until("steady", l.steady)
	n := len(l.events)
	l.ok("UpdateService", object{"cluster": prod, "service": "web", "taskDefinition": "web:1", "desiredCount": 1})
	l.pass(time.Hour)
	if len(l.events) != n {
		t.Errorf("it announced %v", l.published("ECS Service Action"))
	}
}

func BenchmarkDeployments(b *testing.B) {
	l := newLand(&testing.T{}, 1)
	l.create(2, object{"deploymentConfiguration": breakerOn(true)})
	for b.Loop() {
		if _, err := l.ecs.register(mustMembers(b, definitionOf("nginx")), nil, "x"); err != nil {
			b.Fatal(err)
		}
		l.pass(5 * time.Minute)
		l.ok("UpdateService", object{"cluster": prod, "service": "web", "taskDefinition": "web"})
		l.until("steady", l.steady)
		l.events = nil
	}
}
