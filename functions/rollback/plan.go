package rollback

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"fairlead/shared/edge/look"
	"fairlead/shared/edge/lossless"
	"fairlead/shared/fault"
	"fairlead/shared/revision"
	"fairlead/shared/rollback"
)

// plan is the way back, with the task definition that it leads to, if one is to be put into service.
type plan struct {
	rollback.Plan
	original lossless.Original
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

// choose says what to do, and makes sure that what the service is to go back to is there: one that ECS has deleted, or
// that turns out to have the image that failed, is passed over. ECS is not asked to go back to a revision that was
// deregistered, for AWS does not say that it can.
func (t task) choose(ctx context.Context, c rollback.Case) (plan, error) {
	for {
		p := plan{Plan: rollback.Choose(c)}
		if !p.Calls() {
			return p, nil
		}
		original, err := t.read(ctx, p.Target)
		switch {
		case err != nil && !refused(err):
			return plan{}, err
		case err != nil, rollback.Holds(original.Images(), c.Digest):
			c.Unfit = append(c.Unfit, p.Target)
		case p.Decision == rollback.Stopped && !registered(original):
			c.Unstoppable = true
		default:
			p.original = original
			return p, nil
		}
	}
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
