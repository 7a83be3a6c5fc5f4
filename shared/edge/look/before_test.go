package look_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"fairlead/shared/edge/look"
	"fairlead/shared/edge/look/looktest"
	"fairlead/shared/fault"
)

func TestSuccessful(t *testing.T) {
	const day = 24 * time.Hour
	type past struct {
		ago    time.Duration
		status types.ServiceDeploymentStatus
	}
	ok, stopped := types.ServiceDeploymentStatusSuccessful, types.ServiceDeploymentStatusStopped
	tests := []struct {
		name  string
		past  []past
		want  []int // which of them, newest first
		lists int   // calls of ListServiceDeployments
	}{
		{name: "the newest first, whatever the order of the list, over pages", past: []past{{5 * time.Hour, ok}, {time.Hour, ok}, {3 * time.Hour, ok}}, want: []int{1, 2, 0}, lists: 2},
		{name: "those that succeeded alone", past: []past{{time.Hour, stopped}, {2 * time.Hour, ok}, {3 * time.Hour, types.ServiceDeploymentStatusRollbackSuccessful}}, want: []int{1}, lists: 1},
		{name: "nothing from then on", past: []past{{0, ok}, {-time.Hour, ok}, {time.Hour, ok}}, want: []int{2}, lists: 1},
		{name: "one of last week, where there is none of the last day", past: []past{{7 * day, ok}}, want: []int{0}, lists: 2},
		{name: "one of three months ago", past: []past{{89 * day, ok}, {time.Hour, stopped}}, want: []int{0}, lists: 3},
		{name: "none", past: []past{{time.Hour, stopped}}, lists: 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			api := looktest.Running(ours)
			for i, p := range tt.past {
				api.Deploy(fmt.Sprint(i), fmt.Sprint("web:", i), p.status, noon.Add(-p.ago))
			}
			list, err := look.Successful(t.Context(), api, "prod", "web", noon)
			if err != nil {
				t.Fatal(err)
			}
			var got, want []string
			for _, d := range list {
				got = append(got, d.TaskDefinition)
			}
			for _, i := range tt.want {
				want = append(want, fmt.Sprint("web:", i))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error("(-want +got)\n" + diff)
			}
			lists := 0
			for _, call := range api.Calls() {
				if call == "ListServiceDeployments" {
					lists++
				}
			}
			if lists != tt.lists {
				t.Errorf("%d listings, want %d", lists, tt.lists)
			}
		})
	}
}

func TestSuccessfulWithout(t *testing.T) {
	api := looktest.Running(ours)
	api.Fails["ListServiceDeployments"] = &types.UnsupportedFeatureException{}
	if list, err := look.Successful(t.Context(), api, "prod", "web", noon); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
	api.Fails["ListServiceDeployments"] = &smithy.GenericAPIError{Code: "ThrottlingException"}
	if _, err := look.Successful(t.Context(), api, "prod", "web", noon); fault.From(err) == nil || fault.From(err).Code != fault.AWSThrottled {
		t.Errorf("%v", err)
	}
}

func TestSuccessfulTellsWhatNeverRanATask(t *testing.T) {
	api := looktest.Running(ours)
	idle := api.Deploy("1", "web:1", types.ServiceDeploymentStatusSuccessful, noon.Add(-time.Hour))
	idle.TargetServiceRevision.RequestedTaskCount, idle.TargetServiceRevision.RunningTaskCount = 0, 0
	api.Deploy("0", "web:0", types.ServiceDeploymentStatusSuccessful, noon.Add(-2*time.Hour))
	list, err := look.Successful(t.Context(), api, "prod", "web", noon)
	if err != nil || len(list) != 2 || !list[0].Idle || list[1].Idle {
		t.Errorf("%+v, %v", list, err)
	}
	if diff := cmp.Diff([]string{"ListServiceDeployments", "DescribeServiceRevisions", "DescribeServiceDeployments"}, api.Calls()); diff != "" {
		t.Error("calls (-want +got)\n" + diff)
	}
}
