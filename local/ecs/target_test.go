package ecs

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fairlead/local/elb"
	"fairlead/local/world"
)

// balance makes a resource of Elastic Load Balancing and returns its ARN.
func (l *land) balance(kind, properties string) string {
	l.t.Helper()
	r, err := l.elb.Declare(world.Declared{Type: "AWS::ElasticLoadBalancingV2::" + kind, Stack: "s", LogicalID: kind, Properties: []byte(properties)})
	if err != nil {
		l.t.Fatal(err)
	}
	return r.ID
}

// group makes a target group that a load balancer forwards to.
func (l *land) group(more string) string {
	l.t.Helper()
	group := l.balance("TargetGroup", `{"Name":"web","Port":80,"TargetType":"ip"`+more+`}`)
	balancer := l.balance("LoadBalancer", `{"Name":"front"}`)
	l.balance("Listener", fmt.Sprintf(`{"LoadBalancerArn":%q,"DefaultActions":[{"Type":"forward","TargetGroupArn":%q}]}`, balancer, group))
	return group
}

// behind is a service's part that puts port 80 of its container behind a target group.
func behind(group string) object {
	return object{"loadBalancers": []any{object{"targetGroupArn": group, "containerName": "web", "containerPort": 80}}}
}

// listening is a task definition whose container listens at port 80.
func listening(image string) object {
	in := definitionOf(image)
	in["containerDefinitions"].([]any)[0].(object)["portMappings"] = []any{object{"containerPort": 80}}
	return in
}

func (l *land) createBehind(group string, desired int, more object) {
	l.t.Helper()
	in := behind(group)
	in["taskDefinition"] = l.register(listening(l.push()))
	maps.Copy(in, more)
	l.create(desired, in)
}

func (l *land) messages() (all []string) {
	for _, e := range l.web().Events {
		all = append(all, e.Message)
	}
	return all
}

func TestALoadBalancerFindsATaskUnhealthy(t *testing.T) {
	for name, test := range map[string]struct {
		labels []string
		grace  int
		says   string
		ran    time.Duration
	}{
		"a status":              {[]string{"elb=503"}, 0, "Health checks failed with these codes: [503]", time.Minute + noticing},
		"no answer":             {[]string{"elb=timeout"}, 0, "Request timed out", time.Minute + noticing},
		"nobody listens":        {[]string{"elb=refused"}, 0, "Health checks failed", time.Minute + noticing},
		"no check passes":       {[]string{"unhealthy=true"}, 0, "Health checks failed", time.Minute + noticing},
		"late, without a grace": {[]string{"start=61s"}, 0, "Health checks failed", time.Minute + noticing},
		"not before the grace":  {[]string{"elb=503"}, 300, "Health checks failed with these codes: [503]", 5 * time.Minute},
		"after it was healthy":  {[]string{"elb=500", "unhealthyafter=10m"}, 0, "Health checks failed with these codes: [500]", 10*time.Minute + 30*time.Second + noticing},
		"ill, in another way":   {[]string{"unhealthyafter=10m"}, 0, "Health checks failed", 10*time.Minute + 30*time.Second + noticing},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLand(t, 1)
			group := l.group("")
			more := behind(group)
			more["healthCheckGracePeriodSeconds"] = test.grace
			task := l.run(listening(l.push(test.labels...)), more, taskStopped)
			if task.StopCode != schedulerInitiated || task.Reason != "Task failed ELB health checks in (target-group "+group+")" || !task.Failed {
				t.Errorf("%s: %s", task.StopCode, task.Reason)
			}
			if ran := task.StoppingAt.Sub(task.StartedAt); ran != test.ran {
				t.Errorf("it ran for %v", ran)
			}
			want := "(service web) (task " + task.ID + ") (port 80) is unhealthy in (target-group " + group + ") due to (reason " + test.says + ")."
			if !slices.Contains(l.messages(), want) {
				t.Errorf("the events are %q", l.messages())
			}
		})
	}
}

