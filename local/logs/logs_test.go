package logs_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fairlead/local/logs"
	"fairlead/local/world"
)

type anyone struct{}

func (anyone) Authorize(world.Principal, string, string, world.Keys) error { return nil }

func newGroup(t *testing.T) (*world.World, *logs.Service) {
	t.Helper()
	w := world.New(world.Place{Partition: "aws", Region: "eu-west-1", Account: "123456789012"}, 1, time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC))
	w.SetAuthority(anyone{})
	s := logs.New(w)
	w.Add(s)
	if _, err := s.Declare(world.Declared{Properties: json.RawMessage(`{"LogGroupName":"g","RetentionInDays":30}`)}); err != nil {
		t.Fatal(err)
	}
	return w, s
}

type page struct {
	Events []struct {
		Message   string
		Timestamp int64
	}
	NextForwardToken, NextBackwardToken string
}

func read(t *testing.T, w *world.World, operation, input string) (lines []string, p page) {
	t.Helper()
	out, err := w.Call(world.Request{Service: "logs", Operation: operation, Body: []byte(input)})
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := json.Marshal(out)
	if err := json.Unmarshal(raw, &p); err != nil {
		t.Fatal(err)
	}
	for _, e := range p.Events {
		lines = append(lines, e.Message)
	}
	return lines, p
}

func TestAStreamIsReadInPages(t *testing.T) {
	t.Parallel()
	w, s := newGroup(t)
	for n := range 5 {
		if err := s.Write("g", "s", fmt.Sprint(n)); err != nil {
			t.Fatal(err)
		}
	}
	lines, p := read(t, w, "GetLogEvents", `{"logGroupName":"g","logStreamName":"s","limit":2,"startFromHead":true}`)
	if diff := cmp.Diff([]string{"0", "1"}, lines); diff != "" {
		t.Error(diff)
	}
	lines, p = read(t, w, "GetLogEvents", `{"logGroupName":"g","logStreamName":"s","limit":9,"nextToken":"`+p.NextForwardToken+`"}`)
	if diff := cmp.Diff([]string{"2", "3", "4"}, lines); diff != "" {
		t.Error(diff)
	}
	end := p.NextForwardToken
	if lines, p = read(t, w, "GetLogEvents", `{"logGroupName":"g","logStreamName":"s","nextToken":"`+end+`"}`); len(lines) != 0 || p.NextForwardToken != end {
		t.Errorf("at the end: %q, token %s; want nothing and the same token", lines, p.NextForwardToken)
	}
	if lines, _ = read(t, w, "GetLogEvents", `{"logGroupName":"g","logStreamName":"s","limit":1}`); len(lines) != 1 || lines[0] != "4" {
		t.Errorf("without a token: %q, want the last", lines)
	}
}

func TestAGroupIsFilteredByTimeAndStream(t *testing.T) {
	t.Parallel()
	w, s := newGroup(t)
	for _, stream := range []string{"a/1", "b/1"} {
		if err := s.Write("g", stream, "of "+stream); err != nil {
			t.Fatal(err)
		}
		w.Advance(w.Now().Add(time.Minute))
	}
	lines, _ := read(t, w, "FilterLogEvents", `{"logGroupName":"g","logStreamNamePrefix":"a/"}`)
	if diff := cmp.Diff([]string{"of a/1"}, lines); diff != "" {
		t.Error(diff)
	}
	since := w.Now().Add(-90 * time.Second).UnixMilli()
	lines, _ = read(t, w, "FilterLogEvents", fmt.Sprintf(`{"logGroupName":"g","startTime":%d}`, since))
	if diff := cmp.Diff([]string{"of b/1"}, lines); diff != "" {
		t.Error(diff)
	}
}

func TestWhatDoesNotExistIsNotFound(t *testing.T) {
	t.Parallel()
	w, s := newGroup(t)
	if err := s.Write("none", "s", "lost"); err == nil {
		t.Error("a line went into a group that does not exist")
	}
	for _, input := range []string{`{"logGroupName":"none","logStreamName":"s"}`, `{"logGroupName":"g","logStreamName":"none"}`} {
		if _, err := w.Call(world.Request{Service: "logs", Operation: "GetLogEvents", Body: []byte(input)}); err == nil || world.AsError(err).Code != "ResourceNotFoundException" {
			t.Errorf("%s: %v", input, err)
		}
	}
	if _, err := s.Declare(world.Declared{Properties: json.RawMessage(`{"LogGroupName":"x","RetentionInDays":8}`)}); err == nil {
		t.Error("8 days are no retention that CloudWatch Logs knows")
	}
}
