package ecs

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestAnOutageMeetsTheNextTasksAndEnds(t *testing.T) {
	const pulled = "127.0.0.1:4566/shop/web@sha256:"
	for name, test := range map[string]struct {
		outage Outage
		reason string
		own    bool // the container has the reason too
	}{
		"a task without a network": {NoNetwork, `ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull registry auth from Amazon ECR: There is a connection issue between the task and Amazon ECR. Check your task network configuration. RequestError: send request failed caused by: Post "https://api.ecr.eu-west-1.amazonaws.com/": dial tcp `, false},
		"a registry that is slow":  {NoRegistry, "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref " + pulled, true},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLand(t, 1)
			l.strike(test.outage, 1)
			task := l.run(definitionOf(l.push()), nil, taskStopped, taskRunning)
			if task.StopCode != failedToStart || !strings.HasPrefix(task.Reason, test.reason) || !strings.HasSuffix(task.Reason, ": i/o timeout") || !task.StartedAt.IsZero() {
				t.Errorf("%s: %q", task.StopCode, task.Reason)
			}
			if c := task.Containers[0]; test.own != (c.Reason == task.Reason) {
				t.Errorf("its container is %+v", c)
			}
			l.until("steady", l.steady)
		})
	}
}

// TestAStoreThatDoesNotAnswerMeetsTasksThatAskIt: a task without secrets does not notice, and is not counted.
func TestAStoreThatDoesNotAnswerMeetsTasksThatAskIt(t *testing.T) {
	const pulling = "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve "
	for _, test := range []struct {
		outage       Outage
		from, reason string
	}{
		{NoSecrets, "/shop/password", pulling + "secrets from ssm: service call has been retried 5 time(s): RequestCanceled: request context canceled caused by: context deadline exceeded"},
		{NoSecrets, "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop-AbCdEf:key::", pulling + "secret from asm: service call has been retried 5 time(s): failed to fetch secret arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop-AbCdEf from secrets manager: RequestCanceled: request context canceled caused by: context deadline exceeded"},
		{Throttling, "/shop/password", pulling + "secrets from ssm: service call has been retried 5 time(s): ThrottlingException: Rate exceeded"},
		{NoSecrets, "", ""},
		{Throttling, "", ""},
	} {
		l := newLand(t, 1)
		in := definitionOf(l.push())
		if test.from != "" {
			addSecret(test.from)(l, in)
		}
		l.strike(test.outage, 1)
		if test.reason == "" {
			l.run(in, nil, taskRunning)
			if l.ecs.state.Outages[test.outage] != 1 {
				t.Errorf("%s met a task without secrets", test.outage)
			}
			continue
		}
		if task := l.run(in, nil, taskStopped, taskRunning); task.Reason != test.reason {
			t.Errorf("%s of %s: %q", test.outage, test.from, task.Reason)
		}
	}
}

func TestARegistryThatIsSlowIsAskedForTheTag(t *testing.T) {
	if got := unpullable("h:1/a/b:v1"); !strings.Contains(got, `Head "https://h:1/v2/a/b/manifests/v1": dial`) {
		t.Error(got)
	}
	if got := unpullable("h:1/a/b@sha256:0"); !strings.Contains(got, `/v2/a/b/manifests/sha256:0"`) {
		t.Error(got)
	}
	if got := unpullable("h:1/a/b"); !strings.Contains(got, `/v2/a/b/manifests/latest"`) {
		t.Error(got)
	}
}

func TestWhereFargateHasNoRoomNoTaskIsStarted(t *testing.T) {
	for outage, reason := range map[Outage]string{
		NoCapacity: "Capacity is unavailable at this time. Please try again later or in a different availability zone.",
		AtQuota:    "You've reached the limit on the number of tasks you can run concurrently.",
	} {
		l := newLand(t, 1)
		l.watched(true)
		l.create(1, object{"deploymentConfiguration": breakerOn(true)})
		l.until("steady", l.steady)
		tasks := len(l.ecs.state.Tasks)
		l.strike(outage, 2)
		l.update(l.push())
		l.until("two attempts", func() bool { return l.web().primary().Failed == 2 })
		if n := len(l.ecs.state.Tasks); n != tasks {
			t.Errorf("%s: %d tasks, before %d", outage, n, tasks)
		}
		want := "(service web) was unable to place a task. Reason: " + reason + " For more information, see the Troubleshooting section of the Amazon ECS Developer Guide."
		if !slices.ContainsFunc(l.described().Events, func(e eventOutput) bool { return e.Message == want }) {
			t.Errorf("%s: the events are %+v", outage, l.described().Events)
		}
		if got := l.published("ECS Service Action"); !slices.Contains(got, placementFailure) {
			t.Errorf("%s: published %v", outage, got)
		}
		l.until("steady", l.steady)
		if got := l.rollouts(); got[1] != successful {
			t.Errorf("%s: %v, though the third attempt had room", outage, got)
		}
	}
}

