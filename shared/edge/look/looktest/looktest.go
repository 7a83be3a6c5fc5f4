// Package looktest is ECS as far as a look sees it, in memory, for the tests of the functions that look.
package looktest

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// ECS is one service. Its fields may be changed between looks.
type ECS struct {
	// Service is nil for one that does not exist.
	Service     *types.Service
	Deployments []types.ServiceDeployment
	Revisions   map[string]string // target revision → task definition
	Tasks       []types.Task      // those with a time at which they stopped, and those that run
	// Fails is the error of the calls of these names.
	Fails map[string]error

	mu    sync.Mutex
	calls []string
}

// Running is a service that is pointed at a task definition and asks for one task.
func Running(taskDefinition string) *ECS {
	return &ECS{
		Service: &types.Service{Status: aws.String("ACTIVE"), TaskDefinition: aws.String(taskDefinition), DesiredCount: 1},
		Fails:   map[string]error{}, Revisions: map[string]string{},
	}
}

// Deploy adds a service deployment of a task definition with one task, created at a time.
func (e *ECS) Deploy(id, taskDefinition string, status types.ServiceDeploymentStatus, created time.Time) *types.ServiceDeployment {
	revision := "arn:aws:ecs:eu-west-1:123456789012:service-revision/prod/web/" + id
	e.Revisions[revision] = taskDefinition
	d := types.ServiceDeployment{
		ServiceDeploymentArn: aws.String("arn:aws:ecs:eu-west-1:123456789012:service-deployment/prod/web/" + id),
		Status:               status, CreatedAt: aws.Time(created), StartedAt: aws.Time(created), UpdatedAt: aws.Time(created),
		TargetServiceRevision: &types.ServiceRevisionSummary{Arn: aws.String(revision), RequestedTaskCount: 1, RunningTaskCount: 1},
	}
	e.Deployments = append(e.Deployments, d)
	return &e.Deployments[len(e.Deployments)-1]
}

// Calls are the names of the calls so far.
func (e *ECS) Calls() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.calls)
}

func (e *ECS) called(name string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.calls = append(e.calls, name)
	return e.Fails[name]
}

// DescribeServices implements the call.
func (e *ECS) DescribeServices(_ context.Context, in *ecs.DescribeServicesInput, _ ...func(*ecs.Options)) (*ecs.DescribeServicesOutput, error) {
	if err := e.called("DescribeServices"); err != nil {
		return nil, err
	}
	if e.Service == nil {
		return &ecs.DescribeServicesOutput{Failures: []types.Failure{{Arn: aws.String(in.Services[0]), Reason: aws.String("MISSING")}}}, nil
	}
	return &ecs.DescribeServicesOutput{Services: []types.Service{*e.Service}}, nil
}

// ListServiceDeployments implements the call, two to a page.
func (e *ECS) ListServiceDeployments(_ context.Context, in *ecs.ListServiceDeploymentsInput, _ ...func(*ecs.Options)) (*ecs.ListServiceDeploymentsOutput, error) {
	if err := e.called("ListServiceDeployments"); err != nil {
		return nil, err
	}
	var all []types.ServiceDeploymentBrief
	for _, d := range e.Deployments {
		late := in.CreatedAt.Before != nil && d.CreatedAt.After(*in.CreatedAt.Before)
		if late || d.CreatedAt.Before(*in.CreatedAt.After) || len(in.Status) > 0 && !slices.Contains(in.Status, d.Status) {
			continue
		}
		all = append(all, types.ServiceDeploymentBrief{ServiceDeploymentArn: d.ServiceDeploymentArn, Status: d.Status, StatusReason: d.StatusReason,
			CreatedAt: d.CreatedAt, StartedAt: d.StartedAt, FinishedAt: d.FinishedAt, TargetServiceRevisionArn: d.TargetServiceRevision.Arn})
	}
	from := len(aws.ToString(in.NextToken)) // the token has a mark for each deployment that was given
	to := min(from+2, len(all))
	out := &ecs.ListServiceDeploymentsOutput{ServiceDeployments: all[from:to]}
	if to < len(all) {
		out.NextToken = aws.String(strings.Repeat("x", to))
	}
	return out, nil
}

