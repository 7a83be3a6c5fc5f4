package look_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"fairlead/local"
	"fairlead/local/ecr/sample"
	"fairlead/local/steps"
	"fairlead/local/world"
	"fairlead/shared/edge/look"
	"fairlead/shared/rollout"
)

// counting counts the calls of a look.
type counting struct {
	*ecs.Client
	tasks int // calls about tasks
}

func (c *counting) ListTasks(ctx context.Context, in *ecs.ListTasksInput, options ...func(*ecs.Options)) (*ecs.ListTasksOutput, error) {
	c.tasks++
	return c.Client.ListTasks(ctx, in, options...)
}

// executionRole is a role under which ECS may pull.
func (s *story) executionRole() *string {
	s.t.Helper()
	allow := func(action, more string) map[string]any {
		var statement map[string]any
		if err := json.Unmarshal([]byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"`+action+`",`+more+`}]}`), &statement); err != nil {
			s.t.Fatal(err)
		}
		return statement
	}
	properties, _ := json.Marshal(map[string]any{"RoleName": "execution",
		"AssumeRolePolicyDocument": allow("sts:AssumeRole", `"Principal":{"Service":"ecs-tasks.amazonaws.com"}`),
		"Policies":                 []any{map[string]any{"PolicyName": "pull", "PolicyDocument": allow("ecr:*", `"Resource":"*"`)}}})
	var err error
	s.lab.Core.Do(func(*world.World) {
		_, err = s.lab.IAM.Declare(world.Declared{Type: "AWS::IAM::Role", Stack: "sample", LogicalID: "Execution", Properties: properties})
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return aws.String("arn:aws:iam::" + local.Place().Account + ":role/execution")
}

// pushed is an image in the embedded ECR that behaves as its labels say.
func (s *story) pushed(labels map[string]string) string {
	s.t.Helper()
	client := ecr.NewFromConfig(s.lab.Client(s.lab.Administrator()))
	if _, err := client.CreateRepository(s.t.Context(), &ecr.CreateRepositoryInput{RepositoryName: aws.String("shop/web")}); err != nil {
		s.t.Fatal(err)
	}
	digest, err := s.lab.Push(s.t.Context(), "shop/web", "1", sample.Spec{Content: "1", Labels: labels})
	if err != nil {
		s.t.Fatal(err)
	}
	s.role = s.executionRole()
	return steps.Host + "/shop/web@" + digest
}

// TestStoryOfEarlyStops: with a circuit breaker that waits for eight failures, a cause that cannot heal ends the wait at
// its second task.
func TestStoryOfEarlyStops(t *testing.T) {
	patient := types.DeploymentCircuitBreaker{Enable: true, Rollback: true,
		ThresholdConfiguration: &types.ThresholdConfiguration{Type: types.ThresholdTypeCount, Value: 8}}
	tests := []struct {
		name   string
		labels map[string]string // of the image; nil for one that is not in the registry
		off    bool              // early stops are switched off
		want   rollout.Verdict
		failed int // tasks, as ECS counts them when the verdict falls, or one less: it counts a little behind
		says   string
		asks   bool // why tasks stopped
	}{
		{name: "a crash on start", labels: map[string]string{"local.exit": "3"}, want: rollout.Failed, failed: 2, says: "ended by itself (exit code 3", asks: true},
		{name: "a crash on start, which the service leaves to the circuit breaker", labels: map[string]string{"local.exit": "3"}, off: true, want: rollout.Failed, failed: 8, says: "circuit breaker threshold was exceeded", asks: true},
		{name: "an image that cannot be pulled, whatever the service says", off: true, want: rollout.Failed, failed: 2, says: "not in the registry", asks: true},
		{name: "no early end of what goes well, and no question", labels: map[string]string{"local.start": "3s"}, want: rollout.Healthy},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStory(t, 1, patient)
			image := s.pushed(tt.labels)
			if tt.labels == nil {
				image = absent
			}
			aim, api, failed := s.point(image), &counting{Client: s.ecs}, 0
			var got rollout.Judged
			s.lab.Until(72*time.Hour, func() bool {
				seen, err := look.Rollout(t.Context(), api, "prod", "web", aim)
				if err != nil {
					t.Fatal(err)
				}
				if i := slices.IndexFunc(seen.Entries, func(e rollout.Entry) bool { return e.TaskDefinition == aim.TaskDefinition }); i >= 0 {
					failed = max(failed, seen.Entries[i].FailedTasks)
				}
				got = rollout.Judge(aim, seen, s.lab.Now(), rollout.Budget{EarlyStop: !tt.off})
				return got.Verdict != rollout.Progressing
			})
			if got.Verdict != tt.want || !strings.Contains(got.Reason, tt.says) || failed > tt.failed || failed < tt.failed-1 {
				t.Errorf("%s after %d failures: %s", got.Verdict, failed, got.Reason)
			}
			if asked := api.tasks > 0; asked != tt.asks {
				t.Errorf("%d questions about tasks", api.tasks)
			}
		})
	}
}
