package wakeexecution_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/google/go-cmp/cmp"

	"fairlead/functions/wakeexecution"
	"fairlead/shared/config"
	"fairlead/shared/edge/findings"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/edge/look"
	"fairlead/shared/edge/look/looktest"
	"fairlead/shared/edge/park"
	"fairlead/shared/gate/scan"
	"fairlead/shared/permission/permissiontest"
)

const (
	ours   = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:42"
	others = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:43"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// scene is a service web in cluster prod, which executions wait for.
type scene struct {
	ecs      *looktest.ECS
	tokens   *ledger.Memory
	returned []string
	sendErr  error
	patient  bool // early stops are switched off
	now      time.Time
	waited   int
	onWait   func(times int)
	scans    map[string]ecrtypes.ScanStatus // of the images that were scanned
	looked   []string                       // the images whose scan was asked for
}

func newScene() *scene {
	return &scene{ecs: looktest.Running(ours), tokens: ledger.NewMemory(), now: noon.Add(5 * time.Minute)}
}

func (s *scene) SendTaskSuccess(_ context.Context, in *sfn.SendTaskSuccessInput, _ ...func(*sfn.Options)) (*sfn.SendTaskSuccessOutput, error) {
	s.returned = append(s.returned, *in.TaskToken)
	return &sfn.SendTaskSuccessOutput{}, s.sendErr
}

func (s *scene) Now() time.Time { return s.now }

func (s *scene) Wait(_ context.Context, d time.Duration) error {
	s.now, s.waited = s.now.Add(d), s.waited+1
	if s.onWait != nil {
		s.onWait(s.waited)
	}
	return nil
}

func (s *scene) park(t *testing.T, execution, taskDefinition string) {
	t.Helper()
	token := ledger.Token{Service: "web", Execution: execution, State: "AwaitRollout", Token: "token of " + execution, TaskDefinition: taskDefinition, Since: noon, Expires: noon.Add(24 * time.Hour)}
	if _, err := s.tokens.StoreToken(t.Context(), token); err != nil {
		t.Fatal(err)
	}
}

func (s *scene) handle(t *testing.T, event string) (wakeexecution.Woken, error) {
	t.Helper()
	waker := wakeexecution.Waker{
		Config: config.Config{Services: map[string]config.Service{
			"web": {Name: "web", Cluster: "prod", Service: "web", EarlyStop: !s.patient,
				Repository: "shop/web", Gates: config.Gates{Scan: &scan.Policy{}}},
			"shop": {Name: "shop", Cluster: "other", Service: "web", Repository: "shop/other"},
		}},
		Logger: slog.New(slog.DiscardHandler), Clock: s, Tokens: s.tokens, States: s,
		Look: func(_ context.Context, service config.Service, execution string) look.RolloutAPI {
			if service.Name != "web" || execution == "" {
				t.Errorf("a session for %s of %q", service.Name, execution)
			}
			return s.ecs
		},
		Scans: func(context.Context, config.Service, string) findings.API { return s },
	}
	return waker.Handle(t.Context(), []byte(event))
}

// deployment is the event that a deployment of a service has changed.
func deployment(name, service string) string {
	return `{"source":"aws.ecs","detail-type":"ECS Deployment State Change","resources":["arn:aws:ecs:eu-west-1:123456789012:service/` + service + `"],
		"detail":{"eventName":"` + name + `","deploymentId":"ecs-svc/42"}}`
}

// task is the event that a task has changed.
func task(detail string) string {
	return `{"source":"aws.ecs","detail-type":"ECS Task State Change","resources":["arn:aws:ecs:eu-west-1:123456789012:task/prod/1"],
		"detail":{"clusterArn":"arn:aws:ecs:eu-west-1:123456789012:cluster/prod",` + detail + `}}`
}

const completed = "SERVICE_DEPLOYMENT_COMPLETED"

func TestHandleLooksAtWhatMatters(t *testing.T) {
	const exited = `"group":"service:web","lastStatus":"STOPPED","startedBy":"ecs-svc/42","stopCode":"EssentialContainerExited","stoppedReason":"Essential container in task exited"`
	tests := []struct {
		name  string
		event string
		looks bool
	}{
		{name: "a deployment that completed", event: deployment(completed, "prod/web"), looks: true},
		{name: "a deployment that failed", event: deployment("SERVICE_DEPLOYMENT_FAILED", "prod/web"), looks: true},
		{name: "a deployment that began, which may supersede ours", event: deployment("SERVICE_DEPLOYMENT_IN_PROGRESS", "prod/web"), looks: true},
		{name: "a service's ARN of the old form", event: deployment(completed, "web"), looks: true},
		{name: "a task that exited", event: task(exited), looks: true},
		{name: "a task that failed its health check has the scheduler's stop code", event: task(strings.Replace(strings.Replace(exited, "EssentialContainerExited", "ServiceSchedulerInitiated", 1), "Essential container in task exited", "Task failed container health checks", 1)), looks: true},
		{name: "not a task that the scheduler stopped", event: task(strings.Replace(exited, "EssentialContainerExited", "ServiceSchedulerInitiated", 1))},
		{name: "not a task that runs", event: task(strings.Replace(exited, "STOPPED", "RUNNING", 1))},
		{name: "not a task that a person started", event: task(strings.Replace(exited, "ecs-svc/42", "mallory", 1))},
		{name: "not a task of a family", event: task(strings.Replace(exited, "service:web", "family:web", 1))},
		{name: "not a task of a foreign cluster", event: strings.Replace(task(exited), "cluster/prod", "cluster/foreign", 1)},
		{name: "not a service that is not configured", event: deployment(completed, "prod/mail")},
		{name: "not a service of that name in a foreign cluster", event: deployment(completed, "foreign/web")},
		{name: "not a steady state", event: strings.Replace(deployment(completed, "prod/web"), "ECS Deployment State Change", "ECS Service Action", 1)},
		{name: "not an event of another source", event: strings.Replace(deployment(completed, "prod/web"), "aws.ecs", "mallory", 1)},
		{name: "not an event without a resource", event: `{"source":"aws.ecs","detail-type":"ECS Deployment State Change","resources":[]}`},
		{name: "not an event whose resource is no service", event: strings.Replace(deployment(completed, "prod/web"), ":service/", ":cluster/", 1)},
		{name: "not an empty event", event: `{}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene()
			s.ecs.Deploy("42", ours, types.ServiceDeploymentStatusSuccessful, noon)
			s.park(t, "run", ours)
			got, err := s.handle(t, tt.event)
			if err != nil {
				t.Fatal(err)
			}
			if looked := len(s.returned) == 1; looked != tt.looks || looked == (len(s.ecs.Calls()) == 0) {
				t.Errorf("returned %v after %v: %+v", s.returned, s.ecs.Calls(), got)
			}
			if !tt.looks && got.Reason == "" {
				t.Error("nothing was done, and no reason given")
			}
		})
	}
}

func TestHandleReleasesOnlyWhatHasEnded(t *testing.T) {
	s := newScene()
	s.ecs.Deploy("42", ours, types.ServiceDeploymentStatusStopped, noon)
	s.ecs.Deploy("43", others, types.ServiceDeploymentStatusInProgress, noon.Add(time.Minute))
	s.park(t, "older", ours)
	s.park(t, "newer", others)
	got, err := s.handle(t, deployment("SERVICE_DEPLOYMENT_IN_PROGRESS", "prod/web"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wakeexecution.Woken{Waiting: 1, Released: 1}, got); diff != "" {
		t.Error("(-want +got)\n" + diff)
	}
	if diff := cmp.Diff([]string{"token of older"}, s.returned); diff != "" {
		t.Error("(-want +got)\n" + diff)
	}
}

func TestHandleReleasesAtTheSecondCrash(t *testing.T) {
	const exited = `"group":"service:web","lastStatus":"STOPPED","startedBy":"ecs-svc/42","stopCode":"EssentialContainerExited","stoppedReason":"Essential container in task exited"`
	tests := []struct {
		name     string
		patient  bool
		codes    []int32
		released []int // executions, after each crash
	}{
		{name: "like the first", codes: []int32{1, 1}, released: []int{0, 1}},
		{name: "but not at another", codes: []int32{1, 2, 1}, released: []int{0, 0, 1}},
		{name: "but not if the service switches that off", patient: true, codes: []int32{1, 1, 1}, released: []int{0, 0, 0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene()
			s.patient = tt.patient
			s.ecs.Deploy("42", ours, types.ServiceDeploymentStatusInProgress, noon)
			s.park(t, "run", ours)
			for i, code := range tt.codes {
				s.ecs.Crash(ours, code, noon.Add(time.Duration(i)*time.Minute))
				if _, err := s.handle(t, task(exited)); err != nil {
					t.Fatal(err)
				}
				if len(s.returned) != tt.released[i] {
					t.Errorf("released %v after crash %d", s.returned, i+1)
				}
			}
		})
	}
}

func TestHandleADoubledEventReleasesOnce(t *testing.T) {
	s := newScene()
	s.ecs.Deploy("42", ours, types.ServiceDeploymentStatusSuccessful, noon)
	s.park(t, "run", ours)
	for range 3 {
		if _, err := s.handle(t, deployment(completed, "prod/web")); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.returned) != 1 {
		t.Errorf("returned %v", s.returned)
	}
}

func TestHandleLooksAgainAfterAnEnd(t *testing.T) {
	s := newScene()
	s.ecs.Deploy("42", ours, types.ServiceDeploymentStatusInProgress, noon)
	s.park(t, "run", ours)
	s.onWait = func(times int) {
		if times == 3 {
			s.ecs.Deployments[0].Status = types.ServiceDeploymentStatusSuccessful
		}
	}
	if _, err := s.handle(t, deployment(completed, "prod/web")); err != nil || len(s.returned) != 1 || s.waited != 3 {
		t.Errorf("returned %v after %d waits, %v", s.returned, s.waited, err)
	}
}

func TestHandleReleasesTheTokenThatTheHeartbeatLedTo(t *testing.T) {
	s := newScene()
	s.ecs.Deploy("42", ours, types.ServiceDeploymentStatusInProgress, noon)
	s.park(t, "run", ours)
	s.onWait = func(times int) {
		if times != 2 {
			return
		}
		next := ledger.Token{Service: "web", Execution: "run", State: "AwaitRollout", Token: "the next token", TaskDefinition: ours, Since: noon,
			Attempt: ledger.Attempt{Entered: s.now}, Expires: noon.Add(24 * time.Hour)}
		if stored, err := s.tokens.StoreToken(t.Context(), next); err != nil || !stored {
			t.Fatalf("stored %t, %v", stored, err)
		}
		s.ecs.Deployments[0].Status = types.ServiceDeploymentStatusSuccessful
	}
	_, err := s.handle(t, deployment(completed, "prod/web"))
	if diff := cmp.Diff([]string{"the next token"}, s.returned); err != nil || diff != "" {
		t.Errorf("%v, returned (-want +got):\n%s", err, diff)
	}
}

func TestHandleStopsLooking(t *testing.T) {
	t.Run("after half a minute, though the event spoke of an end", func(t *testing.T) {
		s := newScene()
		s.ecs.Deploy("42", ours, types.ServiceDeploymentStatusInProgress, noon)
		s.park(t, "run", ours)
		start := s.now
		got, err := s.handle(t, deployment(completed, "prod/web"))
		if err != nil || got.Waiting != 1 || s.now.Sub(start) != 30*time.Second {
			t.Errorf("%+v, %v after %s", got, err, s.now.Sub(start))
		}
	})
	t.Run("at once if the event spoke of no end", func(t *testing.T) {
		s := newScene()
		s.ecs.Deploy("42", ours, types.ServiceDeploymentStatusInProgress, noon)
		s.park(t, "run", ours)
		if got, err := s.handle(t, deployment("SERVICE_DEPLOYMENT_IN_PROGRESS", "prod/web")); err != nil || got.Waiting != 1 || s.waited != 0 {
			t.Errorf("%+v, %v, waited %d", got, err, s.waited)
		}
	})
	t.Run("before it began, if nobody waits", func(t *testing.T) {
		s := newScene()
		if got, err := s.handle(t, deployment(completed, "prod/web")); err != nil || len(s.ecs.Calls()) != 0 || s.waited != 0 {
			t.Errorf("%+v, %v, calls %v", got, err, s.ecs.Calls())
		}
	})
	t.Run("for a token that has expired, which is forgotten", func(t *testing.T) {
		s := newScene()
		s.park(t, "run", ours)
		s.now = noon.Add(25 * time.Hour)
		if _, err := s.handle(t, deployment(completed, "prod/web")); err != nil || len(s.returned) != 0 || len(s.ecs.Calls()) != 0 {
			t.Errorf("%v, returned %v", err, s.returned)
		}
		if left, _ := s.tokens.Tokens(t.Context(), "web"); len(left) != 0 {
			t.Errorf("still parked %v", left)
		}
	})
}

func TestHandleAFailureOfOneDoesNotKeepTheOthers(t *testing.T) {
	s := newScene()
	s.ecs.Deploy("42", ours, types.ServiceDeploymentStatusSuccessful, noon)
	s.park(t, "one", ours)
	s.park(t, "two", ours)
	s.sendErr = errors.New("down")
	got, err := s.handle(t, deployment("SERVICE_DEPLOYMENT_IN_PROGRESS", "prod/web"))
	slices.Sort(s.returned)
	if diff := cmp.Diff([]string{"token of one", "token of two"}, s.returned); diff != "" || err == nil || got.Waiting != 2 {
		t.Errorf("tried %v, %+v, %v", s.returned, got, err)
	}
}

func TestHandleATokenThatNobodyWaitsForIsForgotten(t *testing.T) {
	s := newScene()
	s.ecs.Deploy("42", ours, types.ServiceDeploymentStatusSuccessful, noon)
	s.park(t, "run", ours)
	s.sendErr = &sfntypes.TaskTimedOut{}
	if got, err := s.handle(t, deployment(completed, "prod/web")); err != nil || got.Waiting != 0 || s.waited != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	if left, _ := s.tokens.Tokens(t.Context(), "web"); len(left) != 0 {
		t.Errorf("still parked %v", left)
	}
}

func TestHandleRefusesWhatIsNoEvent(t *testing.T) {
	if _, err := newScene().handle(t, `[]`); err == nil {
		t.Error("no error")
	}
}

func TestPolicy(t *testing.T) {
	permissiontest.Check(t, wakeexecution.Policy(), permissiontest.Ports{
		Own:  []any{(*park.Sender)(nil), (*ledger.Querier)(nil), (*ledger.Deleter)(nil)},
		Look: []any{(*look.RolloutAPI)(nil), (*findings.API)(nil)},
	})
}

func FuzzHandle(f *testing.F) {
	f.Add(deployment(completed, "prod/web"))
	f.Add(deployment(completed, "web"))
	f.Add(task(`"group":"service:web","lastStatus":"STOPPED","startedBy":"ecs-svc/42"`))
	f.Fuzz(func(t *testing.T, event string) {
		s := newScene()
		s.ecs.Deploy("42", ours, types.ServiceDeploymentStatusInProgress, noon)
		s.park(t, "run", ours)
		if _, err := s.handle(t, event); err == nil && len(s.returned) != 0 {
			t.Errorf("a rollout in progress was released by %q", event)
		}
	})
}
