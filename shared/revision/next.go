package revision

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"fairlead/shared/fault"
)

// Change is all by which the next revision differs from its base.
type Change struct {
	// Images are the images, pinned by their digests, that containers get, by the names of those.
	Images map[string]string
	Mark   Mark
}

// maxTags is how many tags a task definition can have.
// https://docs.aws.amazon.com/general/latest/gr/ecs-service.html
const maxTags = 50

// Next makes the request that registers the next revision: the description of the base with its tags, and the change.
// It drops what ECS adds to a description (see outputOnly) and the tags that begin with "aws:", which AWS reserves and
// sets by itself. The description is not altered, but shares its parts with the request.
func Next(base *types.TaskDefinition, tags []types.Tag, change Change) (*ecs.RegisterTaskDefinitionInput, error) {
	containers, err := change.containers(base.ContainerDefinitions)
	if err != nil {
		return nil, err
	}
	all := change.tags(tags)
	if len(all) > maxTags {
		return nil, fault.New(fault.RevisionTags, "take tags off the task definition, then redrive the execution",
			"the next revision of %s would have %d tags with ours, and %d are allowed", aws.ToString(base.TaskDefinitionArn), len(all), maxTags)
	}
	return &ecs.RegisterTaskDefinitionInput{
		Family:                  base.Family,
		ContainerDefinitions:    containers,
		Cpu:                     base.Cpu,
		EnableFaultInjection:    base.EnableFaultInjection,
		EphemeralStorage:        base.EphemeralStorage,
		ExecutionRoleArn:        base.ExecutionRoleArn,
		InferenceAccelerators:   base.InferenceAccelerators, //nolint:staticcheck // deprecated, and still part of what is copied
		IpcMode:                 base.IpcMode,
		Memory:                  base.Memory,
		NetworkMode:             base.NetworkMode,
		PidMode:                 base.PidMode,
		PlacementConstraints:    base.PlacementConstraints,
		ProxyConfiguration:      base.ProxyConfiguration,
		RequiresCompatibilities: base.RequiresCompatibilities,
		RuntimePlatform:         base.RuntimePlatform,
		Tags:                    all,
		TaskRoleArn:             base.TaskRoleArn,
		Volumes:                 base.Volumes,
	}, nil
}

// outputOnly are the fields that a description has and a request has not: the list of the official GitHub action
// (https://github.com/aws-actions/amazon-ecs-deploy-task-definition) and deleteRequestedAt.
func outputOnly() []string {
	return []string{
		"taskDefinitionArn", "revision", "status", "requiresAttributes", "compatibilities",
		"registeredAt", "registeredBy", "deregisteredAt", "deleteRequestedAt",
	}
}

// containers are the container definitions with the new image in those that get it.
func (c Change) containers(base []types.ContainerDefinition) ([]types.ContainerDefinition, error) {
	next := slices.Clone(base)
	for name, image := range c.Images {
		i := slices.IndexFunc(next, func(d types.ContainerDefinition) bool { return aws.ToString(d.Name) == name })
		if i < 0 {
			return nil, fmt.Errorf("the base has no container %s", name)
		}
		next[i].Image = aws.String(image)
	}
	return next, nil
}

// tags are the base's tags with ours in the place of those that an earlier execution set.
func (c Change) tags(base []types.Tag) []types.Tag {
	kept := slices.DeleteFunc(slices.Clone(base), func(tag types.Tag) bool { return !carried(aws.ToString(tag.Key)) })
	return append(kept, c.Mark.tags()...)
}

// carried says whether a tag of the base is copied as it is.
func carried(key string) bool {
	reserved := strings.HasPrefix(strings.ToLower(key), "aws:")
	return !reserved && key != TagExecution && key != TagSequence && key != TagBase && key != TagCopied
}
