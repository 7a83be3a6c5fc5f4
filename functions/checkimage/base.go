package checkimage

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"fairlead/shared/fault"
	"fairlead/shared/image"
	"fairlead/shared/revision"
)

// readBase reads what the service runs, and finds what is to be copied. It is decided here, so that it is checked here:
// RegisterRevision copies the revision that was checked, and no later one.
func (c *check) readBase(ctx context.Context, t *target) error {
	running, err := revision.ParseName(aws.ToString(t.service.TaskDefinition))
	if err != nil {
		return fault.New(fault.ServiceNotActive, "give the service a task definition, then redrive the execution", "%s has nothing to copy: %w", c.service.Service, err)
	}
	definition, tags, err := c.readDefinition(ctx, running.String())
	if err != nil {
		return err
	}
	c.out.Running = c.running(running, definition, revision.MarkOf(tags))
	newest, described, err := c.readNewest(ctx, running, revision.MarkOf(tags))
	if err != nil {
		return err
	}
	copies, warning := revision.Source(c.service.Base, running, newest, c.out.Running.Digest == c.out.Digest)
	if warning != "" {
		c.warn("%s", warning)
	}
	if copies != running {
		definition = described
	}
	t.copies, t.definition, c.out.Copies = copies, definition, copies.String()
	return nil
}

// looked bounds how many revisions are described to find one that is not ours. Between what the service runs and the
// newest there are few: those of pushes that did not come into service.
const looked = 20

// readNewest finds the newest revision of the family that somebody else has registered and that what runs does not
// descend from; the zero Name if there is none.
func (c *check) readNewest(ctx context.Context, running revision.Name, mark revision.Mark) (revision.Name, *types.TaskDefinition, error) {
	names, err := c.listNewer(ctx, running, revision.Descends(running, mark))
	if err != nil {
		return revision.Name{}, nil, err
	}
	for _, name := range names {
		definition, tags, err := c.readDefinition(ctx, name.String())
		if err != nil {
			return revision.Name{}, nil, err
		}
		if !revision.MarkOf(tags).Ours() {
			return name, definition, nil
		}
	}
	return revision.Name{}, nil, nil
}

// listNewer lists the ACTIVE revisions of the family that are newer than a number, the newest first, without the one that
// runs.
func (c *check) listNewer(ctx context.Context, running revision.Name, than int) ([]revision.Name, error) {
	reply, err := c.Services.ListTaskDefinitions(ctx, &ecs.ListTaskDefinitionsInput{FamilyPrefix: aws.String(running.Family),
		Status: types.TaskDefinitionStatusActive, Sort: types.SortOrderDesc, MaxResults: aws.Int32(100)})
	if err != nil {
		return nil, fault.FromAWS("list the task definitions of family "+running.Family, err)
	}
	var newer []revision.Name
	for _, arn := range reply.TaskDefinitionArns {
		name, err := revision.ParseName(arn)
		if err == nil && name.Family == running.Family && name.Revision > than && name != running && len(newer) < looked {
			newer = append(newer, name)
		}
	}
	return newer, nil
}

// running says what the service runs: one digest, if all the containers that get the image are pinned to it.
func (c *check) running(name revision.Name, definition *types.TaskDefinition, mark revision.Mark) image.Running {
	r := image.Running{TaskDefinition: name.String(), Sequence: mark.Sequence}
	deployed, err := image.Targets(containers(definition), c.service.Container, c.out.RepositoryURI)
	if err != nil {
		return r // nothing of ours runs in it
	}
	for i, runs := range only(containers(definition), deployed) {
		ref, err := image.ParseReference(runs.Image)
		if err != nil || i > 0 && ref.Digest != r.Digest {
			r.Digest = ""
			break
		}
		r.Digest = ref.Digest
	}
	return r
}
