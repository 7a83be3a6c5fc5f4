package outcome

import "slices"

// Given is what of a document was given to the execution, without the keys of its steps. Of an execution that did not get
// past its first step they were written by another one, and pasted: they tell nothing of this one.
func (d Document) Given() Document {
	return Document{Service: d.Service, Event: d.Event, Tag: d.Tag, DryRun: d.DryRun, Digest: d.Digest, Sweep: d.Sweep}
}

// Began says whether the execution got past its first state, so that its document has keys of its own steps.
func (b Break) Began() bool { return b.State != "" && b.State != stateFirst }

// early says whether the execution broke off in a state before UpdateService. Whatever its document says of an update then
// was pasted, or was one that found the base moved.
func (b Break) early() bool {
	return slices.Contains([]string{stateFirst, "ImageFit", "JudgeScan", "ScanVerdict", "AwaitScan", "CheckSignature", "ClaimService", "ClaimGranted", "RegisterRevision", "RevisionReady"}, b.State)
}

// pointed says whether the service is known to have been pointed at the revision: UpdateService says so, or ECS has shown
// its deployment.
func (d Document) pointed() bool {
	return !d.updatedAt().IsZero() || d.Rollout != nil && d.Rollout.ServiceDeployment != ""
}
