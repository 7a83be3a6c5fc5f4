package ecs_test

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"fairlead/local/ecs"
	"fairlead/local/wire/wiretest"
	"fairlead/local/world"
)

// kind is a neighbour that allows everything, and has no registry.
type kind struct{}

func (kind) Authorize(world.Principal, string, string, world.Keys) error { return nil }
func (kind) ServiceSession(role, _, _, session string) (world.Principal, error) {
	return world.Principal{ARN: role + "/" + session}, nil
}
func (kind) Issue(world.Principal, time.Duration) world.Credentials { return world.Credentials{} }
func (kind) Publish(world.Event)                                    {}
func (kind) Write(string, string, ...string) error                  { return nil }
func (kind) Pull(string, world.Principal) (ecs.Pulled, error)       { return ecs.Pulled{Foreign: true}, nil }

// serve answers the SDK out of the world; each request takes the world a second further.
func serve(t *testing.T) *sdk.Client {
	t.Helper()
	w := world.New(world.Place{Partition: "aws", Region: "eu-west-1", Account: "123456789012"}, 1, time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))
	w.SetAuthority(kind{})
	w.Add(ecs.New(w, 1, ecs.Ports{Images: kind{}, Roles: kind{}, Bus: kind{}, Logs: kind{}, Authority: kind{}}))
	return sdk.NewFromConfig(wiretest.Config(t, func(r world.Request) (any, error) {
		w.Advance(w.Now().Add(time.Second))
		r.Principal = world.Principal{ARN: "arn:aws:iam::123456789012:user/x"}
		return w.Call(r)
	}))
}

func TestTheSDKReadsARolloutToItsEnd(t *testing.T) {
	client, ctx := serve(t), t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := client.CreateCluster(ctx, &sdk.CreateClusterInput{ClusterName: aws.String("prod")})
	must(err)
	registered, err := client.RegisterTaskDefinition(ctx, &sdk.RegisterTaskDefinitionInput{Family: aws.String("web"), NetworkMode: types.NetworkModeAwsvpc,
		Cpu: aws.String("256"), Memory: aws.String("512"), RequiresCompatibilities: []types.Compatibility{types.CompatibilityFargate},
		ContainerDefinitions: []types.ContainerDefinition{{Name: aws.String("web"), Image: aws.String("nginx"), HealthCheck: &types.HealthCheck{Command: []string{"CMD", "x"}}}}})
	must(err)
	if registered.TaskDefinition.RegisteredAt.Year() != 2026 {
		t.Errorf("registered at %v", registered.TaskDefinition.RegisteredAt)
	}
	_, err = client.CreateService(ctx, &sdk.CreateServiceInput{Cluster: aws.String("prod"), ServiceName: aws.String("web"), DesiredCount: aws.Int32(2),
		TaskDefinition: registered.TaskDefinition.TaskDefinitionArn, LaunchType: types.LaunchTypeFargate,
		NetworkConfiguration: &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{Subnets: []string{"subnet-1"}}}})
	must(err)
	stable := sdk.NewServicesStableWaiter(client, func(o *sdk.ServicesStableWaiterOptions) { o.MinDelay, o.MaxDelay = time.Millisecond, time.Millisecond })
	must(stable.Wait(ctx, &sdk.DescribeServicesInput{Cluster: aws.String("prod"), Services: []string{"web"}}, time.Minute))

	listed, err := client.ListServiceDeployments(ctx, &sdk.ListServiceDeploymentsInput{Cluster: aws.String("prod"), Service: aws.String("web")})
	must(err)
	arn := *listed.ServiceDeployments[0].ServiceDeploymentArn
	var status types.ServiceDeploymentStatus
	for range 300 {
		described, err := client.DescribeServiceDeployments(ctx, &sdk.DescribeServiceDeploymentsInput{ServiceDeploymentArns: []string{arn}})
		must(err)
		if status = described.ServiceDeployments[0].Status; status == types.ServiceDeploymentStatusSuccessful {
			break
		}
	}
	if status != types.ServiceDeploymentStatusSuccessful {
		t.Errorf("the service deployment is %s", status)
	}
	tasks, err := client.ListTasks(ctx, &sdk.ListTasksInput{Cluster: aws.String("prod")})
	must(err)
	described, err := client.DescribeTasks(ctx, &sdk.DescribeTasksInput{Cluster: aws.String("prod"), Tasks: tasks.TaskArns})
	must(err)
	if len(described.Tasks) != 2 || described.Tasks[0].HealthStatus != types.HealthStatusHealthy || described.Tasks[0].StartedAt.IsZero() {
		t.Errorf("the tasks are %+v", described.Tasks)
	}
	_, err = client.StopServiceDeployment(ctx, &sdk.StopServiceDeploymentInput{ServiceDeploymentArn: &arn})
	if conflict := (*types.ConflictException)(nil); !errors.As(err, &conflict) {
		t.Errorf("a rollout that is over was stopped: %v", err)
	}
}
