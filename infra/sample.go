package main

import (
	"fmt"
	"strings"

	"fairlead/shared/config"
	"fairlead/shared/permission"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
)

// sampleStack is a service to deploy to, for who has none at hand.
const sampleStack = "FairleadSample"

// The first revision runs a public image until the first push: any small web server that answers on port 80 would do.
const (
	placeholderImage = "public.ecr.aws/docker/library/nginx:1.27-alpine"
	placeholderPort  = 80
)

// sample builds the sample's stack around one configured service.
type sample struct {
	stack   awscdk.Stack
	service config.Service
	reasons *reasons
	wayOut  []awscdk.CfnResource // what has to be there before a task can fetch its image
}

// newSample adds the sample's stack, which makes the service that cdk.json names as context.fairleadSample. An empty
// name asks for no sample.
func newSample(app awscdk.App, in input, why *reasons) error {
	if in.Sample == "" {
		return nil
	}
	service, err := in.Config.Lookup(in.Sample)
	if err != nil {
		return fmt.Errorf("context.fairleadSample: %w", err)
	}
	for _, role := range []string{service.TaskRole, service.ExecutionRole, service.Container} {
		if role == "" || strings.HasPrefix(role, "arn:") {
			return fmt.Errorf("context.fairleadSample: the stack makes the container and the roles of the service %s: "+
				"it needs container, taskRole and executionRole, each a plain name", service.Name)
		}
	}
	s := &sample{service: service, reasons: why}
	s.stack = newStack(app, sampleStack, "Fairlead: a sample service to deploy to.", in)
	s.addNetwork()
	s.addRoles()
	s.addService()
	newOutput(s.stack, "ClusterName", "The cluster of the sample service.", "${Cluster}")
	newOutput(s.stack, "ServiceName", "The sample service.", attribute("Service", "Name"))
	return nil
}

// addRoles adds the two roles that a task has: the program's own, which may do nothing, and the agent's, which fetches
// the image and writes the log.
func (s *sample) addRoles() {
	awslogs.NewCfnLogGroup(s.stack, jsii.String("Logs"), &awslogs.CfnLogGroupProps{
		LogGroupName: jsii.String("/ecs/" + s.service.Cluster + "/" + s.service.Service), RetentionInDays: jsii.Number(30),
	})
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html#create_task_iam_policy_and_role
	tasks := fromThisAccount()
	tasks["ArnLike"] = map[string][]string{"aws:SourceArn": {arn("ecs", "*")}}
	s.addRole("TaskRole", s.service.TaskRole, "What the program in the sample's container may do: nothing.", tasks, nil)
	s.addRole("ExecutionRole", s.service.ExecutionRole, "How ECS fetches the sample's image and writes its log.", tasks,
		[]permission.Statement{
			{Sid: "LogIn", Actions: []string{"ecr:GetAuthorizationToken"}, Resources: []string{"*"}, Why: "a password for the registry's door; what it opens, the next statement says"},
			{Sid: "Pull", Why: "fetches the image", Resources: []string{arn("ecr", "repository/"+s.service.Repository)}, Actions: []string{
				"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", // all that a pull needs: https://docs.aws.amazon.com/AmazonECR/latest/userguide/ECR_on_ECS.html
			}},
			{Sid: "WriteLogs", Actions: []string{"logs:CreateLogStream", "logs:PutLogEvents"}, Resources: []string{attribute("Logs", "Arn")},
				Why: "writes the container's output"},
		})
}

// addRole adds one of the roles of the tasks.
func (s *sample) addRole(id, name, what string, from conditions, allowed []permission.Statement) {
	s.reasons.addRole(s.stack, identity{
		id: id, name: name, what: what,
		trust: trusted{kind: "Service", who: "ecs-tasks.amazonaws.com", when: from,
			why: "ECS, for tasks of this account and region"},
		grants: grants{"task": by("ECS agent", allowed...)},
	})
}

// addService adds the cluster and the service: two tasks, and a circuit breaker that puts the service back when a
// rollout fails.
func (s *sample) addService() {
	awsecs.NewCfnCluster(s.stack, jsii.String("Cluster"), &awsecs.CfnClusterProps{ClusterName: jsii.String(s.service.Cluster)})
	s.addRevision()
	service := awsecs.NewCfnService(s.stack, jsii.String("Service"), &awsecs.CfnServiceProps{
		Cluster: text("${Cluster}"), ServiceName: jsii.String(s.service.Service), TaskDefinition: text("${Revision}"),
		LaunchType: jsii.String("FARGATE"), DesiredCount: jsii.Number(2), PropagateTags: jsii.String("SERVICE"),
		DeploymentConfiguration: &awsecs.CfnService_DeploymentConfigurationProperty{
			MinimumHealthyPercent: jsii.Number(100), MaximumPercent: jsii.Number(200),
			DeploymentCircuitBreaker: &awsecs.CfnService_DeploymentCircuitBreakerProperty{Enable: true, Rollback: true},
		},
		NetworkConfiguration: &awsecs.CfnService_NetworkConfigurationProperty{
			AwsvpcConfiguration: &awsecs.CfnService_AwsVpcConfigurationProperty{
				AssignPublicIp: jsii.String("ENABLED"), // the only way out: there is no NAT gateway
				Subnets:        &[]*string{text("${SubnetA}"), text("${SubnetB}")},
				SecurityGroups: &[]*string{text(attribute("TasksGroup", "GroupId"))},
			},
		},
	})
	for _, way := range s.wayOut {
		service.AddResourceDependency(way, nil)
	}
}

// addRevision adds the first revision, which the first deployment copies: x86_64, as CI's runners build.
func (s *sample) addRevision() {
	awsecs.NewCfnTaskDefinition(s.stack, jsii.String("Revision"), &awsecs.CfnTaskDefinitionProps{
		Family: jsii.String(s.service.Cluster + "-" + s.service.Service),
		Cpu:    jsii.String("256"), Memory: jsii.String("512"), NetworkMode: jsii.String("awsvpc"),
		RequiresCompatibilities: jsii.Strings("FARGATE"),
		RuntimePlatform: &awsecs.CfnTaskDefinition_RuntimePlatformProperty{
			CpuArchitecture: jsii.String("X86_64"), OperatingSystemFamily: jsii.String("LINUX"),
		},
		TaskRoleArn:      text(attribute("TaskRole", "Arn")),
		ExecutionRoleArn: text(attribute("ExecutionRole", "Arn")),
		ContainerDefinitions: []any{&awsecs.CfnTaskDefinition_ContainerDefinitionProperty{
			Name: jsii.String(s.service.Container), Image: jsii.String(placeholderImage), Essential: true,
			PortMappings: []any{&awsecs.CfnTaskDefinition_PortMappingProperty{ContainerPort: jsii.Number(placeholderPort)}},
			HealthCheck: &awsecs.CfnTaskDefinition_HealthCheckProperty{
				Command:  jsii.Strings("CMD-SHELL", "wget -q -O /dev/null http://localhost:80/ || exit 1"),
				Interval: jsii.Number(10), Timeout: jsii.Number(5), Retries: jsii.Number(3), StartPeriod: jsii.Number(10),
			},
			LogConfiguration: &awsecs.CfnTaskDefinition_LogConfigurationProperty{
				LogDriver: jsii.String("awslogs"),
				Options: map[string]*string{
					"awslogs-group": text("${Logs}"), "awslogs-region": text(region), "awslogs-stream-prefix": jsii.String("task"),
				},
			},
		}},
	})
}
