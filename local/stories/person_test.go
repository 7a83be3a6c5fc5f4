package stories_test

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"fairlead/local/steps"
)

// What a person does to the service by hand.

func (s *story) person(args []string) error {
	return s.putInService(func(in *ecs.RegisterTaskDefinitionInput) {
		in.ContainerDefinitions[0].Image = aws.String(steps.Host + "/" + repository + "@" + s.digests[args[0]])
	})
}

// putInService copies the revision in service by hand, with a change, and points the service at it.
func (s *story) putInService(change func(*ecs.RegisterTaskDefinitionInput)) error {
	client := s.lab.ECSClient()
	current, err := s.lab.Service(s.Context(), cluster, service)
	if err != nil {
		return err
	}
	described, err := client.DescribeTaskDefinition(s.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: current.TaskDefinition})
	if err != nil {
		return err
	}
	d := described.TaskDefinition
	in := &ecs.RegisterTaskDefinitionInput{Family: d.Family,
		ContainerDefinitions: d.ContainerDefinitions, TaskRoleArn: d.TaskRoleArn, ExecutionRoleArn: d.ExecutionRoleArn, NetworkMode: d.NetworkMode,
		RequiresCompatibilities: d.RequiresCompatibilities, Cpu: d.Cpu, Memory: d.Memory, RuntimePlatform: d.RuntimePlatform}
	change(in)
	made, err := client.RegisterTaskDefinition(s.Context(), in)
	if err != nil {
		return err
	}
	_, err = client.UpdateService(s.Context(), &ecs.UpdateServiceInput{Cluster: aws.String(cluster), Service: aws.String(service),
		TaskDefinition: made.TaskDefinition.TaskDefinitionArn})
	return err
}

func (s *story) desired(args []string) error {
	count, err := strconv.ParseInt(args[0], 10, 32)
	if err != nil {
		return err
	}
	_, err = s.lab.ECSClient().UpdateService(s.Context(), &ecs.UpdateServiceInput{Cluster: aws.String(cluster), Service: aws.String(service),
		DesiredCount: aws.Int32(int32(count))})
	return err
}