// DescribeServiceDeployments implements the call.
func (e *ECS) DescribeServiceDeployments(_ context.Context, in *ecs.DescribeServiceDeploymentsInput, _ ...func(*ecs.Options)) (*ecs.DescribeServiceDeploymentsOutput, error) {
	if err := e.called("DescribeServiceDeployments"); err != nil {
		return nil, err
	}
	out := &ecs.DescribeServiceDeploymentsOutput{}
	for _, d := range e.Deployments {
		if slices.Contains(in.ServiceDeploymentArns, *d.ServiceDeploymentArn) {
			out.ServiceDeployments = append(out.ServiceDeployments, d)
		}
	}
	return out, nil
}

// DescribeServiceRevisions implements the call.
func (e *ECS) DescribeServiceRevisions(_ context.Context, in *ecs.DescribeServiceRevisionsInput, _ ...func(*ecs.Options)) (*ecs.DescribeServiceRevisionsOutput, error) {
	if err := e.called("DescribeServiceRevisions"); err != nil {
		return nil, err
	}
	out := &ecs.DescribeServiceRevisionsOutput{}
	for _, arn := range in.ServiceRevisionArns {
		if taskDefinition, ok := e.Revisions[arn]; ok {
			out.ServiceRevisions = append(out.ServiceRevisions, types.ServiceRevision{ServiceRevisionArn: aws.String(arn), TaskDefinition: aws.String(taskDefinition)})
		}
	}
	return out, nil
}

// Crash fails the task of a deployment: one that is counted, and one that is stopped with an exit code.
func (e *ECS) Crash(taskDefinition string, code int32, at time.Time) {
	for i, d := range e.Deployments {
		if e.Revisions[*d.TargetServiceRevision.Arn] == taskDefinition {
			counted := types.ServiceDeploymentCircuitBreaker{Threshold: 10, Status: types.ServiceDeploymentRollbackMonitorsStatusMonitoring}
			if d.DeploymentCircuitBreaker != nil {
				counted = *d.DeploymentCircuitBreaker
			}
			counted.FailureCount++
			e.Deployments[i].DeploymentCircuitBreaker, e.Deployments[i].TargetServiceRevision.RunningTaskCount = &counted, 0
		}
	}
	e.Tasks = append(e.Tasks, types.Task{TaskArn: aws.String("task/" + at.String()), TaskDefinitionArn: &taskDefinition, StartedBy: aws.String("ecs-svc/42"),
		CreatedAt: &at, StartedAt: &at, StoppedAt: &at, StopCode: types.TaskStopCodeEssentialContainerExited, StoppedReason: aws.String("Essential container in task exited"),
		Containers: []types.Container{{Name: aws.String("web"), ExitCode: &code}}})
}

// Run adds a task of a task definition that has been running since a time.
func (e *ECS) Run(taskDefinition string, health types.HealthStatus, at time.Time) {
	e.Tasks = append(e.Tasks, types.Task{TaskArn: aws.String("running/" + at.String()), TaskDefinitionArn: &taskDefinition, StartedBy: aws.String("ecs-svc/42"),
		CreatedAt: &at, StartedAt: &at, HealthStatus: health})
}

// ListTasks implements the call.
func (e *ECS) ListTasks(_ context.Context, in *ecs.ListTasksInput, _ ...func(*ecs.Options)) (*ecs.ListTasksOutput, error) {
	if err := e.called("ListTasks"); err != nil {
		return nil, err
	}
	out := &ecs.ListTasksOutput{}
	for _, task := range e.Tasks {
		if (task.StoppedAt != nil) == (in.DesiredStatus == types.DesiredStatusStopped) {
			out.TaskArns = append(out.TaskArns, *task.TaskArn)
		}
	}
	return out, nil
}

// DescribeTasks implements the call.
func (e *ECS) DescribeTasks(_ context.Context, in *ecs.DescribeTasksInput, _ ...func(*ecs.Options)) (*ecs.DescribeTasksOutput, error) {
	if err := e.called("DescribeTasks"); err != nil {
		return nil, err
	}
	tasks := slices.DeleteFunc(slices.Clone(e.Tasks), func(t types.Task) bool { return !slices.Contains(in.Tasks, *t.TaskArn) })
	return &ecs.DescribeTasksOutput{Tasks: tasks}, nil
}
