package registerrevision

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"fairlead/shared/fault"
	"fairlead/shared/revision"
)

// make returns the ARN of the next revision: one that this execution has registered from this base in an earlier
// attempt, or a new one.
func (t task) make(ctx context.Context, b base) (string, error) {
	earlier, err := t.findEarlier(ctx, b)
	if err != nil || earlier != "" {
		return earlier, err
	}
	return t.register(ctx, b)
}

// skew is how much the clocks of ECS and of the workflow may differ.
const skew = 5 * time.Minute

// findEarlier looks for a revision that this execution has registered from this base, among those of the family that
// are newer than the base: newest first, and only as far back as the execution's start. It returns "" if there is none.
func (t task) findEarlier(ctx context.Context, b base) (string, error) {
	family := b.seen.TaskDefinition.Family
	input := &ecs.ListTaskDefinitionsInput{
		FamilyPrefix: aws.String(family), Status: types.TaskDefinitionStatusActive, Sort: types.SortOrderDesc, MaxResults: aws.Int32(100)}
	for {
		page, err := t.Look.ListTaskDefinitions(ctx, input)
		if err != nil {
			return "", fault.FromAWS("list the task definitions of family "+family, err)
		}
		for _, arn := range page.TaskDefinitionArns {
			name, err := revision.ParseName(arn)
			if err != nil || name.Family != family {
				continue // the prefix of another family's name
			}
			found, done, err := t.isEarlier(ctx, b, name)
			if err != nil || done {
				return found, err
			}
		}
		if input.NextToken = page.NextToken; aws.ToString(input.NextToken) == "" {
			return "", nil
		}
	}
}

// isEarlier returns the revision if it is the one that findEarlier looks for. done says that there is no need to look
// at older ones.
func (t task) isEarlier(ctx context.Context, b base, name revision.Name) (found string, done bool, err error) {
	if name.Revision <= b.seen.TaskDefinition.Revision {
		return "", true, nil
	}
	candidate, err := t.describe(ctx, name.String())
	if err != nil {
		return "", false, err
	}
	if at := candidate.definition.RegisteredAt; at != nil && at.Before(t.execution.StartTime.Add(-skew)) {
		return "", true, nil
	}
	mark := revision.MarkOf(candidate.tags)
	if mark.MadeBy(t.execution.ID) && mark.Base == b.seen.TaskDefinition.Revision {
		return name.String(), true, nil
	}
	return "", false, nil
}

// register registers the copy of the base with the new image.
func (t task) register(ctx context.Context, b base) (string, error) {
	change := revision.Change{
		Containers: b.containers,
		Image:      t.want.Image.String(),
		Mark: revision.Mark{
			Execution: revision.ExecutionTag(t.execution.ID), Sequence: t.want.Sequence, Base: b.seen.TaskDefinition.Revision,
		},
	}
	next, err := revision.Next(b.definition, b.tags, change)
	if err != nil {
		return "", err
	}
	out, err := t.Register.RegisterTaskDefinition(ctx, next, prove(b.raw, change))
	if err != nil {
		return "", t.refused(b, err)
	}
	if out.TaskDefinition == nil || aws.ToString(out.TaskDefinition.TaskDefinitionArn) == "" {
		return "", fault.New(fault.AWSAnswerLost, "", "register the next revision of %s: ECS returned none", b.seen.TaskDefinition)
	}
	return aws.ToString(out.TaskDefinition.TaskDefinitionArn), nil
}

// refused makes a fault of a registration that failed.
func (t task) refused(b base, err error) error {
	err = fault.FromAWS("register the next revision of "+b.seen.TaskDefinition.String(), err)
	var f *fault.Fault
	if errors.As(err, &f) && f.Code == fault.AWSRefused {
		return &fault.Fault{Code: fault.RevisionRefused, Message: f.Message, Cause: err,
			Fix: "mend in the task definition that the service runs what ECS names, then redrive the execution"}
	}
	return revision.Denied(err, t.service, t.place, aws.ToString(b.definition.TaskRoleArn), aws.ToString(b.definition.ExecutionRoleArn))
}
