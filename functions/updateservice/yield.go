package updateservice

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"fairlead/shared/claim"
	"fairlead/shared/fault"
	"fairlead/shared/rollout"
)

// repairs bounds how often an execution puts another one's revision into service: each round after the first has seen
// yet another newer execution.
const repairs = 3

// yield ends a step whose execution does not hold the claim. An earlier attempt may have pointed the service at our
// revision after the holder had pointed it at its own; then that is put right.
func (t task) yield(ctx context.Context, held claim.Claim) (rollout.Updated, error) {
	service, err := t.readService(ctx)
	if err != nil {
		return rollout.Updated{}, err
	}
	if t.inTheWay(held, service) {
		if held, err = t.settle(ctx, t.revision.TaskDefinition); err != nil {
			return rollout.Updated{}, err
		}
	}
	return t.outrun(held, service), nil
}

// inTheWay says whether the service is pointed at our revision since the holder's step began. A service that ECS has
// rolled back to our revision is not: its deployment is older than that.
func (t task) inTheWay(held claim.Claim, service types.Service) bool {
	_, since := t.primary(service)
	return aws.ToString(service.TaskDefinition) == t.revision.TaskDefinition && !since.Before(held.UpdatedAt)
}

// settle reads the claim after the service was pointed at `put`, and if another execution holds it that is putting
// something else into service, puts that there instead, until the claim stays as it is. A holder that has not come so
// far yet finds that its base has moved. settle returns the claim as it was read last.
func (t task) settle(ctx context.Context, put string) (claim.Claim, error) {
	for range repairs {
		held, err := t.claim(ctx)
		if err != nil || held.HeldBy(t.execution.ID) || held.TaskDefinition == "" || held.TaskDefinition == put {
			return held, err
		}
		if _, err := t.update(ctx, held.TaskDefinition); err != nil {
			return claim.Claim{}, fmt.Errorf("put back what execution %s deploys: %w", held.Holder, err)
		}
		put = held.TaskDefinition
	}
	return claim.Claim{}, fault.New(fault.LedgerContended, "redrive the execution",
		"update service %s: the claim changed hands %d times meanwhile", t.service.Name, repairs)
}

// outrun is the result for an execution that has lost the claim.
func (t task) outrun(held claim.Claim, service types.Service) rollout.Updated {
	return rollout.Updated{Decision: rollout.Outrun, At: t.state.EnteredTime, Previous: aws.ToString(service.TaskDefinition),
		Reason: fmt.Sprintf("execution %s has taken the claim with sequence %d: the newest wins", held.Holder, held.Sequence)}
}