func TestAGraceCoversALateStart(t *testing.T) {
	l := newLand(t, 1)
	l.watched(true)
	l.createBehind(l.group(""), 1, object{"healthCheckGracePeriodSeconds": 300})
	l.until("steady", l.steady)
	arn := l.register(listening(l.push("start=100s")))
	l.ok("UpdateService", object{"cluster": prod, "service": "web", "taskDefinition": arn})
	l.until("steady", l.steady)
	if diff := cmp.Diff([]string{successful, successful}, l.rollouts()); diff != "" {
		t.Error(diff)
	}
}

func TestAServiceBehindALoadBalancerIsHealthyWhenItsTargetsAre(t *testing.T) {
	l := newLand(t, 1)
	l.watched(true)
	group := l.group(`,"TargetGroupAttributes":[{"Key":"deregistration_delay.timeout_seconds","Value":"77"}]`)
	l.createBehind(group, 2, nil)
	l.until("steady", l.steady)
	old := slices.Clone(l.web().Live)
	l.ok("UpdateService", object{"cluster": prod, "service": "web", "taskDefinition": l.register(listening(l.push("start=45s")))})
	l.until("a task drains", func() bool { return l.ecs.state.Tasks[old[0]].stopping() })
	if got := l.elb.Health(group, l.ecs.state.Tasks[old[0]].target(balancing{Port: 80})); got.State != elb.Draining {
		t.Errorf("the target that leaves is %+v", got)
	}
	l.until("steady", l.steady)
	if diff := cmp.Diff([]string{successful, successful}, l.rollouts()); diff != "" {
		t.Error(diff)
	}
	task := l.ecs.state.Tasks[old[0]]
	if left := task.ExecutionStopped.Sub(task.StoppingAt); left != 77*time.Second+stopping {
		t.Errorf("it went on for %v after it was to stop", left)
	}
	for _, said := range []string{"registered 1 targets in (target-group ", "deregistered 1 targets in (target-group "} {
		if !slices.Contains(l.messages(), "(service web) "+said+group+")") {
			t.Errorf("the events are %q", l.messages())
		}
	}
}

func TestATargetGroupThatTasksCannotEnterIsRefused(t *testing.T) {
	l := newLand(t, 1)
	unused := l.balance("TargetGroup", `{"Name":"unused","Port":80,"TargetType":"ip"}`)
	of := func(group, container string, port int) object {
		return object{"loadBalancers": []any{object{"targetGroupArn": group, "containerName": container, "containerPort": port}}}
	}
	used := l.group("")
	instances := l.balance("TargetGroup", `{"Name":"instances","Port":80}`)
	l.balance("Listener", fmt.Sprintf(`{"LoadBalancerArn":%q,"DefaultActions":[{"TargetGroupArn":%q}]}`, l.balance("LoadBalancer", `{"Name":"front"}`), instances))
	for want, more := range map[string]object{
		"The container db does not exist in the task definition.":                                 of(used, "db", 80),
		"The container web did not have a container port 81 defined.":                             of(used, "web", 81),
		"The target group with targetGroupArn arn:aws:x does not exist.":                          of("arn:aws:x", "web", 80),
		"The target group with targetGroupArn " + unused + " does not have an associated load b":  of(unused, "web", 80),
		"The provided target group " + instances + " has target type instance, which is incompat": of(instances, "web", 80),
	} {
		in := object{"cluster": prod, "serviceName": "other", "taskDefinition": l.register(listening(l.push())), "desiredCount": 1,
			"launchType": "FARGATE", "networkConfiguration": object{"awsvpcConfiguration": object{"subnets": []string{"subnet-1"}}}}
		maps.Copy(in, more)
		if _, err := l.call("CreateService", in); err == nil || err.Code != "InvalidParameterException" || !strings.HasPrefix(err.Message, want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	l.createBehind(used, 1, nil)
	if _, err := l.call("UpdateService", object{"cluster": prod, "service": "web", "taskDefinition": l.register(definitionOf(l.push()))}); err == nil {
		t.Error("a revision whose container does not listen was taken")
	}
	if _, err := l.call("UpdateService", object{"cluster": prod, "service": "web", "loadBalancers": of(unused, "web", 80)["loadBalancers"]}); err == nil {
		t.Error("a target group without a load balancer was taken by an update")
	}
}
