package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fairlead/shared/fault"
	"fairlead/shared/sweep"
)

// ErrSwept says that another sweep has looked meanwhile.
var ErrSwept = errors.New("another sweep has looked meanwhile")

// Sweeper keeps what sweeps have seen.
type Sweeper interface {
	// Sweep returns what the last sweep of a service has left; the zero Record if there was none.
	Sweep(ctx context.Context, service string) (sweep.Record, error)
	// RecordSweep writes what this one leaves, if the record is still the one that was read, and returns an error that wraps
	// [ErrSwept] if not.
	RecordSweep(ctx context.Context, service string, before, now sweep.Record) error
}

// Sweeps is what sweeps have seen, in the table.
type Sweeps struct {
	api interface {
		Getter
		Putter
	}
	table string
}

// NewSweeps returns what sweeps have seen in a table; a function that uses it needs [SweepPermissions].
func NewSweeps(api interface {
	Getter
	Putter
}, table string) *Sweeps {
	return &Sweeps{api: api, table: table}
}

// sweepRow is the item "sweep#<service>", "sweep".
type sweepRow struct {
	key
	Repository string                `dynamodbav:"repository"`
	At         time.Time             `dynamodbav:"at"`
	From       time.Time             `dynamodbav:"from"`
	Seen       string                `dynamodbav:"seen"`
	Waiting    map[string]waitingRow `dynamodbav:"waiting"`
}

type waitingRow struct {
	Since time.Time `dynamodbav:"since"`
	Seen  time.Time `dynamodbav:"seen"`
}

// Sweep implements [Sweeper].
func (s *Sweeps) Sweep(ctx context.Context, service string) (sweep.Record, error) {
	var row sweepRow
	found, err := get(ctx, s.api, s.table, sweepKey(service), &row)
	if err != nil || !found {
		return sweep.Record{}, fault.FromAWS("read what the last sweep of service "+service+" has seen", err)
	}
	record := sweep.Record{Repository: row.Repository, At: row.At, From: row.From, Seen: row.Seen, Waiting: map[string]sweep.Waiting{}}
	for k, w := range row.Waiting {
		record.Waiting[k] = sweep.Waiting{Since: w.Since, Seen: w.Seen}
	}
	return record, nil
}

// RecordSweep implements [Sweeper].
func (s *Sweeps) RecordSweep(ctx context.Context, service string, before, now sweep.Record) error {
	row := sweepRow{key: sweepKey(service), Repository: now.Repository, At: now.At.UTC(), From: now.From.UTC(), Seen: now.Seen, Waiting: map[string]waitingRow{}}
	for k, w := range now.Waiting {
		row.Waiting[k] = waitingRow{Since: w.Since, Seen: w.Seen}
	}
	when := absent()
	if !before.At.IsZero() {
		when = condition{expression: "#at = :at", names: map[string]string{"#at": "at"}, values: map[string]any{":at": before.At.UTC()}}
	}
	written, err := put(ctx, s.api, s.table, row, when)
	if err != nil {
		return fault.FromAWS("write what this sweep of service "+service+" has seen", err)
	}
	if !written {
		return fmt.Errorf("record the sweep of service %s: %w", service, ErrSwept)
	}
	return nil
}

func sweepKey(service string) key { return key{Item: item(kindSweep, service), ID: kindSweep} }
