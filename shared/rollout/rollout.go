// Package rollout answers: is the deployment healthy yet?
//
// A rollout is one ECS service deployment and what became of it. The package is pure: shared/edge/look fills [Seen] from
// ECS, [Judge] gives the verdict. It stands after revision and before outcome in the flow: UpdateService adds [Updated]
// to the document, JudgeRollout adds [Judged].
//
// What ECS did is told by the status of *our* service deployment, the one whose target revision has our task definition.
// Counts of tasks never decide: a service that ECS has rolled back looks just as stable as one that was deployed.
package rollout

import "time"

// Decision is what UpdateService did with the service.
type Decision string

const (
	// Pointed says that this call pointed the service at our revision.
	Pointed Decision = "updated"
	// AlreadyThere says that the service was pointed at our revision already; nothing was called.
	AlreadyThere Decision = "alreadyThere"
	// BaseMoved says that the service no longer ran the base, so that the next revision must be made from another one.
	BaseMoved Decision = "baseMoved"
	// Outrun says that a newer execution holds the claim.
	Outrun Decision = "superseded"
	// Held says that an operator holds the service since the claim was taken; nothing was called.
	Held Decision = "held"
	// Quarantined says that the image was put into quarantine since the revision was made; nothing was called.
	Quarantined Decision = "quarantined"
)

// Updated is the document's key "update": what UpdateService did. Every field is always present.
type Updated struct {
	Decision Decision `json:"decision"`
	Reason   string   `json:"reason"`
	// At is when the service was pointed at our revision, or found to be.
	At time.Time `json:"at"`
	// Deployment is the "ecs-svc/N" that ECS named in its answer, or "". It is a hint and decides nothing.
	Deployment string `json:"deployment"`
	// Previous is the task definition that the service ran before the call.
	Previous string `json:"previous"`
	// Follow is the ARN of the execution that holds the claim, where that deploys this very image and so outran us; else "".
	Follow string `json:"follow"`
}

// Verdict is what a look at ECS says about our deployment.
type Verdict string

const (
	// Progressing says that ECS has not finished: look again.
	Progressing Verdict = "progressing"
	// Healthy says that our service deployment succeeded and that tasks of it showed it.
	Healthy Verdict = "healthy"
	// Failed says that our deployment failed; [Judged.Restored] says whether ECS put the service back.
	Failed Verdict = "failed"
	// Superseded says that something newer took the service over: nothing of it is ours to touch.
	Superseded Verdict = "superseded"
	// Unproven says that our deployment succeeded without a single task: nothing shows that it is healthy.
	Unproven Verdict = "unproven"
	// Restored says, on the way back, that the service runs an earlier revision again.
	Restored Verdict = "restored"
	// Absent says that nothing of ours ever reached the service. JudgeRollout makes it the fault Rollout.Absent; it
	// never stands in a document.
	Absent Verdict = "absent"
)

// Judged is the document's key "rollout", what JudgeRollout found, and "restoration", what JudgeRollback found. Every field
// is always present.
type Judged struct {
	Verdict Verdict `json:"verdict"`
	// Restored says of a failed deployment that the service runs an earlier revision again and needs no one.
	Restored bool `json:"restored"`
	// Reason is one or two sentences, ECS's own words first where it has said any.
	Reason string `json:"reason"`
	// ServiceDeployment is the ARN of our service deployment, or "" while ECS shows none.
	ServiceDeployment string `json:"serviceDeployment"`
	// Status is ECS's status of it, and Stage the last lifecycle stage that any look so far has seen; "" where ECS tells
	// none.
	Status string `json:"status"`
	Stage  string `json:"stage"`
	// RunningTaskDefinition is what the service was pointed at when it was looked at.
	RunningTaskDefinition string `json:"runningTaskDefinition"`
	// Running is the most tasks that any look so far has seen running: of ours, and in "restoration", where ECS rolls ours
	// back, of what it goes back to.
	Running int `json:"running"`
	// Since is when the service was pointed at our revision, as far as is known.
	Since    time.Time `json:"since"`
	JudgedAt time.Time `json:"judgedAt"`
	// Deadline is when the wait ends if ECS has not finished by then. Progress moves it.
	Deadline time.Time `json:"deadline"`
}
