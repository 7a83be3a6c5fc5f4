package ledger

import (
	"context"
	"time"

	"fairlead/shared/fault"
)

// History is the history in the table, for the functions that write it.
type History struct {
	api interface {
		Getter
		Putter
	}
	table string
}

// NewHistory returns the history in a table; a function that uses it needs [HistoryPermissions].
func NewHistory(api interface {
	Getter
	Putter
}, table string) *History {
	return &History{api: api, table: table}
}

// PastHistory is the history in the table, for those who read it.
type PastHistory struct {
	api   Querier
	table string
}

// NewPastHistory returns the history in a table; reading it is a Query of the items "history#<service>".
func NewPastHistory(api Querier, table string) *PastHistory {
	return &PastHistory{api: api, table: table}
}

// entryRow is the item "history#<service>", "<time>#<16 hex of the outcome's id>".
type entryRow struct {
	key
	Service        string    `dynamodbav:"service"`
	At             time.Time `dynamodbav:"at"`
	Outcome        string    `dynamodbav:"outcome"`
	Name           string    `dynamodbav:"name"`
	Error          string    `dynamodbav:"error"`
	Cause          string    `dynamodbav:"cause"`
	Execution      string    `dynamodbav:"execution"`
	Tag            string    `dynamodbav:"tag"`
	Digest         string    `dynamodbav:"digest"`
	TaskDefinition string    `dynamodbav:"taskDefinition"`
	Base           string    `dynamodbav:"base"`
	StartedBy      string    `dynamodbav:"startedBy"`
	StartedAt      time.Time `dynamodbav:"startedAt"`
	Held           bool      `dynamodbav:"held"`
	Pushed         time.Time `dynamodbav:"pushed"`
	DryRun         bool      `dynamodbav:"dryRun"`
	Follow         string    `dynamodbav:"follow,omitempty"`
	Expires        time.Time `dynamodbav:"expires,unixtime"`
}

// announcedRow is the item "outcome#<service>", "<outcome's id>".
type announcedRow struct {
	key
	Expires time.Time `dynamodbav:"expires,unixtime"`
}

// Append implements [Historian].
func (h *History) Append(ctx context.Context, entry Entry) error {
	row := entryRow{
		key: key{Item: item(kindHistory, entry.Service), ID: entry.id()}, Service: entry.Service, At: entry.At,
		Outcome: entry.ID, Name: entry.Name, Error: entry.Error, Cause: entry.Cause, Execution: entry.Execution,
		Tag: entry.Tag, Digest: entry.Digest, TaskDefinition: entry.TaskDefinition, Base: entry.Base,
		StartedBy: entry.StartedBy, StartedAt: entry.StartedAt, Held: entry.Held, Pushed: entry.Pushed, DryRun: entry.DryRun, Follow: entry.Follow, Expires: entry.Expires,
	}
	_, err := put(ctx, h.api, h.table, row, condition{})
	return fault.FromAWS("write the history of service "+entry.Service, err)
}

// Announced implements [Historian].
func (h *History) Announced(ctx context.Context, service, outcomeID string) (bool, error) {
	var row announcedRow
	found, err := get(ctx, h.api, h.table, outcomeKey(service, outcomeID), &row)
	return found, fault.FromAWS("read whether an outcome of service "+service+" was announced", err)
}

// MarkAnnounced implements [Historian].
func (h *History) MarkAnnounced(ctx context.Context, service, outcomeID string, expires time.Time) (bool, error) {
	row := announcedRow{key: outcomeKey(service, outcomeID), Expires: expires}
	first, err := put(ctx, h.api, h.table, row, absent())
	return first, fault.FromAWS("remember that an outcome of service "+service+" was announced", err)
}

// History implements [HistoryReader].
func (h *PastHistory) History(ctx context.Context, service string, limit int) ([]Entry, error) {
	if limit <= 0 {
		return nil, nil
	}
	rows, err := query[entryRow](ctx, h.api, h.table, item(kindHistory, service), limit)
	if err != nil {
		return nil, fault.FromAWS("read the history of service "+service, err)
	}
	entries := make([]Entry, 0, len(rows))
	for _, row := range rows[:min(limit, len(rows))] {
		entries = append(entries, Entry{
			Service: row.Service, At: row.At, ID: row.Outcome, Name: row.Name, Error: row.Error, Cause: row.Cause,
			Execution: row.Execution, Tag: row.Tag, Digest: row.Digest, TaskDefinition: row.TaskDefinition, Base: row.Base,
			StartedBy: row.StartedBy, StartedAt: row.StartedAt, Held: row.Held, Pushed: row.Pushed, DryRun: row.DryRun, Follow: row.Follow, Expires: row.Expires,
		})
	}
	return entries, nil
}

// outcomeKey is the key of the mark that an outcome was announced.
func outcomeKey(service, outcomeID string) key {
	return key{Item: item(kindOutcome, service), ID: outcomeID}
}
