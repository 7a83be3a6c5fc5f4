package registerrevision_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fairlead/functions/registerrevision"
	"fairlead/shared/config"
	"fairlead/shared/edge/ecstest"
	"fairlead/shared/edge/handler"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/edge/lossless"
	"fairlead/shared/fault"
	"fairlead/shared/permission/permissiontest"
	"fairlead/shared/revision"
)

func TestPermissions(t *testing.T) {
	permissiontest.Check(t, registerrevision.Policy(), permissiontest.Ports{
		Own:      []any{(*ledger.Getter)(nil)},
		Look:     []any{(*registerrevision.Reader)(nil)},
		Register: []any{(*lossless.Registrar)(nil)},
	})
}

const (
	uri       = "127.0.0.1:4566/shop/web"
	me        = "arn:aws:states:eu-west-1:123456789012:execution:fairlead:me"
	another   = "arn:aws:states:eu-west-1:123456789012:execution:fairlead:another"
	taskRole  = "arn:aws:iam::123456789012:role/task"
	otherRole = "arn:aws:iam::123456789012:role/other"
)

func digest(letter string) string { return "sha256:" + strings.Repeat(letter, 64) }

func start() time.Time { return time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC) }

// running is a task definition whose container web runs an image.
func running(image string) ecstest.Object {
	return ecstest.Object{
		"family": "web", "cpu": "256", "memory": "512", "networkMode": "awsvpc", "requiresCompatibilities": []any{"FARGATE"},
		"taskRoleArn": taskRole, "executionRoleArn": "arn:aws:iam::123456789012:role/execution", "volumes": []any{}, "placementConstraints": []any{},
		"containerDefinitions": []any{
			ecstest.Object{"name": "web", "image": image, "cpu": 0, "essential": true, "secrets": []any{ecstest.Object{"name": "KEY", "valueFrom": "arn:x"}}},
			ecstest.Object{"name": "envoy", "image": "envoy:1", "cpu": 64},
		},
	}
}

// marks are our tags on a revision that an execution registered.
func marks(execution string, sequence, base int) []any {
	return []any{ecstest.Tag(revision.TagExecution, execution), ecstest.Tag(revision.TagSequence, fmt.Sprint(sequence)), ecstest.Tag(revision.TagBase, fmt.Sprint(base))}
}

func step(aws *ecstest.ECS) registerrevision.Step {
	web := config.Service{Name: "web", Cluster: "prod", Service: "web", Repository: "shop/web", TaskRole: "task", ExecutionRole: "execution"}
	return registerrevision.Step{
		Config: config.Config{Services: map[string]config.Service{"web": web}}, Logger: slog.New(slog.DiscardHandler), Quarantine: ledger.NewMemory(),
		Place: func(context.Context) (config.Place, error) {
			return config.Place{Partition: "aws", Region: "eu-west-1", Account: "123456789012"}, nil
		},
		Open: func(context.Context, config.Service, string) registerrevision.Ports {
			return registerrevision.Ports{Look: aws.Client(), Register: aws.Client()}
		},
	}
}

// request is that of an execution with sequence 5 that deploys digest b.
func request(more string) handler.Request {
	document := fmt.Sprintf(`{"service":"web","image":{"repositoryUri":%q,"digest":%q,"running":{"taskDefinition":"","digest":""}},"claim":{"granted":true,"sequence":5}%s}`,
		uri, digest("b"), more)
	return handler.Request{
		Execution: handler.Execution{ID: me, StartTime: start()},
		State:     handler.State{Name: "RegisterRevision", EnteredTime: start().Add(5 * time.Second)},
		Document:  json.RawMessage(document),
	}
}

