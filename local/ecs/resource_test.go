package ecs

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fairlead/local/world"
)

func (l *land) declare(kind, id, properties string) world.Resource {
	l.t.Helper()
	r, err := l.ecs.Declare(world.Declared{Type: kind, Stack: "Sample", LogicalID: "Thing", ID: id, Properties: json.RawMessage(properties)})
	if err != nil {
		l.t.Fatal(err)
	}
	return r
}

const declaredDefinition = `{"Family":"web","Cpu":"256","Memory":"512","NetworkMode":"awsvpc","RequiresCompatibilities":["FARGATE"],
 "ExecutionRoleArn":"arn:aws:iam::123456789012:role/web-execution","Tags":[{"Key":"team","Value":"shop"}],
 "ContainerDefinitions":[{"Name":"web","Image":"nginx","Essential":true,"PortMappings":[{"ContainerPort":80}],"DockerLabels":{"Keep.Me":"X"},
  "LogConfiguration":{"LogDriver":"awslogs","Options":{"awslogs-group":"/shop/web","awslogs-region":"eu-west-1","awslogs-stream-prefix":"task"}}}]}`

func declaredService(definition string, more string) string {
	return `{"Cluster":"shop","ServiceName":"web","DesiredCount":1,"LaunchType":"FARGATE","TaskDefinition":"` + definition + `",
 "NetworkConfiguration":{"AwsvpcConfiguration":{"Subnets":["subnet-1"]}},
 "DeploymentConfiguration":{"DeploymentCircuitBreaker":{"Enable":true,"Rollback":true},"MaximumPercent":200,"MinimumHealthyPercent":100}` + more + `}`
}

func TestATemplatesServiceRollsOut(t *testing.T) {
	l := newLand(t, 1)
	cluster := l.declare(typeCluster, "", `{"ClusterName":"shop"}`)
	want := world.Resource{ID: "shop", Attributes: map[string]any{"Arn": arnPrefix + "cluster/shop"}}
	if diff := cmp.Diff(want, cluster); diff != "" {
		t.Error(diff)
	}
	definition := l.declare(typeDefinition, "", declaredDefinition)
	if definition.ID != arnPrefix+"task-definition/web:1" {
		t.Errorf("the task definition is %v", definition)
	}
	service := l.declare(typeService, "", declaredService(definition.ID, ""))
	want = world.Resource{ID: arnPrefix + "service/shop/web", Attributes: map[string]any{"Name": "web", "ServiceArn": arnPrefix + "service/shop/web"}}
	if diff := cmp.Diff(want, service); diff != "" {
		t.Error(diff)
	}
	v := l.ecs.state.Services["shop/web"]
	l.until("steady", func() bool { return v.SteadyReported })
	if c := v.config(); !c.Breaker.Enable || !c.Breaker.Rollback {
		t.Errorf("its configuration is %+v", c)
	}
	container := l.ok("DescribeTaskDefinition", object{"taskDefinition": "web"})["taskDefinition"].(object)["containerDefinitions"].([]any)[0].(object)
	if diff := cmp.Diff(object{"Keep.Me": "X"}, container["dockerLabels"]); diff != "" {
		t.Error(diff)
	}

	next := l.declare(typeDefinition, definition.ID, strings.Replace(declaredDefinition, "nginx", "nginx:2", 1))
	if err := l.ecs.Withdraw(typeDefinition, definition.ID); err != nil {
		t.Fatal(err)
	}
	if got := l.declare(typeService, service.ID, declaredService(next.ID, "")); got.ID != service.ID {
		t.Errorf("the updated service is %v", got)
	}
	l.until("steady", func() bool { return v.SteadyReported && len(v.Rollouts) == 2 })
	if v.Shape.TaskDefinition != arnPrefix+"task-definition/web:2" || v.Rollouts[1].Status != successful {
		t.Errorf("the service runs %s", v.Shape.TaskDefinition)
	}
	l.declare(typeService, service.ID, declaredService(next.ID, `,"PropagateTags":"SERVICE"`))
	l.pass(60e9)
	if len(v.Rollouts) != 2 {
		t.Error("a change that needs no deployment started one")
	}
}

func TestATemplatesResourcesHaveCloudFormationsTags(t *testing.T) {
	l := newLand(t, 1)
	d := l.declare(typeDefinition, "", declaredDefinition)
	var keys []string
	for _, tag := range l.ecs.tagsOf(d.ID) {
		keys = append(keys, tag.Key)
	}
	want := []string{"team", "aws:cloudformation:stack-name", "aws:cloudformation:logical-id", "aws:cloudformation:stack-id"}
	if diff := cmp.Diff(want, keys); diff != "" {
		t.Error(diff)
	}
}

func TestWhatATemplateNoLongerDeclaresGoes(t *testing.T) {
	l := newLand(t, 1)
	l.declare(typeCluster, "", `{"ClusterName":"shop"}`)
	d := l.declare(typeDefinition, "", declaredDefinition)
	service := l.declare(typeService, "", declaredService(d.ID, ""))
	v := l.ecs.state.Services["shop/web"]
	l.until("steady", func() bool { return v.SteadyReported })
	if err := l.ecs.Withdraw(typeCluster, "shop"); err == nil {
		t.Error("a cluster with a service was removed")
	}
	for _, each := range [][2]string{{typeService, service.ID}, {typeDefinition, d.ID}} {
		if err := l.ecs.Withdraw(each[0], each[1]); err != nil {
			t.Error(err)
		}
	}
	l.until("inactive", func() bool { return v.Status == inactive })
	if err := l.ecs.Withdraw(typeCluster, "shop"); err != nil {
		t.Error(err)
	}
	if got := l.ecs.state.Families["web"].Revisions[0].Status; got != inactive {
		t.Errorf("the task definition is %s", got)
	}
}

func TestATemplateWithoutNamesGetsThem(t *testing.T) {
	l := newLand(t, 1)
	cluster := l.declare(typeCluster, "", `{}`)
	if !strings.HasPrefix(cluster.ID, "Sample-Thing-") {
		t.Errorf("the cluster is %s", cluster.ID)
	}
	if again := l.declare(typeCluster, cluster.ID, `{}`); again.ID != cluster.ID {
		t.Errorf("declared again it is %s", again.ID)
	}
	d := l.declare(typeDefinition, "", strings.Replace(declaredDefinition, `"Family":"web",`, "", 1))
	again := l.declare(typeDefinition, d.ID, strings.Replace(declaredDefinition, `"Family":"web",`, "", 1))
	if !strings.HasSuffix(again.ID, ":2") || strings.TrimSuffix(again.ID, ":2") != strings.TrimSuffix(d.ID, ":1") {
		t.Errorf("%s, then %s", d.ID, again.ID)
	}
}

func TestPropertiesGetTheAPIsNames(t *testing.T) {
	for property, want := range map[string]string{
		"ContainerDefinitions": "containerDefinitions", "Cpu": "cpu", "EnableECSManagedTags": "enableECSManagedTags",
		"EFSVolumeConfiguration": "efsVolumeConfiguration", "FilesystemId": "fileSystemId", "already": "already", "": "",
	} {
		if got := apiName(property); got != want {
			t.Errorf("%s: %s", property, got)
		}
	}
}
