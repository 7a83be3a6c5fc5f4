package rollback

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"fairlead/shared/edge/look"
	"fairlead/shared/edge/lossless"
	"fairlead/shared/fault"
	"fairlead/shared/image"
	"fairlead/shared/revision"
	"fairlead/shared/rollback"
)

// plan is the way back, with the task definition that it leads to, if one is to be put into service.
type plan struct {
	rollback.Plan
	original lossless.Original
	// pins are the images that the containers of the original get which name ours by a tag.
	pins map[string]string
}

// see reads what the way back is chosen from. earlier is what an earlier attempt went back to, or "".
func (t task) see(ctx context.Context, earlier string) (rollback.Case, error) {
	seen, err := look.Service(ctx, t.ports.Look, t.Service.Cluster, t.Service.Service, t.aim)
	if err != nil || seen.Status != "ACTIVE" {
		return rollback.Case{Aim: t.aim, Seen: seen, Now: t.State.EnteredTime}, err
	}
	began := t.aim.Since
	for _, d := range seen.Deployments {
		if d.ARN == t.document.Rollout.ServiceDeployment {
			began = d.CreatedAt
		}
	}
	before, err := look.Successful(ctx, t.ports.Look, t.Service.Cluster, t.Service.Service, began)
	return rollback.Case{Aim: t.aim, Seen: seen, Before: before, Digest: string(t.document.Image.Digest), Earlier: earlier, Now: t.State.EnteredTime}, err
}

// choose says what to do, and makes sure that the service can go back to what it is to go back to.
func (t task) choose(ctx context.Context, c rollback.Case) (plan, error) {
	for {
		p := plan{Plan: rollback.Choose(c)}
		if p.Decision == rollback.Nothing {
			if further, err := t.further(ctx, &c); err != nil || !further {
				return p, err
			}
			continue
		}
		if !p.Calls() {
			return p, nil
		}
		if fits, err := t.weigh(ctx, &p, &c); err != nil || fits {
			return p, err
		}
	}
}

// further adds what succeeded before the deployments that a case has, where none of those can be gone back to, and says
// whether there was anything.
func (t task) further(ctx context.Context, c *rollback.Case) (found bool, err error) {
	if !c.Further() {
		return false, nil
	}
	before, err := look.Successful(ctx, t.ports.Look, t.Service.Cluster, t.Service.Service, c.Before[len(c.Before)-1].CreatedAt)
	c.Before = append(c.Before, before...)
	return len(before) > 0, err
}

// weigh says whether the service can go back to the target of a plan, and reads what that takes; if it cannot, the case
// holds why. One that ECS has deleted, or that turns out to have the image that failed, or cannot be kept from getting it,
// is passed over. ECS is not asked to go back to a revision that was deregistered, for AWS does not say that it can.
func (t task) weigh(ctx context.Context, p *plan, c *rollback.Case) (fits bool, err error) {
	if p.original, err = t.find(ctx, p.Target); err != nil {
		return false, err
	}
	p.pins, fits = t.pin(*p, c.Ran(p.Target))
	switch {
	case p.original.Definition == nil, rollback.Holds(p.original.Images(), c.Digest):
		c.Unfit = append(c.Unfit, p.Target)
	case p.Decision == rollback.Stopped && !registered(p.original):
		c.Unstoppable = true
	case !fits:
		c.Loose = append(c.Loose, p.Target)
	default:
		return true, nil
	}
	return false, nil
}

// pin returns the images that the containers get whose image is ours and named by a tag. UpdateService has ECS resolve it
// anew, and by now it may be the tag of the image that has failed. known is false where ECS does not tell what one of them
// ran. Where ECS itself goes back, it is to a service revision with the images that it has resolved.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
func (t task) pin(p plan, ran map[string]string) (pins map[string]string, known bool) {
	if p.Decision == rollback.Stopped || p.original.Definition == nil {
		return nil, true
	}
	pins = map[string]string{}
	for _, c := range p.original.Definition.ContainerDefinitions {
		ref, err := image.ParseReference(aws.ToString(c.Image))
		if err != nil || ref.Digest != "" || !t.ours(aws.ToString(c.Name), ref) {
			continue
		}
		digest, err := image.ParseDigest(ran[aws.ToString(c.Name)])
		if err != nil {
			return nil, false
		}
		pins[aws.ToString(c.Name)] = image.Pin(ref.Name, digest).String()
	}
	return pins, true
}

// ours says whether the image of a container is of the repository. The one that is configured may pull that through a proxy
// or from another registry; what other containers have from there is no image that we deploy.
func (t task) ours(container string, ref image.Reference) bool {
	return ref.In(t.document.Image.RepositoryURI) || container == t.Service.Container && ref.Named(t.Service.Repository)
}

// find reads a task definition with its tags; one that ECS refuses to describe has no definition.
func (t task) find(ctx context.Context, arn string) (lossless.Original, error) {
	original, err := t.read(ctx, arn)
	if err != nil && refused(err) {
		return lossless.Original{}, nil
	}
	return original, err
}

// read reads a task definition with its tags.
func (t task) read(ctx context.Context, arn string) (lossless.Original, error) {
	name, err := revision.ParseName(arn)
	if err != nil {
		return lossless.Original{}, fault.New(fault.AWSRefused, "report this defect of Fairlead", "go back: %w", err)
	}
	return lossless.Read(ctx, t.ports.Look, name)
}

// registered says whether a service can be pointed at a task definition: at a deregistered one it cannot.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deregister-task-definition-v2.html
func registered(original lossless.Original) bool {
	return original.Definition.Status == types.TaskDefinitionStatusActive
}

// refused says whether AWS answered that it does not do what was asked, whatever the code.
func refused(err error) bool {
	var f *fault.Fault
	return errors.As(err, &f) && f.Code == fault.AWSRefused
}