func TestTheCopyIsRegistered(t *testing.T) {
	aws := ecstest.New(start(), running(uri+":v1"), ecstest.Tag("team", "shop"), ecstest.Tag(revision.TagSequence, "3"))
	got, err := step(aws).Handle(t.Context(), request(""))
	if err != nil {
		t.Fatal(err)
	}
	want := revision.Registered{Decision: revision.New, TaskDefinition: ecstest.Revision(2), Base: ecstest.Revision(1), Copied: ecstest.Revision(1), Attempt: 1, Reason: got.Reason}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	aws.Check(t, "DescribeServices", "DescribeTaskDefinition", "ListTaskDefinitions", "RegisterTaskDefinition")

	made := maps.Clone(aws.Revisions[1])
	for _, added := range []string{"taskDefinitionArn", "revision", "status", "registeredAt", "compatibilities", "requiresAttributes"} {
		delete(made, added)
	}
	var wanted ecstest.Object
	raw, _ := json.Marshal(running(uri + "@" + digest("b")))
	_ = json.Unmarshal(raw, &wanted)
	delete(wanted["containerDefinitions"].([]any)[0].(ecstest.Object), "cpu") // the SDK cannot tell a 0 from none
	if diff := cmp.Diff(wanted, made); diff != "" {
		t.Errorf("the copy (-want +got):\n%s", diff)
	}
	wantTags := append([]any{ecstest.Tag("team", "shop")}, marks(me, 5, 1)...)
	if diff := cmp.Diff(wantTags, aws.Tags[1]); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
	if aws.TaskDefinition != ecstest.Revision(1) {
		t.Errorf("the service was pointed at %s", aws.TaskDefinition)
	}
}

func TestWhatIsNotRegisteredAgain(t *testing.T) {
	same := uri + "@" + digest("b")
	tests := map[string]struct {
		prepare  func(*ecstest.ECS)
		document string
		decision revision.Decision
		uses     int // the revision
		base     int
	}{
		"the image runs already": {
			func(f *ecstest.ECS) {
				f.Register(running(same), nil, start())
				f.Point(ecstest.Revision(2))
				f.Rollout = "COMPLETED"
			},
			"", revision.Unchanged, 2, 2},
		"another execution rolls the image out": {
			func(f *ecstest.ECS) {
				f.Register(running(same), marks(another, 4, 1), start())
				f.Point(ecstest.Revision(2))
			},
			"", revision.Adopted, 2, 1},
		"this execution's revision is in service": {
			func(f *ecstest.ECS) {
				f.Register(running(same), marks(me, 5, 1), start())
				f.Point(ecstest.Revision(2))
			},
			"", revision.Adopted, 2, 1},
		"a newer execution has deployed": {
			func(f *ecstest.ECS) {
				f.Register(running(uri+"@"+digest("c")), marks(another, 6, 1), start())
				f.Point(ecstest.Revision(2))
			},
			"", revision.Superseded, 2, 1},
		"this execution has registered it from this base": {
			func(f *ecstest.ECS) {
				f.Register(running(same), marks(me, 5, 1), start().Add(time.Second))
				f.Register(running(uri+"@"+digest("c")), marks(another, 6, 1), start().Add(2*time.Second))
				f.Register(running(uri+":x"), nil, start().Add(3*time.Second))
			},
			"", revision.New, 2, 1},
		"going back from what does not run": {
			func(*ecstest.ECS) {}, `,"image":{"repositoryUri":"` + uri + `","digest":"` + digest("b") + `","replaces":"` + digest("f") + `"}`,
			revision.Unchanged, 1, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			aws := ecstest.New(start(), running(uri+"@"+digest("a")))
			test.prepare(aws)
			got, err := step(aws).Handle(t.Context(), request(test.document))
			if err != nil {
				t.Fatal(err)
			}
			want := revision.Registered{Decision: test.decision, TaskDefinition: ecstest.Revision(test.uses), Base: ecstest.Revision(test.base), Copied: ecstest.Revision(test.base), Attempt: 1, Reason: got.Reason}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
			if n := aws.Count("RegisterTaskDefinition"); n != 0 {
				t.Errorf("%d revisions were registered", n)
			}
		})
	}
}

func TestWhatIsRegisteredThoughSomethingLikeItExists(t *testing.T) {
	same := uri + "@" + digest("b")
	for name, prepare := range map[string]func(*ecstest.ECS){
		"another execution has registered the image":        func(f *ecstest.ECS) { f.Register(running(same), marks(another, 4, 1), start()) },
		"this execution has registered it from an old base": func(f *ecstest.ECS) { f.Register(running(same), marks(me, 5, 7), start()) },
		"ECS has yet to put it into service again": func(f *ecstest.ECS) {
			f.Register(running(same), nil, start())
			f.TaskDefinition = ecstest.Revision(2) // while the PRIMARY deployment is that of revision 1
		},
		"a person has registered the image": func(f *ecstest.ECS) { f.Register(running(same), nil, start()) },
	} {
		t.Run(name, func(t *testing.T) {
			aws := ecstest.New(start(), running(uri+"@"+digest("a")))
			prepare(aws)
			got, err := step(aws).Handle(t.Context(), request(""))
			if err != nil || got.TaskDefinition != ecstest.Revision(3) {
				t.Errorf("got %+v, %v; want revision 3", got, err)
			}
		})
	}
}

