package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"fairlead/local/world"
)

// scene is one push of the demonstration and how it should end.
type scene struct {
	title     string
	tag       string
	content   string
	behaviour string
	want      string // the outcome
}

// commit is a made-up commit: the same tag twice would meet the repository's immutability.
func commit(n int) string { return strings.Repeat(fmt.Sprintf("%x", n), 40) }

func scenes() []scene {
	return []scene{
		{"CI pushes an image; it becomes healthy", commit(10) + "-1", "the first", "start=3s", "Deployed"},
		{"CI pushes the same image under another tag; there is nothing to do", commit(10) + "-2", "the first", "start=3s", "Skipped"},
		{"CI pushes an image that never becomes healthy; ECS puts the service back", commit(11) + "-1", "the second", "unhealthy=true", "RolledBack"},
	}
}

// demoPace lets the circuit breaker's minutes pass in seconds.
const demoPace = 40

// demo shows the main job on an embedded AWS of its own: three pushes by CI, each followed to its end.
func demo(ctx context.Context, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	dir, err := os.MkdirTemp("", "fairlead-demo-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	i, err := listen(ctx, "127.0.0.1:0", dir, demoPace)
	if err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- i.Serve(ctx, i.listener, i.runner) }()
	if err := i.load(io.Discard); err != nil {
		return err
	}
	calls := i.countCalls()
	_, _ = fmt.Fprintf(out, "An embedded AWS runs the synthesised stacks on %s; ECS's time runs %d times faster than AWS's.\n", i.endpoint(), demoPace)
	err = play(ctx, out, i, calls)
	cancel()
	return firstError(err, <-served)
}

// countCalls counts the AWS calls that Fairlead makes from now on: those under the roles of its own stack.
func (i *instance) countCalls() *atomic.Int64 {
	var roles []string
	i.Core.Quietly(func(*world.World) { roles = i.Stacks.IDs("Fairlead", "AWS::IAM::Role") })
	calls := &atomic.Int64{}
	i.Core.Observe(func(r world.Record) {
		if slices.Contains(roles, after(r.Request.Principal.RoleARN, "/")) {
			calls.Add(1)
		}
	})
	return calls
}

// play plays the scenes one after the other, then sums up.
func play(ctx context.Context, out io.Writer, i *instance, calls *atomic.Int64) error {
	var rows []string
	failed := false
	if err := i.settled(ctx); err != nil {
		return err
	}
	for n, s := range scenes() {
		_, _ = fmt.Fprintf(out, "\n%d. %s\n", n+1, s.title)
		before := calls.Load()
		e, err := i.play(ctx, out, s)
		if err != nil {
			return err
		}
		rows = append(rows, fmt.Sprintf("  %-12s %6.1f s  %3d AWS calls  %3d transitions  %s", e.Outcome, e.Took.Seconds(), calls.Load()-before, e.Transitions, s.title))
		failed = failed || e.Outcome != s.want
	}
	_, _ = fmt.Fprintf(out, "\nSummary\n%s\n", strings.Join(rows, "\n"))
	if failed {
		return errUnexpected
	}
	return nil
}

// play pushes the scene's image as CI and follows the execution that it starts.
func (i *instance) play(ctx context.Context, out io.Writer, s scene) (end, error) {
	c := ci{endpoint: i.endpoint(), outputs: i.Outputs(), out: out}
	if err := c.push(ctx, "shop/web", s.tag, s.content, s.behaviour); err != nil {
		return end{}, err
	}
	client := sfn.NewFromConfig(clientConfig(i.endpoint(), i.Administrator()))
	execution, err := startedBy(ctx, client, i.Outputs()["Fairlead"]["StateMachineArn"], s.tag, 10*time.Second)
	if err != nil {
		return end{}, err
	}
	_, _ = fmt.Fprintf(out, "  execution %s\n", execution)
	f := follower{client: client, out: out}
	e, err := f.follow(ctx, execution)
	if err == nil {
		_, _ = fmt.Fprintf(out, "  => %s\n%s\n", e.Outcome, indent(e.Cause))
	}
	return e, err
}

func indent(text string) string {
	return "     " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n     ")
}

// settled waits until the sample service runs its first revision.
func (i *instance) settled(ctx context.Context) error {
	client := ecs.NewFromConfig(clientConfig(i.endpoint(), i.Administrator()))
	waiter := ecs.NewServicesStableWaiter(client, func(o *ecs.ServicesStableWaiterOptions) {
		o.MinDelay, o.MaxDelay = 100*time.Millisecond, 100*time.Millisecond
	})
	err := waiter.Wait(ctx, &ecs.DescribeServicesInput{Cluster: aws.String("fairlead-sample"), Services: []string{"web"}}, 30*time.Second)
	if err != nil {
		return fmt.Errorf("wait for the sample service to run its first revision: %w", err)
	}
	return nil
}