func TestAnOutageThatLastsTripsTheBreaker(t *testing.T) {
	l := newLand(t, 1)
	l.create(1, object{"deploymentConfiguration": breakerOn(true)})
	l.until("steady", l.steady)
	l.strike(NoCapacity, 100)
	l.update(l.push())
	l.until("rolled back", func() bool { return l.rollout(1) == rollbackSuccessful })
	l.strike(NoCapacity, 0)
	l.update(l.push())
	l.until("rolled out", func() bool { return l.rollout(2) == successful })
}

func TestOnlyAnOutageThatThereIsStrikes(t *testing.T) {
	l := newLand(t, 1)
	if l.ecs.Strike("flood", 1) == nil || l.ecs.Strike("", 1) == nil || l.ecs.Strike(NoNetwork, -1) == nil {
		t.Error("an outage was taken that cannot be")
	}
}

func (l *land) strike(what Outage, tasks int) {
	l.t.Helper()
	if err := l.ecs.Strike(what, tasks); err != nil {
		l.t.Fatal(err)
	}
}

func TestAProgramThatIsNotInTheImageStartsNoTask(t *testing.T) {
	l := newLand(t, 1)
	task := l.run(definitionOf(l.push("noexec=/app")), nil, taskStopped, taskRunning)
	const want = `CannotStartContainerError: ResourceInitializationError: failed to create new container runtime task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "/app": stat /app: no such file or directory: unknown`
	if task.StopCode != failedToStart || task.Reason != want || task.Containers[0].Reason != want || task.Containers[0].ExitCode != nil {
		t.Errorf("%s: %q, its container %+v", task.StopCode, task.Reason, task.Containers[0])
	}
	if !task.StartedAt.IsZero() || !task.PullStopped.Before(task.StoppingAt) || l.web().primary().Failed != 1 {
		t.Errorf("started %v, pulled %v, stopped %v; %d failures", task.StartedAt, task.PullStopped, task.StoppingAt, l.web().primary().Failed)
	}
}

func TestATaskThatWasHealthyBecomesUnhealthy(t *testing.T) {
	check := object{"command": []string{"CMD", "x"}, "interval": 10, "retries": 3}
	for name, test := range map[string]struct {
		after string
		was   bool          // healthy
		ran   time.Duration // until it is stopped
	}{
		"after a while":                {"1m", true, 80 * time.Second},
		"between two checks":           {"61s", true, 90 * time.Second},
		"before its first check":       {"5s", false, 30 * time.Second},
		"at the second check":          {"11s", true, 40 * time.Second},
		"never: that is another label": {"", true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLand(t, 1)
			labels := []string{}
			if test.after != "" {
				labels = append(labels, "unhealthyafter="+test.after)
			}
			in, until := withHealthCheck(definitionOf(l.push(labels...)), check), taskStopped
			if test.ran == 0 {
				until = taskRunning
			}
			task := l.run(in, nil, until)
			l.pass(time.Hour)
			if test.ran == 0 {
				if task.Last != taskRunning || task.Health != healthy {
					t.Errorf("it is %s and %s", task.Last, task.Health)
				}
				return
			}
			if ran := task.StoppingAt.Sub(task.StartedAt); ran != test.ran || task.WasHealthy != test.was {
				t.Errorf("it ran for %v and was healthy: %v", ran, task.WasHealthy)
			}
			if task.Reason != "Task failed container health checks" || task.Containers[0].Health != unhealthy || !task.Failed {
				t.Errorf("%q: %+v", task.Reason, task.Containers[0])
			}
		})
	}
}
