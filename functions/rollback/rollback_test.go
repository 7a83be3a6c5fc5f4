package rollback_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	step "fairlead/functions/rollback"
	"fairlead/shared/claim"
	"fairlead/shared/config"
	"fairlead/shared/edge/ecstest"
	"fairlead/shared/edge/handler"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/edge/lossless"
	"fairlead/shared/fault"
	"fairlead/shared/permission/permissiontest"
	"fairlead/shared/revision"
	"fairlead/shared/rollback"
)

func TestPermissions(t *testing.T) {
	permissiontest.Check(t, step.Policy(), permissiontest.Ports{
		Own:      []any{(*ledger.Getter)(nil), (*ledger.Putter)(nil)},
		Look:     []any{(*step.Reader)(nil)},
		Register: []any{(*lossless.Registrar)(nil)},
		Update:   []any{(*step.Updater)(nil)},
	})
}

const (
	me      = "arn:aws:states:eu-west-1:123456789012:execution:fairlead:me"
	another = "arn:aws:states:eu-west-1:123456789012:execution:fairlead:another"
	digest  = "sha256:bad"
)

// base, mine and theirs are revisions: what the service ran successfully, ours, which failed, and that of a newer execution.
var base, mine, theirs = ecstest.Revision(1), ecstest.Revision(2), ecstest.Revision(3)

func start() time.Time { return time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC) }

// pointedAt is when the service was pointed at ours; the step is entered half an hour later.
func pointedAt() time.Time { return start().Add(time.Minute) }
func entered() time.Time   { return start().Add(31 * time.Minute) }

// world is an ECS whose service was pointed at our revision, and a ledger in which this execution holds the claim.
type world struct {
	*ecstest.ECS
	ledger    *ledger.Memory
	container string // that is configured to get the image, or ""
}

// newWorld is a world in which our deployment has a status.
func newWorld(t *testing.T, status string) *world {
	t.Helper()
	definition := func(image string) ecstest.Object {
		return ecstest.Object{"family": "web", "containerDefinitions": []any{ecstest.Object{"name": "web", "image": image}}}
	}
	w := &world{ECS: ecstest.New(pointedAt(), definition("shop/web@sha256:good")), ledger: ledger.NewMemory()}
	w.Deployments[0].Status = "SUCCESSFUL"
	marks := []any{ecstest.Tag(revision.TagExecution, me), ecstest.Tag(revision.TagSequence, "5"), ecstest.Tag(revision.TagBase, "1")}
	w.Register(definition("shop/web@"+digest), marks, start())
	w.Register(definition("shop/web@sha256:theirs"), nil, start())
	w.Point(mine)
	w.Deployments[1].Status = status
	w.Now = entered().Add(time.Minute)
	w.hold(t, claim.Claim{Sequence: 5, Holder: me, Digest: digest, TaskDefinition: mine, UpdatedAt: start()})
	return w
}

// good is what the base ran, and tagged is that it names that by a tag.
const good = "sha256:1111111111111111111111111111111111111111111111111111111111111111"

func (w *world) tagged() { w.image(1, registry+"/shop/web:latest") }

// loose puts a revision between the base and ours that was in service by a tag which ECS does not tell the image of.
func (w *world) loose() {
	w.Register(ecstest.Object{"family": "web", "containerDefinitions": []any{ecstest.Object{"name": "web", "image": registry + "/shop/web:latest"}}}, nil, start())
	w.Deployments[0].CreatedAt = start().Add(-time.Hour)
	w.Deployments = slices.Insert(w.Deployments, 1, ecstest.Deployment{Number: 9, TaskDefinition: ecstest.Revision(4), CreatedAt: start().Add(time.Second), Status: "SUCCESSFUL"})
}

// buried puts deployments of the image that failed between ours and the base, which came into service days before.
func (w *world) buried(deployments int) {
	w.Register(ecstest.Object{"family": "web", "containerDefinitions": []any{ecstest.Object{"name": "web", "image": "shop/web@" + digest}}}, nil, start())
	w.Deployments[0].CreatedAt = start().Add(-72 * time.Hour)
	for i := range deployments {
		w.Deployments = slices.Insert(w.Deployments, 1, ecstest.Deployment{Number: 200 + i, TaskDefinition: ecstest.Revision(4),
			CreatedAt: start().Add(-time.Duration(i) * time.Minute), Status: "SUCCESSFUL"})
	}
}

