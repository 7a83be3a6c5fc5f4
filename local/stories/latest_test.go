package stories_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"fairlead/local/ecr/sample"
	"fairlead/local/steps"
)

// latest puts the tag latest, which Fairlead does not follow, on the image of a word.
func (s *story) latest(args []string) error {
	labels, err := sample.ParseLabels(args[1:])
	if err != nil {
		return err
	}
	client := ecr.NewFromConfig(s.lab.Client(s.lab.Administrator()))
	if _, err := client.PutImageTagMutability(s.Context(), &ecr.PutImageTagMutabilityInput{RepositoryName: aws.String(repository),
		ImageTagMutability: ecrtypes.ImageTagMutabilityMutable}); err != nil {
		return err
	}
	s.digests[args[0]], err = s.lab.Push(s.Context(), repository, "latest", sample.Spec{Content: args[0], Labels: labels})
	return err
}

// adopt has the service run latest by its tag, as before Fairlead, beside what else is said.
func (s *story) adopt(args []string) error {
	err := s.putInService(func(in *ecs.RegisterTaskDefinitionInput) {
		in.ContainerDefinitions[0].Image = aws.String(steps.Host + "/" + repository + ":latest")
		if slices.Contains(args, "inconsistently") {
			in.ContainerDefinitions[0].VersionConsistency = ecstypes.VersionConsistencyDisabled
		}
	})
	return err
}

// wantTasks compares the image that the running tasks of the service have pulled, whatever their task definition names.
func (s *story) wantTasks(args []string) error {
	client := s.lab.ECSClient()
	list, err := client.ListTasks(s.Context(), &ecs.ListTasksInput{Cluster: aws.String(cluster), ServiceName: aws.String(service)})
	if err != nil {
		return err
	}
	got, err := client.DescribeTasks(s.Context(), &ecs.DescribeTasksInput{Cluster: aws.String(cluster), Tasks: list.TaskArns})
	if err != nil {
		return err
	}
	var ran []string
	for _, task := range got.Tasks {
		ran = append(ran, aws.ToString(task.Containers[0].ImageDigest))
	}
	if len(ran) == 0 || slices.ContainsFunc(ran, func(digest string) bool { return digest != s.digests[args[0]] }) {
		return fmt.Errorf("they run %s", strings.Join(ran, ", "))
	}
	return nil
}
