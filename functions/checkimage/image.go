package checkimage

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"fairlead/shared/edge/artifact"
	"fairlead/shared/fault"
	"fairlead/shared/image"
)

// fixRepository is what an operator does about a repository that is not where the configuration says.
const fixRepository = "set `repository` of the service in context.fairlead to the repository's name, then run make deploy; or make the repository"

// readImage finds which image is meant now and reads its manifest.
func (c *check) readImage(ctx context.Context) (image.Manifest, error) {
	if err := c.readRepository(ctx); err != nil {
		return image.Manifest{}, err
	}
	if err := c.readDetail(ctx); err != nil {
		return image.Manifest{}, err
	}
	manifest, err := c.readManifest(ctx, c.out.Digest)
	if err != nil {
		return image.Manifest{}, err
	}
	c.out.MediaType = manifest.MediaType
	return manifest, nil
}

// readRepository asks ECR under which name containers pull from the repository: a host that we composed would be wrong
// in a partition, behind an endpoint or on a laptop.
func (c *check) readRepository(ctx context.Context) error {
	reply, err := c.Registry.DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{RepositoryNames: []string{c.service.Repository}})
	var absent *types.RepositoryNotFoundException
	switch {
	case errors.As(err, &absent), err == nil && len(reply.Repositories) == 0:
		return fault.New(fault.RepositoryNotFound, fixRepository, "there is no repository %s in ECR", c.service.Repository)
	case err != nil:
		return fault.FromAWS("describe repository "+c.service.Repository, err)
	}
	c.out.RepositoryURI = aws.ToString(reply.Repositories[0].RepositoryUri)
	c.tags = mutability(reply.Repositories[0])
	return nil
}

// readDetail asks ECR which digest the tag names. The event is a hint: if the tag has moved on since, the newer image
// is deployed, for its own event may be lost.
func (c *check) readDetail(ctx context.Context) error {
	id := types.ImageIdentifier{ImageTag: aws.String(c.push.Tag)}
	if c.push.Tag == "" {
		id = types.ImageIdentifier{ImageDigest: aws.String(string(c.push.Digest))}
	}
	reply, err := c.Registry.DescribeImages(ctx, &ecr.DescribeImagesInput{
		RepositoryName: aws.String(c.service.Repository), ImageIds: []types.ImageIdentifier{id}})
	var absent *types.ImageNotFoundException
	var noRepository *types.RepositoryNotFoundException
	switch {
	case errors.As(err, &absent), err == nil && len(reply.ImageDetails) == 0:
		return fault.New(fault.ImageNotFound, artifact.PushAgain, "ECR has no image %s that can be pulled: it was deleted or archived", c.wanted())
	case errors.As(err, &noRepository):
		return fault.New(fault.RepositoryNotFound, fixRepository, "there is no repository %s in ECR", c.service.Repository)
	case err != nil:
		return fault.FromAWS("describe image "+c.wanted(), err)
	}
	return c.takeDetail(reply.ImageDetails[0])
}

// takeDetail notes what ECR says about the image, and refuses one that cannot be pulled.
func (c *check) takeDetail(detail types.ImageDetail) error {
	digest, err := image.ParseDigest(aws.ToString(detail.ImageDigest))
	if err != nil {
		return fault.New(fault.ImageUnreadable, artifact.PushAgain, "image %s: %w", c.wanted(), err)
	}
	if detail.ImageStatus != "" && detail.ImageStatus != types.ImageStatusActive {
		return fault.New(fault.ImageNotActive, "restore the image from the archive, then start anew; or "+artifact.PushAgain,
			"image %s is %s, and only an ACTIVE one can be pulled", c.wanted(), detail.ImageStatus)
	}
	if hint := c.push.HintDigest; hint != "" && hint != digest {
		c.warn("the event names %s; tag %s has been put on %s since, which is deployed", hint, c.push.Tag, digest)
	}
	c.out.Digest, c.out.MediaType, c.pushedAt = digest, aws.ToString(detail.ImageManifestMediaType), aws.ToTime(detail.ImagePushedAt)
	return nil
}

// readManifest reads the manifest or index with this digest.
func (c *check) readManifest(ctx context.Context, digest image.Digest) (image.Manifest, error) {
	found, err := c.reader().Manifest(ctx, digest)
	if err != nil {
		return image.Manifest{}, err
	}
	manifest, err := image.ParseManifest(found.MediaType, found.Content)
	if err != nil {
		return image.Manifest{}, fault.New(fault.ImageUnreadable, artifact.PushAgain, "image %s: %w", digest, err)
	}
	return manifest, nil
}

// reader reads the service's repository.
func (c *check) reader() artifact.Reader {
	return artifact.Reader{Registry: c.Registry, Blobs: c.Blobs, Repository: c.service.Repository}
}

// wanted names the image as the input does.
func (c *check) wanted() string {
	if c.push.Tag == "" {
		return fmt.Sprintf("%s@%s", c.service.Repository, c.push.Digest)
	}
	return fmt.Sprintf("%s:%s", c.service.Repository, c.push.Tag)
}

func (c *check) warn(format string, args ...any) {
	c.out.Warnings = append(c.out.Warnings, fmt.Sprintf(format, args...))
}
