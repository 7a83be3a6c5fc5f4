package outcome

import (
	"fmt"
	"strings"

	"fairlead/shared/fault"
	"fairlead/shared/image"
	"fairlead/shared/revision"
	"fairlead/shared/rollout"
)

// The errors that the console shows for the ends that are no fault of their own.
const (
	errorRolledBack = "Rollout.RolledBack"
	errorStuck      = "Rollout.Stuck"
	errorRejected   = "Image.Rejected"
)

// End is how an execution ended, in the parts of which its cause is made.
type End struct {
	Name  Name
	Error string
	// What is a sentence: what happened to which image and service.
	What string
	// Why is the reason, in the words of whoever gave it.
	Why string
	// Fix is the next thing for a person to do.
	Fix string
	// Held says that a hold kept it from being deployed.
	Held bool
	// Follow is the ARN of the execution that deploys this very image in its stead: how that ends decides what became of the
	// image. "" if there is none.
	Follow string
}

// Cause is the end in a few lines that stand alone.
func (e End) Cause() string {
	return clean(e.What, maxWhat) + line(e.Why, maxWhy) + line(e.Fix, maxFix)
}

// Outcome is the end under an ID.
func (e End) Outcome(id string) Outcome {
	return Outcome{ID: id, Name: e.Name, Error: e.Error, Cause: e.Cause()}
}

// Decide reads how an execution ended from its document. The key that was added last decides. A document that tells no
// end is a defect of the workflow, and an error.
func Decide(d Document) (End, error) {
	if d.Rollout != nil {
		return ofRollout(d)
	}
	for _, tell := range []func(Document) (End, bool){ofUpdate, ofRevision, ofClaim, ofImage, ofFault} {
		if end, ended := tell(d); ended {
			return end, nil
		}
	}
	return End{}, noEnd("the document does not tell how the execution ended")
}

func ofUpdate(d Document) (End, bool) {
	switch {
	case d.Update == nil:
		return End{}, false
	case d.Update.Decision == rollout.Held:
		return held(d, d.Update.Reason), true
	case d.Update.Decision == rollout.Quarantined:
		return skipped(d, d.Update.Reason), true
	case d.Update.Decision == rollout.Outrun:
		end := superseded(d, d.Update.Reason)
		end.Follow = d.Update.Follow
		return end, true
	default:
		return End{}, false
	}
}

func ofRevision(d Document) (End, bool) {
	switch {
	case d.Revision == nil:
		return End{}, false
	case d.Revision.Decision == revision.Unchanged, d.Revision.Decision == revision.Quarantined:
		return skipped(d, d.Revision.Reason), true
	case d.Revision.Decision == revision.Superseded:
		return superseded(d, d.Revision.Reason), true
	default:
		return End{}, false
	}
}

func ofClaim(d Document) (End, bool) {
	switch {
	case d.Claim == nil || d.Claim.Granted:
		return End{}, false
	case d.Claim.Held:
		return held(d, d.Claim.Reason), true
	case d.Claim.Quarantined:
		return skipped(d, d.Claim.Reason), true
	default:
		return refused(d), true
	}
}

func ofImage(d Document) (End, bool) {
	if d.Image == nil || d.Image.Decision != image.Skip {
		return End{}, false
	}
	if d.Image.Held {
		return held(d, d.Image.Reason), true
	}
	return skipped(d, d.Image.Reason), true
}

// ofFault reads what the image was found unfit for before the claim: a fault that was caught later tells no end.
func ofFault(d Document) (End, bool) {
	if d.Fault == nil || d.Claim != nil {
		return End{}, false
	}
	if d.Image != nil && fault.KindOf(fault.Code(d.Fault.Error)) != fault.Reject {
		return End{}, false
	}
	return rejected(d), true
}

func noEnd(format string, args ...any) error {
	return fault.New(fault.Unexpected, "report this defect of Fairlead with the execution's input", format, args...)
}