func TestGoingBack(t *testing.T) {
	replaces := `,"image":{"repositoryUri":"` + uri + `","digest":"` + digest("b") + `","replaces":"` + digest("a") + `"}`
	for name, test := range map[string]struct {
		runs     string
		decision revision.Decision
	}{
		"from what runs":                   {uri + "@" + digest("a"), revision.New},
		"from what runs by tag and digest": {uri + ":v1@" + digest("a"), revision.New},
		"from an image that is not pinned": {uri + ":v1", revision.Unchanged},
	} {
		got, err := step(ecstest.New(start(), running(test.runs))).Handle(t.Context(), request(replaces))
		if err != nil || got.Decision != test.decision {
			t.Errorf("%s: got %+v, %v; want %s", name, got, err, test.decision)
		}
	}
}

func TestOldRevisionsAreNotLookedAt(t *testing.T) {
	aws := ecstest.New(start(), running(uri+"@"+digest("a")))
	for range 10 { // the service was rolled back from these long ago
		aws.Register(running(uri+"@"+digest("c")), nil, start().Add(-time.Hour))
	}
	if _, err := step(aws).Handle(t.Context(), request("")); err != nil {
		t.Fatal(err)
	}
	aws.Check(t, "DescribeServices", "DescribeTaskDefinition", "ListTaskDefinitions", "DescribeTaskDefinition", "RegisterTaskDefinition")
}

func TestAttempts(t *testing.T) {
	for name, test := range map[string]struct {
		document string
		attempt  int
	}{
		"the first":                          {"", 1},
		"after the base moved":               {`,"revision":{"attempt":2},"update":{"decision":"baseMoved","at":"2026-11-23T08:00:04Z"}`, 3},
		"a document of another execution":    {`,"revision":{"attempt":3},"update":{"decision":"baseMoved","at":"2026-11-22T08:00:04Z"}`, 1},
		"a document of a finished execution": {`,"revision":{"attempt":1},"update":{"decision":"updated","at":"2026-11-23T08:00:04Z"}`, 1},
	} {
		got, err := step(ecstest.New(start(), running(uri+":v1"))).Handle(t.Context(), request(test.document))
		if err != nil || got.Attempt != test.attempt {
			t.Errorf("%s: got attempt %d (%v), want %d", name, got.Attempt, err, test.attempt)
		}
	}
}

// TestKilledCalls breaks the connection before or after the effect of each call, and runs the step again as the
// workflow does: one revision is the result, and it is the same for both runs that come to an end.
func TestKilledCalls(t *testing.T) {
	calls := []string{"DescribeServices", "DescribeTaskDefinition", "ListTaskDefinitions", "RegisterTaskDefinition"}
	for _, killed := range calls {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, after its effect: %v", killed, after), func(t *testing.T) {
				aws := ecstest.New(start(), running(uri+"@"+digest("a")))
				aws.Intercept = func(operation string, effect func() ecstest.Answer) ecstest.Answer {
					if operation != killed {
						return effect()
					}
					aws.Intercept = nil
					if after {
						effect()
					}
					return ecstest.Answer{Err: errors.New("connection reset by peer")}
				}
				_, err := step(aws).Handle(t.Context(), request(""))
				if f := fault.From(err); f == nil || f.Kind() != fault.Retry {
					t.Fatalf("got %v, want a fault that the workflow retries", err)
				}
				for range 2 {
					got, err := step(aws).Handle(t.Context(), request(""))
					if err != nil || got.TaskDefinition != ecstest.Revision(2) || got.Decision != revision.New {
						t.Fatalf("got %+v, %v; want revision 2", got, err)
					}
				}
				if n := len(aws.Revisions); n != 2 {
					t.Errorf("there are %d revisions, want the base and one", n)
				}
			})
		}
	}
}

