package ecs

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fairlead/local/world"
)

func TestCreateServiceRefusesWhatAWSRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		change     object
		code, want string
	}{
		"an unknown cluster":                  {object{"cluster": "x"}, "ClusterNotFoundException", "Cluster not found."},
		"no name":                             {object{"serviceName": ""}, "InvalidParameterException", "service name"},
		"a name with a slash":                 {object{"serviceName": "a/b"}, "InvalidParameterException", "service name"},
		"the name of another":                 {object{"serviceName": "web"}, "InvalidParameterException", "Creation of service was not idempotent."},
		"an unknown task definition":          {object{"taskDefinition": "x:1"}, "ClientException", "TaskDefinition not found."},
		"no task definition":                  {object{"taskDefinition": ""}, "InvalidParameterException", "TaskDefinition can not be blank."},
		"no desired count":                    {object{"desiredCount": nil}, "InvalidParameterException", "DesiredCount"},
		"a negative desired count":            {object{"desiredCount": -1}, "InvalidParameterException", "desiredCount"},
		"no network":                          {object{"networkConfiguration": nil}, "InvalidParameterException", "Network Configuration must be provided"},
		"an unknown launch type":              {object{"launchType": "MOON"}, "InvalidParameterException", "launchType"},
		"a launch type and a strategy":        {object{"capacityProviderStrategy": []capacity{{Provider: "FARGATE"}}}, "InvalidParameterException", "both a launch type and capacity provider strategy"},
		"a daemon":                            {object{"schedulingStrategy": "DAEMON"}, "NotImplemented", "DAEMON"},
		"blue/green":                          {object{"deploymentConfiguration": object{"strategy": "BLUE_GREEN"}}, "NotImplemented", "BLUE_GREEN"},
		"linear":                              {object{"deploymentConfiguration": object{"strategy": "LINEAR"}}, "NotImplemented", "LINEAR"},
		"canary":                              {object{"deploymentConfiguration": object{"strategy": "CANARY"}}, "NotImplemented", "CANARY"},
		"an unknown strategy":                 {object{"deploymentConfiguration": object{"strategy": "X"}}, "InvalidParameterException", "strategy"},
		"a hook":                              {object{"deploymentConfiguration": object{"lifecycleHooks": []any{object{}}}}, "NotImplemented", "lifecycleHooks"},
		"early success":                       {object{"deploymentConfiguration": object{"earlySuccessCriteria": object{"enable": true}}}, "NotImplemented", "earlySuccessCriteria"},
		"percents that let nothing happen":    {object{"deploymentConfiguration": object{"maximumPercent": 100}}, "InvalidParameterException", "cannot be 100"},
		"more than 100 percent healthy":       {object{"deploymentConfiguration": object{"minimumHealthyPercent": 101}}, "InvalidParameterException", "minimumHealthyPercent"},
		"less than 100 percent at most":       {object{"deploymentConfiguration": object{"maximumPercent": 99}}, "InvalidParameterException", "maximumPercent"},
		"an unknown kind of threshold":        {object{"deploymentConfiguration": threshold("X", 1)}, "InvalidParameterException", "thresholdConfiguration.type"},
		"a threshold of zero":                 {object{"deploymentConfiguration": threshold("COUNT", 0)}, "InvalidParameterException", "at least 1"},
		"an unknown controller":               {object{"deploymentController": object{"type": "X"}}, "InvalidParameterException", "deploymentController"},
		"an unknown propagateTags":            {object{"propagateTags": "X"}, "InvalidParameterException", "propagateTags"},
		"a reserved tag":                      {object{"tags": []tag{{"aws:a", "b"}}}, "InvalidParameterException", "reserved"},
		"a word where a number is to be":      {object{"desiredCount": "two"}, "SerializationException", "desiredCount"},
		"a capacity provider for a bridge TD": {object{"taskDefinition": "bridge", "networkConfiguration": nil}, "InvalidParameterException", "does not support launch_type FARGATE"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLand(t, 1)
			l.create(1, nil)
			l.ok("RegisterTaskDefinition", object{"family": "bridge", "containerDefinitions": []any{object{"name": "a", "image": "b", "memory": 128}}})
			in := object{"cluster": prod, "serviceName": "other", "taskDefinition": "web", "desiredCount": 1, "launchType": "FARGATE",
				"networkConfiguration": object{"awsvpcConfiguration": object{"subnets": []string{"subnet-1"}}}}
			maps.Copy(in, test.change)
			_, err := l.call("CreateService", in)
			if err == nil || err.Code != test.code || !strings.Contains(err.Message, test.want) {
				t.Errorf("it answered %v", err)
			}
			if len(l.ecs.state.Services) != 1 {
				t.Error("it was created")
			}
		})
	}
}

