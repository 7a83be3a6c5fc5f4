package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// ErrNotQuarantined says that a digest was never put into quarantine, so that there is nothing to release.
var ErrNotQuarantined = errors.New("it was never in quarantine")

// Quarantine says that a digest is not deployed to a service again: it was rolled back there. It ends when an operator
// releases it, and never by itself. A quarantine that was released is kept as such.
type Quarantine struct {
	Service, Digest string
	// Tag is the tag under which the digest was deployed; empty where an operator named the digest.
	Tag string
	// Execution is the ARN of the execution that rolled it back, Reason is why, At since when the digest is in quarantine.
	Execution, Reason string
	At                time.Time
	// ReleasedAt is when an operator released it, zero while it is in force; ReleasedBy is who, ReleaseReason why.
	ReleasedAt                time.Time
	ReleasedBy, ReleaseReason string
	// Executions are the ARNs of the executions that put the digest into quarantine, in this quarantine or in one before
	// it, the last [rememberedExecutions] of them. A release holds against each of them.
	Executions []string
}

// rememberedExecutions bounds [Quarantine.Executions], and with it the item: DynamoDB's take 400 KB at most. Each one
// after the first takes a release and a failure after it, or an execution that had begun before the quarantine.
const rememberedExecutions = 100

// InForce says whether the digest is not to be deployed.
func (q Quarantine) InForce() bool { return q.exists() && q.ReleasedAt.IsZero() }

// maxReason bounds the reason within a refusal, in bytes: how to release the image stands behind it.
const maxReason = 600

// Refusal is the sentence that says why an image is not deployed, since when, and how an operator releases it. The image
// is named as people know it.
func (q Quarantine) Refusal(image string) string {
	return fmt.Sprintf("%s is in quarantine since %s: execution %s rolled it back: %s; "+
		"release it with `fairlead quarantine release -service %s -digest %s -reason \"…\"`, then start a new execution",
		image, q.At.UTC().Format(time.RFC3339), q.Execution, sentence(q.Reason), q.Service, q.Digest)
}

// exists is false for the zero Quarantine: a digest that never was in quarantine.
func (q Quarantine) exists() bool { return q.Digest != "" }

// QuarantineReader reads quarantines, for who is about to deploy.
type QuarantineReader interface {
	// Quarantined says whether a digest is in quarantine at a service now (a consistent read), and returns the quarantine.
	// One that was released comes with false, and a digest that never was in quarantine with the zero Quarantine and false.
	Quarantined(ctx context.Context, service, digest string) (Quarantine, bool, error)
}

// QuarantineWriter puts digests into quarantine.
type QuarantineWriter interface {
	// SetQuarantine puts q.Digest into quarantine at q.Service because of q.Execution. It may be called again at any time:
	// an execution puts a digest into quarantine once, so that its retry or redrive does not undo a release. Another
	// execution sets a quarantine anew after a release; before, the quarantine stays what it is.
	SetQuarantine(ctx context.Context, q Quarantine) error
}

// QuarantineKeeper lists and releases quarantines, for operators.
type QuarantineKeeper interface {
	// Quarantines returns the quarantines of a service, those that were released included, the latest first.
	Quarantines(ctx context.Context, service string) ([]Quarantine, error)
	// Release ends the quarantine of a digest and returns it as it stands then. A quarantine that was released before is
	// returned as it was released then. The error wraps [ErrNotQuarantined] if the digest never was in quarantine.
	Release(ctx context.Context, service, digest, by, reason string, at time.Time) (Quarantine, error)
}

// set returns the quarantine to keep after an execution wants next and `there` is kept, and whether that is a change.
func (q Quarantine) set(next Quarantine) (Quarantine, bool) {
	if slices.Contains(q.Executions, next.Execution) {
		return q, false
	}
	executions := slices.Concat(q.Executions, []string{next.Execution})
	executions = executions[max(0, len(executions)-rememberedExecutions):]
	if q.InForce() {
		q.Executions = executions
		return q, true
	}
	return Quarantine{
		Service: next.Service, Digest: next.Digest, Tag: next.Tag, Execution: next.Execution, Reason: next.Reason, At: next.At,
		Executions: executions,
	}, true
}

// release returns the quarantine as released, and whether that is a change.
func (q Quarantine) release(by, reason string, at time.Time) (Quarantine, bool) {
	if !q.InForce() {
		return q, false
	}
	q.ReleasedAt, q.ReleasedBy, q.ReleaseReason = at, by, reason
	return q, true
}

// latestFirst sorts quarantines by when they began, those of one moment by digest.
func latestFirst(all []Quarantine) []Quarantine {
	slices.SortFunc(all, func(a, b Quarantine) int {
		if later := b.At.Compare(a.At); later != 0 {
			return later
		}
		if a.Digest < b.Digest {
			return -1
		}
		return 1
	})
	return all
}
