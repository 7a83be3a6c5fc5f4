package checkimage

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"fairlead/shared/edge/findings"
	"fairlead/shared/preflight"
)

// Settings is what the step asks ECR about a repository's settings. Its SDK repeats no call: what does not answer is a warning.
type Settings interface {
	GetLifecyclePolicy(context.Context, *ecr.GetLifecyclePolicyInput, ...func(*ecr.Options)) (*ecr.GetLifecyclePolicyOutput, error)
	findings.Settings
}

// repository warns of what the repository leaves open, whoever made it: tags that move, images that nothing scans though the
// service's gate asks, images that expire while they run. In a real run JudgeScan asks about the scan itself.
func (c *check) repository(ctx context.Context) {
	name := c.service.Repository
	movable := preflight.Movable(name, c.tags, c.out.Tag)
	if movable != "" {
		c.warn("%s", movable)
	}
	if c.push.DryRun && c.service.Gates.Scan != nil {
		scanned, err := findings.Configured(ctx, c.Settings, name)
		switch {
		case err != nil:
			c.warn("whether repository %s is scanned on push was not checked: %s", name, said("ECR", err))
		case !scanned:
			c.warn("nothing scans the images of repository %s, and the service's gate `scan` is on: a push would fail in JudgeScan unless its image is scanned by hand; turn scan on push on", name)
		}
	}
	expiring, err := c.lifecycle(ctx, name, movable != "")
	if err != nil {
		c.warn("whether images of repository %s expire while they run was not checked: %s", name, said("ECR", err))
	}
	c.out.Warnings = append(c.out.Warnings, expiring...)
}

// lifecycle reads the repository's lifecycle policy, if it has one.
func (c *check) lifecycle(ctx context.Context, name string, movable bool) ([]string, error) {
	reply, err := c.Settings.GetLifecyclePolicy(ctx, &ecr.GetLifecyclePolicyInput{RepositoryName: aws.String(name)})
	if _, none := errors.AsType[*types.LifecyclePolicyNotFoundException](err); none {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return preflight.Lifecycle(name, aws.ToString(reply.LifecyclePolicyText), movable)
}
