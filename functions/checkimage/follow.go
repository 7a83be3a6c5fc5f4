package checkimage

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"

	"fairlead/shared/image"
	"fairlead/shared/revision"
)

// follow looks at a rollout that the sweep found without an execution. Nothing is deployed, so the image is not looked at,
// and neither is whether it is in quarantine: one that is being rolled back is followed all the more. If the service is
// pointed elsewhere by now there is nothing to follow.
func (c *check) follow(ctx context.Context) (image.Checked, error) {
	if err := c.readRepository(ctx); err != nil {
		return image.Checked{}, err
	}
	service, err := c.readService(ctx)
	if err != nil {
		return image.Checked{}, err
	}
	if err := deployable(service, c.service); err != nil {
		return image.Checked{}, err
	}
	if aws.ToString(service.TaskDefinition) != c.push.Sweep.Follow {
		return c.skip(fmt.Sprintf("the rollout of %s was to be followed, and the service is pointed at %s by now",
			revision.Short(c.push.Sweep.Follow), revision.Short(aws.ToString(service.TaskDefinition)))), nil
	}
	name, err := revision.ParseName(c.push.Sweep.Follow)
	if err != nil {
		return image.Checked{}, err
	}
	definition, tags, err := c.readDefinition(ctx, name.String())
	if err != nil {
		return image.Checked{}, err
	}
	c.out.Running = c.running(name, definition, revision.MarkOf(tags))
	c.out.Digest, c.out.Copies = c.out.Running.Digest, name.String()
	switch {
	case c.push.DryRun:
		return c.skip(fmt.Sprintf("dry run: the rollout of %s would be followed to its end", revision.Short(name.String()))), nil
	case !revision.MarkOf(tags).Ours() || c.out.Digest == "":
		return c.skip(fmt.Sprintf("%s was not made by Fairlead: its rollout is not followed", revision.Short(name.String()))), nil
	}
	c.out.Decision = image.Deploy
	c.out.Reason = fmt.Sprintf("the rollout of %s as %s is followed to its end: execution %s has left it",
		c.out.Named(), revision.Short(name.String()), revision.MarkOf(tags).Execution)
	return c.out, nil
}
