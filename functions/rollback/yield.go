package rollback

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"fairlead/shared/claim"
	"fairlead/shared/edge/pointing"
	"fairlead/shared/revision"
	"fairlead/shared/rollback"
)

// yield ends a step whose execution does not hold the claim any more. The service is the holder's to point anywhere. But a
// holder need not deploy anything: it may find that the service runs its image already, or fail before it comes to it.
// So our own deployment is stopped nevertheless, which touches nothing else; and where only the service could be pointed
// back, that is left to a person while the holder has not written what it puts into service.
func (t task) yield(ctx context.Context, held claim.Claim, seen rollback.Case, p plan) (rollback.Done, error) {
	held, righted, err := t.putRight(ctx, held, seen)
	if err != nil || righted {
		return t.outrun(held), err
	}
	if p.Decision != rollback.Stopped {
		return t.leave(ctx, held, p)
	}
	next, _, err := t.halt(ctx, seen, p, ask{before: t.again(), since: t.State.EnteredTime})
	if err != nil {
		return rollback.Done{}, err
	}
	if next.Decision == rollback.Stopped {
		return t.done(next.Plan), nil
	}
	return t.leave(ctx, held, next)
}

// leave is the result for a service that is left to whoever holds the claim.
func (t task) leave(ctx context.Context, held claim.Claim, p plan) (rollback.Done, error) {
	switch {
	case p.Calls() && held.TaskDefinition == "":
		return t.withheld(held, p), nil
	case p.Calls():
		return t.outrun(held), nil
	case p.Decision == rollback.Finished:
		return t.finished(ctx, p)
	default:
		return t.done(p.Plan), nil
	}
}

// putRight puts the holder's revision into service if an earlier attempt has pointed the service back after the holder had
// pointed it there. It returns the claim as it was read last.
func (t task) putRight(ctx context.Context, held claim.Claim, seen rollback.Case) (claim.Claim, bool, error) {
	put := seen.Seen.TaskDefinition
	if !t.again() || put == "" || held.TaskDefinition == "" {
		return held, false, nil
	}
	service, err := t.Read(ctx)
	if err != nil {
		return held, false, err
	}
	ours, err := t.wouldPut(ctx, put, seen)
	if err != nil || !ours || !t.InTheWay(held, service, put) {
		return held, false, err
	}
	held, err = t.Settle(ctx, put)
	return held, true, err
}

// wouldPut says whether a revision is what this execution goes back to, or the copy of that which it has made.
func (t task) wouldPut(ctx context.Context, put string, seen rollback.Case) (bool, error) {
	p := plan{Plan: rollback.Plan{Decision: rollback.Pointed}}
	for fits := false; !fits; {
		var err error
		if p.Target = seen.Target(); p.Target == "" {
			if further, err := t.further(ctx, &seen); err != nil || !further {
				return false, err
			}
			continue
		}
		if fits, err = t.weigh(ctx, &p, &seen); err != nil {
			return false, err
		}
	}
	if put == p.Target {
		return true, nil
	}
	original, err := t.read(ctx, put)
	if err != nil {
		return false, err
	}
	mark := revision.MarkOf(original.Tags)
	return mark.MadeBy(t.Execution.ID) && t.innocent(original), nil
}

// outrun is the result for an execution that has lost the claim to one that deploys.
func (t task) outrun(held claim.Claim) rollback.Done {
	return rollback.Done{Decision: rollback.Superseded, Reason: pointing.Outrun(held), At: t.State.EnteredTime,
		Follow: held.HolderOf(string(t.document.Image.Digest))}
}

// withheld is the result for a service that is to be pointed back, while the claim is another execution's that has not
// deployed anything: it may still do so, or have ended.
func (t task) withheld(held claim.Claim, p plan) rollback.Done {
	return rollback.Done{Decision: rollback.Nothing, At: t.State.EnteredTime, Reason: fmt.Sprintf(
		"execution %s is the newest of this service and has deployed nothing yet, so the service was left as it is: "+
			"if that execution goes on, follow it; if it has ended, %s, or start a new execution with an image that is fit", held.Holder, p.byHand())}
}

// byHand is how a person points the service back. Fairlead would make the copy that it needs itself.
func (p plan) byHand() string {
	var pinned []string
	for _, name := range slices.Sorted(maps.Keys(p.pins)) {
		pinned = append(pinned, fmt.Sprintf("container %s pinned to %s", name, p.pins[name]))
	}
	switch {
	case len(pinned) > 0:
		return fmt.Sprintf("go back by hand to a copy of %s with %s (its tag may be another image's by now)", p.Target, strings.Join(pinned, " and "))
	case !registered(p.original):
		return fmt.Sprintf("go back by hand to a copy of %s, which was deregistered: no service can be pointed at it", p.Target)
	default:
		return fmt.Sprintf("go back to %s by hand", p.Target)
	}
}
