// Package ledger is the table in which executions tell one another what they are doing: who may deploy a service
// ([ClaimReader], [ClaimWriter]), who waits for it ([TokenReader], [TokenWriter]), what is not deployed again
// ([QuarantineReader], [QuarantineWriter], [QuarantineKeeper]), what is held ([HoldReader], [HoldKeeper]), what was deployed ([DeployedKeeper]) and how it
// went ([Historian]).
//
// ECS stays the source of truth for what runs; a lost ledger costs waiting, quarantines and history, never a
// service.
//
// One table. The partition key "item" is "<kind>#<service>" and the sort key "id", so that IAM can limit each function
// to the kinds of item that it owns (dynamodb:LeadingKeys). [Memory] keeps the same items in memory; both pass
// shared/edge/ledger/ledgertest.
package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fairlead/shared/claim"
	"fairlead/shared/edge/handler"
)

// ErrChanged says that the claim is no longer the one that was read: read it again and decide again.
var ErrChanged = errors.New("the claim was changed by another execution")

// ClaimReader reads claims.
type ClaimReader interface {
	// Claim returns the claim of a service as it is now (a consistent read). A service without one has the zero Claim.
	Claim(ctx context.Context, service string) (claim.Claim, error)
}

// ClaimWriter replaces claims.
type ClaimWriter interface {
	// ReplaceClaim writes next if the claim still has the sequence and the holder of held, and returns an error that
	// wraps [ErrChanged] if not. The zero held means that there must be none.
	ReplaceClaim(ctx context.Context, service string, held, next claim.Claim) error
}

// Token is a parked task token: whoever returns it to Step Functions says "look".
type Token struct {
	Service string
	// Execution is the ARN of the execution that waits, State the name of the state in which it does.
	Execution, State string
	// Token is Step Functions' task token.
	Token string
	// TaskDefinition is the ARN of the revision that it waits for, Since when the service was pointed at it.
	TaskDefinition string
	Since          time.Time
	// Failed is the ARN of the revision that the service goes back from while it does, else "".
	Failed string
	// Image is the digest whose scan it waits for, in the place of a rollout: then TaskDefinition, Since and Failed are not set.
	Image    string
	Attempt  Attempt
	StoredAt time.Time
	// Expires is when the table may forget the token. Step Functions has forgotten it by then.
	Expires time.Time
}

// Attempt orders the attempts of one state of one execution: each has a token of its own.
type Attempt struct {
	Redrive int       // the execution's redrive count
	Entered time.Time // when the state was entered
	Retry   int       // the state's retry count
}

// String is the attempt such that later attempts sort after earlier ones.
func (a Attempt) String() string {
	return fmt.Sprintf("%06d#%s#%06d", a.Redrive, a.Entered.UTC().Format("2006-01-02T15:04:05.000000000Z"), a.Retry)
}

// TokenWriter parks tokens and takes them away.
type TokenWriter interface {
	// StoreToken keeps one token for an execution and state, and returns false, storing nothing, if that of a later
	// attempt is there already. The same token may be stored again.
	StoreToken(ctx context.Context, token Token) (stored bool, err error)
	// DeleteToken takes the token away. That of another attempt, and a token that is gone, are left alone.
	DeleteToken(ctx context.Context, token Token) error
}

// TokenReader finds parked tokens.
type TokenReader interface {
	// Tokens returns the parked tokens of a service, in no particular order, those that have expired included.
	Tokens(ctx context.Context, service string) ([]Token, error)
}

// Entry is one line of a service's history: how an execution ended.
type Entry struct {
	Service string
	// At is when it ended. It must be the same however often the outcome is recorded: At and ID make the key.
	At time.Time
	// ID is the outcome's id.
	ID string
	// Name is the name of the outcome, Error and Cause are what the console shows.
	Name, Error, Cause string
	// Execution is the ARN of the execution.
	Execution string
	// Tag and Digest are what it was to deploy, TaskDefinition is the revision that it made, Base the one before it.
	// Each may be empty.
	Tag, Digest, TaskDefinition, Base string
	// StartedBy is what started the execution, StartedAt when.
	StartedBy string
	StartedAt time.Time
	// Held says that a hold kept it from being deployed. Pushed is the time by which the push is ordered, zero where no push
	// started the execution.
	Held   bool
	Pushed time.Time
	// DryRun says that nothing was to be deployed.
	DryRun bool
	// Follow is the ARN of the execution that deploys this very image in its stead, or "": this end does not tell what became
	// of the image, the end of that one does.
	Follow  string
	Expires time.Time
}

// Historian keeps the history, and remembers which outcomes were announced.
type Historian interface {
	// Append writes an entry. Writing the same one again changes nothing.
	Append(ctx context.Context, entry Entry) error
	// Announced says whether MarkAnnounced was called for the outcome.
	Announced(ctx context.Context, service, outcomeID string) (bool, error)
	// MarkAnnounced remembers that the outcome was announced, and returns false if that was known already.
	MarkAnnounced(ctx context.Context, service, outcomeID string, expires time.Time) (first bool, err error)
}

// HistoryReader reads the history.
type HistoryReader interface {
	// History returns the newest entries of a service, newest first, at most limit of them.
	History(ctx context.Context, service string, limit int) ([]Entry, error)
}

// The kinds of item.
const (
	kindClaim      = "claim"
	kindToken      = "token"
	kindHistory    = "history"
	kindOutcome    = "outcome"
	kindQuarantine = "quarantine"
	kindDeployed   = "deployed"
	kindSweep      = "sweep"
	kindHold       = "hold"
)

// item is the partition key of a service's items of one kind.
func item(kind, service string) string { return kind + "#" + service }

// id is the sort key of a token.
func (t Token) id() string { return handler.Short(t.Execution) + "#" + t.State }

// id is the sort key of an entry: entries sort by their time.
func (e Entry) id() string {
	return e.At.UTC().Format("2006-01-02T15:04:05.000Z") + "#" + handler.Short(e.ID)
}
