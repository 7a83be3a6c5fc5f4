package session

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"fairlead/shared/config"
	"fairlead/shared/edge/handler"
	"fairlead/shared/fault"
)

// Main runs a function as a Lambda: it reads the environment and the configuration once and serves until Lambda ends
// the process. If either cannot be read, the function still answers, with a fault that says so.
func Main(build func(Runtime) handler.Func) {
	logger := NewLogger(os.Stderr)
	rt, err := read(os.Getenv, logger) //nolint:forbidigo // here the environment is read, once
	if err != nil {
		lambda.Start(broken(logger, err))
		return
	}
	lambda.Start(build(rt))
}

// read makes the runtime from the environment and from the file beside the binary.
func read(getenv func(string) string, logger *slog.Logger) (Runtime, error) {
	env := Environment{
		Region:       getenv("AWS_REGION"),
		TaskRoot:     getenv("LAMBDA_TASK_ROOT"),
		Ledger:       getenv("FAIRLEAD_LEDGER"),
		EventBus:     getenv("FAIRLEAD_EVENT_BUS"),
		StateMachine: getenv("FAIRLEAD_STATE_MACHINE"),
	}
	raw, err := os.ReadFile(filepath.Join(env.TaskRoot, config.FileName))
	if err != nil {
		return Runtime{}, fmt.Errorf("the function's configuration: %w", err)
	}
	parsed, err := config.Parse(raw)
	if err != nil {
		return Runtime{}, fmt.Errorf("the function's configuration: %w", err)
	}
	return Runtime{AWS: sdkConfig(getenv), Config: parsed, Env: env, Logger: logger}, nil
}

// sdkConfig makes the SDK's configuration from the environment alone, which is where Lambda puts the region and the
// credentials. The SDK's LoadDefaultConfig would look for them in files, the instance's metadata and sign-in services
// as well, and brings the clients of all these: a tenth of the binary, for nothing that a function has.
// AWS_ENDPOINT_URL leads all clients to another AWS, as it does with any SDK.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
func sdkConfig(getenv func(string) string) aws.Config {
	cfg := aws.Config{
		Region:     getenv("AWS_REGION"),
		HTTPClient: awshttp.NewBuildableClient(),
		Credentials: credentials.NewStaticCredentialsProvider(
			getenv("AWS_ACCESS_KEY_ID"), getenv("AWS_SECRET_ACCESS_KEY"), getenv("AWS_SESSION_TOKEN")),
	}
	if endpoint := getenv("AWS_ENDPOINT_URL"); endpoint != "" {
		cfg.BaseEndpoint = aws.String(endpoint)
	}
	return cfg
}

// broken answers every call with what stood in the way at the start.
func broken(logger *slog.Logger, cause error) handler.Func {
	return handler.Adapt(logger, func(context.Context, handler.Request) (json.RawMessage, error) {
		return nil, fault.New(fault.ConfigInvalid, "run make deploy, which packs the configuration with the functions", "%w", cause)
	})
}
