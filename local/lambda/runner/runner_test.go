package runner_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	awslambda "github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/google/go-cmp/cmp"

	"fairlead/local/lambda"
	"fairlead/local/lambda/runner"
	"fairlead/local/logs"
	"fairlead/local/world"
)

// TestMain is, in a process that the runner starts, the function itself: a real one, on aws-lambda-go.
func TestMain(m *testing.M) {
	if os.Getenv("TEST_FUNCTION") != "" {
		awslambda.Start(function)
		return
	}
	os.Exit(m.Run())
}

var calls int // of this process

func function(_ context.Context, in map[string]string) (map[string]any, error) {
	calls++
	switch in["do"] {
	case "fail":
		return nil, messages.InvokeResponse_Error{Type: "Image.NotFound", Message: "there is none"}
	case "exit":
		os.Exit(3)
	case "hang":
		select {}
	case "log":
		_, _ = os.Stderr.WriteString("a line of the function\n")
	}
	here, _ := os.Getwd()
	config, _ := os.ReadFile("fairlead.json")
	return map[string]any{"calls": calls, "region": os.Getenv("AWS_REGION"), "key": os.Getenv("AWS_ACCESS_KEY_ID"),
		"endpoint": os.Getenv("AWS_ENDPOINT_URL"), "root": here == os.Getenv("LAMBDA_TASK_ROOT"), "config": string(config)}, nil
}

// bench is a Lambda with one function and somebody who waits for its ends.
type bench struct {
	core    *world.Core
	lambda  *lambda.Service
	logs    *logs.Service
	invoked chan world.Invoked
}

func (*bench) Name() string                                                { return "waiter" }
func (*bench) Operations() map[string]world.Operation                      { return nil }
func (*bench) State() any                                                  { return &struct{}{} }
func (*bench) Due(json.RawMessage)                                         {}
func (b *bench) Invoked(_ json.RawMessage, result world.Invoked)           { b.invoked <- result }
func (*bench) Authorize(world.Principal, string, string, world.Keys) error { return nil }
func (*bench) AuthorizeWithResource(world.Principal, string, string, world.Keys, string) error {
	return nil
}
func (*bench) ServiceSession(role, _, _, _ string) (world.Principal, error) {
	return world.Principal{RoleARN: role}, nil
}
func (*bench) Issue(world.Principal, time.Duration) world.Credentials {
	return world.Credentials{AccessKeyID: "ASIATEST", Expiration: time.Now().Add(time.Hour)}
}

func newBench(t *testing.T) *bench {
	t.Helper()
	w := world.New(world.Place{Partition: "aws", Region: "eu-west-1", Account: "123456789012"}, 1, time.Now())
	b := &bench{core: world.NewCore(w, time.Now), invoked: make(chan world.Invoked, 10), logs: logs.New(w)}
	b.lambda = lambda.New(w, b, b, b.logs)
	w.SetAuthority(b)
	w.Add(b, b.lambda, b.logs)
	dir := t.TempDir()
	t.Chdir(dir) // the directories that a person names are relative
	b.declare(t, dir)
	r := runner.New(b.core, b.lambda, runner.Options{Endpoint: "http://127.0.0.1:1", Builds: "builds", Work: "work", Logger: slog.New(slog.DiscardHandler)})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { r.Run(ctx); close(ended) }()
	t.Cleanup(func() { cancel(); <-ended })
	return b
}

// declare makes the function: this very test binary is its build.
func (b *bench) declare(t *testing.T, dir string) {
	t.Helper()
	self, err := os.Executable()
	for _, step := range []error{err,
		os.MkdirAll(filepath.Join(dir, "asset.abc"), 0o750),
		os.WriteFile(filepath.Join(dir, "asset.abc", "fairlead.json"), []byte(`{"a":1}`), 0o600),
		os.MkdirAll(filepath.Join(dir, "builds", "tester"), 0o750),
		os.Symlink(self, filepath.Join(dir, "builds", "tester", "bootstrap"))} {
		if step != nil {
			t.Fatal(step)
		}
	}
	b.core.Do(func(*world.World) {
		_, err := b.logs.Declare(world.Declared{Properties: json.RawMessage(`{"LogGroupName":"/aws/lambda/tester"}`)})
		if err != nil {
			t.Error(err)
		}
		_, err = b.lambda.Declare(world.Declared{Type: "AWS::Lambda::Function", Assets: dir, Properties: json.RawMessage(`{
			"FunctionName":"tester","Handler":"tester","Runtime":"provided.al2023","Role":"arn:aws:iam::123456789012:role/tester","Timeout":1,
			"Environment":{"Variables":{"TEST_FUNCTION":"1"}},"Code":{"S3Key":"abc.zip"}}`)})
		if err != nil {
			t.Error(err)
		}
	})
}

// invoke runs the function and waits for its end.
func (b *bench) invoke(t *testing.T, do string) world.Invoked {
	t.Helper()
	b.core.Do(func(*world.World) {
		err := b.lambda.Invoke(world.Principal{}, "tester", json.RawMessage(`{"do":"`+do+`"}`), world.Ticket{Service: "waiter"})
		if err != nil {
			t.Error(err)
		}
	})
	select {
	case result := <-b.invoked:
		return result
	case <-time.After(20 * time.Second):
		t.Fatal("the invocation did not end")
		return world.Invoked{}
	}
}

func TestAFunctionRunsAsAProcessWithLambdasEnvironment(t *testing.T) {
	b := newBench(t)
	b.invoke(t, "nothing")
	var got map[string]any
	if err := json.Unmarshal(b.invoke(t, "nothing").Payload, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"calls": 2.0, "region": "eu-west-1", "key": "ASIATEST", "endpoint": "http://127.0.0.1:1", "root": true, "config": `{"a":1}`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the second call, in the same process (-want +got):\n%s", diff)
	}
}

func TestHowAFunctionEnds(t *testing.T) {
	b := newBench(t)
	for do, want := range map[string]string{"fail": "Image.NotFound", "exit": "Runtime.ExitError", "hang": "Sandbox.Timedout", "nothing": ""} {
		if got := b.invoke(t, do); got.ErrorType != want || (got.FunctionError == "") != (want == "") {
			t.Errorf("a function that does %q ended as %q (%s), want %q", do, got.ErrorType, got.Payload, want)
		}
	}
}

func TestWhatAFunctionPrintsIsLogged(t *testing.T) {
	b := newBench(t)
	b.invoke(t, "log")
	deadline := time.Now().Add(10 * time.Second)
	for time.Now().Before(deadline) {
		var raw []byte
		b.core.Quietly(func(*world.World) { raw, _ = json.Marshal(b.logs.State()) })
		if strings.Contains(string(raw), "a line of the function") {
			return
		}
		<-time.After(10 * time.Millisecond)
	}
	t.Error("the line is not in the function's log group")
}
