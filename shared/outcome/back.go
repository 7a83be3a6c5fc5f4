package outcome

import (
	"fmt"
	"strings"

	"fairlead/shared/revision"
	"fairlead/shared/rollback"
	"fairlead/shared/rollout"
)

// ofRollback reads how the way back from a failed rollout ended.
func ofRollback(d Document) (End, error) {
	if d.Rollback.Decision.Waits() {
		return ofRestoration(d)
	}
	switch d.Rollback.Decision {
	case rollback.Restored:
		return rolledBack(d), nil
	case rollback.Superseded:
		end := overtaken(d, d.Rollback.Reason)
		end.Follow = d.Rollback.Follow
		return end, nil
	case rollback.Nothing, rollback.Gone:
		return stuck(d), nil
	default:
		return End{}, noEnd("the way back %q is no end", d.Rollback.Decision)
	}
}

// ofRestoration reads the verdict on a way back that was waited for.
func ofRestoration(d Document) (End, error) {
	if d.Restoration == nil {
		return End{}, noEnd("the way back was not judged")
	}
	switch r := d.Restoration; r.Verdict {
	case rollout.Restored:
		return rolledBack(d), nil
	case rollout.Failed:
		return stuck(d), nil
	case rollout.Superseded:
		return overtaken(d, r.Reason), nil
	case rollout.Healthy, rollout.Unproven:
		return finishedFirst(d), nil
	default:
		return End{}, noEnd("a way back with the verdict %q is no end", r.Verdict)
	}
}

// rolledBack is the end of a deployment that failed, and whose service runs an earlier revision again.
func rolledBack(d Document) End {
	end := End{Name: RolledBack, Error: errorRolledBack,
		What: fmt.Sprintf("%s failed as service %s, and the service is back on %s%s.", sentence(d.Push()), d.Service, or(revision.Short(d.running()), "an earlier revision"), d.wayBack()),
		Why:  d.whyFailed(), Fix: d.afterFailure()}
	if d.Rollback != nil && d.Rollback.Decision == rollback.Pointed {
		end.Why = andTheWayBack(end.Why, d.Rollback.Reason)
	}
	return end
}

// andTheWayBack adds to why a deployment failed why the service went back as it did.
func andTheWayBack(why, reason string) string {
	return strings.TrimRight(why, ". ") + ". The way back: " + reason
}

// stuck is the end of a deployment that failed, and whose service needs a person.
func stuck(d Document) End {
	what := "the service was not put back"
	switch {
	case d.Rollback != nil && d.Rollback.Decision == rollback.Gone:
		what = "the service is gone"
	case d.Restoration != nil:
		what = "the way back failed too"
	}
	end := End{Name: Stuck, Error: errorStuck,
		What: fmt.Sprintf("%s failed as service %s, and %s: it needs you.%s", sentence(d.Push()), d.Service, what, d.pointedAt()),
		Why:  d.whyFailed(),
		Fix:  "Read the service's deployments and stopped tasks in ECS. Then push a mended image, or go back by hand. " + d.afterFailure()}
	if d.Rollback != nil {
		end.Why = andTheWayBack(end.Why, d.backReason())
	}
	return end
}

// overtaken is the end of a deployment that failed, and whose service something newer has taken over since.
func overtaken(d Document, reason string) End {
	return End{Name: Superseded,
		What: fmt.Sprintf("%s failed as service %s, and something newer has taken the service over since; it was left to that.", sentence(d.Push()), d.Service),
		Why:  strings.TrimRight(reason, ". ") + ". The failure: " + d.whyFailed(), Fix: "Follow the newer deployment. " + d.afterFailure()}
}

// finishedFirst is the end of a deployment that was called failed, and that succeeded before it was stopped.
func finishedFirst(d Document) End {
	end := deployed(d)
	if d.Restoration.Verdict == rollout.Unproven {
		end = unproven(d)
	}
	end.Why = fmt.Sprintf("It finished before it was rolled back: %s. It was to be: %s", strings.TrimRight(d.Restoration.Reason, "."), d.Rollout.Reason)
	if d.Rollback.Decision.Blames() {
		end.Fix = "The image runs, but is in quarantine: " + d.release() + "."
	}
	return end
}

