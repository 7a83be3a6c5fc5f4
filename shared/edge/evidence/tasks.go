package evidence

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"fairlead/shared/diagnosis"
	"fairlead/shared/fault"
)

// TasksAPI is what reading the tasks calls, with the SDK's signatures.
type TasksAPI interface {
	ListTasks(context.Context, *ecs.ListTasksInput, ...func(*ecs.Options)) (*ecs.ListTasksOutput, error)
	DescribeTasks(context.Context, *ecs.DescribeTasksInput, ...func(*ecs.Options)) (*ecs.DescribeTasksOutput, error)
}

// Deployment says whose tasks, events and targets are read.
type Deployment struct {
	Cluster, Service string // ECS names
	TaskDefinition   string // ARN of our revision
	// Since is when the service was pointed at it; what was before that belongs to an earlier attempt.
	Since time.Time
}

// clocksDiffer is how much earlier than Since something of the deployment may be dated.
const clocksDiffer = time.Minute

// pages bounds the listing of tasks: at a hundred each, with as many calls to describe them.
const pages = 3

// Tasks reads the stopped tasks of a deployment, the one that stopped first first. ECS lists a stopped task for an hour at
// least; the newest few hundred of the service are looked at. Errors are faults.
//
// Ours are those that a service deployment started from our task definition: no other execution makes that revision. To
// ask ECS for startedBy would have to be the only filter, and the number in it is known from a hint alone.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html
func Tasks(ctx context.Context, api TasksAPI, d Deployment) ([]diagnosis.Task, error) {
	tasks, _, err := d.tasks(ctx, api, types.DesiredStatusStopped, "stopped")
	slices.SortStableFunc(tasks, func(a, b diagnosis.Task) int { return a.StoppedAt.Compare(b.StoppedAt) })
	return tasks, err
}

// Running reads the tasks of a deployment that have started and are to go on, within the same bounds, and says whether the
// service has more than that. Errors are faults.
func Running(ctx context.Context, api TasksAPI, d Deployment) (running []diagnosis.Task, partly bool, err error) {
	tasks, partly, err := d.tasks(ctx, api, types.DesiredStatusRunning, "running")
	return slices.DeleteFunc(tasks, func(t diagnosis.Task) bool { return t.StartedAt.IsZero() || !t.StoppedAt.IsZero() }), partly, err
}

// tasks reads those tasks of the deployment that ECS wants in a state, and says whether the service has more of them.
func (d Deployment) tasks(ctx context.Context, api TasksAPI, desired types.DesiredStatus, called string) (tasks []diagnosis.Task, more bool, err error) {
	input := &ecs.ListTasksInput{Cluster: &d.Cluster, ServiceName: &d.Service, DesiredStatus: desired, MaxResults: aws.Int32(100)}
	for range pages {
		list, err := api.ListTasks(ctx, input)
		if err != nil {
			return nil, false, fault.FromAWS(d.doing("list the "+called+" tasks"), err)
		}
		if len(list.TaskArns) == 0 {
			return tasks, false, nil
		}
		out, err := api.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: &d.Cluster, Tasks: list.TaskArns})
		if err != nil {
			return nil, false, fault.FromAWS(d.doing("read the "+called+" tasks"), err)
		}
		for _, task := range out.Tasks {
			if d.owns(task) {
				tasks = append(tasks, taskOf(task))
			}
		}
		if input.NextToken = list.NextToken; aws.ToString(input.NextToken) == "" {
			return tasks, false, nil
		}
	}
	return tasks, true, nil
}

func (d Deployment) doing(what string) string {
	return fmt.Sprintf("%s of service %s in cluster %s", what, d.Service, d.Cluster)
}

// owns says whether a task belongs to the deployment.
func (d Deployment) owns(task types.Task) bool {
	return aws.ToString(task.TaskDefinitionArn) == d.TaskDefinition && strings.HasPrefix(aws.ToString(task.StartedBy), "ecs-svc/") &&
		!aws.ToTime(task.CreatedAt).Before(d.Since.Add(-clocksDiffer))
}

func taskOf(t types.Task) diagnosis.Task {
	task := diagnosis.Task{
		ARN: aws.ToString(t.TaskArn), TaskDefinition: aws.ToString(t.TaskDefinitionArn), StartedBy: aws.ToString(t.StartedBy),
		StopCode: string(t.StopCode), StoppedReason: aws.ToString(t.StoppedReason), Health: string(t.HealthStatus),
		CreatedAt: aws.ToTime(t.CreatedAt), StartedAt: aws.ToTime(t.StartedAt), StoppedAt: endOf(t),
	}
	for _, c := range t.Containers {
		task.Containers = append(task.Containers, containerOf(c))
	}
	return task
}

// endOf is when a task ended or was told to. ECS calls it stopped once its network interface is gone too, and starts
// another in its place before that.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
func endOf(t types.Task) (end time.Time) {
	for _, at := range []*time.Time{t.ExecutionStoppedAt, t.StoppingAt, t.StoppedAt} {
		if at != nil && (end.IsZero() || at.Before(end)) {
			end = *at
		}
	}
	return end
}

func containerOf(c types.Container) diagnosis.Container {
	container := diagnosis.Container{Name: aws.ToString(c.Name), Image: aws.ToString(c.Image), Reason: aws.ToString(c.Reason), Health: string(c.HealthStatus)}
	if c.ExitCode != nil {
		code := int(*c.ExitCode)
		container.ExitCode = &code
	}
	return container
}
