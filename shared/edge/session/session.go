// Package session is where a function gets its AWS clients from: the configuration of the SDK, and sessions of the
// roles of the one service that an execution deploys.
//
// A function's own role may do little more than assume these. So a hand-written input can reach nothing that the named
// service's own role does not allow, and no step can do another's work.
package session

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"fairlead/shared/config"
	"fairlead/shared/edge/handler"
	"fairlead/shared/fault"
)

// Runtime is what a function is made of: package functions/<name> has New(Runtime), which serves as a Lambda binary and
// in process alike.
type Runtime struct {
	AWS    aws.Config // under the function's own role
	Config config.Config
	Env    Environment
	Logger *slog.Logger
}

// Environment is the function's environment, read once in main.
type Environment struct {
	Region       string // AWS_REGION
	TaskRoot     string // LAMBDA_TASK_ROOT: where the zip was unpacked
	Ledger       string // FAIRLEAD_LEDGER: the table's name
	EventBus     string // FAIRLEAD_EVENT_BUS: the bus that outcome events go to, a name or ARN
	StateMachine string // FAIRLEAD_STATE_MACHINE: the ARN
}

// Place reads where the function runs from the ARN under which it was invoked.
func (rt Runtime) Place(ctx context.Context) (config.Place, error) {
	invocation, ok := lambdacontext.FromContext(ctx)
	if !ok {
		return config.Place{}, fault.New(fault.ConfigInvalid, "call the function through Lambda", "the call carries no Lambda context")
	}
	place, err := config.PlaceOf(invocation.InvokedFunctionArn)
	if err != nil {
		return config.Place{}, fault.New(fault.ConfigInvalid, "call the function through Lambda", "where the function runs: %w", err)
	}
	return place, nil
}

// HTTP returns the client through which the SDK speaks, for requests that are not signed.
func (rt Runtime) HTTP() aws.HTTPClient {
	if rt.AWS.HTTPClient != nil {
		return rt.AWS.HTTPClient
	}
	return http.DefaultClient
}

// As returns the SDK's configuration for calls under one of the service's roles, on behalf of one execution. Each call
// of As is a session of its own, assumed at the first request that is signed with it and never shared with another
// execution. If the role cannot be assumed, that request fails.
func (rt Runtime) As(ctx context.Context, service config.Service, kind config.RoleKind, executionARN string) aws.Config {
	out := rt.AWS.Copy()
	place, err := rt.Place(ctx)
	if err != nil {
		out.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return aws.Credentials{}, err })
		return out
	}
	role, name := rt.Config.StepRoleARN(place, service.Name, kind), Name(service.Name, executionARN)
	assume := stscreds.NewAssumeRoleProvider(sts.NewFromConfig(rt.AWS), role, func(o *stscreds.AssumeRoleOptions) {
		o.RoleSessionName = name
	})
	out.Credentials = aws.NewCredentialsCache(assume)
	rt.Logger.InfoContext(ctx, "role session", "role", role, "session", name, "execution", executionARN)
	return out
}

// Name returns the name of an execution's sessions, by which CloudTrail reads as deployments: the service and 16
// hexadecimal digits of the execution's ARN. A session's name has 64 characters at most, so a service's name 45.
func Name(service, executionARN string) string { return service + "-" + handler.Short(executionARN) }

// Once returns the configuration without retries, for clients of calls that are not idempotent (RegisterTaskDefinition,
// UpdateService): the workflow retries those, and the step looks first whether the lost call had its effect.
func Once(cfg aws.Config) aws.Config {
	out := cfg.Copy()
	out.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
	return out
}
