package rollback

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"fairlead/shared/claim"
	"fairlead/shared/fault"
	"fairlead/shared/rollback"
)

// settle is how long ECS may take to show a stop that it was asked for and whose answer was lost. AWS documents no bound;
// JudgeRollout gives ECS's lists the same time.
const settle = 2 * time.Minute

// stop has ECS stop our deployment and roll it back, under the claim.
func (t task) stop(ctx context.Context, held claim.Claim, seen rollback.Case, p plan) (rollback.Done, error) {
	asked := ask{before: seen.Earlier == p.Target, since: held.UpdatedAt}
	coming := held
	if !asked.before { // else it stays: its time is that of the first attempt
		coming = held.Pointing(p.Target, t.State.EnteredTime)
	}
	if err := t.Replace(ctx, held, coming); err != nil {
		return rollback.Done{}, err
	}
	next, again, err := t.halt(ctx, seen, p, asked)
	switch {
	case err != nil:
		return rollback.Done{}, err
	case next.Decision == rollback.Stopped:
		return t.done(next.Plan), nil
	default:
		return t.carryOut(ctx, coming, again, next)
	}
}

// ask is what is known of an earlier attempt to have our deployment stopped.
type ask struct {
	// before says that ECS may have been asked already: that attempt went so far, but may have been refused.
	before bool
	// since is from when on it may have been asked.
	since time.Time
}

// halt asks ECS to stop our deployment and to roll it back. It returns the plan as it is if ECS does. What ECS answers
// where our deployment has finished meanwhile AWS does not say: after any refusal halt looks again, and if our deployment
// goes on nevertheless, the plan is to point the service back.
//
// A refusal after an earlier attempt may be for that one's sake. Then the step is tried again until ECS shows the stop, or
// has had the time to: an attempt that was throttled or denied has left nothing to show.
func (t task) halt(ctx context.Context, seen rollback.Case, p plan, asked ask) (plan, rollback.Case, error) {
	_, err := t.ports.Update.StopServiceDeployment(ctx, &ecs.StopServiceDeploymentInput{
		ServiceDeploymentArn: aws.String(p.Stop), StopType: types.StopServiceDeploymentStopTypeRollback})
	if err == nil {
		return p, seen, nil
	}
	no := fault.FromAWS("stop and roll back service deployment "+p.Stop, err)
	if !refused(no) {
		return plan{}, seen, no
	}
	again, err := t.see(ctx, seen.Earlier)
	if err != nil {
		return plan{}, seen, err
	}
	again.Unstoppable = !asked.before || t.now().Sub(asked.since) >= settle
	next, err := t.choose(ctx, again)
	if err == nil && next.Decision == rollback.Stopped {
		err = fault.New(fault.AWSAnswerLost, "redrive the execution, which looks first whether ECS has stopped the deployment",
			"wait for ECS to show whether it stops service deployment %s, which it was asked for before: %w", p.Stop, no)
	}
	return next, again, err
}
