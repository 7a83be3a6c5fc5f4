package session

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/aws/aws-lambda-go/lambda"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"

	"fairlead/shared/config"
	"fairlead/shared/edge/handler"
	"fairlead/shared/fault"
)

// Main runs a function as a Lambda: it reads the environment and the configuration once and serves until Lambda ends
// the process. If either cannot be read, the function still answers, with a fault that says so.
func Main(build func(Runtime) handler.Func) {
	logger := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	rt, err := read(context.Background(), os.Getenv, logger)
	if err != nil {
		lambda.Start(broken(logger, err))
		return
	}
	lambda.Start(build(rt))
}

// read makes the runtime from the environment and from the file beside the binary.
func read(ctx context.Context, getenv func(string) string, logger *slog.Logger) (Runtime, error) {
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
	awsConfig, err := awsconfig.LoadDefaultConfig(ctx, awsconfig.WithRegion(env.Region))
	if err != nil {
		return Runtime{}, fmt.Errorf("the SDK's configuration: %w", err)
	}
	return Runtime{AWS: awsConfig, Config: parsed, Env: env, Logger: logger}, nil
}

// broken answers every call with what stood in the way at the start.
func broken(logger *slog.Logger, cause error) handler.Func {
	return handler.Adapt(logger, func(context.Context, handler.Request) (json.RawMessage, error) {
		return nil, fault.New(fault.ConfigInvalid, "run cdk deploy, which packs the configuration with the functions", "%w", cause)
	})
}
