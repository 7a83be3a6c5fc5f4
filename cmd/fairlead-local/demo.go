package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
)

// demoPace lets the circuit breaker's minutes pass in seconds.
const demoPace = 40

// demo shows what Fairlead does on an embedded AWS of its own: some scenes, each played to its end.
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
	_, _ = fmt.Fprintf(out, "An embedded AWS runs the synthesised stacks on %s; ECS's time runs %d times faster than AWS's.\n", i.endpoint(), demoPace)
	err = play(ctx, newStage(i, out))
	cancel()
	return firstError(err, <-served)
}

// play plays the scenes one after the other, then sums up.
func play(ctx context.Context, s *stage) error {
	if err := s.instance.settled(ctx); err != nil {
		return err
	}
	var rows []string
	for n, scene := range scenes() {
		s.say("\n%d. %s", n+1, scene.title)
		before, began := s.watch.calls(), time.Now()
		ends, err := scene.play(ctx, s)
		if err != nil {
			return err
		}
		var names []string
		transitions := 0
		for _, e := range ends {
			names = append(names, e.Outcome)
			transitions += e.Transitions
		}
		rows = append(rows, fmt.Sprintf("  %-22s %6.1f s  %3d AWS calls  %3d transitions  %s", strings.Join(names, ", "),
			time.Since(began).Seconds(), s.watch.calls()-before, transitions, scene.title))
		if !slices.Equal(names, scene.want) {
			s.amiss("it should have ended %s", strings.Join(scene.want, ", "))
		}
		if err := s.reported(ctx, ends); err != nil {
			return err
		}
	}
	s.say("\nSummary\n%s", strings.Join(rows, "\n"))
	if s.wrong {
		return errUnexpected
	}
	return nil
}

// stage is where the scenes are played.
type stage struct {
	instance *instance
	ci       ci
	states   *sfn.Client
	out      io.Writer
	watch    *watch
	wrong    bool // something was amiss
}

func newStage(i *instance, out io.Writer) *stage {
	return &stage{instance: i, out: out, watch: newWatch(i), ci: ci{endpoint: i.endpoint(), outputs: i.Outputs(), out: out},
		states: sfn.NewFromConfig(clientConfig(i.endpoint(), i.Administrator()))}
}

func (s *stage) say(format string, args ...any) { _, _ = fmt.Fprintf(s.out, format+"\n", args...) }

// push pushes an image as CI and returns the execution that this starts.
func (s *stage) push(ctx context.Context, tag, content, behaviour string) (string, error) {
	if err := s.ci.push(ctx, "shop/web", tag, content, behaviour); err != nil {
		return "", err
	}
	execution, err := startedBy(ctx, s.states, s.instance.Outputs()["Fairlead"]["StateMachineArn"], tag, 10*time.Second)
	if err == nil {
		s.say("  execution %s", execution)
	}
	return execution, err
}

// follow prints an execution until it ends.
func (s *stage) follow(ctx context.Context, execution string) (end, error) {
	return s.followFrom(ctx, execution, 1)
}

// followFrom prints an execution from an event of its history on.
func (s *stage) followFrom(ctx context.Context, execution string, event int64) (end, error) {
	f := follower{client: s.states, out: s.out, seen: event - 1}
	e, err := f.follow(ctx, execution)
	if err == nil {
		s.say("  => %s\n%s", e.Outcome, indent(e.Cause))
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
