package ledger

import (
	"context"
	"time"

	"fairlead/shared/fault"
)

// Held is the holds in the table, for the functions that ask before they deploy.
type Held struct {
	api   Getter
	table string
}

// NewHeld returns the holds in a table; a function that uses them needs [HoldReadPermissions].
func NewHeld(api Getter, table string) *Held { return &Held{api: api, table: table} }

// Hold implements [HoldReader].
func (h *Held) Hold(ctx context.Context, service string) (Hold, error) {
	row, err := readHold(ctx, h.api, h.table, service)
	return row.hold(), err
}

// Holds is the holds in the table, for operators.
type Holds struct {
	api   GetPutter
	table string
}

// NewHolds returns the holds in a table; who uses them needs [HoldKeeperPermissions].
func NewHolds(api GetPutter, table string) *Holds { return &Holds{api: api, table: table} }

// Hold implements [HoldReader].
func (h *Holds) Hold(ctx context.Context, service string) (Hold, error) {
	return NewHeld(h.api, h.table).Hold(ctx, service)
}

// SetHold implements [HoldKeeper].
func (h *Holds) SetHold(ctx context.Context, next Hold) (Hold, error) {
	var before Hold
	_, err := h.change(ctx, next.Service, func(there Hold) (Hold, bool) {
		before = there
		return next, true
	})
	return before, err
}

// LiftHold implements [HoldKeeper].
func (h *Holds) LiftHold(ctx context.Context, service, by, reason string, at time.Time) (Hold, error) {
	now, err := h.change(ctx, service, func(there Hold) (Hold, bool) { return there.lift(by, reason, at) })
	if err == nil && !now.Exists() {
		err = notHeld(service)
	}
	return now, err
}

// change writes what is made of a service's hold, if nobody has written it since it was read; if somebody has, it reads
// and changes again. It returns what is kept then.
func (h *Holds) change(ctx context.Context, service string, change func(Hold) (Hold, bool)) (Hold, error) {
	for range changes {
		row, err := readHold(ctx, h.api, h.table, service)
		if err != nil {
			return Hold{}, err
		}
		next, changed := change(row.hold())
		if !changed {
			return next, nil
		}
		written, err := put(ctx, h.api, h.table, next.row(row.Version+1), stillVersion(row.Version))
		if err != nil {
			return Hold{}, fault.FromAWS("write the hold of service "+service, err)
		}
		if written {
			return next, nil
		}
	}
	return Hold{}, fault.New(fault.LedgerContended, "try again", "write the hold of service %s: %d times another writer was faster", service, changes)
}

// holdRow is the item "hold#<service>", "hold". It never expires: the end of a hold is for those who read it.
type holdRow struct {
	key
	Version    int64     `dynamodbav:"version"` // rises with each write
	Service    string    `dynamodbav:"service"`
	Reason     string    `dynamodbav:"reason"`
	By         string    `dynamodbav:"by"`
	At         time.Time `dynamodbav:"at"`
	Until      time.Time `dynamodbav:"until"`
	LiftedAt   time.Time `dynamodbav:"liftedAt"`
	LiftedBy   string    `dynamodbav:"liftedBy"`
	LiftReason string    `dynamodbav:"liftReason"`
}

func (h Hold) row(version int64) holdRow {
	return holdRow{key: holdKey(h.Service), Version: version, Service: h.Service, Reason: h.Reason, By: h.By, At: h.At, Until: h.Until,
		LiftedAt: h.LiftedAt, LiftedBy: h.LiftedBy, LiftReason: h.LiftReason}
}

func (r holdRow) hold() Hold {
	return Hold{Service: r.Service, Reason: r.Reason, By: r.By, At: r.At, Until: r.Until,
		LiftedAt: r.LiftedAt, LiftedBy: r.LiftedBy, LiftReason: r.LiftReason}
}

func readHold(ctx context.Context, api Getter, table, service string) (holdRow, error) {
	var row holdRow
	_, err := get(ctx, api, table, holdKey(service), &row)
	return row, fault.FromAWS("read whether service "+service+" is held", err)
}

// holdKey is the key of a service's hold.
func holdKey(service string) key { return key{Item: item(kindHold, service), ID: kindHold} }
