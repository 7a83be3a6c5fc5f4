package ecs

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fairlead/local/world"
)

// run creates a service with one task of the definition and returns the task once it is in one of the statuses.
func (l *land) run(in object, more object, statuses ...string) *task {
	l.t.Helper()
	service := object{"taskDefinition": l.register(in)}
	maps.Copy(service, more)
	l.create(1, service)
	var found *task
	l.until(strings.Join(statuses, " or "), func() bool {
		for _, t := range l.ecs.state.Tasks {
			for _, status := range statuses {
				if t.Last == status {
					found = t
				}
			}
		}
		return found != nil
	})
	return found
}

func TestATaskEndsAsItsImageBehaves(t *testing.T) {
	for name, test := range map[string]struct {
		labels       []string
		exit         int
		reason       string
		least, limit time.Duration // from its start
	}{
		"an exit code":            {labels: []string{"exit=3"}, exit: 3, least: time.Second, limit: 2 * time.Second},
		"an exit later":           {labels: []string{"exit=3", "exitafter=5m"}, exit: 3, least: 5 * time.Minute, limit: 5*time.Minute + time.Second},
		"an exit without a code":  {labels: []string{"exitafter=2s"}, exit: 0, least: 2 * time.Second, limit: 3 * time.Second},
		"too much memory":         {labels: []string{"oom=true"}, exit: 137, reason: "OutOfMemoryError: Container killed due to memory usage", limit: 2 * time.Second},
		"a start that takes long": {labels: []string{"start=20s", "exit=1"}, exit: 1, limit: 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLand(t, 1)
			task := l.run(definitionOf(l.push(test.labels...)), nil, taskStopped)
			out := taskOutputOf(l.ecs, task, world.EpochOf)
			if out.StopCode != essentialExited || out.Reason != "Essential container in task exited" || *out.Containers[0].ExitCode != test.exit || out.Containers[0].Reason != test.reason {
				t.Errorf("it ended as %+v", out)
			}
			if ran := task.StoppingAt.Sub(task.StartedAt); ran < test.least || ran > test.limit {
				t.Errorf("it ran for %v", ran)
			}
			if strings.Contains(fmt.Sprint(test.labels), "start=") && task.StartedAt.Sub(task.PullStopped) < 20*time.Second {
				t.Errorf("it started %v after its pull", task.StartedAt.Sub(task.PullStopped))
			}
		})
	}
}

func TestATaskThatCannotStartSaysWhy(t *testing.T) {
	pull := "CannotPullContainerError: "
	for name, test := range map[string]struct {
		change  func(*land, object)
		deny    string
		reason  string
		noPull  bool
		reasons bool // the container has the reason too
	}{
		"the image is for another platform": {reason: pull + "pull image manifest has been retried 7 time(s): image Manifest does not contain descriptor matching platform 'linux/arm64'",
			change: func(l *land, in object) {
				in["runtimePlatform"] = object{"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"}
				for reference, p := range l.images {
					p.Platforms = []string{"linux/amd64"}
					l.images[reference] = p
				}
			}, reasons: true},
		"the image is gone":                     {reason: pull, change: func(l *land, _ object) { clear(l.images) }, reasons: true},
		"the execution role may not pull":       {reason: pull + "The task can't pull the image.", deny: "pull", reasons: true},
		"the log group is missing":              {reason: "ResourceInitializationError: failed to validate logger args: ", change: func(l *land, _ object) { clear(l.groups) }, noPull: true},
		"the role may not write the log":        {reason: "ResourceInitializationError: failed to validate logger args: ", deny: "logs:PutLogEvents", noPull: true},
		"a label of the image is misspelt":      {reason: "CannotStartContainerError: ", change: func(l *land, in object) { l.relabel(in, "exitAfter=3s") }, reasons: true},
		"a label of the image cannot be read":   {reason: "CannotStartContainerError: ", change: func(l *land, in object) { l.relabel(in, "exit=yes") }, reasons: true},
		"the role may not read a secret":        {reason: "ResourceInitializationError: unable to pull secrets or registry auth: ", deny: "ssm:GetParameters", noPull: true, change: addSecret("password")},
		"there is no such parameter":            {reason: "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secrets from ssm: service call has been retried 1 time(s): invalid ssm parameters: password", noPull: true, change: addSecret("password")},
		"there is no such secret":               {reason: "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret arn:aws:secretsmanager:eu-west-1:123456789012:secret:x-aBcDeF from secrets manager: ResourceNotFoundException: Secrets Manager can't find the specified secret.", noPull: true, change: addSecret("arn:aws:secretsmanager:eu-west-1:123456789012:secret:x-aBcDeF:password::")},
		"the role may not read a secret of ASM": {reason: "ResourceInitializationError: unable to pull secrets or registry auth: ", deny: "secretsmanager:GetSecretValue", noPull: true, change: addSecret("arn:aws:secretsmanager:eu-west-1:123456789012:secret:x")},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLand(t, 1)
			in := definitionOf(l.push())
			if test.change != nil {
				test.change(l, in)
			}
			l.denied[test.deny] = true
			task := l.run(in, nil, taskStopped, taskRunning)
			if task.StopCode != failedToStart || !strings.HasPrefix(task.Reason, test.reason) || !task.StartedAt.IsZero() || task.PullStarted.IsZero() != test.noPull {
				t.Errorf("%s: %q; the pull began %v", task.StopCode, task.Reason, task.PullStarted)
			}
			if c := task.Containers[0]; test.reasons != (c.Reason == task.Reason) || c.ExitCode != nil {
				t.Errorf("its container is %+v", c)
			}
			if got := l.web().primary().Failed; got != 1 {
				t.Errorf("%d failed tasks were counted", got)
			}
		})
	}
}

