package registerrevision

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"fairlead/shared/edge/lossless"
	"fairlead/shared/fault"
	"fairlead/shared/image"
	"fairlead/shared/revision"
)

// base is what the service runs, as ECS describes it.
type base struct {
	lossless.Original
	seen       revision.Seen
	containers []string // those that get the image
}

// readBase reads the service and the task definition that it runs.
func (t task) readBase(ctx context.Context) (base, error) {
	service, err := t.readService(ctx)
	if err != nil {
		return base{}, err
	}
	name, err := revision.ParseName(aws.ToString(service.TaskDefinition))
	if err != nil {
		return base{}, fault.New(fault.ServiceNotActive, "give the service a task definition, then redrive the execution",
			"service %s has nothing to copy: %w", t.service.Service, err)
	}
	original, err := lossless.Read(ctx, t.Look, name)
	if err != nil {
		return base{}, err
	}
	b := base{Original: original}
	if b.containers, err = t.targets(original); err != nil && t.want.Copies.Family == "" {
		return base{}, err
	}
	images := b.images()
	b.seen = revision.Seen{
		TaskDefinition: name, Mark: revision.MarkOf(b.Tags), Images: images, Digest: runningDigest(images), Rollout: rolloutState(service)}
	return b, nil
}

// targets are the containers of a task definition that get the image.
func (t task) targets(of lossless.Original) ([]string, error) {
	return image.Targets(containers(of.Definition), t.service.Container, t.image.RepositoryURI)
}

// readSource reads the revision that is copied, and which of its containers get the image. CheckImage has checked it, and
// the configuration may have changed since.
func (t task) readSource(ctx context.Context, b base, copied string) (lossless.Original, []string, error) {
	source := b.Original
	if copied != b.Name.String() {
		name, err := revision.ParseName(copied)
		if err != nil {
			return lossless.Original{}, nil, err
		}
		if source, err = lossless.Read(ctx, t.Look, name); err != nil {
			return lossless.Original{}, nil, err
		}
		if _, err = revision.CheckRoles(source.Definition, copied, t.service, t.place); err != nil {
			return lossless.Original{}, nil, err
		}
	}
	names, err := t.targets(source)
	return source, names, err
}

// readService asks ECS for the service; one that is not there comes as a failure with HTTP 200. CheckImage has seen it
// a moment ago, so what is wrong now has happened meanwhile.
func (t task) readService(ctx context.Context) (types.Service, error) {
	name := fmt.Sprintf("service %s in cluster %s", t.service.Service, t.service.Cluster)
	out, err := t.Look.DescribeServices(ctx, &ecs.DescribeServicesInput{
		Cluster: aws.String(t.service.Cluster), Services: []string{t.service.Service}})
	switch {
	case err != nil:
		return types.Service{}, fault.FromAWS("describe "+name, err)
	case len(out.Services) == 0:
		return types.Service{}, fault.New(fault.ServiceNotFound, "make the service again, then redrive the execution", "there is no %s in ECS", name)
	case aws.ToString(out.Services[0].Status) != "ACTIVE":
		return types.Service{}, fault.New(fault.ServiceNotActive, "make the service again, then redrive the execution",
			"%s is %s, and only an ACTIVE one can be deployed", name, aws.ToString(out.Services[0].Status))
	}
	return out.Services[0], nil
}

// containers takes from a task definition what says which containers run our image.
func containers(definition *types.TaskDefinition) []image.Container {
	var all []image.Container
	for _, c := range definition.ContainerDefinitions {
		all = append(all, image.Container{Name: aws.ToString(c.Name), Image: aws.ToString(c.Image)})
	}
	return all
}

// images are those of the containers that get the image.
func (b base) images() []string {
	var names []string
	for _, c := range containers(b.Definition) {
		if slices.Contains(b.containers, c.Name) {
			names = append(names, c.Image)
		}
	}
	return names
}

// runningDigest is the one digest that the containers run, "" if they are not pinned to one.
func runningDigest(images []string) image.Digest {
	var digest image.Digest
	for i, name := range images {
		ref, err := image.ParseReference(name)
		if err != nil || i > 0 && ref.Digest != digest {
			return ""
		}
		digest = ref.Digest
	}
	return digest
}

// rolloutState is that of the PRIMARY deployment, if it is the one of the task definition that the service is pointed
// at.
func rolloutState(service types.Service) string {
	for _, d := range service.Deployments {
		if aws.ToString(d.Status) == "PRIMARY" && aws.ToString(d.TaskDefinition) == aws.ToString(service.TaskDefinition) {
			return string(d.RolloutState)
		}
	}
	return ""
}
