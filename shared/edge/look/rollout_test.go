package look_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"fairlead/shared/edge/look"
	"fairlead/shared/edge/look/looktest"
	"fairlead/shared/fault"
	"fairlead/shared/permission"
	"fairlead/shared/permission/permissiontest"
	"fairlead/shared/rollout"
)

// fourCalls are what a look costs as long as all goes well.
func fourCalls() []string {
	return []string{"DescribeServices", "ListServiceDeployments", "DescribeServiceRevisions", "DescribeServiceDeployments"}
}

func TestRolloutAsksForTasksOnlyWhileTheyFail(t *testing.T) {
	aim := rollout.Aim{TaskDefinition: ours, Since: noon}
	tests := []struct {
		name    string
		status  types.ServiceDeploymentStatus
		crashes int
		newer   bool
		asks    bool
	}{
		{name: "not of a rollout that goes well", status: types.ServiceDeploymentStatusInProgress},
		{name: "of one whose tasks fail", status: types.ServiceDeploymentStatusInProgress, crashes: 2, asks: true},
		{name: "not of one that ECS is rolling back", status: types.ServiceDeploymentStatusRollbackInProgress, crashes: 2},
		{name: "not of one that has ended", status: types.ServiceDeploymentStatusStopped, crashes: 2},
		{name: "not of one that something newer replaces", status: types.ServiceDeploymentStatusInProgress, crashes: 2, newer: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			api := looktest.Running(ours)
			api.Deploy("42", ours, tt.status, noon)
			if tt.newer {
				api.Deploy("43", base, types.ServiceDeploymentStatusPending, noon.Add(time.Minute))
			}
			for i := range tt.crashes {
				api.Crash(ours, 1, noon.Add(time.Duration(i)*time.Minute))
			}
			api.Run(ours, types.HealthStatusHealthy, noon.Add(time.Hour))
			seen, err := look.Rollout(t.Context(), api, "prod", "web", aim)
			if err != nil {
				t.Fatal(err)
			}
			want := fourCalls()
			if tt.asks {
				want = append(want, "ListTasks", "DescribeTasks", "ListTasks", "DescribeTasks")
			}
			if diff := cmp.Diff(want, api.Calls()); diff != "" {
				t.Error("calls (-want +got)\n" + diff)
			}
			if read := len(seen.Stopped) == tt.crashes; tt.asks && !read || !tt.asks && len(seen.Stopped) > 0 {
				t.Errorf("%d stopped tasks", len(seen.Stopped))
			}
			if (len(seen.Running) == 1) != tt.asks {
				t.Errorf("%d running tasks", len(seen.Running))
			}
		})
	}
}

func TestRolloutWithoutTheTasks(t *testing.T) {
	look42 := func(code string) (rollout.Seen, error) {
		api := looktest.Running(ours)
		api.Deploy("42", ours, types.ServiceDeploymentStatusInProgress, noon)
		api.Crash(ours, 1, noon)
		api.Fails["ListTasks"] = &smithy.GenericAPIError{Code: code, Message: "refused"}
		return look.Rollout(t.Context(), api, "prod", "web", rollout.Aim{TaskDefinition: ours, Since: noon})
	}
	t.Run("a denial is said, and the rest is judged", func(t *testing.T) {
		seen, err := look42("AccessDeniedException")
		if err != nil || len(seen.Deployments) != 1 || !strings.Contains(seen.Unread, "list the stopped tasks of service web") {
			t.Errorf("%+v, %v", seen, err)
		}
	})
	t.Run("any other failure is a fault of its kind", func(t *testing.T) {
		_, err := look42("ThrottlingException")
		if f := fault.From(err); f == nil || f.Code != fault.AWSThrottled {
			t.Error(err)
		}
	})
}

func TestRolloutPermissions(t *testing.T) {
	permissiontest.Check(t, permission.Policy{Look: look.RolloutPermissions}, permissiontest.Ports{Look: []any{(*look.RolloutAPI)(nil)}})
}
