package ecs

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestATaskDefinitionComesBackWithAllThatWasSent(t *testing.T) {
	l := newLand(t, 1)
	in := definitionOf("nginx")
	in["aFieldOfNextYear"] = object{"x": []any{1.5, "y"}}
	in["volumes"] = []any{object{"name": "v", "s3filesVolumeConfiguration": object{"k": "v"}}}
	web := in["containerDefinitions"].([]any)[0].(object)
	web["aFieldOfNextYear"] = 12345678901234567
	web["portMappings"] = []any{object{"containerPort": 80}}
	web["healthCheck"] = object{"command": []any{"CMD", "x"}}
	web["entryPoint"] = nil
	in["revision"], in["status"] = 99, "INACTIVE" // of an answer: no input
	got := l.ok("RegisterTaskDefinition", in)["taskDefinition"].(object)
	want := object{"aFieldOfNextYear": object{"x": []any{1.5, "y"}}, "volumes": in["volumes"], "status": "ACTIVE", "revision": 1.0, "cpu": "256",
		"taskRoleArn": taskRole, "placementConstraints": []any{}}
	for name, value := range want {
		if diff := cmp.Diff(value, got[name]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if _, ok := got["tags"]; ok {
		t.Error("the tags are in the task definition")
	}
	container := got["containerDefinitions"].([]any)[0].(object)
	for name, value := range (object{"aFieldOfNextYear": 12345678901234567.0, "cpu": 0.0, "essential": true, "environment": []any{}, "mountPoints": []any{},
		"volumesFrom": []any{}, "systemControls": []any{}, "entryPoint": nil,
		"portMappings": []any{object{"containerPort": 80.0, "hostPort": 80.0, "protocol": "tcp"}},
		"healthCheck":  object{"command": []any{"CMD", "x"}, "interval": 30.0, "timeout": 5.0, "retries": 3.0}}) {
		if diff := cmp.Diff(value, container[name]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if raw := string(l.ecs.state.Families["web"].Revisions[0].Members["containerDefinitions"]); !strings.Contains(raw, "12345678901234567") {
		t.Error("a number has lost its digits")
	}
}

func TestATaskDefinitionThatAWSRefusesIsRefused(t *testing.T) {
	container := func(in object) object { return in["containerDefinitions"].([]any)[0].(object) }
	for name, test := range map[string]struct {
		change func(object)
		want   string
	}{
		"no family":                   {func(in object) { delete(in, "family") }, "Family should not be null or empty."},
		"a family with a colon":       {func(in object) { in["family"] = "web:3" }, "Invalid 'family'"},
		"a family of 256 letters":     {func(in object) { in["family"] = strings.Repeat("a", 256) }, "Invalid 'family'"},
		"no containers":               {func(in object) { in["containerDefinitions"] = []any{} }, "Container list cannot be empty."},
		"eleven containers":           {func(in object) { in["containerDefinitions"] = many(11) }, "at most 10 containers"},
		"two containers of one name":  {func(in object) { in["containerDefinitions"] = append(many(1), many(1)...) }, "unique"},
		"no essential container":      {func(in object) { container(in)["essential"] = false }, "essential"},
		"a container without image":   {func(in object) { delete(container(in), "image") }, "Container.image should not be null or empty."},
		"a container without name":    {func(in object) { delete(container(in), "name") }, "Container.name should not be null or empty."},
		"a container that is null":    {func(in object) { in["containerDefinitions"] = []any{nil} }, "Container.name"},
		"a port mapping that is null": {func(in object) { container(in)["portMappings"] = []any{nil} }, "portMappings"},
		"more memory than the task":   {func(in object) { container(in)["memory"] = 1024 }, "greater than for the task"},
		"a host port of its own":      {func(in object) { container(in)["portMappings"] = []any{object{"containerPort": 80, "hostPort": 81}} }, "networkMode=awsvpc"},
		"bridge on Fargate":           {func(in object) { in["networkMode"] = "bridge" }, "Fargate only supports network mode ‘awsvpc’."},
		"no cpu on Fargate":           {func(in object) { delete(in, "cpu") }, "Fargate requires that 'cpu' be defined at the task level."},
		"no memory on Fargate":        {func(in object) { delete(in, "memory") }, "Fargate requires that 'memory' be defined at the task level."},
		"a size that Fargate lacks":   {func(in object) { in["memory"] = "3072" }, "No Fargate configuration exists for given values: 256 CPU, 3072 memory"},
		"awslogs without a role":      {func(in object) { delete(in, "executionRoleArn") }, "execution role ARN to support log driver awslogs"},
		"ECR without a role": {func(in object) {
			delete(in, "executionRoleArn")
			container(in)["image"] = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:1"
		}, "execution role ARN to support ECR images"},
		"a role of another account": {func(in object) { in["taskRoleArn"] = "arn:aws:iam::999999999999:role/x" }, "Role is not valid"},
		"a role that is none":       {func(in object) { in["executionRoleArn"] = "not a role" }, "Role is not valid"},
		"51 tags":                   {func(in object) { in["tags"] = manyTags(51) }, "maximum number of tags is 50"},
		"a reserved tag":            {func(in object) { in["tags"] = []tag{{"aws:x", "y"}} }, "reserved"},
		"a tag twice":               {func(in object) { in["tags"] = []tag{{"x", "y"}, {"x", "z"}} }, "Duplicate tag keys"},
		"more than 64 KiB":          {func(in object) { container(in)["command"] = []string{strings.Repeat("x", 64<<10)} }, "Max allowed length is '65536' bytes."},
		"an unknown launch type":    {func(in object) { in["requiresCompatibilities"] = []string{"MOON"} }, "requiresCompatibilities"},
		"EC2 without any memory": {func(in object) {
			delete(in, "memory")
			in["requiresCompatibilities"] = []string{"EC2"}
		}, "At least one of 'memory' or 'memoryReservation' must be specified."},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLand(t, 1)
			in := definitionOf("nginx")
			test.change(in)
			_, err := l.call("RegisterTaskDefinition", in)
			if err == nil || err.Status != 400 || !strings.Contains(err.Message, test.want) {
				t.Errorf("it answered %v, want %q", err, test.want)
			}
			if len(l.ecs.state.Families) != 0 {
				t.Error("it was registered")
			}
		})
	}
	l := newLand(t, 1)
	in := definitionOf("nginx")
	in["tags"], in["containerDefinitions"] = manyTags(50), many(10)
	l.ok("RegisterTaskDefinition", in)
}

func many(n int) (containers []any) {
	for i := range n {
		containers = append(containers, object{"name": fmt.Sprint("c", i), "image": "nginx"})
	}
	return containers
}

func manyTags(n int) (tags []tag) {
	for i := range n {
		tags = append(tags, tag{fmt.Sprint(i), ""})
	}
	return tags
}

func TestFargateHasCertainSizes(t *testing.T) {
	for _, test := range []struct {
		cpu, memory string
		ok          bool
	}{
		{"256", "512", true}, {".25 vCPU", "0.5 GB", true}, {"256", "1536", false}, {"512", "4096", true}, {"512", "5120", false},
		{"1 vcpu", "8GB", true}, {"1024", "1024", false}, {"4096", "30720", true}, {"4096", "31744", false},
		{"8192", "16384", true}, {"8192", "17408", false}, {"16384", "122880", true}, {"300", "512", false}, {"x", "512", false},
	} {
		d := definition{NetworkMode: awsvpc, CPU: test.cpu, Memory: test.memory}
		if misfit := fargateMisfit(d); (misfit == "") != test.ok {
			t.Errorf("%s, %s: %q", test.cpu, test.memory, misfit)
		}
	}
}

func TestATaskDefinitionIsFoundByFamilyRevisionAndARN(t *testing.T) {
	l := newLand(t, 1)
	first := l.register(definitionOf("nginx"))
	second := l.register(definitionOf("nginx:2"))
	third := l.register(definitionOf("nginx:3"))
	l.ok("DeregisterTaskDefinition", object{"taskDefinition": third})
	for ref, want := range map[string]string{"web": second, "web:1": first, first: first, "web:3": third} {
		got := l.ok("DescribeTaskDefinition", object{"taskDefinition": ref})["taskDefinition"].(object)["taskDefinitionArn"]
		if got != want {
			t.Errorf("%s is %v", ref, got)
		}
	}
	for _, ref := range []string{"web:4", "web:0", "web:x", "none", "arn:aws:ecs:eu-west-1:999999999999:task-definition/web:1", "arn:aws:ecs:eu-west-1:123456789012:service/web:1"} {
		if _, err := l.call("DescribeTaskDefinition", object{"taskDefinition": ref}); err == nil || err.Code != "ClientException" {
			t.Errorf("%s: %v", ref, err)
		}
	}
	if fourth := l.register(definitionOf("nginx:4")); !strings.HasSuffix(fourth, "web:4") {
		t.Errorf("the number of a deregistered revision was used again: %s", fourth)
	}
}

func TestTaskDefinitionsAreListedInOrderAndByPages(t *testing.T) {
	l := newLand(t, 1)
	for _, family := range []string{"web", "api", "webby"} {
		for range 12 {
			in := definitionOf("nginx")
			in["family"] = family
			if _, err := l.ecs.register(mustMembers(t, in), nil, "x"); err != nil {
				t.Fatal(err)
			}
		}
	}
	l.ok("DeregisterTaskDefinition", object{"taskDefinition": "web:11"})
	var got []string
	in := object{"familyPrefix": "web", "sort": "DESC", "maxResults": 5}
	for {
		out := l.ok("ListTaskDefinitions", in)
		for _, arn := range out["taskDefinitionArns"].([]any) {
			got = append(got, lastPart(arn.(string)))
		}
		if out["nextToken"] == nil {
			break
		}
		in["nextToken"] = out["nextToken"]
	}
	want := strings.Fields("web:12 web:10 web:9 web:8 web:7 web:6 web:5 web:4 web:3 web:2 web:1")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	out := l.ok("ListTaskDefinitions", object{"familyPrefix": "web", "status": "INACTIVE"})
	if diff := cmp.Diff([]any{"arn:aws:ecs:eu-west-1:123456789012:task-definition/web:11"}, out["taskDefinitionArns"]); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]any{"web", "webby"}, l.ok("ListTaskDefinitionFamilies", object{"familyPrefix": "web"})["families"]); diff != "" {
		t.Error(diff)
	}
	if _, err := l.call("ListTaskDefinitions", object{"nextToken": "bogus"}); err == nil || err.Code != "InvalidParameterException" {
		t.Errorf("a bogus token: %v", err)
	}
}