const registry = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"

// image gives the container of a revision another image.
func (w *world) image(number int, image string) {
	w.Revisions[number-1]["containerDefinitions"] = []any{ecstest.Object{"name": "web", "image": image}}
}

func (w *world) hold(t *testing.T, next claim.Claim) {
	t.Helper()
	held, err := w.ledger.Claim(t.Context(), "web")
	if err == nil {
		err = w.ledger.ReplaceClaim(t.Context(), "web", held, next)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func taken(taskDefinition string, at time.Time) claim.Claim {
	return claim.Claim{Sequence: 6, Holder: another, TaskDefinition: taskDefinition, UpdatedAt: at}
}

// run runs the step as the retry-th attempt.
func (w *world) run(t *testing.T, retry int) (rollback.Done, error) {
	t.Helper()
	web := config.Service{Name: "web", Cluster: "prod", Service: "web", Repository: "shop/web", Container: w.container, TaskRole: "task", ExecutionRole: "execution"}
	s := step.Step{
		Config: config.Config{Services: map[string]config.Service{"web": web}}, Logger: slog.New(slog.DiscardHandler), Claims: w.ledger, Quarantines: w.ledger,
		Now: func() time.Time { return w.Now },
		Place: func(context.Context) (config.Place, error) {
			return config.Place{Partition: "aws", Region: "eu-west-1", Account: "123456789012"}, nil
		},
		Open: func(context.Context, config.Service, string) step.Ports {
			return step.Ports{Look: w.Client(), Register: w.Client(), Update: w.Client()}
		},
	}
	document := fmt.Sprintf(`{"service":"web","image":{"digest":%q,"tag":"v2","repositoryUri":%q},"claim":{"sequence":5},"revision":{"taskDefinition":%q,"base":%q},
		"update":{"decision":"updated","at":%q},"rollout":{"verdict":"failed","reason":"it hangs","since":%q}}`,
		digest, registry+"/shop/web", mine, base, pointedAt().Format(time.RFC3339), pointedAt().Format(time.RFC3339))
	return s.Handle(t.Context(), handler.Request{Execution: handler.Execution{ID: me, StartTime: start()},
		State: handler.State{Name: "RollBack", EnteredTime: entered(), RetryCount: retry}, Document: json.RawMessage(document)})
}

func (w *world) quarantined(t *testing.T) bool {
	t.Helper()
	_, in, err := w.ledger.Quarantined(t.Context(), "web", digest)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func TestTheWayBack(t *testing.T) {
	tests := []struct {
		name       string
		status     string
		prepare    func(*testing.T, *world)
		want       rollback.Decision
		to         string // what the service is pointed at then
		calls      string
		quarantine bool
	}{
		{name: "ours goes on: it is stopped", status: "IN_PROGRESS", want: rollback.Stopped, to: base, calls: "StopServiceDeployment", quarantine: true},
		{name: "ours was stopped: the service is pointed back", status: "STOPPED", want: rollback.Pointed, to: base, calls: "UpdateService", quarantine: true},
		{name: "what it would go back to was deregistered: a copy is made, which is not the revision that failed, though we made that from it too", status: "STOPPED",
			prepare: func(_ *testing.T, w *world) { w.Revisions[0]["status"] = "INACTIVE" }, want: rollback.Pointed, to: ecstest.Revision(4), calls: "RegisterTaskDefinition UpdateService", quarantine: true},
		{name: "ECS is not asked to go back to what was deregistered", status: "IN_PROGRESS",
			prepare: func(_ *testing.T, w *world) { w.Revisions[0]["status"] = "INACTIVE" }, want: rollback.Pointed, to: ecstest.Revision(4), calls: "RegisterTaskDefinition UpdateService", quarantine: true},
		{name: "what it would go back to has the image that failed", status: "STOPPED", prepare: func(_ *testing.T, w *world) { w.Revisions[0] = w.Revisions[1] }, want: rollback.Nothing, to: mine, quarantine: true},
		{name: "what came into service in the day before had that image: the service goes further back", status: "STOPPED",
			prepare: func(_ *testing.T, w *world) { w.buried(1) }, want: rollback.Pointed, to: base, calls: "UpdateService", quarantine: true},
		{name: "ECS is not asked to go further back, for it goes to the last one", status: "IN_PROGRESS",
			prepare: func(_ *testing.T, w *world) { w.buried(1) }, want: rollback.Pointed, to: base, calls: "UpdateService", quarantine: true},
		{name: "as far as a hundred deployments", status: "STOPPED", prepare: func(_ *testing.T, w *world) { w.buried(99) }, want: rollback.Pointed, to: base, calls: "UpdateService", quarantine: true},
		{name: "of a hundred deployments none can be gone back to", status: "STOPPED",
			prepare: func(_ *testing.T, w *world) { w.buried(100) }, want: rollback.Nothing, to: mine, quarantine: true},
		{name: "what it would go back to has our image by a tag: a copy is made that is pinned to what it ran", status: "STOPPED",
			prepare: func(_ *testing.T, w *world) { w.tagged(); w.Deployments[0].Digest = good }, want: rollback.Pointed, to: ecstest.Revision(4), calls: "RegisterTaskDefinition UpdateService", quarantine: true},
		{name: "ECS itself goes back to what it has resolved", status: "IN_PROGRESS",
			prepare: func(_ *testing.T, w *world) { w.tagged(); w.Deployments[0].Digest = good }, want: rollback.Stopped, to: base, calls: "StopServiceDeployment", quarantine: true},
		{name: "by a tag, and ECS does not tell which image that was", status: "STOPPED",
			prepare: func(_ *testing.T, w *world) { w.tagged() }, want: rollback.Nothing, to: mine, quarantine: true},
		{name: "by a tag that was that of the image that failed", status: "STOPPED",
			prepare: func(_ *testing.T, w *world) { w.tagged(); w.Deployments[0].Digest = digest }, want: rollback.Nothing, to: mine, quarantine: true},
		{name: "another container has another image by a tag, as ever", status: "STOPPED",
			prepare: func(_ *testing.T, w *world) { w.image(1, "public.ecr.aws/nginx:1") }, want: rollback.Pointed, to: base, calls: "UpdateService", quarantine: true},
		{name: "another container has an image of another repository of the same name by a tag", status: "STOPPED",
			prepare: func(_ *testing.T, w *world) { w.image(1, registry+"/tools/shop/web:latest") }, want: rollback.Pointed, to: base, calls: "UpdateService", quarantine: true},
		{name: "or of the same name in another registry", status: "STOPPED",
			prepare: func(_ *testing.T, w *world) {
				w.image(1, "public.ecr.aws/shop/web:latest")
				w.Deployments[0].Digest = good
			}, want: rollback.Pointed, to: base, calls: "UpdateService", quarantine: true},
		{name: "unless it is the container that gets our image, through a proxy", status: "STOPPED", prepare: func(_ *testing.T, w *world) {
			w.container = "web"
			w.image(1, "proxy.example/shop/web:latest")
			w.Deployments[0].Digest = good
		}, want: rollback.Pointed, to: ecstest.Revision(4), calls: "RegisterTaskDefinition UpdateService", quarantine: true},
		{name: "ECS rolls it back already", status: "ROLLBACK_IN_PROGRESS", prepare: func(_ *testing.T, w *world) { w.RollBack() }, want: rollback.Restoring, to: base, quarantine: true},
		{name: "ours finished after all", status: "SUCCESSFUL", want: rollback.Finished, to: mine},
		{name: "the service is gone", status: "IN_PROGRESS", prepare: func(_ *testing.T, w *world) { w.Status = "" }, want: rollback.Gone, to: mine},
		{name: "a person has deployed", status: "STOPPED", prepare: func(_ *testing.T, w *world) { w.Point(theirs) }, want: rollback.Superseded, to: theirs, quarantine: true},
		{name: "a newer execution holds the claim and has not deployed: ours is stopped, which touches nothing else", status: "IN_PROGRESS",
			prepare: func(t *testing.T, w *world) { w.hold(t, taken("", entered())) }, want: rollback.Stopped, to: base, calls: "StopServiceDeployment", quarantine: true},
		{name: "a newer execution holds the claim and is about to deploy: ours is stopped meanwhile", status: "IN_PROGRESS",
			prepare: func(t *testing.T, w *world) { w.hold(t, taken(theirs, entered())) }, want: rollback.Stopped, to: base, calls: "StopServiceDeployment", quarantine: true},
		{name: "a newer execution holds the claim and has deployed", status: "IN_PROGRESS",
			prepare: func(t *testing.T, w *world) { w.hold(t, taken(theirs, entered())); w.Point(theirs) }, want: rollback.Superseded, to: theirs, quarantine: true},
		{name: "a newer execution holds the claim and has not deployed, and ours cannot be stopped: a person is told", status: "STOPPED",
			prepare: func(t *testing.T, w *world) { w.hold(t, taken("", entered())) }, want: rollback.Nothing, to: mine, quarantine: true},
		{name: "a newer execution holds the claim and is about to deploy, and ours cannot be stopped: that one sees to the service", status: "STOPPED",
			prepare: func(t *testing.T, w *world) { w.hold(t, taken(theirs, entered())) }, want: rollback.Superseded, to: mine, quarantine: true},
		{name: "a newer execution holds the claim, and ours finished after all", status: "SUCCESSFUL",
			prepare: func(t *testing.T, w *world) { w.hold(t, taken("", entered())) }, want: rollback.Finished, to: mine},
		{name: "a stop that is refused while ours goes on: the service is pointed back", status: "IN_PROGRESS", prepare: func(_ *testing.T, w *world) {
			w.Intercept = func(operation string, effect func() ecstest.Answer) ecstest.Answer {
				if operation == "StopServiceDeployment" {
					return ecstest.Fault("InvalidParameterException", "not now")
				}
				return effect()
			}
		}, want: rollback.Pointed, to: base, calls: "StopServiceDeployment UpdateService", quarantine: true},
		{name: "a person acts between the look and the call", status: "STOPPED", prepare: func(_ *testing.T, w *world) {
			w.Intercept = func(operation string, effect func() ecstest.Answer) ecstest.Answer {
				answer := effect()
				if operation == "DescribeTaskDefinition" {
					w.Point(theirs)
				}
				return answer
			}
		}, want: rollback.Superseded, to: theirs, quarantine: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, tt.status)
			if tt.prepare != nil {
				tt.prepare(t, w)
			}
			got, err := w.run(t, 0)
			if err != nil || got.Decision != tt.want || got.Reason == "" || got.At.IsZero() {
				t.Errorf("got %+v, %v; want %s", got, err, tt.want)
			}
			if w.TaskDefinition != tt.to || w.quarantined(t) != tt.quarantine {
				t.Errorf("on %s, quarantine %v; want %s, %v", w.TaskDefinition, w.quarantined(t), tt.to, tt.quarantine)
			}
			if pinned := w.Revisions[len(w.Revisions)-1]["containerDefinitions"]; len(w.Revisions) > 3 && strings.Contains(fmt.Sprint(pinned), ":latest") {
				t.Errorf("the copy has %v", pinned)
			}
			if diff := cmp.Diff(tt.calls, w.changes()); diff != "" {
				t.Errorf("calls with an effect (-want +got):\n%s", diff)
			}
		})
	}
}

// TestWhoDeploysTheImageIsToldWhomToFollow is about a service that is left to an execution of the same image, and of another one.
func TestWhoDeploysTheImageIsToldWhomToFollow(t *testing.T) {
	for of, want := range map[string]string{digest: another, "sha256:theirs": ""} {
		w := newWorld(t, "STOPPED")
		held := taken(theirs, entered())
		held.Digest = of
		w.hold(t, held)
		if got, err := w.run(t, 0); err != nil || got.Decision != rollback.Superseded || got.Follow != want {
			t.Errorf("left to one of %s: %+v, %v; want that it follows %q", of, got, err, want)
		}
	}
}

// changes are the calls that were to change something.
func (w *world) changes() string {
	var list []string
	for _, call := range w.Calls {
		if !strings.HasPrefix(call, "Describe") && !strings.HasPrefix(call, "List") {
			list = append(list, call)
		}
	}
	return strings.Join(list, " ")
}

// TestKilledCalls breaks the connection before or after the effect of each call, and runs the step again as the workflow
// does: the service goes back once.
func TestKilledCalls(t *testing.T) {
	paths := map[string]struct {
		status, target string
		deployments    int
	}{
		"stopped": {"IN_PROGRESS", "ACTIVE", 2}, "pointed": {"STOPPED", "ACTIVE", 3}, "copied": {"STOPPED", "INACTIVE", 3},
		"pinned": {"STOPPED", "tagged", 3},
	}
	calls := []string{"DescribeServices", "ListServiceDeployments", "DescribeServiceRevisions", "DescribeTaskDefinition", "RegisterTaskDefinition", "StopServiceDeployment", "UpdateService"}
	for name, path := range paths {
		for _, killed := range calls {
			for _, after := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, %s, after its effect: %v", name, killed, after), func(t *testing.T) {
					w := newWorld(t, path.status)
					if w.Revisions[0]["status"] = path.target; path.target == "tagged" {
						w.Revisions[0]["status"], w.Deployments[0].Digest = "ACTIVE", good
						w.tagged()
					}
					w.Intercept = func(operation string, effect func() ecstest.Answer) ecstest.Answer {
						if operation != killed {
							return effect()
						}
						w.Intercept = nil
						if after {
							effect()
						}
						return ecstest.Answer{Err: errors.New("connection reset by peer")}
					}
					if _, err := w.run(t, 0); w.Intercept != nil {
						t.Skip("the path does not make the call")
					} else if f := fault.From(err); f == nil || f.Kind() != fault.Retry {
						t.Fatalf("got %v, want a fault that the workflow retries", err)
					}
					for retry := 1; retry <= 2; retry++ {
						if got, err := w.run(t, retry); err != nil || !got.Decision.Waits() {
							t.Fatalf("got %+v, %v", got, err)
						}
					}
					if len(w.Deployments) != path.deployments || w.TaskDefinition == mine || len(w.Revisions) > 4 || !w.quarantined(t) {
						t.Errorf("on %s after %+v with %d revisions", w.TaskDefinition, w.Deployments, len(w.Revisions))
					}
				})
			}
		}
	}
}

