package evidence_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"

	"fairlead/shared/diagnosis"
	"fairlead/shared/edge/evidence"
	"fairlead/shared/permission"
	"fairlead/shared/permission/permissiontest"
)

const ours = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:42"

var (
	noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	web  = evidence.Deployment{Cluster: "prod", Service: "web", TaskDefinition: ours, Since: noon}
)

// cluster answers with pages of tasks.
type cluster struct {
	t        *testing.T
	desired  types.DesiredStatus // STOPPED where it is empty
	pages    [][]types.Task
	listed   int
	list     error
	describe error
}

func (c *cluster) ListTasks(_ context.Context, in *ecs.ListTasksInput, _ ...func(*ecs.Options)) (*ecs.ListTasksOutput, error) {
	desired := c.desired
	if desired == "" {
		desired = types.DesiredStatusStopped
	}
	if aws.ToString(in.Cluster) != "prod" || aws.ToString(in.ServiceName) != "web" || in.DesiredStatus != desired || in.StartedBy != nil {
		c.t.Errorf("ListTasks of %+v", in)
	}
	if c.list != nil || c.listed >= len(c.pages) {
		return &ecs.ListTasksOutput{}, c.list
	}
	out := &ecs.ListTasksOutput{NextToken: aws.String("more")}
	for i := range c.pages[c.listed] {
		out.TaskArns = append(out.TaskArns, fmt.Sprintf("%d/%d", c.listed, i))
	}
	c.listed++
	return out, nil
}

func (c *cluster) DescribeTasks(_ context.Context, in *ecs.DescribeTasksInput, _ ...func(*ecs.Options)) (*ecs.DescribeTasksOutput, error) {
	if len(in.Tasks) == 0 || len(in.Tasks) > 100 {
		c.t.Errorf("DescribeTasks of %d tasks", len(in.Tasks))
	}
	return &ecs.DescribeTasksOutput{Tasks: c.pages[c.listed-1]}, c.describe
}

// task is a stopped task of our deployment.
func task(id string, minute int, change ...func(*types.Task)) types.Task {
	at := noon.Add(time.Duration(minute) * time.Minute)
	t := types.Task{TaskArn: aws.String(id), TaskDefinitionArn: aws.String(ours), StartedBy: aws.String("ecs-svc/42"), CreatedAt: aws.Time(at),
		StartedAt: aws.Time(at), StoppedAt: aws.Time(at.Add(time.Minute)), StopCode: types.TaskStopCodeEssentialContainerExited,
		StoppedReason: aws.String("Essential container in task exited"), HealthStatus: types.HealthStatusUnknown,
		Containers: []types.Container{{Name: aws.String("app"), Image: aws.String("web"), ExitCode: aws.Int32(1), Reason: aws.String("why"), HealthStatus: types.HealthStatusUnknown}}}
	for _, c := range change {
		c(&t)
	}
	return t
}

func TestTasksAreThoseOfOurDeployment(t *testing.T) {
	api := &cluster{t: t, pages: [][]types.Task{
		{task("later", 5), task("of the base", 1, func(t *types.Task) { t.TaskDefinitionArn = aws.String("web:41") })},
		{task("by hand", 1, func(t *types.Task) { t.StartedBy = aws.String("me") }), task("of an earlier attempt", -30),
			task("stopping", 0, func(t *types.Task) { t.StoppedAt, t.StoppingAt = nil, aws.Time(noon.Add(30*time.Second)) })},
	}}
	got, err := evidence.Tasks(t.Context(), api, web)
	if err != nil {
		t.Fatal(err)
	}
	want := func(id string, started, stopped time.Time) diagnosis.Task {
		return diagnosis.Task{ARN: id, TaskDefinition: ours, StartedBy: "ecs-svc/42", StopCode: "EssentialContainerExited", StoppedReason: "Essential container in task exited",
			CreatedAt: started, StartedAt: started, StoppedAt: stopped, Health: "UNKNOWN",
			Containers: []diagnosis.Container{{Name: "app", Image: "web", ExitCode: new(1), Reason: "why", Health: "UNKNOWN"}}}
	}
	if diff := cmp.Diff([]diagnosis.Task{want("stopping", noon, noon.Add(30*time.Second)), want("later", noon.Add(5*time.Minute), noon.Add(6*time.Minute))}, got); diff != "" {
		t.Error("(-want +got)\n" + diff)
	}
}