func addSecret(from string) func(*land, object) {
	return func(_ *land, in object) {
		in["containerDefinitions"].([]any)[0].(object)["secrets"] = []any{object{"name": "PASSWORD", "valueFrom": from}}
	}
}

func (l *land) relabel(in object, label string) {
	in["containerDefinitions"].([]any)[0].(object)["image"] = l.push(label)
}

func TestARoleThatCannotBeAssumedStartsNoTask(t *testing.T) {
	for _, role := range []string{taskRole, executionRole} {
		l := newLand(t, 1)
		l.untrue[role] = true
		l.create(1, nil)
		l.pass(time.Minute)
		e := l.described().Events
		if len(l.ecs.state.Tasks) != 0 || len(e) == 0 || !strings.Contains(e[len(e)-1].Message, "failed to launch a task with (error ECS was unable to assume the role '"+role+"'") {
			t.Errorf("%d tasks, events %+v", len(l.ecs.state.Tasks), e)
		}
		if got := l.published("ECS Service Action"); len(got) == 0 || got[0] != "SERVICE_TASK_CONFIGURATION_FAILURE" {
			t.Errorf("published %v", got)
		}
		if got := l.web().primary().Failed; got < 2 {
			t.Errorf("%d failures were counted", got)
		}
	}
}

func TestAContainerWritesItsLine(t *testing.T) {
	l := newLand(t, 1)
	task := l.run(definitionOf(l.push("log=hello")), nil, taskRunning)
	if diff := cmp.Diff([]string{"hello"}, l.lines["web/web/"+task.ID]); diff != "" {
		t.Error(diff)
	}
}

func TestAnImageOfAnotherRegistryStartsAndStaysUp(t *testing.T) {
	l := newLand(t, 1)
	l.run(definitionOf("public.ecr.aws/docker/library/nginx:1.27"), nil, taskRunning)
	l.until("steady", l.steady)
	l.pass(24 * time.Hour)
	if out := l.described(); out.Running != 1 || len(l.ecs.state.Tasks) != 1 {
		t.Errorf("the service is %+v", out)
	}
}

