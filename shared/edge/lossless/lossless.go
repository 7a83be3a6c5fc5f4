// Package lossless registers a copy of a task definition without losing anything of it: neither a field that this
// version of the SDK does not know, nor a tag.
//
// It keeps the description as it travelled and holds the request against it, as it will travel, before it leaves
// (see shared/revision). RegisterTaskDefinition takes no token by which a second call could be told from the first, so
// an execution looks first for a copy that it has registered already: by our tags.
package lossless

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"fairlead/shared/config"
	"fairlead/shared/edge/handler"
	"fairlead/shared/fault"
	"fairlead/shared/revision"
)

// Reader reads task definitions, under the look role.
type Reader interface {
	DescribeTaskDefinition(context.Context, *ecs.DescribeTaskDefinitionInput, ...func(*ecs.Options)) (*ecs.DescribeTaskDefinitionOutput, error)
	ListTaskDefinitions(context.Context, *ecs.ListTaskDefinitionsInput, ...func(*ecs.Options)) (*ecs.ListTaskDefinitionsOutput, error)
}

// Registrar registers revisions, under the register role. Its SDK must not repeat the call.
type Registrar interface {
	RegisterTaskDefinition(context.Context, *ecs.RegisterTaskDefinitionInput, ...func(*ecs.Options)) (*ecs.RegisterTaskDefinitionOutput, error)
}

// Original is a task definition as ECS describes it.
type Original struct {
	Name       revision.Name
	Definition *types.TaskDefinition
	Tags       []types.Tag
	raw        []byte // the description as it travelled
}

// Read reads a task definition with its tags, and keeps the answer as it travelled.
func Read(ctx context.Context, api Reader, name revision.Name) (Original, error) {
	original := Original{Name: name}
	out, err := api.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{
		TaskDefinition: aws.String(name.String()), Include: []types.TaskDefinitionField{types.TaskDefinitionFieldTags}}, keepRaw(&original.raw))
	if err != nil {
		return Original{}, fault.FromAWS("describe task definition "+name.String(), err)
	}
	if out.TaskDefinition == nil {
		return Original{}, fault.New(fault.AWSUnavailable, fault.Later, "describe task definition %s: ECS returned none", name)
	}
	original.Definition, original.Tags = out.TaskDefinition, out.Tags
	return original, nil
}

// Images are those of the task definition's containers.
func (o Original) Images() []string {
	var names []string
	for _, c := range o.Definition.ContainerDefinitions {
		names = append(names, aws.ToString(c.Image))
	}
	return names
}

// skew is how much the clocks of ECS and of the workflow may differ.
const skew = 5 * time.Minute

// Earlier looks for a copy of the original that this execution has registered, among the revisions of the family that
// are newer than it: newest first, and only as far back as the execution's start. An execution may make different copies
// of one original, so that fits tells which is meant. Earlier returns "" if there is none.
func (o Original) Earlier(ctx context.Context, api Reader, execution handler.Execution, fits func(Original) bool) (string, error) {
	input := &ecs.ListTaskDefinitionsInput{
		FamilyPrefix: aws.String(o.Name.Family), Status: types.TaskDefinitionStatusActive, Sort: types.SortOrderDesc, MaxResults: aws.Int32(100)}
	for {
		page, err := api.ListTaskDefinitions(ctx, input)
		if err != nil {
			return "", fault.FromAWS("list the task definitions of family "+o.Name.Family, err)
		}
		for _, arn := range page.TaskDefinitionArns {
			name, err := revision.ParseName(arn)
			if err != nil || name.Family != o.Name.Family {
				continue // the prefix of another family's name
			}
			found, done, err := o.isCopy(ctx, api, execution, name, fits)
			if err != nil || done {
				return found, err
			}
		}
		if input.NextToken = page.NextToken; aws.ToString(input.NextToken) == "" {
			return "", nil
		}
	}
}

// isCopy returns the revision if it is the one that Earlier looks for. done says that there is no need to look at older
// ones.
func (o Original) isCopy(ctx context.Context, api Reader, execution handler.Execution, name revision.Name, fits func(Original) bool) (found string, done bool, err error) {
	if name.Revision <= o.Name.Revision {
		return "", true, nil
	}
	candidate, err := Read(ctx, api, name)
	if err != nil {
		return "", false, err
	}
	if at := candidate.Definition.RegisteredAt; at != nil && at.Before(execution.StartTime.Add(-skew)) {
		return "", true, nil
	}
	mark := revision.MarkOf(candidate.Tags)
	if mark.MadeBy(execution.ID) && mark.Source() == o.Name.Revision && fits(candidate) {
		return name.String(), true, nil
	}
	return "", false, nil
}

// Register registers a copy of the original with a change, and returns its ARN. A refusal is a fault whose fix names
// what of the task definition, or which line of the service's configuration, stands in the way.
func (o Original) Register(ctx context.Context, api Registrar, change revision.Change, service config.Service, place config.Place) (string, error) {
	next, err := revision.Next(o.Definition, o.Tags, change)
	if err != nil {
		return "", err
	}
	out, err := api.RegisterTaskDefinition(ctx, next, prove(o.raw, change))
	if err != nil {
		return "", o.refused(err, service, place)
	}
	if out.TaskDefinition == nil || aws.ToString(out.TaskDefinition.TaskDefinitionArn) == "" {
		return "", fault.New(fault.AWSAnswerLost, fault.LookFirst, "register the next revision of %s: ECS returned none", o.Name)
	}
	return aws.ToString(out.TaskDefinition.TaskDefinitionArn), nil
}

// refused makes a fault of a registration that failed.
func (o Original) refused(err error, service config.Service, place config.Place) error {
	err = fault.FromAWS("register the next revision of "+o.Name.String(), err)
	var f *fault.Fault
	if errors.As(err, &f) && f.Code == fault.AWSRefused {
		return &fault.Fault{Code: fault.RevisionRefused, Message: f.Message, Cause: err,
			Fix: "mend in task definition " + o.Name.String() + " what ECS names, then redrive the execution"}
	}
	return revision.Denied(err, service, place, aws.ToString(o.Definition.TaskRoleArn), aws.ToString(o.Definition.ExecutionRoleArn))
}
