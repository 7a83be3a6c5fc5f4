// Command fairlead-local runs the embedded AWS: for a person at a terminal, and for the demonstration.
//
//	fairlead-local run     keeps it running on 127.0.0.1:4566, with its state in .local/state
//	fairlead-local push    pushes an image to the running one, as a CI job would, and follows the deployment
//	fairlead-local doctor  looks on the running one whether a push would come to grief at any service
//	fairlead-local demo    shows the main job on one of its own and ends
//
// It is run in the project's directory, after `make build synth`.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// The places that Makefile and this command agree on.
const (
	assemblyDir = "cdk.out"
	buildsDir   = ".local/build"
	stateDir    = ".local/state"
	envFile     = ".local/env"
	address     = "127.0.0.1:4566"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "fairlead-local:", err)
		stop()
		os.Exit(1)
	}
}

func command(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 {
		return errors.New("say what to do: run, push, doctor or demo")
	}
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	switch args[0] {
	case "run":
		pace := flags.Float64("pace", 10, "how much faster than AWS's own ECS's time runs")
		fresh := flags.Bool("fresh", false, "forget the state of earlier runs")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		return run(ctx, out, *pace, *fresh)
	case "push":
		var p pushOptions
		flags.StringVar(&p.service, "service", "web", "the service, by its name in the configuration")
		flags.StringVar(&p.tag, "tag", "", "the tag; empty for one like <commit>-<run>")
		flags.StringVar(&p.behaviour, "behaviour", "", `how the image behaves: "exit=1", "unhealthy=true", "start=3s"; several with spaces`)
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		return push(ctx, out, p)
	case "doctor":
		return doctor(ctx, out)
	case "demo":
		return demo(ctx, out)
	default:
		return fmt.Errorf("there is no command %q: run, push, doctor or demo", args[0])
	}
}