// ofRollout reads the verdict.
func ofRollout(d Document) (End, error) {
	switch r := d.Rollout; {
	case r.Verdict == rollout.Healthy:
		return deployed(d), nil
	case r.Verdict == rollout.Unproven:
		return unproven(d), nil
	case r.Verdict == rollout.Superseded:
		return superseded(d, r.Reason), nil
	case r.Verdict == rollout.Failed && d.Rollback != nil:
		return ofRollback(d)
	case r.Verdict == rollout.Failed && r.Restored: // by a workflow that knew no way back yet: an execution keeps its definition
		return rolledBack(d), nil
	case r.Verdict == rollout.Failed:
		return stuck(d), nil
	default:
		return End{}, noEnd("a rollout with the verdict %q is no end", r.Verdict)
	}
}

func deployed(d Document) End {
	return End{Name: Deployed, What: fmt.Sprintf("Service %s runs %s as %s%s.", d.Service, d.Push(), revision.Short(d.target()), before(d)),
		Why: d.Rollout.Reason, Fix: "Nothing to do."}
}

func unproven(d Document) End {
	return End{Name: Skipped, What: fmt.Sprintf("Service %s is pointed at %s with %s, but this is not called deployed.", d.Service, revision.Short(d.target()), d.Push()),
		Why: d.Rollout.Reason, Fix: "Watch the service when it is scaled up: Fairlead does not follow this revision any further."}
}

func skipped(d Document, reason string) End {
	if d.DryRun && d.Push() == (Push{}) {
		return End{Name: Skipped, What: fmt.Sprintf("A look at service %s has changed nothing.", or(clean(d.Service, maxName), "(none named)")), Why: reason,
			Fix: "Nothing to do but what the document's image.warnings name."}
	}
	again := "start a new execution with the same input"
	if d.starter(d.Push()).Kind == BySweep && d.Push().Digest != "" {
		again = d.anew()
	}
	return End{Name: Skipped, What: fmt.Sprintf("%s was not deployed to service %s, and nothing was changed.", sentence(d.Push()), d.Service),
		Why: reason, Fix: "Nothing to do. If it should have been deployed, mend what the reason names, then " + again + "."}
}

// held is the end of an execution whose service is held. What was pushed goes out by itself when the hold has ended, if it is
// the newest; what an operator named does not.
func held(d Document, reason string) End {
	end := skipped(d, reason)
	end.Held = true
	end.Fix = "Nothing to do: when the hold has ended, the newest push goes out by itself."
	if d.starter(d.Push()).Kind == byOperator {
		end.Fix = "Nothing to do, or lift the hold and start a new execution with the same input: what is named by hand does not go out by itself."
	}
	return end
}

func superseded(d Document, reason string) End {
	var how string
	switch {
	case d.Rollout != nil:
		how = "; the service was left to what is newer"
	case d.Update == nil || d.Update.Decision != rollout.Outrun:
		how = " before it touched the service"
	}
	return End{Name: Superseded, What: fmt.Sprintf("The deployment of %s to service %s was superseded%s.", d.Push(), d.Service, how),
		Why: reason, Fix: "Nothing to do: follow the newer deployment."}
}

// refused is the end of an execution that did not get the claim.
func refused(d Document) End {
	end := superseded(d, d.Claim.Reason)
	end.Follow = d.Claim.Follow
	end.Fix = "Nothing to do: follow the deployment that holds the claim. " +
		"To deploy it all the same, start an execution that names it, with the digest that runs now as allowOlder.replaces."
	return end
}

func rejected(d Document) End {
	return End{Name: Rejected, Error: or(d.Fault.Error, errorRejected),
		What: fmt.Sprintf("%s is not fit to run as service %s. Nothing was touched.", sentence(d.Push()), d.Service),
		Why:  d.Fault.Why(), Fix: "Do not redrive, it would only fail again: " + or(d.Fault.Fix(), "push a fit image under a new tag") + "."}
}

// before names the revision that the service ran before, where it is known.
func before(d Document) string {
	if d.base() == "" {
		return ""
	}
	return ", before it ran " + revision.Short(d.base())
}

// sentence begins a sentence with the name of an image.
func sentence(p Push) string {
	if p.Repository != "" {
		return p.String()
	}
	return capital(p.String())
}

// capital begins a sentence.
func capital(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