// wayBack says who put the service back.
func (d Document) wayBack() string {
	if d.Rollback == nil {
		return ""
	}
	switch d.Rollback.Decision {
	case rollback.Stopped:
		return ": Fairlead had ECS stop the deployment and roll it back"
	case rollback.Pointed:
		if d.Rollback.CopyOf != "" {
			return fmt.Sprintf(": Fairlead pointed it there, at a copy of %s", revision.Short(d.Rollback.CopyOf))
		}
		return ": Fairlead pointed it there again"
	default:
		return ": ECS rolled it back"
	}
}

// backReason is the last that is known of the way back.
func (d Document) backReason() string {
	if d.Restoration != nil {
		return d.Rollback.Reason + ". " + d.Restoration.Reason
	}
	return d.Rollback.Reason
}

// pointedAt says where a service is that needs a person.
func (d Document) pointedAt() string {
	if d.running() == "" {
		return ""
	}
	return fmt.Sprintf(" It is pointed at %s%s.", revision.Short(d.running()), before(d))
}

// whyFailed is why the deployment failed: the cause that was found, and what ECS says.
func (d Document) whyFailed() string {
	if d.Diagnosis == nil || d.Diagnosis.What == "" {
		return d.Rollout.Reason
	}
	why := strings.TrimRight(d.Diagnosis.What, ". ") + "."
	if seen := d.seenInECS(); seen != "" {
		why += " Seen in ECS: " + seen
	}
	return why
}

// seenInECS is the reason of the verdict without what the diagnosis has said already: a deployment that was given up early was
// given up for its cause.
func (d Document) seenInECS() string {
	reason := d.Rollout.Reason
	cause, _, _ := strings.Cut(d.Diagnosis.What, " (") // how often it was seen, the two count each for itself
	before, after, said := strings.Cut(reason, cause)
	if !said {
		return reason
	}
	_, more, _ := strings.Cut(after, ". ")
	return before + more
}

// afterFailure is what a person does about an image that has failed: push another one, or, where the fault lies beside the
// image, mend that and let the same image go out.
func (d Document) afterFailure() string {
	mend, beside := "mend the cause", false
	if d.Diagnosis != nil && d.Diagnosis.Fix != "" {
		mend, beside = strings.TrimRight(d.Diagnosis.Fix, ". "), d.Diagnosis.Cause.BesideImage()
	}
	blamed := d.Rollback != nil && d.Rollback.Decision.Blames()
	switch {
	case beside && blamed:
		return "Do not redrive: " + mend + "; the image itself is not to blame, so " + d.release() + "."
	case beside:
		return "Do not redrive: " + mend + "; then " + d.anew() + "."
	case blamed:
		return "Do not redrive: " + mend + "; then push a new image. This one is in quarantine: if it was not to blame, " + d.release() + "."
	default:
		return "Do not redrive: " + mend + "; then push a new image."
	}
}

// release is how an image is released from quarantine.
func (d Document) release() string {
	return fmt.Sprintf("release it with `fairlead quarantine release -service %s -digest %s -reason \"…\"` and %s", d.Service, d.Push().Digest, d.anew())
}

// anew is how the same image is deployed by a new execution, whatever has started this one.
func (d Document) anew() string {
	if d.Image != nil && d.Image.Replaces != "" { // without it, maxAge would refuse the older image
		return fmt.Sprintf("start a new execution with {\"service\":%q,\"digest\":%q,\"allowOlder\":{\"replaces\":%q}}", d.Service, d.Push().Digest, d.Image.Replaces)
	}
	return fmt.Sprintf("start a new execution with {\"service\":%q,\"digest\":%q}", d.Service, d.Push().Digest)
}
