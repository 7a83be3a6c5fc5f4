package updateservice

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"fairlead/shared/claim"
	"fairlead/shared/edge/look"
	"fairlead/shared/edge/pointing"
	"fairlead/shared/fault"
	"fairlead/shared/revision"
	"fairlead/shared/rollout"
)

// run does the step.
func (t task) run(ctx context.Context) (rollout.Updated, error) {
	held, err := t.Claim(ctx)
	if err != nil {
		return rollout.Updated{}, err
	}
	if !held.HeldBy(t.Execution.ID) {
		return t.yield(ctx, held)
	}
	coming := held.Pointing(t.revision.TaskDefinition, t.State.EnteredTime)
	if err := t.Replace(ctx, held, coming); err != nil {
		return rollout.Updated{}, err
	}
	service, err := t.Read(ctx)
	if err != nil {
		return rollout.Updated{}, err
	}
	if aws.ToString(service.TaskDefinition) == t.revision.TaskDefinition {
		return t.there(service), nil
	}
	if held.TaskDefinition == t.revision.TaskDefinition { // an earlier attempt came as far as the call
		landed, found, err := t.landed(ctx)
		if err != nil || found {
			return landed, err
		}
	}
	return t.pointFrom(ctx, coming, service)
}

// pointFrom points the service at the revision if it still runs the base. A service that has left an adopted revision
// again is not put back: what became of that is for another revision to find out.
func (t task) pointFrom(ctx context.Context, coming claim.Claim, service types.Service) (rollout.Updated, error) {
	if aws.ToString(service.TaskDefinition) != t.revision.Base || t.revision.Decision == revision.Adopted {
		return t.baseMoved(ctx, coming, service)
	}
	refusal, err := t.refused(ctx)
	switch {
	case err != nil:
		return rollout.Updated{}, err
	case refusal.Decision != "":
		return refusal, t.Replace(ctx, coming, coming.Pointing("", t.State.EnteredTime)) // it is not about to come, after all
	default:
		return t.point(ctx)
	}
}

// refused ends an execution whose service was held since it took the claim, or whose image was put into quarantine since. The
// result has no decision if neither was.
func (t task) refused(ctx context.Context) (rollout.Updated, error) {
	result := rollout.Updated{At: t.State.EnteredTime, Previous: t.revision.Base}
	hold, err := t.holds.Hold(ctx, t.Service.Name)
	if err != nil {
		return result, err
	}
	if hold.InForce(t.now()) && t.image.Replaces == "" { // who goes back is not held: see CheckImage
		result.Decision, result.Reason = rollout.Held, hold.Refusal(t.image.Named())
		return result, nil
	}
	q, inForce, err := t.quarantine.Quarantined(ctx, t.Service.Name, string(t.image.Digest))
	if inForce {
		result.Decision, result.Reason = rollout.Quarantined, q.Refusal(t.image.Named())
	}
	return result, err
}

// there is the result for a service that is pointed at the revision already: by an earlier attempt, or because the
// revision was adopted.
func (t task) there(service types.Service) rollout.Updated {
	id, at := t.Primary(service)
	return rollout.Updated{Decision: rollout.AlreadyThere, Reason: "the service is pointed at the revision already",
		At: at, Deployment: id, Previous: t.revision.Base}
}

// landed says whether a call of an earlier attempt had its effect although the service is pointed elsewhere by now: ECS
// may have rolled back, or someone else may have acted. It is not called a second time then; what became of it will be
// judged.
func (t task) landed(ctx context.Context) (rollout.Updated, bool, error) {
	aim := rollout.Aim{TaskDefinition: t.revision.TaskDefinition, Base: t.revision.Base, Since: t.Execution.StartTime}
	seen, err := look.Service(ctx, t.look, t.Service.Cluster, t.Service.Service, aim)
	if err != nil {
		return rollout.Updated{}, false, err
	}
	for _, d := range seen.Deployments {
		if d.TaskDefinition == t.revision.TaskDefinition {
			return rollout.Updated{Decision: rollout.AlreadyThere, Previous: t.revision.Base, At: d.CreatedAt,
				Reason: "an earlier attempt pointed the service at the revision; it is pointed elsewhere since"}, true, nil
		}
	}
	return rollout.Updated{}, false, nil
}

// baseMoved sends the execution back to make the revision from what the service runs now. The claim says no longer that
// this one is about to come, so that nobody puts it into service on our behalf.
func (t task) baseMoved(ctx context.Context, coming claim.Claim, service types.Service) (rollout.Updated, error) {
	if err := t.Replace(ctx, coming, coming.Pointing("", t.State.EnteredTime)); err != nil {
		return rollout.Updated{}, err
	}
	now := aws.ToString(service.TaskDefinition)
	reason := fmt.Sprintf("the service runs %s, and no longer %s, from which the revision was made", now, t.revision.Base)
	if t.revision.Attempt >= revision.MaxAttempts {
		return rollout.Updated{}, fault.New(fault.ServiceBaseMoves,
			"find out who else deploys the service and let one of the two do it, then start a new execution with the same input",
			"update service %s: %s, for the %d. time", t.Service.Service, reason, t.revision.Attempt)
	}
	return rollout.Updated{Decision: rollout.BaseMoved, Reason: reason, At: t.State.EnteredTime, Previous: now}, nil
}

// point makes the one call, and looks whether it was ours to make.
func (t task) point(ctx context.Context) (rollout.Updated, error) {
	service, err := t.Point(ctx, t.revision.TaskDefinition)
	if err != nil {
		return rollout.Updated{}, err
	}
	held, err := t.Settle(ctx, t.revision.TaskDefinition)
	if err != nil {
		return rollout.Updated{}, err
	}
	if !held.HeldBy(t.Execution.ID) {
		return t.outrun(held, service), nil
	}
	id, at := t.Primary(service)
	return rollout.Updated{Decision: rollout.Pointed, Reason: "the service is pointed at the revision",
		At: at, Deployment: id, Previous: t.revision.Base}, nil
}

// yield ends a step whose execution does not hold the claim. An earlier attempt may have pointed the service at our
// revision after the holder had pointed it at its own; then that is put right.
func (t task) yield(ctx context.Context, held claim.Claim) (rollout.Updated, error) {
	service, err := t.Read(ctx)
	if err != nil {
		return rollout.Updated{}, err
	}
	if t.InTheWay(held, service, t.revision.TaskDefinition) {
		if held, err = t.Settle(ctx, t.revision.TaskDefinition); err != nil {
			return rollout.Updated{}, err
		}
	}
	return t.outrun(held, service), nil
}

// outrun is the result for an execution that has lost the claim.
func (t task) outrun(held claim.Claim, service types.Service) rollout.Updated {
	return rollout.Updated{Decision: rollout.Outrun, At: t.State.EnteredTime, Previous: aws.ToString(service.TaskDefinition), Reason: pointing.Outrun(held)}
}
