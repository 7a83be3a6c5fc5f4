package runner_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fairlead/local/lambda"
	"fairlead/local/lambda/runner"
	"fairlead/local/world"
)

// TestMain is two programs: the tests, and, where Lambda's Runtime API is named, a function.
func TestMain(m *testing.M) {
	if api := os.Getenv("AWS_LAMBDA_RUNTIME_API"); api != "" {
		serve("http://" + api + "/2018-06-01/runtime/invocation/")
		return
	}
	os.Exit(m.Run())
}

// serve answers each invocation with what a function can see of itself; the payload "crash" ends it.
func serve(api string) {
	for {
		response, err := http.Get(api + "next") //nolint:noctx // a function has no context before it has an invocation
		if err != nil {
			return
		}
		payload, err := io.ReadAll(response.Body)
		if err != nil || string(payload) == `"crash"` {
			os.Exit(3)
		}
		asset, err := os.ReadFile("asset.txt")
		if err != nil {
			asset = []byte(err.Error())
		}
		said, err := json.Marshal(map[string]string{"payload": string(payload), "asset": string(asset), "key": os.Getenv("AWS_ACCESS_KEY_ID")})
		if err != nil {
			os.Exit(4)
		}
		posted, err := http.Post(api+response.Header.Get("Lambda-Runtime-Aws-Request-Id")+"/response", "application/json", bytes.NewReader(said)) //nolint:noctx // see above
		if err != nil || posted.Body.Close() != nil || response.Body.Close() != nil {
			os.Exit(5)
		}
	}
}

// TestRunner runs this binary as a function. The directories are relative, as in the project's own Makefile.
func TestRunner(t *testing.T) {
	lay(t)
	ctx, stop := context.WithCancel(t.Context())
	core, functions, ends := embedded(t)
	ended := make(chan struct{})
	r := runner.New(core, functions, runner.Options{Builds: "build", Work: "state/functions", Logger: slog.New(slog.DiscardHandler)})
	go func() { defer close(ended); r.Run(ctx) }()
	tests := []struct{ name, payload, want string }{
		{"a function sees its asset, its payload and the credentials of its role", `"one"`, `{"asset":"packed","key":"ASIAONE","payload":"\"one\""}`},
		{"a crash is Lambda's own error", `"crash"`, `{"errorMessage":"RequestId: Error: Runtime exited with error: exit status 3","errorType":"Runtime.ExitError"}`},
		{"the next invocation gets a new process", `"two"`, `{"asset":"packed","key":"ASIAONE","payload":"\"two\""}`},
	}
	for _, test := range tests {
		core.Do(func(*world.World) {
			if err := functions.Invoke(world.Principal{}, "echo", json.RawMessage(test.payload), world.Ticket{Service: "waiter"}); err != nil {
				t.Fatal(err)
			}
		})
		if got := string((<-ends).Payload); got != test.want {
			t.Errorf("%s: it ended with %s\nwant %s", test.name, got, test.want)
		}
	}
	stop()
	<-ended
	left, err := os.ReadDir("state/functions")
	if err != nil || len(left) > 0 {
		t.Errorf("the end left %v, %v; want nothing", left, err)
	}
}

// lay makes the working directory: the build of one function, its asset, and what an earlier run left behind.
func lay(t *testing.T) {
	t.Helper()
	self, err := filepath.Abs(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	for _, dir := range []string{"build/echo", "cdk.out/asset.1", "state/functions/echo-left-by-a-crash"} {
		if err := os.MkdirAll(dir, 0o750); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(self, "build/echo/bootstrap"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("cdk.out/asset.1/asset.txt", []byte("packed"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// embedded is a Lambda with the function echo, and where its invocations' ends come out.
func embedded(t *testing.T) (*world.Core, *lambda.Service, <-chan world.Invoked) {
	t.Helper()
	w := world.New(world.Place{Partition: "aws", Region: "eu-west-1", Account: "123456789012"}, 1, time.Now())
	anyone := anyone{}
	w.SetAuthority(anyone)
	functions := lambda.New(w, anyone, anyone, anyone)
	ends := make(waiter, 1)
	w.Add(functions, ends)
	_, err := functions.Declare(world.Declared{Type: "AWS::Lambda::Function", Assets: "cdk.out", Properties: json.RawMessage(
		`{"FunctionName":"echo","Handler":"echo","Runtime":"provided.al2023","Role":"role","Timeout":60,"Code":{"S3Key":"1.zip"}}`)})
	if err != nil {
		t.Fatal(err)
	}
	return world.NewCore(w, time.Now), functions, ends
}

// anyone may do everything.
type anyone struct{}

func (anyone) Authorize(world.Principal, string, string, world.Keys) error { return nil }
func (anyone) AuthorizeWithResource(world.Principal, string, string, world.Keys, string) error {
	return nil
}
func (anyone) ServiceSession(role, _, _, _ string) (world.Principal, error) {
	return world.Principal{RoleARN: role}, nil
}
func (anyone) Issue(_ world.Principal, ttl time.Duration) world.Credentials {
	return world.Credentials{AccessKeyID: "ASIAONE", Expiration: time.Now().Add(ttl)}
}
func (anyone) Write(string, string, ...string) error { return nil }

// waiter is a service that waits for invocations.
type waiter chan world.Invoked

func (waiter) Name() string                                      { return "waiter" }
func (waiter) Operations() map[string]world.Operation            { return nil }
func (waiter) State() any                                        { return &struct{}{} }
func (waiter) Due(json.RawMessage)                               {}
func (w waiter) Invoked(_ json.RawMessage, result world.Invoked) { w <- result }
