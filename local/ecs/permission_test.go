package ecs

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fairlead/local/world"
)

const arnPrefix = "arn:aws:ecs:eu-west-1:123456789012:"

func TestEachCallAsksForItsPermissions(t *testing.T) {
	service := " " + arnPrefix + "service/prod/web"
	pass := []string{"iam:PassRole " + taskRole, "iam:PassRole " + executionRole}
	for name, test := range map[string]struct {
		operation string
		in        func(*land) any
		want      []string
	}{
		"RegisterTaskDefinition": {"RegisterTaskDefinition", func(*land) any { return definitionOf("nginx") }, append([]string{"ecs:RegisterTaskDefinition *"}, pass...)},
		"RegisterTaskDefinition with tags": {"RegisterTaskDefinition", func(*land) any {
			in := definitionOf("nginx")
			in["tags"] = []tag{{"a", "b"}}
			return in
		}, append([]string{"ecs:RegisterTaskDefinition *", "ecs:TagResource " + arnPrefix + "task-definition/web:*"}, pass...)},
		"UpdateService of the task definition": {"UpdateService", func(l *land) any { return object{"cluster": prod, "service": "web", "taskDefinition": "web"} },
			append([]string{"ecs:UpdateService" + service}, pass...)},
		"UpdateService of the desired count": {"UpdateService", func(l *land) any { return object{"cluster": prod, "service": "web", "desiredCount": 2} },
			[]string{"ecs:UpdateService" + service}},
		"DescribeServices": {"DescribeServices", func(l *land) any { return object{"cluster": prod, "services": []string{"web", "other"}} },
			[]string{"ecs:DescribeServices" + service, "ecs:DescribeServices " + arnPrefix + "service/prod/other"}},
		"ListServices":           {"ListServices", func(l *land) any { return object{"cluster": prod} }, []string{"ecs:ListServices *"}},
		"ListServiceDeployments": {"ListServiceDeployments", func(l *land) any { return object{"cluster": prod, "service": "web"} }, []string{"ecs:ListServiceDeployments" + service}},
		"DescribeServiceDeployments": {"DescribeServiceDeployments", func(l *land) any {
			return object{"serviceDeploymentArns": []string{arnPrefix + "service-deployment/prod/web/x"}}
		},
			[]string{"ecs:DescribeServiceDeployments" + service, "ecs:DescribeServiceDeployments " + arnPrefix + "service-deployment/prod/web/x"}},
		"DescribeServiceRevisions": {"DescribeServiceRevisions", func(l *land) any {
			return object{"serviceRevisionArns": []string{arnPrefix + "service-revision/prod/web/1"}}
		},
			[]string{"ecs:DescribeServiceRevisions" + service, "ecs:DescribeServiceRevisions " + arnPrefix + "service-revision/prod/web/1"}},
		"DescribeTaskDefinition": {"DescribeTaskDefinition", func(l *land) any { return object{"taskDefinition": "web", "include": []string{"TAGS"}} },
			[]string{"ecs:DescribeTaskDefinition *", "ecs:ListTagsForResource " + arnPrefix + "task-definition/web:1"}},
		"ListTaskDefinitions": {"ListTaskDefinitions", func(l *land) any { return object{} }, []string{"ecs:ListTaskDefinitions *"}},
		"ListTasks":           {"ListTasks", func(l *land) any { return object{"cluster": prod} }, []string{"ecs:ListTasks " + arnPrefix + "container-instance/prod/*"}},
		"DescribeTasks": {"DescribeTasks", func(l *land) any { return object{"cluster": prod, "tasks": []string{"0a"}} },
			[]string{"ecs:DescribeTasks " + arnPrefix + "task/prod/0a"}},
		"DeleteService": {"DeleteService", func(l *land) any { return object{"cluster": prod, "service": "web", "force": true} }, []string{"ecs:DeleteService" + service}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLand(t, 1)
			l.create(1, nil)
			before, _ := l.w.Snapshot()
			l.asked = nil
			in := test.in(l)
			l.ok(test.operation, in)
			if diff := cmp.Diff(test.want, l.asked); diff != "" {
				t.Fatal(diff)
			}
			for _, permission := range test.want {
				l.deniedAlone(t, before, permission, test.operation, in)
			}
		})
	}
}

// deniedAlone holds that a call without one of its permissions fails, says what is lacking, and changes nothing.
func (l *land) deniedAlone(t *testing.T, before []byte, permission, operation string, in any) {
	t.Helper()
	other := newLand(t, 1)
	other.ecs.state = state{}
	if err := other.w.Restore(before); err != nil {
		t.Fatal(err)
	}
	other.denied[permission] = true
	_, err := other.call(operation, in)
	action, resource, _ := strings.Cut(permission, " ")
	if err == nil || err.Code != "AccessDeniedException" || !strings.Contains(err.Message, "is not authorized to perform: "+action+" on resource: "+resource) {
		t.Errorf("without %s: %v", permission, err)
	}
	other.ecs.state.Buckets = nil
	was, now := newLand(t, 1), other
	if err := was.w.Restore(before); err != nil {
		t.Fatal(err)
	}
	was.ecs.state.Buckets = nil
	if diff := cmp.Diff(was.dump(), now.dump()); diff != "" || len(was.ecs.state.Families["web"].Revisions) != len(now.ecs.state.Families["web"].Revisions) {
		t.Errorf("without %s it changed something: %s", permission, diff)
	}
}

func TestCallsCarryTheirConditionKeys(t *testing.T) {
	l := newLand(t, 1)
	l.create(1, object{"tags": []tag{{"team", "shop"}}})
	in := definitionOf("nginx")
	in["tags"] = []tag{{"a", "b"}}
	l.ok("RegisterTaskDefinition", in)
	l.ok("UpdateService", object{"cluster": prod, "service": "web", "taskDefinition": "web"})
	want := map[string]world.Keys{
		"ecs:RegisterTaskDefinition": {"aws:RequestTag/a": {"b"}, "aws:TagKeys": {"a"}, "ecs:compute-compatibility": {"FARGATE"}, "ecs:privileged": {"false"}, "ecs:task-cpu": {"256"}, "ecs:task-memory": {"512"}},
		"ecs:TagResource":            {"aws:RequestTag/a": {"b"}, "aws:TagKeys": {"a"}, "ecs:CreateAction": {"RegisterTaskDefinition"}},
		"iam:PassRole":               {"iam:PassedToService": {"ecs-tasks.amazonaws.com"}},
		"ecs:UpdateService": {"ecs:cluster": {arnPrefix + "cluster/prod"}, "ecs:task-definition": {arnPrefix + "task-definition/web:2"},
			"aws:ResourceTag/team": {"shop"}, "ecs:ResourceTag/team": {"shop"}},
	}
	for action, keys := range want {
		if diff := cmp.Diff(keys, l.keys[action]); diff != "" {
			t.Errorf("%s: %s", action, diff)
		}
	}
}

func TestARoleGivenByNameIsPassedByItsARN(t *testing.T) {
	l := newLand(t, 1)
	in := definitionOf("nginx")
	in["taskRoleArn"] = "plain"
	l.ok("RegisterTaskDefinition", in)
	if !slices.Contains(l.asked, "iam:PassRole arn:aws:iam::123456789012:role/plain") {
		t.Errorf("asked: %v", l.asked)
	}
}
