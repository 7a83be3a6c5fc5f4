package updateservice_test

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

	"fairlead/functions/updateservice"
	"fairlead/shared/claim"
	"fairlead/shared/config"
	"fairlead/shared/edge/ecstest"
	"fairlead/shared/edge/handler"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/edge/look"
	"fairlead/shared/edge/pointing"
	"fairlead/shared/fault"
	"fairlead/shared/permission/permissiontest"
	"fairlead/shared/rollout"
)

func TestPermissions(t *testing.T) {
	permissiontest.Check(t, updateservice.Policy(), permissiontest.Ports{
		Own:    []any{(*ledger.Getter)(nil), (*ledger.Putter)(nil)},
		Look:   []any{(*look.API)(nil)},
		Update: []any{(*pointing.Updater)(nil)},
	})
}

const (
	me      = "arn:aws:states:eu-west-1:123456789012:execution:fairlead:me"
	another = "arn:aws:states:eu-west-1:123456789012:execution:fairlead:another"
)

// base, mine and theirs are revisions: that which the service runs, ours, and that of a newer execution.
var base, mine, theirs = ecstest.Revision(1), ecstest.Revision(2), ecstest.Revision(3)

func start() time.Time { return time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC) }

// entered is when the step was entered; ECS is at start plus ten minutes, and later with each call.
func entered() time.Time { return start().Add(9 * time.Minute) }

// world is an ECS whose service runs the base, and a ledger in which this execution holds the claim.
type world struct {
	*ecstest.ECS
	ledger *ledger.Memory
}

func newWorld(t *testing.T) *world {
	t.Helper()
	aws := ecstest.New(start().Add(10*time.Minute), ecstest.Object{"family": "web"})
	aws.Register(ecstest.Object{"family": "web"}, nil, start())
	aws.Register(ecstest.Object{"family": "web"}, nil, start())
	w := &world{ECS: aws, ledger: ledger.NewMemory()}
	w.hold(t, claim.Claim{Sequence: 5, Holder: me, Digest: "sha256:b", UpdatedAt: start()})
	return w
}

// hold makes a claim the service's, whoever held it.
func (w *world) hold(t *testing.T, next claim.Claim) {
	t.Helper()
	held := w.claim(t)
	if err := w.ledger.ReplaceClaim(t.Context(), "web", held, next); err != nil {
		t.Fatal(err)
	}
}

func (w *world) claim(t *testing.T) claim.Claim {
	t.Helper()
	held, err := w.ledger.Claim(t.Context(), "web")
	if err != nil {
		t.Fatal(err)
	}
	return held
}

// taken is the claim of a newer execution, which was about to put a revision into service when its step was entered.
func taken(taskDefinition string, entered time.Time) claim.Claim {
	return claim.Claim{Sequence: 6, Holder: another, TaskDefinition: taskDefinition, UpdatedAt: entered}
}

func (w *world) step(claims pointing.Claims) updateservice.Step {
	web := config.Service{Name: "web", Cluster: "prod", Service: "web", TaskRole: "task", ExecutionRole: "execution"}
	return updateservice.Step{
		Config: config.Config{Services: map[string]config.Service{"web": web}}, Logger: slog.New(slog.DiscardHandler), Claims: claims, Holds: w.ledger, Quarantine: w.ledger, Now: entered,
		Place: func(context.Context) (config.Place, error) {
			return config.Place{Partition: "aws", Region: "eu-west-1", Account: "123456789012"}, nil
		},
		Open: func(context.Context, config.Service, string) updateservice.Ports {
			return updateservice.Ports{Look: w.Client(), Update: w.Client()}
		},
	}
}

func (w *world) run(t *testing.T) (rollout.Updated, error) {
	t.Helper()
	return w.step(w.ledger).Handle(t.Context(), request("registered", 1))
}

func request(decision string, attempt int) handler.Request {
	document := fmt.Sprintf(`{"service":"web","revision":{"decision":%q,"taskDefinition":%q,"base":%q,"attempt":%d}}`, decision, mine, base, attempt)
	return handler.Request{
		Execution: handler.Execution{ID: me, StartTime: start()},
		State:     handler.State{Name: "UpdateService", EnteredTime: entered()},
		Document:  json.RawMessage(document),
	}
}

