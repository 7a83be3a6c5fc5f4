package handler_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/google/go-cmp/cmp"

	"fairlead/shared/edge/handler"
	"fairlead/shared/fault"
)

const payload = `{"execution":{"id":"arn:aws:states:eu-west-1:123456789012:execution:deploy:a","name":"a","startTime":"2026-11-23T08:00:00.123Z","redriveCount":1},
	"state":{"name":"CheckImage","enteredTime":"2026-11-23T08:00:01.5Z","retryCount":2},"document":{"service":"web"}}`

type result struct {
	Digest string `json:"digest"`
}

func TestAdaptDecodesAndEncodes(t *testing.T) {
	var got handler.Request
	step := handler.Adapt(slog.New(slog.DiscardHandler), func(_ context.Context, r handler.Request) (result, error) {
		got = r
		return result{Digest: "sha256:1"}, nil
	})
	reply, err := step(context.Background(), json.RawMessage(payload))
	if err != nil || string(reply) != `{"digest":"sha256:1"}` {
		t.Errorf("replied %s, %v", reply, err)
	}
	want := handler.Request{
		Execution: handler.Execution{ID: "arn:aws:states:eu-west-1:123456789012:execution:deploy:a", Name: "a",
			StartTime: time.Date(2026, 11, 23, 8, 0, 0, 123000000, time.UTC), RedriveCount: 1},
		State:    handler.State{Name: "CheckImage", EnteredTime: time.Date(2026, 11, 23, 8, 0, 1, 500000000, time.UTC), RetryCount: 2},
		Document: json.RawMessage(`{"service":"web"}`),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestErrorsLeaveByValue holds the one thing that aws-lambda-go passes on unchanged: a messages.InvokeResponse_Error
// that is no pointer and that nothing is wrapped around.
func TestErrorsLeaveByValue(t *testing.T) {
	known := fault.New(fault.ImageNotFound, "push it again", "no image v1")
	tests := []struct {
		name    string
		payload string
		step    handler.Step[any]
		want    messages.InvokeResponse_Error
	}{
		{"a fault", payload, func(context.Context, handler.Request) (any, error) { return nil, known },
			messages.InvokeResponse_Error{Type: "Image.NotFound", Message: "no image v1. Fix: push it again"}},
		{"a fault that is wrapped", payload, func(context.Context, handler.Request) (any, error) { return nil, fmt.Errorf("look: %w", known) },
			messages.InvokeResponse_Error{Type: "Image.NotFound", Message: "look: no image v1. Fix: push it again"}},
		{"faults that are joined", payload, func(context.Context, handler.Request) (any, error) {
			return nil, errors.Join(known, errors.New("and more"))
		},
			messages.InvokeResponse_Error{Type: "Image.NotFound", Message: "no image v1\nand more. Fix: push it again"}},
		{"another error", payload, func(context.Context, handler.Request) (any, error) { return nil, errors.New("odd") },
			messages.InvokeResponse_Error{Type: "Fairlead.Unexpected", Message: "odd. Fix: read the function's log for this execution; if AWS is well, this is a defect of Fairlead: report it"}},
		{"a panic", payload, func(context.Context, handler.Request) (any, error) { panic("bad luck") },
			messages.InvokeResponse_Error{Type: "Fairlead.Unexpected", Message: "the step panicked: bad luck. Fix: read the function's log for this execution; if AWS is well, this is a defect of Fairlead: report it"}},
		{"a reply that cannot be encoded", payload, func(context.Context, handler.Request) (any, error) { return make(chan int), nil },
			messages.InvokeResponse_Error{Type: "Fairlead.Unexpected", Message: "encode the reply: json: unsupported type: chan int. Fix: read the function's log for this execution; if AWS is well, this is a defect of Fairlead: report it"}},
		{"a payload that is none", `{"execution":1}`, nil,
			messages.InvokeResponse_Error{Type: "Input.Invalid", Message: "decode the request: json: cannot unmarshal number into Go struct field Request.execution of type handler.Execution. Fix: start anew with the input that the workflow expects"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			reply, err := handler.Adapt(slog.New(slog.DiscardHandler), test.step)(context.Background(), json.RawMessage(test.payload))
			got, ok := err.(messages.InvokeResponse_Error) //nolint:errorlint // the outermost error is what counts
			if !ok || reply != nil {
				t.Fatalf("got %T %v and %s", err, err, reply)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEachCallLogsOneLineThatNamesIt(t *testing.T) {
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, nil))
	for _, err := range []error{nil, fault.New(fault.ImageNotFound, "", "no image")} {
		log.Reset()
		_, _ = handler.Adapt(logger, func(context.Context, handler.Request) (result, error) { return result{"sha256:1"}, err })(context.Background(), json.RawMessage(payload))
		var line map[string]any
		if parse := json.Unmarshal(log.Bytes(), &line); parse != nil || strings.Count(log.String(), "\n") != 1 {
			t.Fatalf("%s: %v", log.String(), parse)
		}
		if line["execution"] != "arn:aws:states:eu-west-1:123456789012:execution:deploy:a" || line["state"] != "CheckImage" || line["retry_count"] != 2.0 {
			t.Errorf("the line does not name the call: %s", log.String())
		}
		if err == nil && line["reply"].(map[string]any)["digest"] != "sha256:1" || err != nil && line["code"] != "Image.NotFound" {
			t.Errorf("the line does not say what happened: %s", log.String())
		}
	}
}