// TestAClaimThatIsLostDuringTheCall lets a newer execution take the claim, and point the service at its own revision, just
// before ours arrives: the holder's revision ends in service, also if the step dies in between.
func TestAClaimThatIsLostDuringTheCall(t *testing.T) {
	for name, prepare := range map[string]func(*world){"": func(*world) {}, "and a newer one was passed over, ": (*world).loose} {
		testAClaimThatIsLost(t, name, prepare)
	}
}

func testAClaimThatIsLost(t *testing.T, name string, prepare func(*world)) {
	t.Helper()
	for _, dies := range []bool{false, true} {
		t.Run(fmt.Sprintf("%sand the step dies: %v", name, dies), func(t *testing.T) {
			w := newWorld(t, "STOPPED")
			prepare(w)
			w.Intercept = func(operation string, effect func() ecstest.Answer) ecstest.Answer {
				if operation != "UpdateService" {
					return effect()
				}
				w.Intercept = nil
				w.hold(t, taken(theirs, w.Now))
				w.Point(theirs)
				w.Now = w.Now.Add(time.Second)
				answer := effect()
				if dies {
					return ecstest.Answer{Err: errors.New("connection reset by peer")}
				}
				return answer
			}
			got, err := w.run(t, 0)
			if dies {
				got, err = w.run(t, 1)
			}
			if err != nil || got.Decision != rollback.Superseded || w.TaskDefinition != theirs {
				t.Errorf("got %+v, %v on %s; want superseded, on the holder's", got, err, w.TaskDefinition)
			}
		})
	}
}

