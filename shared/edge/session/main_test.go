package session_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"fairlead/shared/config"
	"fairlead/shared/edge/handler"
	"fairlead/shared/edge/session"
	"fairlead/shared/fault"
)

// TestMain is two programs: the tests, and, where Lambda's Runtime API is named, a function as Lambda runs it.
func TestMain(m *testing.M) {
	if os.Getenv("AWS_LAMBDA_RUNTIME_API") != "" {
		session.Main(misbehave)
		return
	}
	os.Exit(m.Run())
}

// misbehave makes a function that does what the document of its request asks for.
func misbehave(rt session.Runtime) handler.Func {
	return handler.Adapt(rt.Logger, func(ctx context.Context, request handler.Request) (map[string]string, error) {
		switch string(request.Document) {
		case `"wrapped fault"`:
			return nil, fmt.Errorf("look: %w", fault.New(fault.ImageNotFound, "push it again", "no image v1"))
		case `"panic"`:
			panic("bad luck")
		case `"odd error"`:
			return nil, io.ErrUnexpectedEOF
		}
		place, err := rt.Place(ctx)
		return map[string]string{"account": place.Account, "region": rt.AWS.Region, "endpoint": *rt.AWS.BaseEndpoint,
			"ledger": rt.Env.Ledger, "services": strings.Join(rt.Config.Names(), ",")}, err
	})
}

// TestMainThroughTheRuntimeAPI runs a function as a process, as Lambda does, and looks at what it posts: errorType is
// what the workflow's Catch and Retry match.
func TestMainThroughTheRuntimeAPI(t *testing.T) {
	const unexpected = "Fix: read the function's log for this execution; if AWS is well, this is a defect of Fairlead: report it"
	good := `{"services":{"web":{"cluster":"prod","repository":"shop/web","tagPolicy":{"newest":true}}}}`
	tests := []struct{ name, config, document, want string }{
		{"a reply", good, `"reply"`, `response {"account":"123456789012","endpoint":"http://127.0.0.1:4566","ledger":"table","region":"eu-west-1","services":"web"}`},
		{"the name of an error is the code of the fault", good, `"wrapped fault"`, `error Image.NotFound: look: no image v1. Fix: push it again`},
		{"a panic does not end the process", good, `"panic"`, `error Fairlead.Unexpected: the step panicked: bad luck. ` + unexpected},
		{"an error that no code knows", good, `"odd error"`, `error Fairlead.Unexpected: unexpected EOF. ` + unexpected},
		{"a configuration that is broken", `{}`, `"reply"`,
			`error Config.Invalid: the function's configuration: context.fairlead.services: at least one service is wanted. Fix: run make deploy, which packs the configuration with the functions`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			root := t.TempDir()
			if err := os.WriteFile(filepath.Join(root, config.FileName), []byte(test.config), 0o600); err != nil {
				t.Fatal(err)
			}
			if got := invoke(t, root, test.document); got != test.want {
				t.Errorf("posted %s\nwant   %s", got, test.want)
			}
		})
	}
}

// invoke runs this binary as a function for one invocation and returns what it posted, "response …" or "error type: …".
func invoke(t *testing.T, taskRoot, document string) string {
	t.Helper()
	posted := make(chan string, 1)
	api := runtimeAPI(document, posted)
	t.Cleanup(api.Close)
	ctx, stop := context.WithCancel(t.Context())
	command := exec.CommandContext(ctx, os.Args[0])
	command.Env = []string{
		"AWS_LAMBDA_RUNTIME_API=" + strings.TrimPrefix(api.URL, "http://"), "LAMBDA_TASK_ROOT=" + taskRoot, "AWS_REGION=eu-west-1",
		"AWS_ACCESS_KEY_ID=id", "AWS_SECRET_ACCESS_KEY=secret", "AWS_ENDPOINT_URL=http://127.0.0.1:4566", "FAIRLEAD_LEDGER=table",
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	defer stop()
	select {
	case got := <-posted:
		stop()
		<-ended
		return got
	case err := <-ended:
		t.Fatalf("the function ended by itself: %v", err)
		return ""
	}
}

// runtimeAPI hands out one invocation and takes its answer: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
func runtimeAPI(document string, posted chan<- string) *httptest.Server {
	const base = "/2018-06-01/runtime/invocation/"
	first := make(chan struct{}, 1)
	first <- struct{}{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+base+"next", func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-first:
		case <-r.Context().Done():
			return
		}
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", "one")
		w.Header().Set("Lambda-Runtime-Deadline-Ms", "32503680000000")
		w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", function)
		_, _ = fmt.Fprintf(w, `{"execution":{"id":"%s"},"document":%s}`, execution, document)
	})
	mux.HandleFunc("POST "+base+"one/{what}", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.WriteHeader(http.StatusAccepted)
		if r.PathValue("what") == "response" {
			posted <- "response " + string(body)
			return
		}
		var failure struct{ ErrorType, ErrorMessage string }
		_ = json.Unmarshal(body, &failure)
		posted <- "error " + failure.ErrorType + ": " + failure.ErrorMessage
	})
	return httptest.NewServer(mux)
}
