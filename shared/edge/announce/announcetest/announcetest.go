// Package announcetest is the event bus in memory, for the tests of the functions that announce outcomes.
package announcetest

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Bus takes events.
type Bus struct {
	Sent []types.PutEventsRequestEntry
	// Err is what the call returns, Refusal the error code of each entry; "" for a bus that is well.
	Err     error
	Refusal string
}

// PutEvents implements the call.
func (b *Bus) PutEvents(_ context.Context, in *eventbridge.PutEventsInput, _ ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error) {
	switch {
	case b.Err != nil:
		return nil, b.Err
	case b.Refusal != "":
		return &eventbridge.PutEventsOutput{FailedEntryCount: 1, Entries: []types.PutEventsResultEntry{{ErrorCode: aws.String(b.Refusal), ErrorMessage: aws.String("no")}}}, nil
	}
	b.Sent = append(b.Sent, in.Entries...)
	return &eventbridge.PutEventsOutput{Entries: make([]types.PutEventsResultEntry, len(in.Entries))}, nil
}

// Delivered is an event as its receivers see it, with an envelope of fixed values, indented.
func Delivered(t *testing.T, e types.PutEventsRequestEntry) []byte {
	t.Helper()
	envelope := map[string]any{
		"version": "0", "id": "7f3a1f52-9c41-4b7e-8d0e-5b0d3c1c2a10", "account": "123456789012", "region": "eu-west-1",
		"time": e.Time.UTC().Format(time.RFC3339), "source": e.Source, "detail-type": e.DetailType, "resources": e.Resources,
		"detail": json.RawMessage(*e.Detail),
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(envelope); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Validate holds an event against a schema file.
func Validate(t *testing.T, schemaFile string, event []byte) {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(event))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(value); err != nil {
		t.Errorf("%v\n%s", err, event)
	}
}
