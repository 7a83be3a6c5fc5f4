package ledger

import (
	"context"
	"fmt"
	"time"

	"fairlead/shared/claim"
	"fairlead/shared/fault"
)

// Claims is the claims in the table.
type Claims struct {
	api interface {
		Getter
		Putter
	}
	table string
}

// NewClaims returns the claims in a table; a function that uses them needs [ClaimPermissions].
func NewClaims(api interface {
	Getter
	Putter
}, table string) *Claims {
	return &Claims{api: api, table: table}
}

// claimRow is the item "claim#<service>", "claim".
type claimRow struct {
	key
	Sequence       int64     `dynamodbav:"sequence"`
	Holder         string    `dynamodbav:"holder"`
	Digest         string    `dynamodbav:"digest"`
	Tag            string    `dynamodbav:"tag"`
	Mark           markRow   `dynamodbav:"mark"`
	TaskDefinition string    `dynamodbav:"taskDefinition"`
	UpdatedAt      time.Time `dynamodbav:"updatedAt"`
}

// markRow is the high-water mark inside of a claim.
type markRow struct {
	Version string    `dynamodbav:"version"`
	Time    time.Time `dynamodbav:"time"`
	Start   time.Time `dynamodbav:"start"`
	Back    time.Time `dynamodbav:"back"`
}

// Claim implements [ClaimReader].
func (c *Claims) Claim(ctx context.Context, service string) (claim.Claim, error) {
	var row claimRow
	if _, err := get(ctx, c.api, c.table, claimKey(service), &row); err != nil {
		return claim.Claim{}, fault.FromAWS("read the claim of service "+service, err)
	}
	return claim.Claim{
		Sequence: row.Sequence, Holder: row.Holder, Digest: row.Digest, Tag: row.Tag,
		Mark: claim.Mark{
			Order: claim.Order{Version: row.Mark.Version, Time: row.Mark.Time, Start: row.Mark.Start},
			Back:  row.Mark.Back,
		},
		TaskDefinition: row.TaskDefinition, UpdatedAt: row.UpdatedAt,
	}, nil
}

// ReplaceClaim implements [ClaimWriter].
func (c *Claims) ReplaceClaim(ctx context.Context, service string, held, next claim.Claim) error {
	row := claimRow{
		key: claimKey(service), Sequence: next.Sequence, Holder: next.Holder, Digest: next.Digest, Tag: next.Tag,
		Mark:           markRow{Version: next.Mark.Version, Time: next.Mark.Time, Start: next.Mark.Start, Back: next.Mark.Back},
		TaskDefinition: next.TaskDefinition, UpdatedAt: next.UpdatedAt,
	}
	written, err := put(ctx, c.api, c.table, row, stillHeld(held))
	if err != nil {
		return fault.FromAWS("write the claim of service "+service, err)
	}
	if !written {
		return fmt.Errorf("replace the claim of service %s: %w", service, ErrChanged)
	}
	return nil
}

// stillHeld holds if the claim in the table is the one that was read.
func stillHeld(held claim.Claim) condition {
	if !held.Exists() {
		return absent()
	}
	return condition{
		expression: "#sequence = :sequence AND #holder = :holder",
		names:      map[string]string{"#sequence": "sequence", "#holder": "holder"},
		values:     map[string]any{":sequence": held.Sequence, ":holder": held.Holder},
	}
}

// claimKey is the key of a service's claim.
func claimKey(service string) key { return key{Item: item(kindClaim, service), ID: kindClaim} }
