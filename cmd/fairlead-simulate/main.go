// Command fairlead-simulate tries Fairlead out as a whole under made-up deployments and faults, hundreds of times a minute
// (package local/simulate says how).
//
//	fairlead-simulate -seeds 2000                 the plans of the seeds 1 to 2000
//	fairlead-simulate -seeds 5000-6000 -faults kills,events
//	fairlead-simulate -seed 4711                  one of them, and its story
//	fairlead-simulate -seed 4711 -acts 1,3,4      the same with these of its acts alone, as a shrunk story names them
//
// It is run in the project's directory.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"syscall"

	"fairlead/local/simulate"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "fairlead-simulate:", err)
		stop()
		os.Exit(1)
	}
}

// garbage is how much the heap may grow before it is collected, in percent: runs are short and leave much behind.
const garbage = 400

func command(ctx context.Context, args []string, out io.Writer) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	plan, err := o.plan()
	if err != nil {
		return err
	}
	debug.SetGCPercent(garbage)
	logger := slog.New(slog.DiscardHandler)
	if o.verbose {
		logger = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	if o.assembly == "" {
		dir, err := os.MkdirTemp("", "fairlead-scene-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir) //nolint:errcheck // what is left is in the temporary directory
		o.assembly = filepath.Join(dir, "cdk.out")
	}
	if _, err := os.Stat(o.assembly); errors.Is(err, fs.ErrNotExist) {
		if err := simulate.Synthesise(ctx, ".", o.assembly); err != nil {
			return err
		}
	}
	scene, err := simulate.Open(ctx, o.assembly, logger)
	if err != nil {
		return err
	}
	if o.seed > 0 {
		return one(ctx, out, scene, plan)
	}
	return many(ctx, out, scene, o)
}

var errViolated = errors.New("an invariant was violated")

// one plays the plan of one seed and tells its story.
func one(ctx context.Context, out io.Writer, scene *simulate.Scene, plan simulate.Plan) error {
	run, err := scene.Play(ctx, plan)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintln(out, run.Story())
	if len(run.Violations) > 0 {
		return errViolated
	}
	return nil
}

// many plays many seeds, and tells the story of each that breaks an invariant as short as it can be told.
func many(ctx context.Context, out io.Writer, scene *simulate.Scene, o options) error {
	report, err := scene.Simulate(ctx, o.seeds, o.faults, o.workers, o.enough)
	if err != nil {
		return err
	}
	for _, failed := range report.Failed {
		for _, v := range failed.Violations {
			_, _ = fmt.Fprintf(out, "seed %d violates %s: %s\n", failed.Plan.Seed, v.Invariant, v.Says)
		}
		if !o.shrink {
			continue
		}
		small, err := scene.Shrink(ctx, failed)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(out, "%s\nTo see it again: go run ./cmd/fairlead-simulate -seed %d -faults %q -acts %s\n\n",
			small.Story(), small.Plan.Seed, o.list, small.Acts())
	}
	_, _ = fmt.Fprintln(out, report)
	if len(report.Failed) > 0 {
		return errViolated
	}
	return nil
}
