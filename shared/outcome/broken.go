package outcome

import (
	"fmt"
	"strings"

	"fairlead/shared/fault"
	"fairlead/shared/revision"
	"fairlead/shared/rollout"
)

// Break is how an execution ended that did not reach an end of the workflow.
type Break struct {
	Status string // FAILED, TIMED_OUT or ABORTED
	// State is the state that it ended in, or "" if that is not known.
	State string
	// Fault is the execution's error and cause.
	Fault Fault
}

// Touched says whether an execution pointed the service at its revision.
type Touched string

// What is known of it.
const (
	Untouched    Touched = "no"
	MaybeTouched Touched = "maybe"
	WasTouched   Touched = "yes"
)

// Failure is the end of an execution that broke off, with the truth about whether it touched the service.
func Failure(d Document, b Break) End {
	return End{Name: Failed, Error: b.name(),
		What: fmt.Sprintf("%s %s. %s", d.attempt(), b.how(), left(d, b)),
		Why:  b.Fault.Why(), Fix: b.fix() + b.explained()}
}

// attempt is what the execution was to do.
func (d Document) attempt() string {
	service := or(clean(d.Service, maxName), "(none named)")
	if d.DryRun {
		return "The dry run for service " + service
	}
	return fmt.Sprintf("The deployment of %s to service %s", d.Push(), service)
}

// name is the error of an execution that has none of its own: one that was stopped, as a rule.
func (b Break) name() string {
	switch {
	case b.Fault.Error != "":
		return b.Fault.Error
	case b.Status == "ABORTED":
		return "Execution.Aborted"
	case b.Status == "TIMED_OUT":
		return "Execution.TimedOut"
	default:
		return "Execution.Failed"
	}
}

func (b Break) how() string {
	in := ""
	if b.State != "" {
		in = " in state " + b.State
	}
	switch b.Status {
	case "ABORTED":
		return "was stopped by a person" + in
	case "TIMED_OUT":
		return "took longer than an execution may" + in
	default:
		return "failed" + in
	}
}

// left says what the execution left behind.
func left(d Document, b Break) string {
	if b.State == stateRecord {
		if end, err := Decide(d); err == nil {
			return fmt.Sprintf("Only the record is missing, the deployment itself had ended as %s: %s", end.Name, end.What)
		}
	}
	switch TouchedBy(d, b) {
	case Untouched:
		return "The service was not touched."
	case WasTouched:
		if back := d.onTheWayBack(b); back != "" {
			return back
		}
		return fmt.Sprintf("The service had been pointed at %s by then: ECS goes on with that deployment. %s", revision.Short(d.target()), b.follower())
	default:
		return fmt.Sprintf("Whether the service was pointed at %s is not known: look at it in ECS.", or(revision.Short(d.target()), "a new revision"))
	}
}

// follower says who follows the deployment that an execution has left to ECS.
func (b Break) follower() string {
	if b.Fault.Error == string(fault.UnknownName) {
		return "Until the service is back in the configuration nobody follows it, for the sweep looks at the configured services alone."
	}
	return "A redrive follows it, or else the sweep, which looks every 15 minutes. Once another execution has claimed the service for another image, a redrive alone does."
}

// onTheWayBack says what an execution left behind that broke off after its deployment had failed, or "".
func (d Document) onTheWayBack(b Break) string {
	failed := revision.Short(d.target())
	switch {
	case d.Rollout == nil || d.Rollout.Verdict != rollout.Failed:
		return ""
	case d.Rollback != nil:
		return fmt.Sprintf("The deployment of %s had failed, and the service was on its way back: %s. ECS goes on with that; a redrive follows it, and nothing else does.", failed, strings.TrimRight(d.Rollback.Reason, "."))
	case b.State == stateBack:
		return fmt.Sprintf("The deployment of %s has failed. A call that takes the service back may have been made: who follows it finds that out, and takes it back otherwise. %s", failed, b.follower())
	case b.State == stateDiagnose:
		return fmt.Sprintf("The deployment of %s has failed, and the service was not taken back from it by Fairlead. %s", failed, b.follower())
	default:
		return ""
	}
}

// The states by which it is told how far an execution came. Those not named here come after UpdateService.
const (
	stateFirst    = "CheckImage"
	stateUpdate   = "UpdateService"
	stateDiagnose = "DiagnoseFailure"
	stateBack     = "RollBack"
	stateRecord   = "RecordOutcome"
)

// TouchedBy says whether the service was touched by an execution that broke off.
func TouchedBy(d Document, b Break) Touched {
	switch {
	case b.early():
		return Untouched
	case d.pointed():
		return WasTouched
	case b.Fault.Error == string(fault.RolloutAbsent):
		return Untouched
	case b.State == stateUpdate && b.refused():
		return Untouched
	case b.State == stateRecord && d.Rollout == nil && d.Update == nil:
		return Untouched
	default:
		return MaybeTouched
	}
}

// refused says whether the update itself was refused, so that it surely had no effect.
func (b Break) refused() bool {
	switch fault.Code(b.Fault.Error) {
	case fault.ServiceRefused, fault.ServiceGated, fault.ServiceNotFound, fault.ServiceNotActive, fault.ServiceBaseMoves, fault.UnknownName, fault.InputInvalid, fault.ConfigInvalid:
		return true
	case fault.PermissionDenied:
		text := b.Fault.Text()
		return strings.Contains(text, "ecs:UpdateService") || strings.Contains(text, "iam:PassRole")
	default:
		return false
	}
}

// explained are the errors that docs/troubleshooting.md explains further.
func (b Break) explained() string {
	switch fault.Code(b.Fault.Error) {
	case fault.PermissionDenied, fault.ServiceRole, fault.ServiceRoleUnusable, fault.AWSThrottled:
		return " What lies behind it: docs/troubleshooting.md#in-an-execution."
	default:
		return ""
	}
}

// fix says what to do, and whether to redrive or to start anew: in the words of the fault itself where it has any, for a
// second advice beside it would contradict it.
func (b Break) fix() string {
	own := capital(b.Fault.Fix())
	switch {
	case own != "" && startsAnew(own):
		return own + ". A redrive would only fail again."
	case own != "" && strings.Contains(own, "redrive"):
		return own + "." + b.goesOn(" The redrive goes on in %s.")
	case own != "":
		return own + ". Then redrive the execution" + b.goesOn(": it goes on in %s") + "."
	case b.Fault.Error == string(fault.InputInvalid), b.Fault.Error == string(fault.RolloutAbsent):
		return "Mend the cause, then start a new execution: a redrive would only fail again."
	case b.Status == "ABORTED":
		return "If it shall go on, redrive the execution" + b.goesOn(": it goes on in %s") + "."
	case b.Status == "TIMED_OUT":
		return "Look why it took so long, then redrive the execution" + b.goesOn(": it goes on in %s") + "."
	default:
		return "Mend the cause, then redrive the execution" + b.goesOn(": it goes on in %s") + "."
	}
}

// goesOn names the state in which a redrive goes on, where it is known.
func (b Break) goesOn(format string) string {
	if b.State == "" {
		return ""
	}
	return fmt.Sprintf(format, b.State)
}

// startsAnew says whether an advice is to start a new execution.
func startsAnew(fix string) bool {
	return strings.Contains(strings.ToLower(fix), "start a new execution") || strings.Contains(strings.ToLower(fix), "start anew")
}
