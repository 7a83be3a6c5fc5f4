package ecs

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"fairlead/local/elb"
	"fairlead/local/world"
)

// land is a world with an ECS in it, the neighbours of which are played by the fields.
type land struct {
	t      *testing.T
	w      *world.World
	ecs    *Service
	elb    *elb.Service
	images map[string]Pulled
	pushed int
	denied map[string]bool // "action resource", or "action"
	untrue map[string]bool // roles that cannot be assumed
	groups map[string]bool
	lines  map[string][]string
	events []world.Event
	asked  []string // "action resource", in order
	keys   map[string]world.Keys
	step   func() // called after each event of the world
}

const (
	prod                    = "prod"
	taskRole, executionRole = "arn:aws:iam::123456789012:role/shop/web-task", "arn:aws:iam::123456789012:role/web-execution"
)

func newLand(t *testing.T, pace float64) *land {
	t.Helper()
	w := world.New(world.Place{Partition: "aws", Region: "eu-west-1", Account: "123456789012"}, 7, time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))
	l := &land{t: t, w: w, images: map[string]Pulled{}, denied: map[string]bool{}, untrue: map[string]bool{},
		groups: map[string]bool{"/shop/web": true}, lines: map[string][]string{}, keys: map[string]world.Keys{}}
	w.SetAuthority(l)
	l.elb = elb.New(w, pace)
	l.ecs = New(w, pace, Ports{Images: l, Roles: l, Bus: l, Logs: l, Targets: l.elb, Authority: l})
	w.Add(l.elb, l.ecs)
	l.ok("CreateCluster", map[string]any{"clusterName": prod})
	return l
}

func (l *land) Authorize(who world.Principal, action, resource string, keys world.Keys) error {
	l.asked = append(l.asked, action+" "+resource)
	l.keys[action] = keys
	if l.denied[action] || l.denied[action+" "+resource] {
		return fmt.Errorf("User: %s is not authorized to perform: %s on resource: %s because no identity-based policy allows the %s action", who.ARN, action, resource, action)
	}
	return nil
}

func (l *land) ServiceSession(role, service, _, session string) (world.Principal, error) {
	if l.untrue[role] || service != "ecs-tasks.amazonaws.com" {
		return world.Principal{}, errors.New("the role does not trust it")
	}
	return world.Principal{ARN: strings.Replace(role, ":iam:", ":sts:", 1) + "/" + session, RoleARN: role}, nil
}

func (l *land) Issue(world.Principal, time.Duration) world.Credentials { return world.Credentials{} }

func (l *land) Publish(e world.Event) { l.events = append(l.events, e) }

func (l *land) Write(group, stream string, lines ...string) error {
	if !l.groups[group] {
		return errors.New("no such group")
	}
	l.lines[stream] = append(l.lines[stream], lines...)
	return nil
}

func (l *land) Pull(reference string, who world.Principal) (Pulled, error) {
	if !strings.HasPrefix(reference, "127.0.0.1:4566/") {
		return Pulled{Foreign: true}, nil
	}
	if who.ARN == "" || l.denied["pull"] {
		return Pulled{}, errors.New("CannotPullContainerError: The task can't pull the image.")
	}
	p, ok := l.images[reference]
	if !ok {
		return Pulled{}, fmt.Errorf("CannotPullContainerError: %s: not found", reference)
	}
	return p, nil
}

// push makes an image that behaves as the labels say, and returns its reference by digest.
func (l *land) push(labels ...string) string {
	l.pushed++
	digest := fmt.Sprintf("sha256:%064x", l.pushed)
	p := Pulled{Digest: digest, Platforms: []string{"linux/amd64", "linux/arm64"}, Labels: map[string]string{}}
	for _, label := range labels {
		name, value, _ := strings.Cut(label, "=")
		p.Labels["local."+name] = value
	}
	reference := "127.0.0.1:4566/shop/web@" + digest
	l.images[reference] = p
	return reference
}

func (l *land) call(operation string, in any) (map[string]any, *world.Error) {
	l.t.Helper()
	body, raw := in.(json.RawMessage)
	if !raw {
		var err error
		if body, err = json.Marshal(in); err != nil {
			l.t.Fatal(err)
		}
	}
	out, err := l.w.Call(world.Request{Service: "ecs", Operation: operation, Body: body,
		Principal: world.Principal{ARN: "arn:aws:sts::123456789012:assumed-role/deployer/one", RoleARN: "arn:aws:iam::123456789012:role/deployer", Account: "123456789012"}})
	if err != nil {
		return nil, world.AsError(err)
	}
	text, err := json.Marshal(out)
	if err != nil {
		l.t.Fatal(err)
	}
	var answer map[string]any
	if err := json.Unmarshal(text, &answer); err != nil {
		l.t.Fatal(err)
	}
	return answer, nil
}

