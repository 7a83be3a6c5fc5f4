// Package revision answers: which task definition should the service run next?
//
// The next revision is a copy of what the service runs, or of what somebody has added to its family since ([Source]), with
// another image and our own tags, and nothing else: [Next] makes it, [Compare] proves it on what really travels, and [Choose] says whether one is needed at
// all. The package is pure. It stands after claim and before rollout in the flow; RegisterRevision adds [Registered] to
// the document.
package revision

// Decision is what RegisterRevision did.
type Decision string

const (
	// New says that this execution registered the revision, in this attempt or in an earlier one.
	New Decision = "registered"
	// Adopted says that the service is being pointed at a revision of ours with this image already.
	Adopted Decision = "adopted"
	// Unchanged says that there is nothing to deploy.
	Unchanged Decision = "unchanged"
	// Superseded says that a newer execution has deployed the service.
	Superseded Decision = "superseded"
	// Quarantined says that no revision is made, for the image was put into quarantine since the claim was taken.
	Quarantined Decision = "quarantined"
)

// Deploys says whether there is a revision to put into service.
func (d Decision) Deploys() bool { return d == New || d == Adopted }

// Registered is the document's key "revision". Every field is always present.
type Registered struct {
	Decision Decision `json:"decision"`
	Reason   string   `json:"reason"`
	// TaskDefinition is the ARN of the revision to put into service; for a decision that deploys nothing, of the one
	// that is in service.
	TaskDefinition string `json:"taskDefinition"`
	// Base is the ARN of the revision that the service still runs.
	Base string `json:"base"`
	// Copied is the ARN of the revision that was copied: the base, unless the service is configured to follow its family.
	Copied string `json:"copied"`
	// Attempt counts how often a revision was made by this execution because its base had moved, from 1.
	Attempt int `json:"attempt"`
}

// MaxAttempts is how often a revision is made before the execution gives up on a service whose base keeps moving.
const MaxAttempts = 3
