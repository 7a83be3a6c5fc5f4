package recordoutcome

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"fairlead/shared/edge/handler"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/fault"
	"fairlead/shared/outcome"
)

// ParameterPutter writes SSM parameters, with the SDK's signature.
type ParameterPutter interface {
	PutParameter(context.Context, *ssm.PutParameterInput, ...func(*ssm.Options)) (*ssm.PutParameterOutput, error)
}

// maxRounds is how often the parameter is written because a newer execution has deployed meanwhile.
const maxRounds = 5

// publish keeps what the service was deployed with and writes its digest to the parameter that infrastructure code reads.
//
// Two executions may do so at once, and a parameter has no conditions. So the ledger decides which is the newer, and each
// writes what it reads there, and looks again afterwards: whoever writes last has seen the newest, or writes once more.
func (s Step) publish(ctx context.Context, service string, found outcome.InService, request handler.Request) error {
	err := s.Deployed.SetDeployed(ctx, ledger.Deployed{Service: service, Digest: found.Digest, Tag: found.Tag, TaskDefinition: found.TaskDefinition,
		Execution: request.Execution.ID, Sequence: found.Sequence, At: request.State.EnteredTime})
	if err != nil {
		return err
	}
	newest, known, err := s.Deployed.Deployed(ctx, service)
	for range maxRounds {
		if err != nil || !known {
			break
		}
		if err := s.put(ctx, newest); err != nil {
			return err
		}
		written := newest
		newest, known, err = s.Deployed.Deployed(ctx, service)
		if err == nil && newest.Sequence == written.Sequence && newest.Digest == written.Digest {
			return nil
		}
	}
	if err != nil {
		return err
	}
	return fault.New(fault.LedgerContended, "redrive the execution", "write the parameter of service %s: newer executions deploy it faster than it can be written", service)
}

// put writes the parameter. One that is there is overwritten, whoever made it.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
func (s Step) put(ctx context.Context, d ledger.Deployed) error {
	name := s.Config.ParameterName(d.Service)
	_, err := s.Parameters.PutParameter(ctx, &ssm.PutParameterInput{
		Name: aws.String(name), Value: aws.String(d.Digest), Type: types.ParameterTypeString, Overwrite: aws.Bool(true),
		Description: aws.String(fmt.Sprintf("What Fairlead deployed to service %s last: tag %q as %s. For infrastructure code to read.", d.Service, d.Tag, d.TaskDefinition)),
	})
	doing := "write parameter " + name
	if _, busy := errors.AsType[*types.TooManyUpdates](err); busy {
		return fault.New(fault.AWSThrottled, fault.Later, "%s: %w", doing, err)
	}
	return fault.FromAWS(doing, err)
}
