// Package pointing points a service at a revision under the claim: the one call by which Fairlead touches a service.
//
// ECS has no compare-and-set, so a step surrounds the call with the claim: just before, it checks that its execution
// holds it and writes into it what is to come ([Hand.Replace]); just after, it reads it again ([Hand.Settle]). An
// execution that has lost the claim meanwhile puts the holder's revision into service and ends. Whatever happens between
// two calls, a step that is run again finds what is done and does the rest.
package pointing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"fairlead/shared/claim"
	"fairlead/shared/config"
	"fairlead/shared/edge/handler"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/fault"
)

// Claims is where the claims are.
type Claims interface {
	ledger.ClaimReader
	ledger.ClaimWriter
}

// Reader reads services, under the look role.
type Reader interface {
	DescribeServices(context.Context, *ecs.DescribeServicesInput, ...func(*ecs.Options)) (*ecs.DescribeServicesOutput, error)
}

// Updater points services at revisions, under the update role. Its SDK must not repeat the call.
type Updater interface {
	UpdateService(context.Context, *ecs.UpdateServiceInput, ...func(*ecs.Options)) (*ecs.UpdateServiceOutput, error)
}

// Hand is one execution's, on one service.
type Hand struct {
	Reader    Reader
	Updater   Updater
	Claims    Claims
	Service   config.Service
	Place     config.Place
	Execution handler.Execution
	State     handler.State
}

// Claim reads the claim, which this execution has taken before: there must be one.
func (h Hand) Claim(ctx context.Context) (claim.Claim, error) {
	held, err := h.Claims.Claim(ctx, h.Service.Name)
	if err == nil && !held.Exists() {
		err = fault.New(fault.LedgerContended, fault.Anew+", which takes the claim again",
			"the ledger has no claim of service %s any more", h.Service.Name)
	}
	return held, err
}

// Replace writes the claim. If another execution was faster the step is tried again, and finds out what that means.
func (h Hand) Replace(ctx context.Context, held, next claim.Claim) error {
	err := h.Claims.ReplaceClaim(ctx, h.Service.Name, held, next)
	if errors.Is(err, ledger.ErrChanged) {
		return fault.New(fault.LedgerContended, "redrive the execution", "update service %s: %w", h.Service.Name, err)
	}
	return err
}

// repairs bounds how often an execution puts another one's revision into service: each round after the first has seen
// yet another newer execution.
const repairs = 3

// Settle reads the claim after the service was pointed at `put`, and if another execution holds it that is putting
// something else into service, puts that there instead, until the claim stays as it is. A holder that has not come so
// far yet finds that its base has moved. Settle returns the claim as it was read last.
func (h Hand) Settle(ctx context.Context, put string) (claim.Claim, error) {
	for range repairs {
		held, err := h.Claim(ctx)
		if err != nil || held.HeldBy(h.Execution.ID) || held.TaskDefinition == "" || held.TaskDefinition == put {
			return held, err
		}
		if _, err := h.Point(ctx, held.TaskDefinition); err != nil {
			return claim.Claim{}, fmt.Errorf("put back what execution %s deploys: %w", held.Holder, err)
		}
		put = held.TaskDefinition
	}
	return claim.Claim{}, fault.New(fault.LedgerContended, "redrive the execution",
		"update service %s: the claim changed hands %d times meanwhile", h.Service.Name, repairs)
}

// InTheWay says whether the service is pointed at `put` since the step began that the claim's holder wrote it in. A
// service that ECS has rolled back to `put` is not: its deployment is older than that.
func (h Hand) InTheWay(held claim.Claim, service types.Service, put string) bool {
	_, since := h.Primary(service)
	return aws.ToString(service.TaskDefinition) == put && !since.Before(held.UpdatedAt)
}

// Primary is the deployment that the service makes now: its id, and when ECS began it. The time is that of the step
// where ECS tells none.
func (h Hand) Primary(service types.Service) (id string, at time.Time) {
	for _, d := range service.Deployments {
		if aws.ToString(d.Status) == "PRIMARY" && aws.ToString(d.TaskDefinition) == aws.ToString(service.TaskDefinition) && d.CreatedAt != nil {
			return aws.ToString(d.Id), *d.CreatedAt
		}
	}
	return "", h.State.EnteredTime
}

// Outrun is why an execution does nothing that does not hold the claim.
func Outrun(held claim.Claim) string {
	return fmt.Sprintf("execution %s has taken the claim with sequence %d: the newest wins", held.Holder, held.Sequence)
}
