// Package runner runs the functions of the embedded Lambda as what they are: processes that speak the Lambda Runtime API.
//
// Each execution environment is one process with a Runtime API of its own on loopback, the credentials of the function's
// role in its environment, and a copy of the function's asset in which bootstrap is the build for this machine. An
// environment that is free takes the next invocation; a crash or a timeout ends it.
package runner

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"

	"fairlead/local/lambda"
	"fairlead/local/world"
)

// Runner takes the invocations that are pending in the core and runs them.
type Runner struct {
	core      *world.Core
	functions *lambda.Service
	options   Options

	mu   sync.Mutex
	free map[string][]*environment // by function
	all  map[*environment]struct{}
	wait sync.WaitGroup
}

// Options say how processes are run.
type Options struct {
	Endpoint string // where the embedded AWS listens: "http://127.0.0.1:4566"
	Builds   string // the directory of host builds: <Builds>/<handler>/bootstrap
	Work     string // where the environments' directories are made
	Logger   *slog.Logger
}

// New makes a runner; Run starts it.
func New(core *world.Core, functions *lambda.Service, options Options) *Runner {
	return &Runner{core: core, functions: functions, options: options,
		free: map[string][]*environment{}, all: map[*environment]struct{}{}}
}

// Run runs what is pending until ctx ends, then stops every environment. What an earlier run left in the work directory
// is removed first.
func (r *Runner) Run(ctx context.Context) {
	if err := os.RemoveAll(r.options.Work); err != nil {
		r.options.Logger.WarnContext(ctx, "what an earlier run left stays", "error", err)
	}
	defer r.stop()
	for {
		_, _, changed := r.core.Next()
		var jobs []lambda.Job
		r.core.Quietly(func(*world.World) { jobs = r.functions.Take() })
		for _, job := range jobs {
			r.wait.Go(func() { r.run(ctx, job) })
		}
		select {
		case <-ctx.Done():
			return
		case <-changed:
		}
	}
}

// run runs one job and completes it, whatever happens.
func (r *Runner) run(ctx context.Context, job lambda.Job) {
	result := r.result(ctx, job)
	r.core.Do(func(*world.World) { r.functions.Complete(job.ID, result) })
}

func (r *Runner) result(ctx context.Context, job lambda.Job) world.Invoked {
	if job.Refused != "" {
		return lambda.Crashed(job.Refused)
	}
	env, err := r.environment(ctx, job)
	if err != nil {
		r.options.Logger.ErrorContext(ctx, "function does not start", "function", job.Function, "error", err)
		return lambda.Crashed(err.Error())
	}
	ctx, cancel := context.WithTimeout(ctx, job.Definition.Timeout)
	defer cancel()
	result, err := env.invoke(ctx, job)
	switch {
	case err == nil:
		r.release(job.Function, env)
		return result
	case errors.Is(err, context.DeadlineExceeded):
		r.discard(env)
		return lambda.TimedOut(job.ID, job.Definition.Timeout)
	default:
		r.discard(env)
		return lambda.Crashed(err.Error())
	}
}

// environment takes a free environment of the function as it is declared now, or starts a new one.
func (r *Runner) environment(ctx context.Context, job lambda.Job) (*environment, error) {
	if env := r.take(job); env != nil {
		return env, nil
	}
	env, err := start(ctx, r.options, job, func(stream string, lines []string) {
		r.core.Quietly(func(*world.World) { r.functions.Log(job.Function, stream, lines...) })
	})
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all[env] = struct{}{}
	return env, nil
}

func (r *Runner) take(job lambda.Job) *environment {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.free[job.Function]) > 0 {
		free := r.free[job.Function]
		env := free[len(free)-1]
		r.free[job.Function] = free[:len(free)-1]
		if env.serves(job) {
			return env
		}
		delete(r.all, env)
		env.kill()
	}
	return nil
}

func (r *Runner) release(function string, env *environment) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.free[function] = append(r.free[function], env)
}

func (r *Runner) discard(env *environment) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.all, env)
	env.kill()
}

// stop ends what runs, and then what was started or released meanwhile.
func (r *Runner) stop() {
	r.killAll()
	r.wait.Wait()
	r.killAll()
}

func (r *Runner) killAll() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for env := range r.all {
		env.kill()
	}
}