func (l *land) ok(operation string, in any) map[string]any {
	l.t.Helper()
	out, err := l.call(operation, in)
	if err != nil {
		l.t.Fatalf("%s: %v", operation, err)
	}
	if l.step != nil {
		l.step()
	}
	return out
}

// definition is the input of RegisterTaskDefinition for a Fargate task with one container.
func definitionOf(image string) map[string]any {
	return map[string]any{"family": "web", "networkMode": "awsvpc", "requiresCompatibilities": []string{"FARGATE"}, "cpu": "256",
		"memory": "512", "taskRoleArn": taskRole, "executionRoleArn": executionRole,
		"containerDefinitions": []any{map[string]any{"name": "web", "image": image, "logConfiguration": map[string]any{"logDriver": "awslogs",
			"options": map[string]any{"awslogs-group": "/shop/web", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "web"}}}}}
}

func withHealthCheck(in map[string]any, check map[string]any) map[string]any {
	in["containerDefinitions"].([]any)[0].(map[string]any)["healthCheck"] = check
	return in
}

// register registers a task definition and returns its ARN.
func (l *land) register(in map[string]any) string {
	l.t.Helper()
	return l.ok("RegisterTaskDefinition", in)["taskDefinition"].(map[string]any)["taskDefinitionArn"].(string)
}

type object = map[string]any

func breakerOn(rollback bool) object {
	return object{"deploymentCircuitBreaker": object{"enable": true, "rollback": rollback}}
}

// create creates the service web of a healthy image.
func (l *land) create(desired int, more object) {
	l.t.Helper()
	in := object{"cluster": prod, "serviceName": "web", "taskDefinition": l.register(definitionOf(l.push())), "desiredCount": desired,
		"launchType": "FARGATE", "networkConfiguration": object{"awsvpcConfiguration": object{"subnets": []string{"subnet-1"}}}}
	maps.Copy(in, more)
	l.ok("CreateService", in)
}

// update points the service at a new revision.
func (l *land) update(image string) string {
	l.t.Helper()
	arn := l.register(definitionOf(image))
	l.ok("UpdateService", object{"cluster": prod, "service": "web", "taskDefinition": arn})
	return arn
}

// until lets time go by, one event after the other, until done; it fails after a day.
func (l *land) until(what string, done func() bool) {
	l.t.Helper()
	for end := l.w.Now().Add(24 * time.Hour); !done(); {
		at, ok := l.w.Next()
		if !ok || at.After(end) {
			l.t.Fatalf("%s: never came to be; the service is\n%s", what, l.dump())
		}
		l.w.Advance(at)
		if l.step != nil {
			l.step()
		}
	}
}

// pass lets d go by.
func (l *land) pass(d time.Duration) {
	end, reached := l.w.Now().Add(d), false
	for !reached {
		at, ok := l.w.Next()
		if reached = !ok || at.After(end); reached {
			at = end
		}
		l.w.Advance(at)
		if l.step != nil {
			l.step()
		}
	}
}

func (l *land) dump() string {
	raw, _ := json.MarshalIndent(l.ecs.state.Services, "", " ")
	return string(raw)
}

func (l *land) web() *service { return l.ecs.state.Services["prod/web"] }

// described is the service web as DescribeServices has it.
func (l *land) described() serviceOutput { return l.ecs.serviceOutput(l.web(), true) }

// rollouts are the statuses of the service deployments, the oldest first.
func (l *land) rollouts() (statuses []string) {
	for _, r := range l.web().Rollouts {
		statuses = append(statuses, r.Status)
	}
	return statuses
}

func (l *land) steady() bool { return l.web().SteadyReported }

// published are the events of a kind, each as its eventName, or its status for tasks.
func (l *land) published(kind string) (names []string) {
	for _, e := range l.events {
		if e.DetailType == kind {
			var detail object
			if err := json.Unmarshal(e.Detail, &detail); err != nil {
				l.t.Fatal(err)
			}
			name, ok := detail["eventName"].(string)
			if !ok {
				name, _ = detail["lastStatus"].(string)
			}
			names = append(names, name)
		}
	}
	return names
}

// rollout is the status of the service deployment number i; empty if it is not there yet.
func (l *land) rollout(i int) string {
	if all := l.rollouts(); i < len(all) {
		return all[i]
	}
	return ""
}
