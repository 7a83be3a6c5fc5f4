// Package rollback answers: which way back?
//
// Back means the revision of the newest service deployment that succeeded before ours: never "one revision earlier",
// never our own, never one with the image that has just failed. [Choose] decides from what ECS shows, and is pure. It
// stands after diagnosis in the flow: RollBack adds [Done] to the document, and JudgeRollback tells how it went.
package rollback

import "time"

// Decision is what RollBack does.
type Decision string

const (
	// Restoring says that ECS is at it already: it is waited for.
	Restoring Decision = "restoring"
	// Stopped says that ECS was asked to stop our deployment and to roll it back.
	Stopped Decision = "stopped"
	// Pointed says that the service was pointed at an earlier revision again.
	Pointed Decision = "pointed"
	// Finished says that our deployment succeeded after all, before anything was done: how it stands is judged once more.
	Finished Decision = "finished"
	// Restored says that the service runs an earlier revision again already.
	Restored Decision = "restored"
	// Nothing says that there is nothing to go back to, that ECS has failed to go back, or that the service is not ours to
	// point back and nobody else has deployed to it: the service needs a person.
	Nothing Decision = "nothing"
	// Gone says that the service is not there any more.
	Gone Decision = "gone"
	// Superseded says that something newer took the service over: nothing of it is ours to touch.
	Superseded Decision = "superseded"
)

// Waits says whether JudgeRollback is to tell how the decision went.
func (d Decision) Waits() bool {
	return d == Restoring || d == Stopped || d == Pointed || d == Finished
}

// Blames says whether the decision leaves it at that the image has failed.
func (d Decision) Blames() bool { return d != Finished && d != Gone }

// Done is the document's key "rollback": what RollBack did. Every field is always present.
type Done struct {
	Decision Decision `json:"decision"`
	Reason   string   `json:"reason"`
	// TaskDefinition is the revision that the service goes back to, "" where there is none or ECS alone knows it.
	TaskDefinition string `json:"taskDefinition"`
	// CopyOf is the revision that TaskDefinition is a copy of, where that was deregistered meanwhile or has the image by a
	// tag; else "".
	CopyOf string `json:"copyOf"`
	// Awaits is the revision whose deployment tells how it ends: our failed one, or TaskDefinition; "" if none is awaited.
	Awaits string `json:"awaits"`
	// At is when the service began to go back, by ECS where it tells that.
	At time.Time `json:"at"`
	// Follow is the ARN of the execution that the service is left to, where that deploys this very image; else "".
	Follow string `json:"follow"`
}