func TestATaskHasEndedOnceItIsToldTo(t *testing.T) {
	second := func(n int) *time.Time { return new(noon.Add(time.Duration(n) * time.Second)) }
	api := &cluster{t: t, pages: [][]types.Task{{task("1", 0, func(t *types.Task) {
		t.ExecutionStoppedAt, t.StoppingAt, t.StoppedAt = second(21), second(20), second(60)
	})}}}
	got, err := evidence.Tasks(t.Context(), api, web)
	if err != nil || len(got) != 1 || !got[0].StoppedAt.Equal(*second(20)) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestRunningAreThoseOfOursThatHaveStarted(t *testing.T) {
	up := func(t *types.Task) { t.StoppedAt, t.HealthStatus = nil, types.HealthStatusHealthy }
	api := &cluster{t: t, desired: types.DesiredStatusRunning, pages: [][]types.Task{{task("runs", 1, up), task("starts", 1, up, func(t *types.Task) { t.StartedAt = nil }),
		task("of the base", 1, up, func(t *types.Task) { t.TaskDefinitionArn = aws.String("web:41") }), task("has just crashed", 1)}}}
	got, partly, err := evidence.Running(t.Context(), api, web)
	if err != nil || partly || len(got) != 1 || got[0].ARN != "runs" || got[0].Health != "HEALTHY" || !got[0].StartedAt.Equal(noon.Add(time.Minute)) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestTasksAreReadWithinBounds(t *testing.T) {
	api := &cluster{t: t, pages: [][]types.Task{{task("1", 1)}, {task("2", 2)}, {task("3", 3)}, {task("4", 4)}}}
	got, err := evidence.Tasks(t.Context(), api, web)
	if err != nil || len(got) != 3 || api.listed != 3 {
		t.Errorf("%d tasks of %d pages, %v", len(got), api.listed, err)
	}
	for pages, want := range map[int]bool{2: false, 4: true} {
		up := func(t *types.Task) { t.StoppedAt = nil }
		api := &cluster{t: t, desired: types.DesiredStatusRunning, pages: [][]types.Task{{task("1", 1, up)}, {task("2", 2, up)}, {task("3", 3, up)}, {task("4", 4, up)}}[:pages]}
		if got, partly, err := evidence.Running(t.Context(), api, web); err != nil || partly != want || len(got) != min(pages, 3) {
			t.Errorf("of %d pages %d tasks, partly: %v, %v", pages, len(got), partly, err)
		}
	}
}

func TestTasksThatCannotBeRead(t *testing.T) {
	refused := errors.New("refused")
	for name, api := range map[string]*cluster{
		"the list is refused":        {t: t, list: refused},
		"the description is refused": {t: t, describe: refused, pages: [][]types.Task{{task("1", 1)}}},
	} {
		if _, err := evidence.Tasks(t.Context(), api, web); !errors.Is(err, refused) {
			t.Errorf("%s: %v", name, err)
		}
		api.desired, api.listed = types.DesiredStatusRunning, 0
		if _, _, err := evidence.Running(t.Context(), api, web); !errors.Is(err, refused) {
			t.Errorf("of those that run, %s: %v", name, err)
		}
	}
}

func TestTaskPermissions(t *testing.T) {
	permissiontest.Check(t, permission.Policy{Look: evidence.TaskPermissions}, permissiontest.Ports{Look: []any{(*evidence.TasksAPI)(nil)}})
}
