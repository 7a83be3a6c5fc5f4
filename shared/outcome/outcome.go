// Package outcome answers: how did it end, why, and what now?
//
// Every execution ends in one named outcome about its own deployment. [Decide] reads it from the finished document;
// RecordOutcome writes it to the history and announces it as one event. It is the last of the packages in the flow.
package outcome

// Name is the name of an end of the workflow.
type Name string

const (
	// Deployed says that our own service deployment succeeded, with tasks that showed it.
	Deployed Name = "Deployed"
	// Skipped says that there was nothing to do, or nothing that shows health.
	Skipped Name = "Skipped"
	// Superseded says that something newer took over; it is not a failure.
	Superseded Name = "Superseded"
	// Rejected says that the image is unfit. Nothing was touched.
	Rejected Name = "Rejected"
	// RolledBack says that the deployment failed and that the service runs an earlier revision again.
	RolledBack Name = "RolledBack"
	// Stuck says that the deployment failed and that the service needs a person.
	Stuck Name = "Stuck"
	// Failed says that the execution ended in one of its states, before it could tell its own end.
	Failed Name = "Failed"
)

// Succeeds says whether an execution with this outcome ends as SUCCEEDED: a test holds the ends of the workflow to it.
func (n Name) Succeeds() bool { return n == Deployed || n == Skipped || n == Superseded }

// Outcome is the document's key "outcome". Every field is always present.
type Outcome struct {
	// ID is the same for one execution and redrive, however often the outcome is recorded.
	ID   string `json:"id"`
	Name Name   `json:"name"`
	// Error is the name that the console shows for an execution that fails; "" for one that succeeds.
	Error string `json:"error"`
	// Cause is a few lines that stand alone: what happened to which image and service, why, and what to do.
	Cause string `json:"cause"`
}