func TestTheServiceIsPointedAtTheRevision(t *testing.T) {
	w := newWorld(t)
	got, err := w.run(t)
	if err != nil {
		t.Fatal(err)
	}
	want := rollout.Updated{Decision: rollout.Pointed, Reason: got.Reason, At: w.Primary.CreatedAt, Deployment: "ecs-svc/101", Previous: base}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	w.Check(t, "DescribeServices", "UpdateService")
	if w.TaskDefinition != mine {
		t.Errorf("the service is pointed at %s", w.TaskDefinition)
	}
	wantClaim := claim.Claim{Sequence: 5, Holder: me, Digest: "sha256:b", TaskDefinition: mine, UpdatedAt: entered()}
	if diff := cmp.Diff(wantClaim, w.claim(t)); diff != "" {
		t.Errorf("claim (-want +got):\n%s", diff)
	}
}

func TestWhatIsNotUpdated(t *testing.T) {
	tests := map[string]struct {
		prepare  func(*testing.T, *world)
		decision rollout.Decision
		previous string
	}{
		"it is there already": {func(_ *testing.T, w *world) { w.Point(mine) }, rollout.AlreadyThere, base},
		"it was there and ECS has rolled back": {func(t *testing.T, w *world) {
			w.hold(t, w.claim(t).Pointing(mine, start()))
			w.Point(mine)
			w.RollBack()
		}, rollout.AlreadyThere, base},
		"it was there and a person has acted since": {func(t *testing.T, w *world) {
			w.hold(t, w.claim(t).Pointing(mine, start()))
			w.Point(mine)
			w.Point(theirs)
		}, rollout.AlreadyThere, base},
		"the base has moved":                         {func(_ *testing.T, w *world) { w.Point(theirs) }, rollout.BaseMoved, theirs},
		"the claim is another's, who has not acted":  {func(t *testing.T, w *world) { w.hold(t, taken("", entered())) }, rollout.Outrun, base},
		"the claim is another's, who is acting":      {func(t *testing.T, w *world) { w.hold(t, taken(theirs, entered())) }, rollout.Outrun, base},
		"the claim is another's, who has acted":      {func(t *testing.T, w *world) { w.hold(t, taken(theirs, entered())); w.Point(theirs) }, rollout.Outrun, theirs},
		"the claim is another's, with our revision":  {func(t *testing.T, w *world) { w.hold(t, taken(mine, entered())); w.Point(mine) }, rollout.Outrun, mine},
		"ours came first, and the holder's is to be": {func(t *testing.T, w *world) { w.Point(mine); w.hold(t, taken("", entered())) }, rollout.Outrun, mine},
		"ECS has rolled back from the holder's to ours": {func(t *testing.T, w *world) {
			w.Point(mine)
			w.hold(t, taken(theirs, w.Now.Add(time.Minute)))
			w.Now = w.Now.Add(2 * time.Minute)
			w.Point(theirs)
			w.RollBack()
		}, rollout.Outrun, mine},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			test.prepare(t, w)
			got, err := w.run(t)
			if err != nil || got.Decision != test.decision || got.Previous != test.previous || got.Reason == "" || got.At.IsZero() {
				t.Errorf("got %+v, %v; want %s after %s", got, err, test.decision, test.previous)
			}
			if slices.Contains(w.Calls, "UpdateService") {
				t.Error("UpdateService was called")
			}
		})
	}
}

// TestWhoDeploysTheImageIsToldWhomToFollow is about a claim that was lost to an execution of the same image, and of another one.
func TestWhoDeploysTheImageIsToldWhomToFollow(t *testing.T) {
	for digest, want := range map[string]string{"sha256:ours": another, "sha256:theirs": ""} {
		w := newWorld(t)
		held := taken(mine, entered())
		held.Digest = digest
		w.hold(t, held)
		r := request("registered", 1)
		r.Document = json.RawMessage(strings.Replace(string(r.Document), "{", `{"image":{"digest":"sha256:ours"},`, 1))
		if got, err := w.step(w.ledger).Handle(t.Context(), r); err != nil || got.Decision != rollout.Outrun || got.Follow != want {
			t.Errorf("lost to %s: %+v, %v; want that it follows %q", digest, got, err, want)
		}
	}
}

func TestAnAdoptedRevisionThatIsGoneIsNotPutBack(t *testing.T) {
	w := newWorld(t)
	got, err := w.step(w.ledger).Handle(t.Context(), request("adopted", 1))
	if err != nil || got.Decision != rollout.BaseMoved || slices.Contains(w.Calls, "UpdateService") {
		t.Errorf("got %+v, %v with calls %v; want that the base has moved", got, err, w.Calls)
	}
}

