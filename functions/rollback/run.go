package rollback

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"

	"fairlead/shared/claim"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/edge/lossless"
	"fairlead/shared/fault"
	"fairlead/shared/revision"
	"fairlead/shared/rollback"
)

// run does the step.
func (t task) run(ctx context.Context) (rollback.Done, error) {
	held, err := t.Claim(ctx)
	if err != nil {
		return rollback.Done{}, err
	}
	mine := held.HeldBy(t.Execution.ID)
	earlier := ""
	if mine && held.TaskDefinition != t.aim.TaskDefinition {
		earlier = held.TaskDefinition
	}
	seen, err := t.see(ctx, earlier)
	if err != nil {
		return rollback.Done{}, err
	}
	p, err := t.choose(ctx, seen)
	if err != nil {
		return rollback.Done{}, err
	}
	if err := t.quarantine(ctx, p.Decision); err != nil {
		return rollback.Done{}, err
	}
	if !mine {
		return t.yield(ctx, held, seen, p)
	}
	return t.carryOut(ctx, held, seen, p)
}

// quarantine keeps the image from being deployed again, before the service goes back from it. An image that did not fail
// after all, or whose service was deleted, is not to blame.
func (t task) quarantine(ctx context.Context, decision rollback.Decision) error {
	if !decision.Blames() {
		return nil
	}
	return t.quarantines.SetQuarantine(ctx, ledger.Quarantine{
		Service: t.Service.Name, Digest: string(t.document.Image.Digest), Tag: t.document.Image.Tag,
		Execution: t.Execution.ID, Reason: t.document.why(), At: t.State.EnteredTime,
	})
}

// again says whether this is not the first attempt at the step.
func (t task) again() bool { return t.State.RetryCount > 0 || t.Execution.RedriveCount > 0 }

// carryOut does what was chosen.
func (t task) carryOut(ctx context.Context, held claim.Claim, seen rollback.Case, p plan) (rollback.Done, error) {
	switch {
	case p.Decision == rollback.Finished:
		return t.finished(ctx, p)
	case !p.Calls():
		return t.done(p.Plan), nil
	case p.Decision == rollback.Stopped:
		return t.stop(ctx, held, seen, p)
	default:
		return t.point(ctx, held, p)
	}
}

// finished is the result for a deployment that succeeded after all. That leaves the image in quarantine if it is there: an
// earlier attempt may have put it there, and the end of the execution has to say so.
func (t task) finished(ctx context.Context, p plan) (rollback.Done, error) {
	_, inForce, err := t.quarantines.Quarantined(ctx, t.Service.Name, string(t.document.Image.Digest))
	if inForce {
		p.Decision = rollback.Restoring
	}
	return t.done(p.Plan), err
}

// done is the result of what needs no call, or has been called for.
func (t task) done(p rollback.Plan) rollback.Done {
	done := rollback.Done{Decision: p.Decision, Reason: p.Reason, TaskDefinition: p.Target, At: p.At}
	if done.At.IsZero() {
		done.At = t.State.EnteredTime
	}
	switch {
	case p.Decision == rollback.Pointed:
		done.Awaits = p.Target
	case p.Decision.Waits():
		done.Awaits = t.aim.TaskDefinition
	}
	return done
}

// point points the service at an earlier revision, if it is still pointed at ours, and looks whether that was ours to do.
func (t task) point(ctx context.Context, held claim.Claim, p plan) (rollback.Done, error) {
	target, err := t.ready(ctx, p)
	if err != nil {
		return rollback.Done{}, err
	}
	if err := t.Replace(ctx, held, held.Pointing(target, t.State.EnteredTime)); err != nil {
		return rollback.Done{}, err
	}
	service, err := t.Read(ctx)
	if err != nil {
		return rollback.Done{}, err
	}
	if aws.ToString(service.TaskDefinition) != t.aim.TaskDefinition {
		return t.moved(ctx)
	}
	service, err = t.Point(ctx, target)
	if err != nil {
		return rollback.Done{}, err
	}
	held, err = t.Settle(ctx, target)
	if err != nil {
		return rollback.Done{}, err
	}
	if !held.HeldBy(t.Execution.ID) {
		return t.outrun(held), nil
	}
	_, p.At = t.Primary(service)
	return t.pointed(p, target), nil
}

// pointed is the result for a service that was pointed at the target, or at the copy of it.
func (t task) pointed(p plan, target string) rollback.Done {
	done := t.done(p.Plan)
	if target != p.Target {
		done.TaskDefinition, done.Awaits, done.CopyOf = target, target, p.Target
		why := "was deregistered"
		if registered(p.original) {
			why = "has its image by a tag, which may be another's by now"
		}
		done.Reason += "; since that " + why + ", at a copy of it"
	}
	return done
}

// moved is the result for a service that somebody pointed elsewhere since it was looked at: it is left alone, and what
// became of it is told by another look.
func (t task) moved(ctx context.Context) (rollback.Done, error) {
	seen, err := t.see(ctx, "")
	if err != nil {
		return rollback.Done{}, err
	}
	p, err := t.choose(ctx, seen)
	if err != nil {
		return rollback.Done{}, err
	}
	if p.Calls() {
		return rollback.Done{}, fault.New(fault.LedgerContended, "redrive the execution",
			"go back with service %s: it was pointed at another revision and at ours again meanwhile", t.Service.Name)
	}
	return t.done(p.Plan), nil
}

// ready returns the revision to point the service at: the target, or a copy of it if it was deregistered meanwhile or has
// the image by a tag.
func (t task) ready(ctx context.Context, p plan) (string, error) {
	if registered(p.original) && len(p.pins) == 0 {
		return p.Target, nil
	}
	earlier, err := p.original.Earlier(ctx, t.ports.Look, t.Execution, t.innocent)
	if err != nil || earlier != "" {
		return earlier, err
	}
	change := revision.Change{Images: p.pins, Mark: revision.Mark{Execution: revision.ExecutionTag(t.Execution.ID), Sequence: t.document.Claim.Sequence,
		Base: p.original.Name.Revision}}
	return p.original.Register(ctx, t.ports.Register, change, t.Service, t.Place)
}

// innocent says whether a revision is not one with the image that has failed. This execution made that one too, and maybe
// from the very revision that it goes back to.
func (t task) innocent(made lossless.Original) bool {
	return !rollback.Holds(made.Images(), string(t.document.Image.Digest))
}