func TestWhatCannotBeMade(t *testing.T) {
	const denied = "User: arn:aws:sts::123456789012:assumed-role/fairlead-web-register/web-0123 is not authorized to perform: iam:PassRole on resource: %s because no identity-based policy allows the iam:PassRole action"
	refuse := func(code, message string) func(*ecstest.ECS) {
		return func(f *ecstest.ECS) {
			f.Intercept = func(operation string, effect func() ecstest.Answer) ecstest.Answer {
				if operation == "RegisterTaskDefinition" {
					return ecstest.Fault(code, message)
				}
				return effect()
			}
		}
	}
	tests := map[string]struct {
		prepare func(*ecstest.ECS)
		code    fault.Code
		says    []string
	}{
		"the task role may not be passed": {refuse("AccessDeniedException", fmt.Sprintf(denied, taskRole)), fault.PermissionDenied,
			[]string{"is not authorized to perform: iam:PassRole on resource: " + taskRole, "context.fairlead.services.web.taskRole", "fairlead-web-register", "redrive"}},
		"the execution role may not be passed": {refuse("AccessDeniedException", fmt.Sprintf(denied, "arn:aws:iam::123456789012:role/execution")), fault.PermissionDenied,
			[]string{"context.fairlead.services.web.executionRole", "run make deploy", "redrive"}},
		"a role that the configuration does not name": {
			func(f *ecstest.ECS) {
				f.Revisions[0]["taskRoleArn"] = otherRole
				refuse("AccessDeniedException", fmt.Sprintf(denied, otherRole))(f)
			}, fault.PermissionDenied, []string{"context.fairlead.services.web.taskRole names, which is \"" + taskRole + "\": set it to " + otherRole}},
		"a service control policy stands in the way": {refuse("AccessDeniedException", strings.ReplaceAll(fmt.Sprintf(denied, taskRole), "because no identity-based policy allows the iam:PassRole action", "with an explicit deny in a service control policy")),
			fault.PermissionDenied, []string{"service control policy"}},
		"the family is busy":               {refuse("ClientException", "Too many concurrent attempts to create a new revision of the specified family."), fault.RevisionBusy, nil},
		"the bucket is empty":              {refuse("ThrottlingException", "Rate exceeded"), fault.AWSThrottled, nil},
		"ECS refuses the revision":         {refuse("ClientException", "Role is not valid"), fault.RevisionRefused, []string{"Role is not valid"}},
		"the service is gone":              {func(f *ecstest.ECS) { f.Status = "" }, fault.ServiceNotFound, []string{"no service web in cluster prod"}},
		"the service is being deleted":     {func(f *ecstest.ECS) { f.Status = "DRAINING" }, fault.ServiceNotActive, []string{"DRAINING"}},
		"the service has nothing to copy":  {func(f *ecstest.ECS) { f.TaskDefinition = "" }, fault.ServiceNotActive, []string{"nothing to copy"}},
		"a field that the SDK cannot know": {func(f *ecstest.ECS) { f.Revisions[0]["brandNew"] = ecstest.Object{"a": 1} }, fault.RevisionFieldLost, []string{"brandNew.a"}},
		"a container's field that the SDK cannot know": {
			func(f *ecstest.ECS) {
				containers := f.Revisions[0]["containerDefinitions"].([]any)
				containers[1].(ecstest.Object)["brandNew"] = "secret"
			}, fault.RevisionFieldLost, []string{"containerDefinitions[1].brandNew"}},
		"no container runs the repository": {func(f *ecstest.ECS) { f.Revisions[0] = withImage(f.Revisions[0], "other") }, fault.ServiceContainer, nil},
		"too many tags": {func(f *ecstest.ECS) {
			var tags []any
			for i := range 50 {
				tags = append(tags, ecstest.Tag(fmt.Sprint("tag", i), ""))
			}
			f.Tags[0] = tags
		}, fault.RevisionTags, []string{"53 tags"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			aws := ecstest.New(start(), running(uri+"@"+digest("a")))
			test.prepare(aws)
			_, err := step(aws).Handle(t.Context(), request(""))
			f := fault.From(err)
			if f == nil || f.Code != test.code {
				t.Fatalf("got %v, want the fault %s", err, test.code)
			}
			for _, says := range test.says {
				if !strings.Contains(err.Error(), says) {
					t.Errorf("%q does not say %q", err, says)
				}
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("%q tells a value", err)
			}
			if len(aws.Revisions) != 1 || slices.Contains(aws.Calls, "UpdateService") {
				t.Error("something was touched")
			}
		})
	}
}

func withImage(definition ecstest.Object, image string) ecstest.Object {
	changed := maps.Clone(definition)
	changed["containerDefinitions"] = running(image)["containerDefinitions"]
	return changed
}