func mustMembers(t testing.TB, in object) map[string]json.RawMessage {
	t.Helper()
	raw, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		t.Fatal(err)
	}
	return members
}

func TestTagsAreToldOnlyWhenTheyAreAskedFor(t *testing.T) {
	l := newLand(t, 1)
	in := definitionOf("nginx")
	in["tags"] = []tag{{"team", "shop"}}
	arn := l.register(in)
	if out := l.ok("DescribeTaskDefinition", object{"taskDefinition": arn}); out["tags"] != nil {
		t.Errorf("unasked it tells %v", out["tags"])
	}
	want := []any{object{"key": "team", "value": "shop"}}
	ask := object{"taskDefinition": arn, "include": []string{"TAGS"}}
	if diff := cmp.Diff(want, l.ok("DescribeTaskDefinition", ask)["tags"]); diff != "" {
		t.Error(diff)
	}
	l.denied["ecs:ListTagsForResource"] = true
	if _, err := l.call("DescribeTaskDefinition", ask); err == nil || err.Code != "AccessDeniedException" {
		t.Errorf("without the permission to list tags: %v", err)
	}
}

// FuzzRegisterTaskDefinition holds that whatever is sent is refused in AWS's way or comes back, and can be registered
// again from what came back.
func FuzzRegisterTaskDefinition(f *testing.F) {
	for _, in := range []object{definitionOf("nginx"), {"family": "x", "containerDefinitions": []any{object{"name": "a", "image": "b", "memory": 5}}}} {
		raw, _ := json.Marshal(in)
		f.Add(raw)
	}
	f.Add([]byte(`{"family":"x","containerDefinitions":[{"name":"a","image":"b","memory":1,"healthCheck":null,"portMappings":[{"containerPort":null}]}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		l := newLand(t, 1)
		out, err := l.call("RegisterTaskDefinition", json.RawMessage(raw))
		if err != nil {
			if err.Status != 400 {
				t.Fatalf("%v", err)
			}
			return
		}
		again := out["taskDefinition"].(object)
		first := again["containerDefinitions"]
		out, err = l.call("RegisterTaskDefinition", again)
		if err != nil {
			t.Fatalf("what came back is refused: %v", err)
		}
		if diff := cmp.Diff(first, out["taskDefinition"].(object)["containerDefinitions"]); diff != "" {
			t.Fatal(diff)
		}
	})
}
