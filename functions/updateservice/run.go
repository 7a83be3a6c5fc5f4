package updateservice

import (
	"context"
	"errors"
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
	service, err := t.Read(ctx)
	if err != nil {
		return rollout.Updated{}, err
	}
	if aws.ToString(service.TaskDefinition) == t.revision.TaskDefinition {
		return t.there(service), t.announce(ctx, held)
	}
	if t.cameToTheCall(held) {
		landed, found, err := t.landed(ctx)
		if err != nil || found {
			return landed, err
		}
	}
	return t.pointFrom(ctx, held, service)
}

// cameToTheCall says whether the claim was told that our revision is about to come: by an earlier attempt, which has come as far
// as the call, and does not know that AWS refused it.
func (t task) cameToTheCall(held claim.Claim) bool {
	return held.TaskDefinition == t.revision.TaskDefinition
}

// coming is the claim that says that our revision is about to come.
func (t task) coming(held claim.Claim) claim.Claim {
	return held.Pointing(t.revision.TaskDefinition, t.State.EnteredTime)
}

// announce has the claim say what is about to come, so that whoever is in the way of it puts it into service on our behalf.
func (t task) announce(ctx context.Context, held claim.Claim) error {
	return t.Replace(ctx, held, t.coming(held))
}

// withdraw has the claim say no longer that ours is about to come, so that nobody puts it into service on our behalf.
func (t task) withdraw(ctx context.Context, held claim.Claim) error {
	if held.TaskDefinition == "" {
		return nil
	}
	return t.Replace(ctx, held, held.Pointing("", t.State.EnteredTime))
}

// pointFrom points the service at the revision if it still runs the base. A service that has left an adopted revision
// again is not put back: what became of that is for another revision to find out.
func (t task) pointFrom(ctx context.Context, held claim.Claim, service types.Service) (rollout.Updated, error) {
	if aws.ToString(service.TaskDefinition) != t.revision.Base || t.revision.Decision == revision.Adopted {
		return t.baseMoved(ctx, held, service)
	}
	refusal, err := t.refused(ctx, held)
	switch {
	case err != nil:
		return rollout.Updated{}, err
	case refusal.Decision != "":
		return refusal, t.withdraw(ctx, held)
	}
	if err := t.gated(held); err != nil {
		return rollout.Updated{}, errors.Join(err, t.withdraw(ctx, held))
	}
	if err := t.announce(ctx, held); err != nil {
		return rollout.Updated{}, err
	}
	return t.point(ctx, t.coming(held))
}

// refused ends an execution whose service was held since it took the claim, or whose image was put into quarantine since. The
// result has no decision if neither was.
//
// A hold that has come after an attempt came as far as the call stops none that is made in its stead: AWS may carry out the
// call of a function that was stopped long after, and nobody would follow to its end what it began. A redrive is no such attempt.
func (t task) refused(ctx context.Context, held claim.Claim) (rollout.Updated, error) {
	result := rollout.Updated{At: t.State.EnteredTime, Previous: t.revision.Base}
	hold, err := t.holds.Hold(ctx, t.Service.Name)
	if err != nil {
		return result, err
	}
	if hold.InForce(t.now()) && t.image.Replaces == "" && !t.underWay(held) { // who goes back is not held: see CheckImage
		result.Decision, result.Reason = rollout.Held, hold.Refusal(t.image.Named())
		return result, nil
	}
	q, inForce, err := t.quarantine.Quarantined(ctx, t.Service.Name, string(t.image.Digest))
	if inForce {
		result.Decision, result.Reason = rollout.Quarantined, q.Refusal(t.image.Named())
	}
	return result, err
}

// underWay says whether an earlier attempt of this very run has come as far as the call.
func (t task) underWay(held claim.Claim) bool {
	return t.cameToTheCall(held) && t.State.RetryCount > 0
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

// baseMoved sends the execution back to make the revision from what the service runs now.
func (t task) baseMoved(ctx context.Context, held claim.Claim, service types.Service) (rollout.Updated, error) {
	if err := t.withdraw(ctx, held); err != nil {
		return rollout.Updated{}, err
	}
	now := aws.ToString(service.TaskDefinition)
	reason := fmt.Sprintf("the service runs %s, and no longer %s, from which the revision was made", now, t.revision.Base)
	if t.revision.Attempt >= revision.MaxAttempts {
		return rollout.Updated{}, fault.New(fault.ServiceBaseMoves,
			"find out who else deploys the service and let one of the two do it, then "+fault.Anew,
			"update service %s: %s, for the %d. time", t.Service.Service, reason, t.revision.Attempt)
	}
	return rollout.Updated{Decision: rollout.BaseMoved, Reason: reason, At: t.State.EnteredTime, Previous: now}, nil
}

// point makes the one call, and looks whether it was ours to make. One that AWS refused is not about to come.
func (t task) point(ctx context.Context, coming claim.Claim) (rollout.Updated, error) {
	service, err := t.Point(ctx, t.revision.TaskDefinition)
	if f := fault.From(err); f != nil && f.Code != fault.AWSAnswerLost {
		return rollout.Updated{}, errors.Join(err, t.withdraw(ctx, coming))
	}
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
	return rollout.Updated{Decision: rollout.Outrun, At: t.State.EnteredTime, Previous: aws.ToString(service.TaskDefinition), Reason: pointing.Outrun(held),
		Follow: held.HolderOf(string(t.image.Digest))}
}