func threshold(kind string, value int) object {
	return object{"deploymentCircuitBreaker": object{"enable": true, "rollback": true, "thresholdConfiguration": object{"type": kind, "value": value}}}
}

func TestCreateServiceWithTheSameClientTokenIsTheSameService(t *testing.T) {
	l := newLand(t, 1)
	l.create(1, object{"clientToken": "one"})
	in := object{"cluster": prod, "serviceName": "web", "taskDefinition": "web", "desiredCount": 1, "launchType": "FARGATE", "clientToken": "one",
		"networkConfiguration": object{"awsvpcConfiguration": object{"subnets": []string{"subnet-1"}}}}
	l.ok("CreateService", in)
	in["clientToken"] = "two"
	if _, err := l.call("CreateService", in); err == nil {
		t.Error("another token made the same service again")
	}
}

func TestUpdateServiceRefusesWhatAWSRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		change     object
		code, want string
	}{
		"an unknown cluster":           {object{"cluster": "x"}, "ClusterNotFoundException", "Cluster not found."},
		"an unknown service":           {object{"service": "x"}, "ServiceNotFoundException", "Service not found."},
		"the ARN of another cluster":   {object{"service": arnPrefix + "service/x/web"}, "InvalidParameterException", "Identifier is for cluster x. Your cluster is prod"},
		"the ARN of something else":    {object{"service": arnPrefix + "task/prod/web"}, "InvalidParameterException", "Invalid identifier"},
		"an unknown task definition":   {object{"taskDefinition": "web:9"}, "ClientException", "TaskDefinition not found."},
		"an inactive task definition":  {object{"taskDefinition": "gone:1"}, "ClientException", "TaskDefinition is inactive"},
		"one that Fargate cannot run":  {object{"taskDefinition": "bridge"}, "InvalidParameterException", "does not support launch_type FARGATE"},
		"another controller":           {object{"deploymentController": object{"type": "CODE_DEPLOY"}}, "NotImplemented", "deploymentController"},
		"canary":                       {object{"deploymentConfiguration": object{"strategy": "CANARY"}}, "NotImplemented", "CANARY"},
		"percents that block together": {object{"deploymentConfiguration": object{"maximumPercent": 100}}, "InvalidParameterException", "cannot be 100"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLand(t, 1)
			l.create(1, nil)
			l.ok("RegisterTaskDefinition", object{"family": "bridge", "containerDefinitions": []any{object{"name": "a", "image": "b", "memory": 128}}})
			gone := definitionOf("nginx")
			gone["family"] = "gone"
			l.ok("DeregisterTaskDefinition", object{"taskDefinition": l.register(gone)})
			before := l.dump()
			in := object{"cluster": prod, "service": "web", "desiredCount": 7}
			maps.Copy(in, test.change)
			_, err := l.call("UpdateService", in)
			if err == nil || err.Code != test.code || !strings.Contains(err.Message, test.want) {
				t.Errorf("it answered %v", err)
			}
			if diff := cmp.Diff(before, l.dump()); diff != "" {
				t.Errorf("it changed something: %s", diff)
			}
		})
	}
}

