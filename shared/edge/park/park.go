// Package park is about an execution that waits without cost: its task token is parked in the ledger, and given back.
//
// The token says nothing but "look": JudgeRollout, which the execution goes on to, reads ECS by itself. A token that is
// returned too early, twice or too late therefore does no harm.
package park

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"fairlead/shared/edge/handler"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/fault"
	"fairlead/shared/permission"
)

// keep is how long a token stays in the ledger if nobody releases it: far longer than any state waits.
const keep = 24 * time.Hour

// Token is the task token of a request, of an execution that deploys a service, as it is parked. What it waits for is the
// caller's to fill in. A state that sends no token is a fault.
func Token(request handler.Request, service string) (ledger.Token, error) {
	if request.TaskToken == "" {
		return ledger.Token{}, fault.New(fault.InputInvalid, "run make deploy: the workflow's definition and this function do not fit",
			"the workflow sent no task token to state %s", request.State.Name)
	}
	entered := request.State.EnteredTime
	return ledger.Token{
		Service: service, Execution: request.Execution.ID, State: request.State.Name, Token: request.TaskToken,
		Attempt:  ledger.Attempt{Redrive: request.Execution.RedriveCount, Entered: entered, Retry: request.State.RetryCount},
		StoredAt: entered, Expires: entered.Add(keep),
	}, nil
}

// Sender is the call that returns a token, with the SDK's signature.
type Sender interface {
	SendTaskSuccess(context.Context, *sfn.SendTaskSuccessInput, ...func(*sfn.Options)) (*sfn.SendTaskSuccessOutput, error)
}

// Deleter takes a token out of the ledger.
type Deleter interface {
	DeleteToken(ctx context.Context, token ledger.Token) error
}

// Release returns the token and takes it out of the ledger. It returns false if nobody waits for the token any more:
// the state has timed out, was released by someone else, or its execution has ended. Errors are faults; the token then
// stays in the ledger.
func Release(ctx context.Context, api Sender, tokens Deleter, token ledger.Token) (released bool, err error) {
	_, err = api.SendTaskSuccess(ctx, &sfn.SendTaskSuccessInput{TaskToken: aws.String(token.Token), Output: aws.String("{}")})
	if err != nil && !nobodyWaits(err) {
		return false, fault.FromAWS("release execution "+token.Execution+" from "+token.State, err)
	}
	return err == nil, tokens.DeleteToken(ctx, token)
}

// nobodyWaits says whether Step Functions no longer knows the token.
func nobodyWaits(err error) bool {
	var (
		timedOut *types.TaskTimedOut
		absent   *types.TaskDoesNotExist
		invalid  *types.InvalidToken
	)
	return errors.As(err, &timedOut) || errors.As(err, &absent) || errors.As(err, &invalid)
}

// Permissions are the statements of a function that releases tokens.
func Permissions() []permission.Statement {
	return []permission.Statement{{
		Sid: "ReleaseExecutions", Actions: []string{"states:SendTaskSuccess"}, Resources: []string{"*"},
		Why: "returns task tokens; AWS offers no resource for this call, and who holds no token can release nothing",
	}}
}
