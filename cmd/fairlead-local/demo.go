package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"fairlead/local/world"
	"fairlead/shared/outcome"
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
	unexpected := false
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
		unexpected = unexpected || !slices.Equal(names, scene.want)
	}
	s.say("\nSummary\n%s", strings.Join(rows, "\n"))
	if unexpected {
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

// watch sees the calls that Fairlead makes: those under the roles of its own stack.
type watch struct {
	mu    sync.Mutex
	roles []string
	made  int
	told  []outcome.Event
}

func newWatch(i *instance) *watch {
	w := &watch{}
	i.Core.Quietly(func(*world.World) { w.roles = i.Stacks.IDs("Fairlead", "AWS::IAM::Role") })
	i.Core.Observe(w.see)
	return w
}

func (w *watch) see(r world.Record) {
	if !slices.Contains(w.roles, after(r.Request.Principal.RoleARN, "/")) {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.made++
	var put struct{ Entries []struct{ Detail string } }
	if r.Request.Operation != "PutEvents" || r.Code != "" || json.Unmarshal(r.Request.Body, &put) != nil {
		return
	}
	for _, entry := range put.Entries {
		var event outcome.Event
		if json.Unmarshal([]byte(entry.Detail), &event) == nil {
			w.told = append(w.told, event)
		}
	}
}

func (w *watch) calls() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.made
}

// outcome waits for the outcome event of an execution.
func (w *watch) outcome(ctx context.Context, execution string, within time.Duration) (outcome.Event, error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for {
		w.mu.Lock()
		i := slices.IndexFunc(w.told, func(e outcome.Event) bool { return e.Execution.ARN == execution })
		var found outcome.Event
		if i >= 0 {
			found = w.told[i]
		}
		w.mu.Unlock()
		if i >= 0 {
			return found, nil
		}
		if err := pause(ctx); err != nil {
			return outcome.Event{}, fmt.Errorf("no outcome event of %s came within %v", execution, within)
		}
	}
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