func TestServicesUnderOtherControllersRefuseANewTaskDefinition(t *testing.T) {
	for kind, want := range map[string]string{
		"CODE_DEPLOY": "Unable to update task definition on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment.",
		"EXTERNAL":    "Unable to update task definition on services with an EXTERNAL deployment controller. Create a new task set instead.",
	} {
		l := newLand(t, 1)
		l.create(1, object{"deploymentController": object{"type": kind}})
		if _, err := l.call("UpdateService", object{"cluster": prod, "service": "web", "taskDefinition": "web"}); err == nil || err.Code != "InvalidParameterException" || err.Message != want {
			t.Errorf("%s: %v", kind, err)
		}
		l.ok("UpdateService", object{"cluster": prod, "service": "web", "desiredCount": 3})
		out := l.ok("DescribeServices", object{"cluster": prod, "services": []string{"web"}})["services"].([]any)[0].(object)
		if diff := cmp.Diff(object{"type": kind}, out["deploymentController"]); diff != "" || out["desiredCount"] != 3.0 || len(out["deployments"].([]any)) != 0 {
			t.Errorf("%s: %v", kind, out)
		}
		if _, err := l.call("ListServiceDeployments", object{"cluster": prod, "service": "web"}); err == nil || err.Code != "UnsupportedFeatureException" {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestDescribeServicesTellsWhatIsMissing(t *testing.T) {
	l := newLand(t, 1)
	l.create(1, object{"tags": []tag{{"a", "b"}}})
	out := l.ok("DescribeServices", object{"cluster": prod, "services": []string{"web", "no", arnPrefix + "service/prod/web"}})
	if diff := cmp.Diff([]any{object{"arn": arnPrefix + "service/prod/no", "reason": "MISSING"}}, out["failures"]); diff != "" || len(out["services"].([]any)) != 2 {
		t.Errorf("%v", out)
	}
	if out["services"].([]any)[0].(object)["tags"] != nil {
		t.Error("it tells tags that nobody asked for")
	}
	for name, in := range map[string]object{"eleven": {"cluster": prod, "services": strings.Split("abcdefghijk", "")}, "none": {"cluster": prod}} {
		if _, err := l.call("DescribeServices", in); err == nil || err.Code != "InvalidParameterException" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := l.call("DescribeServices", object{"cluster": "x", "services": []string{"web"}}); err == nil || err.Code != "ClusterNotFoundException" {
		t.Errorf("an unknown cluster: %v", err)
	}
}

func TestServiceDeploymentsAreListedNewestFirstAndByTime(t *testing.T) {
	l := newLand(t, 1)
	l.create(1, nil)
	l.until("steady", l.steady)
	middle := l.w.Now()
	l.update(l.push())
	if n := len(l.ok("ListServiceDeployments", object{"cluster": prod, "service": "web"})["serviceDeployments"].([]any)); n != 1 {
		t.Errorf("right after UpdateService %d are listed: the new one comes later", n)
	}
	l.until("steady", l.steady)
	list := func(more object) (arns []string) {
		in := object{"cluster": prod, "service": "web"}
		maps.Copy(in, more)
		for _, d := range l.ok("ListServiceDeployments", in)["serviceDeployments"].([]any) {
			arns = append(arns, d.(object)["serviceDeploymentArn"].(string))
		}
		return arns
	}
	all := list(nil)
	if len(all) != 2 || !strings.HasSuffix(all[0], l.web().Rollouts[1].ID) {
		t.Fatalf("listed are %v", all)
	}
	for name, test := range map[string]struct {
		in   object
		want []string
	}{
		"after":     {object{"createdAt": object{"after": world.EpochOf(middle)}}, all[:1]},
		"before":    {object{"createdAt": object{"before": world.EpochOf(middle)}}, all[1:]},
		"status":    {object{"status": []string{"SUCCESSFUL"}}, all},
		"no status": {object{"status": []string{"STOPPED"}}, nil},
		"a page":    {object{"maxResults": 1}, all[:1]},
	} {
		if diff := cmp.Diff(test.want, list(test.in)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestServiceDeploymentsAreForgottenAfterNinetyDays(t *testing.T) {
	l := newLand(t, 1e4)
	l.create(1, nil)
	l.until("steady", l.steady)
	for range 3 {
		l.update(l.push())
		l.until("steady", l.steady)
	}
	l.pass(l.ecs.paced(recordsKept) + time.Second)
	l.update(l.push("exit=1"))
	l.pass(time.Second)
	if n := len(l.rollouts()); n != 1 {
		t.Errorf("%d are remembered", n)
	}
}

func TestCallsAreThrottled(t *testing.T) {
	l := newLand(t, 25)
	register := func() *world.Error {
		_, err := l.call("RegisterTaskDefinition", definitionOf("nginx"))
		return err
	}
	for i := range 20 {
		if err := register(); err != nil {
			t.Fatalf("call %d: %v", i, err)
		}
	}
	if err := register(); err == nil || err.Code != "ThrottlingException" || err.Message != "Rate exceeded" || err.Status != 400 {
		t.Errorf("call 21: %v", err)
	}
	l.pass(time.Second)
	if err := register(); err != nil {
		t.Errorf("a second later: %v", err)
	}
	if err := register(); err == nil {
		t.Error("two calls in the next second")
	}
}

func TestTagsAreSetAndRemoved(t *testing.T) {
	l := newLand(t, 1)
	l.create(1, nil)
	l.until("running", func() bool { return l.described().Running == 1 })
	task := l.ok("ListTasks", object{"cluster": prod})["taskArns"].([]any)[0]
	for _, arn := range []any{arnPrefix + "cluster/prod", arnPrefix + "service/prod/web", arnPrefix + "task-definition/web:1", task} {
		l.ok("TagResource", object{"resourceArn": arn, "tags": []tag{{"a", "1"}, {"b", "2"}}})
		l.ok("TagResource", object{"resourceArn": arn, "tags": []tag{{"a", "3"}}})
		l.ok("UntagResource", object{"resourceArn": arn, "tagKeys": []string{"b"}})
		if diff := cmp.Diff([]any{object{"key": "a", "value": "3"}}, l.ok("ListTagsForResource", object{"resourceArn": arn})["tags"]); diff != "" {
			t.Errorf("%s: %s", arn, diff)
		}
	}
	if _, err := l.call("TagResource", object{"resourceArn": arnPrefix + "service/prod/no", "tags": []tag{{"a", "b"}}}); err == nil || err.Code != "ResourceNotFoundException" {
		t.Errorf("%v", err)
	}
	if _, err := l.call("TagResource", object{"resourceArn": arnPrefix + "cluster/prod", "tags": manyTags(50)}); err == nil {
		t.Error("51 tags were set")
	}
}

func TestTasksAreListedByOneFilterWithStartedBy(t *testing.T) {
	l := newLand(t, 1)
	l.create(2, nil)
	l.until("steady", l.steady)
	id := l.described().Deployments[0].ID
	if got := l.ok("ListTasks", object{"cluster": prod, "startedBy": id})["taskArns"].([]any); len(got) != 2 {
		t.Errorf("%v", got)
	}
	if got := l.ok("ListTasks", object{"cluster": prod, "startedBy": "ecs-svc/1"})["taskArns"].([]any); len(got) != 0 {
		t.Errorf("%v", got)
	}
	for _, in := range []object{{"startedBy": id, "serviceName": "web"}, {"startedBy": id, "desiredStatus": "STOPPED"}, {"desiredStatus": "X"}, {"containerInstance": "x"}} {
		in["cluster"] = prod
		if _, err := l.call("ListTasks", in); err == nil || err.Code != "InvalidParameterException" {
			t.Errorf("%v: %v", in, err)
		}
	}
	if _, err := l.call("ListTasks", object{"cluster": prod, "serviceName": "no"}); err == nil || err.Code != "ServiceNotFoundException" {
		t.Errorf("%v", err)
	}
}

func TestEventsHaveAWSsShapes(t *testing.T) {
	l := newLand(t, 1)
	l.create(1, object{"deploymentConfiguration": breakerOn(true)})
	l.until("steady", l.steady)
	l.update(l.push("exit=1"))
	l.until("steady", l.steady)
	members := map[string]string{
		"ECS Deployment State Change": "deploymentId eventName eventType reason updatedAt",
		"ECS Service Action":          "clusterArn createdAt eventName eventType",
	}
	reasons := map[string]bool{}
	for _, e := range l.events {
		var detail object
		if err := json.Unmarshal(e.Detail, &detail); err != nil {
			t.Fatal(err)
		}
		if want, ok := members[e.DetailType]; ok && want != strings.Join(sortedKeys(detail), " ") {
			t.Errorf("%s has %v", e.DetailType, sortedKeys(detail))
		}
		if e.Source != "aws.ecs" || len(e.Resources) != 1 {
			t.Errorf("the event is %+v", e)
		}
		switch e.DetailType {
		case "ECS Deployment State Change":
			reasons[strings.Replace(detail["reason"].(string), detail["deploymentId"].(string), "ID", 1)] = true
			if e.Resources[0] != arnPrefix+"service/prod/web" {
				t.Errorf("%v", e.Resources)
			}
		case "ECS Task State Change":
			if _, err := time.Parse(time.RFC3339, detail["createdAt"].(string)); err != nil || detail["healthStatus"] != nil || e.Resources[0] != detail["taskArn"] {
				t.Errorf("%v", detail)
			}
		}
	}
	want := map[string]bool{"ECS deployment ID in progress.": true, "ECS deployment ID completed.": true,
		"ECS deployment circuit breaker: task failed to start.": true, "ECS deployment circuit breaker: rolling back to deploymentId ID.": true}
	if diff := cmp.Diff(want, reasons); diff != "" {
		t.Error(diff)
	}
}

func sortedKeys(m object) []string { return slices.Sorted(maps.Keys(m)) }
