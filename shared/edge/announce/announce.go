// Package announce tells the world how an execution ended: a line in the ledger's history and one event on the bus.
package announce

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"fairlead/shared/edge/ledger"
	"fairlead/shared/fault"
	"fairlead/shared/outcome"
	"fairlead/shared/permission"
)

// History stays for a year, the mark that an outcome was announced for as long as anyone could ask: an execution's own
// history is kept for 90 days.
const (
	keepHistory = 365 * 24 * time.Hour
	keepMark    = 100 * 24 * time.Hour
)

// Unnamed is the ledger's service for executions whose input names none that is configured.
const Unnamed = "_unknown"

// Putter sends events, with the SDK's signature.
type Putter interface {
	PutEvents(context.Context, *eventbridge.PutEventsInput, ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error)
}

// Announcer announces outcomes.
type Announcer struct {
	History ledger.Historian
	Events  Putter
	Bus     string // a name or an ARN
}

// Announce writes the outcome to the history and sends its event, and returns false if that has been done already. The
// event is sent at least once: if the call is cut off in between, it is sent again under the same ID. service is the
// name in the configuration, "" if there is none. Errors are faults.
func (a Announcer) Announce(ctx context.Context, service string, event outcome.Event) (bool, error) {
	if service == "" {
		service = Unnamed
	}
	done, err := a.History.Announced(ctx, service, event.ID)
	if err != nil || done {
		return false, err
	}
	if err := a.History.Append(ctx, entryOf(service, event)); err != nil {
		return false, err
	}
	if err := a.send(ctx, event); err != nil {
		return false, err
	}
	_, err = a.History.MarkAnnounced(ctx, service, event.ID, event.Execution.EndedAt.Add(keepMark))
	return err == nil, err
}

func entryOf(service string, e outcome.Event) ledger.Entry {
	return ledger.Entry{
		Service: service, At: e.Execution.EndedAt, ID: e.ID, Name: string(e.Outcome), Error: e.Error, Cause: e.Cause,
		Execution: e.Execution.ARN, Tag: e.Image.Tag, Digest: e.Image.Digest,
		TaskDefinition: e.Revision.After, Base: e.Revision.Before,
		StartedBy: e.StartedBy.Kind, StartedAt: e.Execution.StartedAt, Held: e.Held, Pushed: e.Pushed, DryRun: e.DryRun, Follow: e.Follow, Expires: e.Execution.EndedAt.Add(keepHistory),
	}
}

// send sends one event. PutEvents answers 200 even if it took none.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
func (a Announcer) send(ctx context.Context, event outcome.Event) error {
	detail, err := json.Marshal(event)
	if err != nil {
		return fmt.Errorf("encode the outcome event: %w", err)
	}
	resources := []string{event.Execution.ARN}
	out, err := a.Events.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{{
		Source: aws.String(outcome.Source), DetailType: aws.String(outcome.DetailType), Detail: aws.String(string(detail)),
		EventBusName: aws.String(a.Bus), Resources: resources, Time: aws.Time(event.Execution.EndedAt),
	}}})
	const doing = "send the outcome event"
	if err != nil {
		return fault.FromAWS(doing, err)
	}
	if out.FailedEntryCount > 0 && len(out.Entries) > 0 {
		return refused(doing, aws.ToString(out.Entries[0].ErrorCode), aws.ToString(out.Entries[0].ErrorMessage))
	}
	return nil
}

// refused is the fault of an event that the bus did not take.
func refused(doing, code, message string) error {
	switch code {
	case "ThrottlingException":
		return fault.New(fault.AWSThrottled, fault.Later, "%s: %s: %s", doing, code, message)
	case "InternalFailure", "InternalException":
		return fault.New(fault.AWSUnavailable, fault.Later, "%s: %s: %s", doing, code, message)
	default:
		return fault.New(fault.AWSRefused, "mend what AWS names, then redrive the execution", "%s: %s: %s", doing, code, message)
	}
}

// Permissions are the statements of a function that announces.
func Permissions(place permission.Place) []permission.Statement {
	return append(ledger.HistoryPermissions(place), permission.Statement{
		Sid: "SendOutcome", Actions: []string{"events:PutEvents"}, Resources: []string{place.EventBusARN},
		Conditions: map[string]map[string][]string{"StringEquals": {"events:source": {outcome.Source}}},
		Why:        "sends the outcome event, and no event under another source",
	})
}