func TestHealthChecksComeOutInTheirTime(t *testing.T) {
	const s = time.Second
	for name, test := range map[string]struct {
		check healthCheck
		b     behaviour
		want  verdict
	}{
		"healthy at the first check":               {healthCheck{Interval: 30, Retries: 3}, behaviour{}, verdict{30 * s, true}},
		"healthy at the first check after start":   {healthCheck{Interval: 10, Retries: 3}, behaviour{Start: 15 * s}, verdict{20 * s, true}},
		"healthy at the last try":                  {healthCheck{Interval: 10, Retries: 3}, behaviour{Start: 30 * s}, verdict{30 * s, true}},
		"too late":                                 {healthCheck{Interval: 10, Retries: 3}, behaviour{Start: 31 * s}, verdict{30 * s, false}},
		"late, but the start period covers it":     {healthCheck{Interval: 10, Retries: 3, StartPeriod: 30}, behaviour{Start: 31 * s}, verdict{40 * s, true}},
		"never":                                    {healthCheck{Interval: 10, Retries: 3}, behaviour{Unhealthy: true}, verdict{30 * s, false}},
		"never, after the start period":            {healthCheck{Interval: 10, Retries: 3, StartPeriod: 60}, behaviour{Unhealthy: true}, verdict{90 * s, false}},
		"a start period that is no whole interval": {healthCheck{Interval: 10, Retries: 1, StartPeriod: 5}, behaviour{Unhealthy: true}, verdict{10 * s, false}},
	} {
		if got := test.check.verdict(test.b); got != test.want {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}

func TestUnhealthyWithoutAnyCheckIsNotNoticed(t *testing.T) {
	l := newLand(t, 1)
	l.run(definitionOf(l.push("unhealthy=true")), nil, taskRunning)
	l.until("steady", l.steady)
}

func TestOnlyAnEssentialContainerEndsItsTask(t *testing.T) {
	l := newLand(t, 1)
	in := definitionOf(l.push())
	in["containerDefinitions"] = append(in["containerDefinitions"].([]any), object{"name": "init", "image": l.push("exit=0"), "essential": false})
	task := l.run(in, nil, taskRunning)
	l.until("steady", l.steady)
	if c := task.Containers[1]; c.Last != taskStopped || *c.ExitCode != 0 || task.Last != taskRunning {
		t.Errorf("the task is %s, its other container %+v", task.Last, c)
	}
}

func TestATaskThatSomebodyStopsIsReplacedAndNoFailure(t *testing.T) {
	l := newLand(t, 1)
	l.create(1, object{"deploymentConfiguration": breakerOn(true)})
	for range 5 {
		l.until("running", func() bool {
			return len(l.ok("ListTasks", object{"cluster": prod, "serviceName": "web"})["taskArns"].([]any)) == 1
		})
		arn := l.ok("ListTasks", object{"cluster": prod})["taskArns"].([]any)[0]
		out := l.ok("StopTask", object{"cluster": prod, "task": arn, "reason": "a test"})["task"].(object)
		if out["stopCode"] != userInitiated || out["stoppedReason"] != "a test" || out["desiredStatus"] != taskStopped {
			t.Errorf("the task is %v", out)
		}
	}
	l.until("steady", l.steady)
	if got := l.rollouts(); got[0] != successful {
		t.Errorf("%v", got)
	}
}

func TestATagIsResolvedOncePerDeployment(t *testing.T) {
	l := newLand(t, 1)
	first, second := l.push(), l.push("exit=1")
	l.images["127.0.0.1:4566/shop/web:latest"] = l.images[first]
	l.create(1, object{"taskDefinition": l.register(definitionOf("127.0.0.1:4566/shop/web:latest"))})
	l.until("steady", l.steady)
	l.images["127.0.0.1:4566/shop/web:latest"] = l.images[second] // the tag moves
	l.ok("StopTask", object{"cluster": prod, "task": l.ok("ListTasks", object{"cluster": prod})["taskArns"].([]any)[0]})
	l.pass(10 * time.Second)
	l.until("steady", l.steady)
	revision := l.ecs.revisionOutput(l.web(), l.web().primary())
	if revision.Images[0].Digest != l.images[first].Digest {
		t.Errorf("the revision's images are %+v", revision.Images)
	}
}

func TestStoppedTasksAreListedForAnHour(t *testing.T) {
	l := newLand(t, 1)
	l.create(1, nil)
	l.until("steady", l.steady)
	l.ok("UpdateService", object{"cluster": prod, "service": "web", "desiredCount": 0})
	l.until("steady", l.steady)
	list := func() int {
		return len(l.ok("ListTasks", object{"cluster": prod, "serviceName": "web", "desiredStatus": "STOPPED"})["taskArns"].([]any))
	}
	l.pass(59 * time.Minute)
	if list() != 1 {
		t.Error("after 59 minutes it is not listed")
	}
	l.pass(2 * time.Minute)
	if list() != 0 {
		t.Error("after 61 minutes it is still listed")
	}
}

func TestTheGracePeriodHoldsForContainerHealthChecksToo(t *testing.T) {
	for grace, limits := range map[int][2]time.Duration{0: {14 * time.Second, 16 * time.Second}, 120: {2 * time.Minute, 121 * time.Second}} {
		l := newLand(t, 1)
		in := withHealthCheck(definitionOf(l.push("unhealthy=true")), object{"command": []string{"CMD", "x"}, "interval": 5})
		task := l.run(in, object{"healthCheckGracePeriodSeconds": grace}, taskStopped)
		if ran := task.StoppingAt.Sub(task.StartedAt); ran < limits[0] || ran > limits[1] || task.Containers[0].Health != unhealthy {
			t.Errorf("with a grace of %d s it ran for %v: %+v", grace, ran, task.Containers)
		}
	}
}
