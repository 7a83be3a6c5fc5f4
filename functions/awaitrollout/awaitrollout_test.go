package awaitrollout_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/google/go-cmp/cmp"

	"fairlead/functions/awaitrollout"
	"fairlead/shared/config"
	"fairlead/shared/edge/handler"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/edge/look"
	"fairlead/shared/edge/look/looktest"
	"fairlead/shared/edge/park"
	"fairlead/shared/fault"
	"fairlead/shared/permission/permissiontest"
	"fairlead/shared/rollout"
)

const (
	ours = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:42"
	base = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:41"
	run  = "arn:aws:states:eu-west-1:123456789012:execution:fairlead:run"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// states is Step Functions: it remembers the tokens that were returned.
type states struct {
	returned []string
	err      error
}

func (s *states) SendTaskSuccess(_ context.Context, in *sfn.SendTaskSuccessInput, _ ...func(*sfn.Options)) (*sfn.SendTaskSuccessOutput, error) {
	if aws.ToString(in.Output) != "{}" {
		return nil, errors.New("the output is not {}")
	}
	s.returned = append(s.returned, *in.TaskToken)
	return &sfn.SendTaskSuccessOutput{}, s.err
}

func step(api *looktest.ECS, tokens ledger.TokenWriter, sfn *states) awaitrollout.Step {
	return awaitrollout.Step{
		Config: config.Config{Services: map[string]config.Service{"web": {Name: "web", Cluster: "prod", Service: "web", Timeout: config.Duration(30 * time.Minute)}}},
		Logger: slog.New(slog.DiscardHandler), Tokens: tokens, States: sfn,
		Look: func(context.Context, config.Service, string) look.RolloutAPI { return api },
	}
}

func request(token string, minute int) handler.Request {
	return handler.Request{Execution: handler.Execution{ID: run}, TaskToken: token,
		State:    handler.State{Name: "AwaitRollout", EnteredTime: noon.Add(time.Duration(minute) * time.Minute)},
		Document: json.RawMessage(`{"service":"web","revision":{"taskDefinition":"` + ours + `","base":"` + base + `"},"update":{"decision":"updated","at":"2026-11-23T12:00:00Z"}}`)}
}

func parked(t *testing.T, m *ledger.Memory) []ledger.Token {
	t.Helper()
	tokens, err := m.Tokens(t.Context(), "web")
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

func TestHandleParksWhileTheRolloutIsProgressing(t *testing.T) {
	api, tokens, sfn := looktest.Running(ours), ledger.NewMemory(), &states{}
	api.Deploy("42", ours, types.ServiceDeploymentStatusInProgress, noon)
	got, err := step(api, tokens, sfn).Handle(t.Context(), request("token", 1))
	if err != nil || !got.Parked || len(sfn.returned) != 0 {
		t.Fatalf("%+v, %v, returned %v", got, err, sfn.returned)
	}
	want := []ledger.Token{{Service: "web", Execution: run, State: "AwaitRollout", Token: "token", TaskDefinition: ours, Since: noon,
		Attempt: ledger.Attempt{Entered: noon.Add(time.Minute)}, StoredAt: noon.Add(time.Minute), Expires: noon.Add(24*time.Hour + time.Minute)}}
	if diff := cmp.Diff(want, parked(t, tokens)); diff != "" {
		t.Error("(-want +got)\n" + diff)
	}
}

func TestHandleReleasesWhatHasEnded(t *testing.T) {
	for name, status := range map[string]types.ServiceDeploymentStatus{
		"healthy": types.ServiceDeploymentStatusSuccessful, "rolled back": types.ServiceDeploymentStatusRollbackSuccessful,
	} {
		t.Run(name, func(t *testing.T) {
			api, tokens, sfn := looktest.Running(ours), ledger.NewMemory(), &states{}
			api.Deploy("42", ours, status, noon)
			got, err := step(api, tokens, sfn).Handle(t.Context(), request("token", 1))
			if err != nil || got.Parked || got.Verdict == rollout.Progressing {
				t.Errorf("%+v, %v", got, err)
			}
			if diff := cmp.Diff([]string{"token"}, sfn.returned); diff != "" || len(parked(t, tokens)) != 0 {
				t.Errorf("returned %v, still parked %v", sfn.returned, parked(t, tokens))
			}
		})
	}
}

func TestHandleAfterALaterAttemptDoesNothing(t *testing.T) {
	api, tokens, sfn := looktest.Running(ours), ledger.NewMemory(), &states{}
	api.Deploy("42", ours, types.ServiceDeploymentStatusInProgress, noon)
	s := step(api, tokens, sfn)
	if _, err := s.Handle(t.Context(), request("later", 6)); err != nil {
		t.Fatal(err)
	}
	api.Deployments[0].Status = types.ServiceDeploymentStatusSuccessful
	if got, err := s.Handle(t.Context(), request("earlier", 1)); err != nil || got.Parked || len(sfn.returned) != 0 {
		t.Errorf("%+v, %v, returned %v", got, err, sfn.returned)
	}
	if left := parked(t, tokens); len(left) != 1 || left[0].Token != "later" {
		t.Errorf("parked %+v", left)
	}
}

func TestHandleReturnsATokenThatNobodyWaitsFor(t *testing.T) {
	for name, err := range map[string]error{
		"timed out": &sfntypes.TaskTimedOut{}, "does not exist": &sfntypes.TaskDoesNotExist{}, "invalid": &sfntypes.InvalidToken{},
	} {
		t.Run(name, func(t *testing.T) {
			api, tokens := looktest.Running(ours), ledger.NewMemory()
			api.Deploy("42", ours, types.ServiceDeploymentStatusSuccessful, noon)
			if _, got := step(api, tokens, &states{err: err}).Handle(t.Context(), request("token", 1)); got != nil || len(parked(t, tokens)) != 0 {
				t.Errorf("%v, parked %v", got, parked(t, tokens))
			}
		})
	}
	t.Run("but if Step Functions fails the token stays", func(t *testing.T) {
		api, tokens := looktest.Running(ours), ledger.NewMemory()
		api.Deploy("42", ours, types.ServiceDeploymentStatusSuccessful, noon)
		if _, got := step(api, tokens, &states{err: errors.New("down")}).Handle(t.Context(), request("token", 1)); got == nil || len(parked(t, tokens)) != 1 {
			t.Errorf("%v, parked %v", got, parked(t, tokens))
		}
	})
}

func TestHandleRefusesACallWithoutAToken(t *testing.T) {
	_, err := step(looktest.Running(ours), ledger.NewMemory(), &states{}).Handle(t.Context(), request("", 1))
	if f := fault.From(err); f == nil || f.Code != fault.InputInvalid {
		t.Error(err)
	}
}

func TestPolicy(t *testing.T) {
	permissiontest.Check(t, awaitrollout.Policy(), permissiontest.Ports{
		Own:  []any{(*park.Sender)(nil), (*ledger.Putter)(nil), (*ledger.Deleter)(nil)},
		Look: []any{(*look.RolloutAPI)(nil)},
	})
}