func TestABaseThatKeepsMoving(t *testing.T) {
	for attempt := 1; attempt <= 3; attempt++ {
		w := newWorld(t)
		w.Point(theirs)
		got, err := w.step(w.ledger).Handle(t.Context(), request("registered", attempt))
		if last := attempt == 3; last != (fault.From(err) != nil && fault.From(err).Code == fault.ServiceBaseMoves) || !last && got.Decision != rollout.BaseMoved {
			t.Errorf("attempt %d: got %+v, %v", attempt, got, err)
		}
		if held := w.claim(t); held.TaskDefinition != "" || !held.HeldBy(me) {
			t.Errorf("attempt %d: the claim says that %q is coming", attempt, held.TaskDefinition)
		}
	}
}

// during lets something happen just after the effect of our UpdateService, before its answer.
func (w *world) during(happen func()) {
	w.Intercept = func(operation string, effect func() ecstest.Answer) ecstest.Answer {
		answer := effect()
		if operation == "UpdateService" {
			w.Intercept = nil
			happen()
		}
		return answer
	}
}

func TestAClaimThatIsLostDuringTheCall(t *testing.T) {
	tests := map[string]struct {
		holder claim.Claim
		ends   string // the revision
	}{
		"the holder's revision is put back":                  {taken(theirs, entered()), theirs},
		"a holder that has not come so far does it itself":   {taken("", entered()), mine},
		"a holder that deploys our own revision is followed": {taken(mine, entered()), mine},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.during(func() { w.hold(t, test.holder) })
			got, err := w.run(t)
			if err != nil || got.Decision != rollout.Outrun || !strings.Contains(got.Reason, another) {
				t.Errorf("got %+v, %v; want superseded by the holder", got, err)
			}
			if w.TaskDefinition != test.ends {
				t.Errorf("the service ends on %s, want %s", w.TaskDefinition, test.ends)
			}
		})
	}
}

func TestAClaimThatIsLostTwice(t *testing.T) {
	w := newWorld(t)
	w.Register(ecstest.Object{"family": "web"}, nil, start())
	newest := claim.Claim{Sequence: 7, Holder: "newest", TaskDefinition: ecstest.Revision(4), UpdatedAt: entered()}
	w.during(func() {
		w.hold(t, taken(theirs, entered()))
		w.during(func() { w.hold(t, newest) })
	})
	got, err := w.run(t)
	if err != nil || got.Decision != rollout.Outrun || !strings.Contains(got.Reason, "newest") || w.TaskDefinition != newest.TaskDefinition {
		t.Errorf("got %+v, %v on %s; want the newest holder's revision in service", got, err, w.TaskDefinition)
	}
}

// TestKilledCalls breaks the connection before or after the effect of each call, and runs the step again as the
// workflow does: there is one deployment of ours in the end, and the step says so.
func TestKilledCalls(t *testing.T) {
	for _, killed := range []string{"DescribeServices", "UpdateService"} {
		for _, after := range []bool{false, true} {
			for _, then := range []string{"nothing happens", "ECS rolls back"} {
				t.Run(fmt.Sprintf("%s, after its effect: %v, then %s", killed, after, then), func(t *testing.T) {
					w := newWorld(t)
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
					_, err := w.run(t)
					if f := fault.From(err); f == nil || f.Kind() != fault.Retry {
						t.Fatalf("got %v, want a fault that the workflow retries", err)
					}
					if then == "ECS rolls back" && len(w.Deployments) > 1 {
						w.RollBack()
					}
					for range 2 {
						if got, err := w.run(t); err != nil || got.Decision != rollout.Pointed && got.Decision != rollout.AlreadyThere || got.Previous != base {
							t.Fatalf("got %+v, %v", got, err)
						}
					}
					if len(w.Deployments) != 2 || w.Deployments[1].TaskDefinition != mine {
						t.Errorf("deployments: %+v, want one of ours", w.Deployments)
					}
				})
			}
		}
	}
}

// TestKilledAfterTheClaimWasLost breaks the step between its own call and the repair; the next attempt repairs.
func TestKilledAfterTheClaimWasLost(t *testing.T) {
	w := newWorld(t)
	w.during(func() {
		w.hold(t, taken(theirs, entered()))
		w.Intercept = func(string, func() ecstest.Answer) ecstest.Answer {
			w.Intercept = nil
			return ecstest.Answer{Err: errors.New("connection reset by peer")}
		}
	})
	if _, err := w.run(t); fault.From(err) == nil || fault.From(err).Kind() != fault.Retry || w.TaskDefinition != mine {
		t.Fatalf("got %v on %s, want a fault that the workflow retries, with ours in the way", err, w.TaskDefinition)
	}
	for range 2 {
		if got, err := w.run(t); err != nil || got.Decision != rollout.Outrun || w.TaskDefinition != theirs {
			t.Errorf("got %+v, %v on %s; want superseded, on the holder's", got, err, w.TaskDefinition)
		}
	}
	if n := len(w.Deployments); n != 3 {
		t.Errorf("%d deployments, want the base, ours and the holder's", n)
	}
}

