package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"fairlead/local"
	"fairlead/local/ecr/blob"
	"fairlead/local/lambda/runner"
	"fairlead/local/world"
)

// instance is an embedded AWS that listens.
type instance struct {
	*local.AWS
	listener net.Listener
	runner   *runner.Runner
	state    string // the directory of its state
}

// listen makes an embedded AWS on the address, with its images under dir.
func listen(ctx context.Context, at, dir string, pace float64) (*instance, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", at)
	if err != nil {
		return nil, fmt.Errorf("listen on %s (does another one run?): %w", at, err)
	}
	blobs, err := blob.NewDirectory(filepath.Join(dir, "blobs"))
	if err != nil {
		return nil, err
	}
	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	host := listener.Addr().String()
	aws := local.New(local.Options{Place: local.Place(), Seed: uint64(time.Now().UnixNano()), Clock: time.Now,
		Host: func() string { return host }, Blobs: blobs, Pace: pace, Logger: logger})
	functions := runner.New(aws.Core, aws.Lambda, runner.Options{Endpoint: "http://" + host, Builds: buildsDir,
		Work: filepath.Join(dir, "functions"), Logger: logger})
	return &instance{AWS: aws, listener: listener, runner: functions, state: dir}, nil
}

func (i *instance) endpoint() string { return "http://" + i.listener.Addr().String() }

// run keeps an embedded AWS running until ctx ends.
func run(ctx context.Context, out io.Writer, pace float64, fresh bool) error {
	if fresh {
		if err := os.RemoveAll(stateDir); err != nil {
			return err
		}
	}
	i, err := listen(ctx, address, stateDir, pace)
	if err != nil {
		return err
	}
	file := filepath.Join(stateDir, "world.json")
	if _, err := i.Restore(file); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	served := make(chan error, 1)
	go func() { served <- i.Serve(ctx, i.listener, i.runner) }()
	err = i.open(out)
	if err != nil {
		cancel() // no function may outlive this process
	} else {
		go i.watch(ctx, out)
		go i.save(ctx, file)
	}
	return firstError(err, <-served, i.Save(file))
}

// open loads the stacks and lets the clients in.
func (i *instance) open(out io.Writer) error {
	if err := i.load(out); err != nil {
		return err
	}
	keys := i.Administrator()
	if err := writeEnv(envFile, i, keys); err != nil {
		return err
	}
	tell(out, i, keys)
	i.Ready()
	return nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// load brings the stacks in line with cdk.out, and says what that changed.
func (i *instance) load(out io.Writer) error {
	changes, err := i.Deploy(assemblyDir)
	for _, change := range changes {
		if change.Action != "create" {
			_, _ = fmt.Fprintf(out, "%s %s %s (%s)\n", change.Action, change.Stack, change.LogicalID, change.Type)
		}
	}
	return err
}

// watch applies the templates anew when they change.
func (i *instance) watch(ctx context.Context, out io.Writer) {
	seen := modified(assemblyDir)
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now := modified(assemblyDir)
		if now.Equal(seen) {
			continue
		}
		seen = now
		if err := i.load(out); err != nil {
			_, _ = fmt.Fprintln(out, "the changed templates were not applied in full:", err)
		}
	}
}

// modified is when a template in dir was last written.
func modified(dir string) (newest time.Time) {
	files, _ := filepath.Glob(filepath.Join(dir, "*.json"))
	for _, file := range files {
		if info, err := os.Stat(file); err == nil && info.ModTime().After(newest) {
			newest = info.ModTime()
		}
	}
	return newest
}

// save writes the world down now and then if something has happened, so that a crash loses little.
func (i *instance) save(ctx context.Context, file string) {
	ticker := time.NewTicker(5 * time.Second)
	defer ticker.Stop()
	_, _, changed := i.Core.Next()
	for {
		select {
		case <-ctx.Done():
			return
		case <-changed:
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			_, _, changed = i.Core.Next()
			_ = i.Save(file) // the last save, at the end, reports its failure
		}
	}
}

func exports(i *instance, keys world.Credentials) string {
	return fmt.Sprintf(`export AWS_ENDPOINT_URL=%s
export AWS_REGION=%[2]s AWS_DEFAULT_REGION=%[2]s
export AWS_ACCESS_KEY_ID=%[3]s
export AWS_SECRET_ACCESS_KEY=%[4]s
export FAIRLEAD_LEDGER=%[5]s
unset AWS_PROFILE AWS_SESSION_TOKEN
`, i.endpoint(), local.Place().Region, keys.AccessKeyID, keys.SecretAccessKey, i.Outputs()["Fairlead"]["LedgerTable"])
}

func writeEnv(file string, i *instance, keys world.Credentials) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		return err
	}
	return os.WriteFile(file, []byte(exports(i, keys)), 0o600)
}

func tell(out io.Writer, i *instance, keys world.Credentials) {
	_, _ = fmt.Fprintf(out, `Fairlead's embedded AWS listens on %s. Its state is in %s.

%s
The same stands in %s: run ". %[4]s" in another terminal, then for example
  aws ecs describe-services --cluster fairlead-sample --services web
  make push SERVICE=web
`, i.endpoint(), i.state, exports(i, keys), envFile)
}