func TestWhatCannotBeTakenBack(t *testing.T) {
	for name, tt := range map[string]struct {
		status, operation, code, message string
		want                             fault.Code
	}{
		"the stop is denied":   {"IN_PROGRESS", "StopServiceDeployment", "AccessDeniedException", "User: x is not authorized to perform: ecs:StopServiceDeployment on resource: y", fault.PermissionDenied},
		"the update is denied": {"STOPPED", "UpdateService", "AccessDeniedException", "User: x is not authorized to perform: iam:PassRole on resource: arn:aws:iam::123456789012:role/execution because no identity-based policy allows the iam:PassRole action", fault.PermissionDenied},
		"the bucket is empty":  {"IN_PROGRESS", "StopServiceDeployment", "ThrottlingException", "Rate exceeded", fault.AWSThrottled},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, tt.status)
			w.Intercept = func(operation string, effect func() ecstest.Answer) ecstest.Answer {
				if operation == tt.operation {
					return ecstest.Fault(tt.code, tt.message)
				}
				return effect()
			}
			if _, err := w.run(t, 0); fault.From(err) == nil || fault.From(err).Code != tt.want || w.TaskDefinition != mine {
				t.Errorf("got %v on %s, want %s", err, w.TaskDefinition, tt.want)
			}
		})
	}
}
