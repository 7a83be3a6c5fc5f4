package sqs_test

import (
	"encoding/json"
	"testing"
	"time"

	"fairlead/local/sqs"
	"fairlead/local/world"
)

type anyone struct{}

func (anyone) Authorize(world.Principal, string, string, world.Keys) error { return nil }
func (anyone) AuthorizeWithResource(world.Principal, string, string, world.Keys, string) error {
	return nil
}

const queueARN = "arn:aws:sqs:eu-west-1:123456789012:dead"

func newQueue(t *testing.T) (*world.World, *sqs.Service) {
	t.Helper()
	w := world.New(world.Place{Partition: "aws", Region: "eu-west-1", Account: "123456789012"}, 1, time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC))
	w.SetAuthority(anyone{})
	s := sqs.New(w, anyone{}, func() string { return "127.0.0.1:4566" })
	w.Add(s)
	if _, err := s.Declare(world.Declared{Type: "AWS::SQS::Queue", Properties: json.RawMessage(`{"QueueName":"dead","MessageRetentionPeriod":3600}`)}); err != nil {
		t.Fatal(err)
	}
	return w, s
}

// received receives at most ten messages, and returns their bodies and the first receipt.
func received(t *testing.T, w *world.World) (bodies []string, receipt string) {
	t.Helper()
	out, err := w.Call(world.Request{Service: "sqs", Operation: "ReceiveMessage",
		Body: []byte(`{"QueueUrl":"http://127.0.0.1:4566/123456789012/dead","MaxNumberOfMessages":10}`)})
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := json.Marshal(out)
	var got struct {
		Messages []struct{ Body, ReceiptHandle string }
	}
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	for _, m := range got.Messages {
		bodies, receipt = append(bodies, m.Body), m.ReceiptHandle
	}
	return bodies, receipt
}

func TestAMessageIsHiddenOnceReceivedAndGoneOnceDeleted(t *testing.T) {
	t.Parallel()
	w, s := newQueue(t)
	if err := s.Deliver(world.Principal{}, queueARN, "letter", nil); err != nil {
		t.Fatal(err)
	}
	if bodies, _ := received(t, w); len(bodies) != 1 || bodies[0] != "letter" {
		t.Fatalf("received %q", bodies)
	}
	if bodies, _ := received(t, w); len(bodies) != 0 {
		t.Errorf("received %q while it is hidden", bodies)
	}
	w.Advance(w.Now().Add(31 * time.Second))
	bodies, receipt := received(t, w)
	if len(bodies) != 1 {
		t.Fatalf("received %q after the visibility timeout", bodies)
	}
	if _, err := w.Call(world.Request{Service: "sqs", Operation: "DeleteMessage", Body: []byte(`{"QueueUrl":"x/dead","ReceiptHandle":"` + receipt + `"}`)}); err != nil {
		t.Fatal(err)
	}
	w.Advance(w.Now().Add(31 * time.Second))
	if bodies, _ := received(t, w); len(bodies) != 0 {
		t.Errorf("received %q after its deletion", bodies)
	}
}

func TestAMessageIsKeptForTheQueuesRetention(t *testing.T) {
	t.Parallel()
	w, s := newQueue(t)
	if err := s.Deliver(world.Principal{}, queueARN, "old", nil); err != nil {
		t.Fatal(err)
	}
	w.Advance(w.Now().Add(time.Hour))
	if bodies, _ := received(t, w); len(bodies) != 0 {
		t.Errorf("received %q after an hour", bodies)
	}
}

func TestErrorsAreSQSs(t *testing.T) {
	t.Parallel()
	w, s := newQueue(t)
	if err := s.Deliver(world.Principal{}, queueARN+"x", "letter", nil); err == nil {
		t.Error("a queue that does not exist took a letter")
	}
	_, err := w.Call(world.Request{Service: "sqs", Operation: "ReceiveMessage", Body: []byte(`{"QueueUrl":"x/nowhere"}`)})
	if err == nil || world.AsError(err).Code != "AWS.SimpleQueueService.NonExistentQueue" {
		t.Errorf("reading a queue that does not exist: %v", err)
	}
}