// stolen changes hands just before the step writes.
type stolen struct{ *ledger.Memory }

func (s stolen) ReplaceClaim(ctx context.Context, service string, held, next claim.Claim) error {
	theirs := taken("", entered())
	return errors.Join(s.Memory.ReplaceClaim(ctx, service, held, theirs), s.Memory.ReplaceClaim(ctx, service, held, next))
}

func TestAClaimThatIsLostBeforeTheCall(t *testing.T) {
	w := newWorld(t)
	if _, err := w.step(stolen{w.ledger}).Handle(t.Context(), request("registered", 1)); fault.From(err) == nil || fault.From(err).Code != fault.LedgerContended {
		t.Errorf("got %v, want %s", err, fault.LedgerContended)
	}
	if got, err := w.run(t); err != nil || got.Decision != rollout.Outrun {
		t.Errorf("the next attempt: got %+v, %v; want superseded", got, err)
	}
	if slices.Contains(w.Calls, "UpdateService") {
		t.Error("UpdateService was called")
	}
}

func TestWhatCannotBeUpdated(t *testing.T) {
	refuse := func(code, message string) func(*world) {
		return func(w *world) {
			w.Intercept = func(operation string, effect func() ecstest.Answer) ecstest.Answer {
				if operation == "UpdateService" {
					return ecstest.Fault(code, message)
				}
				return effect()
			}
		}
	}
	const denied = "User: arn:aws:sts::123456789012:assumed-role/fairlead-web-update/web-0123 is not authorized to perform: %s on resource: %s because no identity-based policy allows the %s action"
	tests := map[string]struct {
		prepare func(*world)
		code    fault.Code
		says    string
	}{
		"the execution role may not be passed": {refuse("AccessDeniedException", fmt.Sprintf(denied, "iam:PassRole", "arn:aws:iam::123456789012:role/execution", "iam:PassRole")),
			fault.PermissionDenied, "context.fairlead.services.web.executionRole"},
		"another role may not be passed": {refuse("AccessDeniedException", fmt.Sprintf(denied, "iam:PassRole", "arn:aws:iam::123456789012:role/x", "iam:PassRole")),
			fault.PermissionDenied, "context.fairlead.services.web.taskRole and context.fairlead.services.web.executionRole name"},
		"the service may not be updated": {refuse("AccessDeniedException", fmt.Sprintf(denied, "ecs:UpdateService", "arn:aws:ecs:eu-west-1:123456789012:service/prod/web", "ecs:UpdateService")),
			fault.PermissionDenied, "ecs:UpdateService on arn:aws:ecs:eu-west-1:123456789012:service/prod/web to role fairlead-web-update"},
		"ECS refuses it": {refuse("InvalidParameterException", "Unable to update task definition on services with a CODE_DEPLOY deployment controller."),
			fault.ServiceRefused, "CODE_DEPLOY"},
		"the bucket is empty":              {refuse("ThrottlingException", "Rate exceeded"), fault.AWSThrottled, ""},
		"the service is gone":              {func(w *world) { w.Status = "" }, fault.ServiceNotFound, "no service web"},
		"the service is being deleted":     {func(w *world) { w.Status = "DRAINING" }, fault.ServiceNotActive, "DRAINING"},
		"it is gone between the two calls": {refuse("ServiceNotFoundException", "Service not found."), fault.ServiceNotFound, "start a new execution"},
		"it is inactive by the second":     {refuse("ServiceNotActiveException", "Service was not ACTIVE."), fault.ServiceNotActive, "start a new execution"},
		"the ledger was lost":              {func(w *world) { w.ledger = ledger.NewMemory() }, fault.LedgerContended, "start a new execution"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			test.prepare(w)
			_, err := w.run(t)
			if f := fault.From(err); f == nil || f.Code != test.code || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v, want the fault %s that says %q", err, test.code, test.says)
			}
			if w.TaskDefinition != base {
				t.Error("the service was touched")
			}
		})
	}
}
