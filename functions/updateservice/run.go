package updateservice

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"fairlead/shared/claim"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/edge/look"
	"fairlead/shared/fault"
	"fairlead/shared/revision"
	"fairlead/shared/rollout"
)

// run does the step.
func (t task) run(ctx context.Context) (rollout.Updated, error) {
	held, err := t.claim(ctx)
	if err != nil {
		return rollout.Updated{}, err
	}
	if !held.HeldBy(t.execution.ID) {
		return t.yield(ctx, held)
	}
	pointing := held.Pointing(t.revision.TaskDefinition, t.state.EnteredTime)
	if err := t.replace(ctx, held, pointing); err != nil {
		return rollout.Updated{}, err
	}
	service, err := t.readService(ctx)
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
	return t.pointFrom(ctx, pointing, service)
}

// pointFrom points the service at the revision if it still runs the base. A service that has left an adopted revision
// again is not put back: what became of that is for another revision to find out.
func (t task) pointFrom(ctx context.Context, pointing claim.Claim, service types.Service) (rollout.Updated, error) {
	if aws.ToString(service.TaskDefinition) != t.revision.Base || t.revision.Decision == revision.Adopted {
		return t.baseMoved(ctx, pointing, service)
	}
	return t.point(ctx)
}

// claim reads the claim, which this execution has taken a moment ago: there must be one.
func (t task) claim(ctx context.Context) (claim.Claim, error) {
	held, err := t.claims.Claim(ctx, t.service.Name)
	if err == nil && !held.Exists() {
		err = fault.New(fault.LedgerContended, "start a new execution with the same input, which takes the claim again",
			"the ledger has no claim of service %s any more", t.service.Name)
	}
	return held, err
}

// replace writes the claim. If another execution was faster the step is tried again, and finds out what that means.
func (t task) replace(ctx context.Context, held, next claim.Claim) error {
	err := t.claims.ReplaceClaim(ctx, t.service.Name, held, next)
	if errors.Is(err, ledger.ErrChanged) {
		return fault.New(fault.LedgerContended, "redrive the execution", "update service %s: %w", t.service.Name, err)
	}
	return err
}

// there is the result for a service that is pointed at the revision already: by an earlier attempt, or because the
// revision was adopted.
func (t task) there(service types.Service) rollout.Updated {
	id, at := t.primary(service)
	return rollout.Updated{Decision: rollout.AlreadyThere, Reason: "the service is pointed at the revision already",
		At: at, Deployment: id, Previous: t.revision.Base}
}

// landed says whether a call of an earlier attempt had its effect although the service is pointed elsewhere by now: ECS
// may have rolled back, or someone else may have acted. It is not called a second time then; what became of it will be
// judged.
func (t task) landed(ctx context.Context) (rollout.Updated, bool, error) {
	aim := rollout.Aim{TaskDefinition: t.revision.TaskDefinition, Base: t.revision.Base, Since: t.execution.StartTime}
	seen, err := look.Service(ctx, t.Look, t.service.Cluster, t.service.Service, aim)
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
func (t task) baseMoved(ctx context.Context, pointing claim.Claim, service types.Service) (rollout.Updated, error) {
	if err := t.replace(ctx, pointing, pointing.Pointing("", t.state.EnteredTime)); err != nil {
		return rollout.Updated{}, err
	}
	now := aws.ToString(service.TaskDefinition)
	reason := fmt.Sprintf("the service runs %s, and no longer %s, from which the revision was made", now, t.revision.Base)
	if t.revision.Attempt >= revision.MaxAttempts {
		return rollout.Updated{}, fault.New(fault.ServiceBaseMoves,
			"find out who else deploys the service and let one of the two do it, then start a new execution with the same input",
			"update service %s: %s, for the %d. time", t.service.Service, reason, t.revision.Attempt)
	}
	return rollout.Updated{Decision: rollout.BaseMoved, Reason: reason, At: t.state.EnteredTime, Previous: now}, nil
}

// point makes the one call, and looks whether it was ours to make.
func (t task) point(ctx context.Context) (rollout.Updated, error) {
	service, err := t.update(ctx, t.revision.TaskDefinition)
	if err != nil {
		return rollout.Updated{}, err
	}
	held, err := t.settle(ctx, t.revision.TaskDefinition)
	if err != nil {
		return rollout.Updated{}, err
	}
	if !held.HeldBy(t.execution.ID) {
		return t.outrun(held, service), nil
	}
	id, at := t.primary(service)
	return rollout.Updated{Decision: rollout.Pointed, Reason: "the service is pointed at the revision",
		At: at, Deployment: id, Previous: t.revision.Base}, nil
}

// primary is the deployment that the service makes now: its id, and when ECS began it. The time is that of the step
// where ECS tells none.
func (t task) primary(service types.Service) (id string, at time.Time) {
	for _, d := range service.Deployments {
		if aws.ToString(d.Status) == "PRIMARY" && aws.ToString(d.TaskDefinition) == aws.ToString(service.TaskDefinition) && d.CreatedAt != nil {
			return aws.ToString(d.Id), *d.CreatedAt
		}
	}
	return "", t.state.EnteredTime
}
