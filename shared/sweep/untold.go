package sweep

import (
	"fmt"
	"time"
)

// redrives bounds how often an execution is redriven, whoever does it: what stops it over and over has to be mended first.
const redrives = 3

// longest is how long ago an execution may have ended that is redriven: why its tasks failed, ECS has forgotten long before.
const longest = 24 * time.Hour

// Untold says whether the execution that holds the claim has ended without an end of the workflow, so that, if ECS has taken the
// service back from what it deployed, nobody has said so, and the image would be deployed again. It says why or why not.
//
// A person who has stopped it has some minutes to redrive it. One that was redriven, or that the sweep itself has started, is
// given an hour.
func Untold(holder Run, now time.Time) (untold bool, reason string) {
	patience := Grace
	if holder.swept() || holder.Redrives > 0 {
		patience = time.Hour
	}
	since := now.Sub(holder.StoppedAt)
	switch {
	case holder.Status == "":
		return false, "how the execution that holds the claim ended cannot be told any more"
	case holder.runs():
		return false, fmt.Sprintf("execution %s is at it", holder.Execution)
	case holder.told():
		return false, fmt.Sprintf("execution %s has followed what it deployed as far as it went", holder.Execution)
	case since > longest:
		return false, fmt.Sprintf("execution %s ended %s more than a day ago: its redrive is left to a person", holder.Execution, holder.Status)
	case holder.Redrives >= redrives:
		return false, fmt.Sprintf("execution %s was redriven %d times and ended %s again: that is left to a person", holder.Execution, holder.Redrives, holder.Status)
	case since < patience:
		return false, fmt.Sprintf("execution %s ended %s only at %s, and may be redriven", holder.Execution, holder.Status, holder.StoppedAt.UTC().Format(time.RFC3339))
	default:
		return true, fmt.Sprintf("execution %s ended %s without following what it deployed", holder.Execution, holder.Status)
	}
}
