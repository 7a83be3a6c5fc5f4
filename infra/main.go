// Command infra is the CDK app: it says what of Fairlead exists in an AWS account.
//
// Three stacks: Fairlead deploys ([deployerStack]), FairleadRegistry is CI's side of it ([registryStack]), and
// FairleadSample is a service to try it on ([sampleStack]). The order of the steps is not said here but in
// workflow.asl.json.
//
// It runs under the CDK CLI, which finds it by cdk.json, and without it: `go run ./infra` in the directory of cdk.json
// writes the same templates to cdk.out. It builds the functions itself, needs no Docker and asks AWS nothing.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"github.com/aws/jsii-runtime-go"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Getenv) //nolint:forbidigo // this is main: the CDK CLI speaks through the environment
	stop()
	jsii.Close()
	if err != nil {
		fmt.Fprintln(os.Stderr, "infra:", err)
		os.Exit(1)
	}
}

// withoutFunctions is the variable that leaves the functions out: for whoever runs them in process and wants the
// templates alone, which are made many times faster so.
const withoutFunctions = "FAIRLEAD_WITHOUT_FUNCTIONS"

// compilerOf is how the functions are built.
func compilerOf(getenv func(string) string) compiler {
	if getenv(withoutFunctions) != "" {
		return leftOut
	}
	return goCompiler(".")
}

// readInput reads the input of the cdk.json in the working directory, for the region that the CDK CLI deploys to.
func readInput(getenv func(string) string) (input, error) {
	given, err := readContext(".", getenv)
	if err != nil {
		return input{}, err
	}
	in, err := newInput(given, os.DirFS("."))
	if err != nil {
		return input{}, err
	}
	return in, checkTopic(in.Config, getenv("CDK_DEFAULT_REGION"))
}

// run synthesises the stacks of the cdk.json in the working directory.
func run(ctx context.Context, getenv func(string) string) error {
	in, err := readInput(getenv)
	if err != nil {
		return err
	}
	for _, warning := range warnings(in.Config) {
		fmt.Fprintln(os.Stderr, "infra: warning:", warning)
	}
	encoded, err := in.Config.Encode()
	if err != nil {
		return fmt.Errorf("encode the configuration: %w", err)
	}
	built, err := os.MkdirTemp("", "fairlead-functions-")
	if err != nil {
		return fmt.Errorf("make room for the functions: %w", err)
	}
	defer os.RemoveAll(built) //nolint:errcheck // the copies that count are in the assembly
	if in.Assets, err = buildAssets(ctx, built, compilerOf(getenv), encoded); err != nil {
		return err
	}
	outdir := "cdk.out"
	if getenv("CDK_OUTDIR") != "" {
		outdir = "" // the CDK reads the variable itself
	}
	templates, _, err := synth(in, outdir)
	if err != nil {
		return err
	}
	near, err := checkQuotas(templates)
	for _, warning := range near {
		fmt.Fprintln(os.Stderr, "infra: near a quota:", warning)
	}
	return err
}
