package runner

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"time"

	"fairlead/local/lambda"
	"fairlead/local/world"
)

// environment is one execution environment: a process and its Runtime API.
type environment struct {
	definition lambda.Function
	expires    time.Time // of its credentials
	process    *exec.Cmd
	api        *runtimeAPI
	server     *http.Server
	root       string
	exited     chan struct{}
	exit       error
}

// start starts the function's build with Lambda's environment variables
// (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html).
func start(ctx context.Context, options Options, job lambda.Job, log func(stream string, lines []string)) (*environment, error) {
	root, err := taskRoot(options, job.Definition)
	if err != nil {
		return nil, err
	}
	var listen net.ListenConfig
	listener, err := listen.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	e := &environment{definition: job.Definition, expires: job.Credentials.Expiration, root: root,
		api: newRuntimeAPI(), exited: make(chan struct{})}
	e.server = &http.Server{Handler: e.api, ReadHeaderTimeout: time.Minute}
	go func() { _ = e.server.Serve(listener) }()
	stream := time.Now().UTC().Format("2006/01/02/[$LATEST]") + job.ID
	if err := e.spawn(options, job, listener.Addr().String(), func(lines []string) { log(stream, lines) }); err != nil {
		e.kill()
		return nil, err
	}
	return e, nil
}

// taskRoot makes a copy of the function's asset with the bootstrap for this machine.
func taskRoot(options Options, f lambda.Function) (string, error) {
	bootstrap, err := filepath.Abs(filepath.Join(options.Builds, f.Handler, "bootstrap"))
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(bootstrap); err != nil {
		return "", fmt.Errorf("no build of function %s for this machine: %w", f.Handler, err)
	}
	work, err := filepath.Abs(options.Work) // the process starts in its root, where a relative path means something else
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(work, 0o750); err != nil {
		return "", err
	}
	root, err := os.MkdirTemp(work, f.Handler+"-")
	if err != nil {
		return "", err
	}
	if err := fill(root, f.Code, bootstrap); err != nil {
		_ = os.RemoveAll(root)
		return "", err
	}
	return root, nil
}

func fill(root, asset, bootstrap string) error {
	entries, err := os.ReadDir(asset)
	if err != nil {
		return fmt.Errorf("read the function's asset: %w", err)
	}
	for _, entry := range entries {
		target := filepath.Join(asset, entry.Name())
		if entry.Name() == "bootstrap" {
			continue
		}
		if target, err = filepath.Abs(target); err != nil {
			return err
		}
		if err := os.Symlink(target, filepath.Join(root, entry.Name())); err != nil {
			return err
		}
	}
	return os.Symlink(bootstrap, filepath.Join(root, "bootstrap"))
}

func (e *environment) spawn(options Options, job lambda.Job, api string, log func([]string)) error {
	e.process = exec.Command(filepath.Join(e.root, "bootstrap")) //nolint:gosec,noctx // our own build; it outlives the call that starts it
	e.process.Dir = e.root
	e.process.Env = variables(options, job, api, e.root)
	output, write := io.Pipe()
	e.process.Stdout, e.process.Stderr = write, write
	if err := e.process.Start(); err != nil {
		return err
	}
	go forward(output, log)
	go func() {
		e.exit = e.process.Wait()
		_ = write.Close()
		close(e.exited)
	}()
	return nil
}

func variables(options Options, job lambda.Job, api, root string) []string {
	f := job.Definition
	env := []string{
		"AWS_LAMBDA_RUNTIME_API=" + api, "LAMBDA_TASK_ROOT=" + root, "LAMBDA_RUNTIME_DIR=/var/runtime",
		"_HANDLER=" + f.Handler, "AWS_LAMBDA_FUNCTION_NAME=" + f.Name, "AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=" + strconv.Itoa(f.MemoryMB), "AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME=" + f.LogGroup, "TZ=:UTC", "PATH=/usr/local/bin:/usr/bin:/bin",
		"AWS_REGION=" + job.Place.Region, "AWS_DEFAULT_REGION=" + job.Place.Region,
		"AWS_ACCESS_KEY_ID=" + job.Credentials.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + job.Credentials.SecretAccessKey,
		"AWS_SESSION_TOKEN=" + job.Credentials.SessionToken, "AWS_ENDPOINT_URL=" + options.Endpoint,
	}
	for name, value := range f.Environment {
		env = append(env, name+"="+value)
	}
	return env
}

// forward hands each line on as it comes.
func forward(output io.Reader, log func([]string)) {
	lines := bufio.NewScanner(output)
	lines.Buffer(nil, 256<<10) // the largest event that CloudWatch Logs takes
	for lines.Scan() {
		log([]string{lines.Text()})
	}
	_, _ = io.Copy(io.Discard, output)
}

// serves tells whether the environment can run the job: same definition, credentials that still live.
func (e *environment) serves(job lambda.Job) bool {
	select {
	case <-e.exited:
		return false
	default:
	}
	return reflect.DeepEqual(e.definition, job.Definition) && job.Credentials.Expiration.Sub(e.expires) < time.Hour
}

// invoke gives the process the job and waits for its answer, its end, or ctx.
func (e *environment) invoke(ctx context.Context, job lambda.Job) (world.Invoked, error) {
	deadline, _ := ctx.Deadline()
	answer := e.api.offer(job, deadline)
	select {
	case result := <-answer:
		return result, nil
	case <-ctx.Done():
		return world.Invoked{}, context.Cause(ctx)
	case <-e.exited:
		return e.lastWords(answer)
	}
}

// lastWords tells an answer that came just before the end from none.
func (e *environment) lastWords(answer <-chan world.Invoked) (world.Invoked, error) {
	select {
	case result := <-answer:
		return result, nil
	default:
	}
	if e.exit != nil {
		return world.Invoked{}, e.exit
	}
	return world.Invoked{}, errors.New("exit status 0")
}

func (e *environment) kill() {
	if e.process != nil && e.process.Process != nil {
		_ = e.process.Process.Kill()
	}
	_ = e.server.Close()
	_ = os.RemoveAll(e.root)
}
