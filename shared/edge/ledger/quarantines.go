package ledger

import (
	"context"
	"fmt"
	"time"

	"fairlead/shared/fault"
)

// Quarantined is the quarantines in the table, for the functions that ask before they deploy.
type Quarantined struct {
	api   Getter
	table string
}

// NewQuarantined returns the quarantines in a table; a function that uses them needs [QuarantineReadPermissions].
func NewQuarantined(api Getter, table string) *Quarantined {
	return &Quarantined{api: api, table: table}
}

// Quarantined implements [QuarantineReader].
func (q *Quarantined) Quarantined(ctx context.Context, service, digest string) (Quarantine, bool, error) {
	row, err := readQuarantine(ctx, q.api, q.table, service, digest)
	there := row.quarantine()
	return there, there.InForce(), err
}

// GetPutter reads items and writes them.
type GetPutter interface {
	Getter
	Putter
}

// QuarantineSetter is the quarantines in the table, for the function that sets them.
type QuarantineSetter struct {
	api   GetPutter
	table string
}

// NewQuarantineSetter returns the quarantines in a table; a function that uses them needs [QuarantineWritePermissions].
func NewQuarantineSetter(api GetPutter, table string) *QuarantineSetter {
	return &QuarantineSetter{api: api, table: table}
}

// Quarantined implements [QuarantineReader].
func (q *QuarantineSetter) Quarantined(ctx context.Context, service, digest string) (Quarantine, bool, error) {
	return NewQuarantined(q.api, q.table).Quarantined(ctx, service, digest)
}

// SetQuarantine implements [QuarantineWriter].
func (q *QuarantineSetter) SetQuarantine(ctx context.Context, next Quarantine) error {
	_, err := changeQuarantine(ctx, q.api, q.table, next.Service, next.Digest, func(there Quarantine) (Quarantine, bool) {
		return there.set(next)
	})
	return err
}

// Quarantines is the quarantines in the table, for operators.
type Quarantines struct {
	api interface {
		GetPutter
		Querier
	}
	table string
}

// NewQuarantines returns the quarantines in a table; who uses them needs [QuarantineKeeperPermissions].
func NewQuarantines(api interface {
	GetPutter
	Querier
}, table string) *Quarantines {
	return &Quarantines{api: api, table: table}
}

// Quarantines implements [QuarantineKeeper].
func (q *Quarantines) Quarantines(ctx context.Context, service string) ([]Quarantine, error) {
	rows, err := query[quarantineRow](ctx, q.api, q.table, item(kindQuarantine, service), 0)
	if err != nil {
		return nil, fault.FromAWS("list the quarantines of service "+service, err)
	}
	all := make([]Quarantine, 0, len(rows))
	for _, row := range rows {
		all = append(all, row.quarantine())
	}
	return latestFirst(all), nil
}

// Release implements [QuarantineKeeper].
func (q *Quarantines) Release(ctx context.Context, service, digest, by, reason string, at time.Time) (Quarantine, error) {
	now, err := changeQuarantine(ctx, q.api, q.table, service, digest, func(there Quarantine) (Quarantine, bool) {
		return there.release(by, reason, at)
	})
	if err == nil && !now.exists() {
		err = notQuarantined(service, digest)
	}
	return now, err
}

// notQuarantined is the error of a release of what never was in quarantine.
func notQuarantined(service, digest string) error {
	return fmt.Errorf("release %s at service %s: %w", digest, service, ErrNotQuarantined)
}

// quarantineRow is the item "quarantine#<service>", "<digest>". It never expires.
type quarantineRow struct {
	key
	Version       int64     `dynamodbav:"version"` // rises with each write
	Service       string    `dynamodbav:"service"`
	Digest        string    `dynamodbav:"digest"`
	Tag           string    `dynamodbav:"tag"`
	Execution     string    `dynamodbav:"execution"`
	Reason        string    `dynamodbav:"reason"`
	At            time.Time `dynamodbav:"at"`
	ReleasedAt    time.Time `dynamodbav:"releasedAt"`
	ReleasedBy    string    `dynamodbav:"releasedBy"`
	ReleaseReason string    `dynamodbav:"releaseReason"`
	Executions    []string  `dynamodbav:"executions"`
}

// quarantine is what the item says.
func (r quarantineRow) quarantine() Quarantine {
	return Quarantine{
		Service: r.Service, Digest: r.Digest, Tag: r.Tag, Execution: r.Execution, Reason: r.Reason, At: r.At,
		ReleasedAt: r.ReleasedAt, ReleasedBy: r.ReleasedBy, ReleaseReason: r.ReleaseReason, Executions: r.Executions,
	}
}

// row is the item that says so, in its next version.
func (q Quarantine) row(version int64) quarantineRow {
	return quarantineRow{
		key: quarantineKey(q.Service, q.Digest), Version: version, Service: q.Service, Digest: q.Digest, Tag: q.Tag,
		Execution: q.Execution, Reason: q.Reason, At: q.At,
		ReleasedAt: q.ReleasedAt, ReleasedBy: q.ReleasedBy, ReleaseReason: q.ReleaseReason, Executions: q.Executions,
	}
}

// readQuarantine reads the item of a digest; it is zero if there is none.
func readQuarantine(ctx context.Context, api Getter, table, service, digest string) (row quarantineRow, err error) {
	_, err = get(ctx, api, table, quarantineKey(service, digest), &row)
	return row, fault.FromAWS(fmt.Sprintf("read whether %s is in quarantine at service %s", digest, service), err)
}

// changes is how often a quarantine is read and changed anew before the caller is asked to try again: each round that
// is lost was won by another writer.
const changes = 5

// changeQuarantine writes what change makes of a digest's quarantine, if nobody has written it since it was read; if
// somebody has, it reads and changes again. It returns what is kept then.
func changeQuarantine(ctx context.Context, api GetPutter, table, service, digest string,
	change func(Quarantine) (Quarantine, bool)) (Quarantine, error) {
	for range changes {
		row, err := readQuarantine(ctx, api, table, service, digest)
		if err != nil {
			return Quarantine{}, err
		}
		next, changed := change(row.quarantine())
		if !changed {
			return next, nil
		}
		written, err := put(ctx, api, table, next.row(row.Version+1), stillVersion(row.Version))
		if err != nil {
			return Quarantine{}, fault.FromAWS(fmt.Sprintf("write the quarantine of %s at service %s", digest, service), err)
		}
		if written {
			return next, nil
		}
	}
	return Quarantine{}, fault.New(fault.LedgerContended, "redrive the execution",
		"write the quarantine of %s at service %s: %d times another writer was faster", digest, service, changes)
}

// stillVersion holds if the item is still in the version that was read: 0 for none.
func stillVersion(version int64) condition {
	if version == 0 {
		return absent()
	}
	return condition{
		expression: "#version = :version",
		names:      map[string]string{"#version": "version"}, values: map[string]any{":version": version},
	}
}

// quarantineKey is the key of a digest's quarantine.
func quarantineKey(service, digest string) key {
	return key{Item: item(kindQuarantine, service), ID: digest}
}
