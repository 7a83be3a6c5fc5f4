// Command judges asks those who did not write this project what they think of it: cfn-lint, checkov, cfn-guard with AWS
// Control Tower's rules, cdk-nag with two packs, asl-validator and govulncheck. They look at the golden templates, which a
// test holds equal to what is synthesised, at the workflow, and at the Go code.
//
// Each finding is mended, or acknowledged with a reason in one file. A finding that nobody has acknowledged fails, and so
// does an acknowledgement that no finding needs any more. gosec is not among them: it runs as one of golangci-lint's
// linters, with the same rules.
//
// `make judges` installs them, pinned, and runs it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout, os.Getenv) //nolint:forbidigo // this is main: whether the database must be reached is told by CI's environment
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "judges:", err)
		os.Exit(1)
	}
}

// run asks every judge, and compares what they found with what is acknowledged.
func run(ctx context.Context, out io.Writer, getenv func(string) string) error {
	known, err := readAcknowledged(".ci/acknowledged.json")
	if err != nil {
		return err
	}
	judges := judges(getenv("GITHUB_ACTIONS") != "")
	verdicts := make([]verdict, len(judges))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.NumCPU())
	for i, j := range judges {
		group.Go(func() error {
			began := time.Now()
			said, err := j.ask(ctx)
			said.by, said.took = j.name, time.Since(began)
			verdicts[i] = said
			if err != nil {
				return fmt.Errorf("%s: %w", j.name, err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	var found []finding
	var told strings.Builder
	for _, v := range verdicts {
		found = append(found, v.findings...)
		fmt.Fprintf(&told, "%-14s %3d findings in %4.1f s %s\n", v.by, len(v.findings), v.took.Seconds(), v.note)
	}
	var problems []error
	for _, problem := range compare(found, known, silent(verdicts)) {
		problems = append(problems, errors.New(problem))
	}
	if len(problems) == 0 {
		fmt.Fprintf(&told, "each is acknowledged with a reason in .ci/acknowledged.json (%d reasons)\n", len(known))
	}
	_, err = io.WriteString(out, told.String())
	return errors.Join(append(problems, err)...)
}

// silent names the judges that could not be asked.
func silent(verdicts []verdict) map[string]bool {
	names := map[string]bool{}
	for _, v := range verdicts {
		names[v.by] = v.note != ""
	}
	return names
}
