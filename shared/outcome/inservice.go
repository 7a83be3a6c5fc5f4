package outcome

import "fairlead/shared/revision"

// InService is what an execution has seen in service: what it deployed, or what ran already.
type InService struct {
	Digest, Tag    string
	TaskDefinition string // an ARN
	Sequence       int64  // of the execution's claim: the higher is the newer
}

// InService returns what the service runs for sure by this end, and false for an end that does not tell: that of an
// execution which was rolled back or deployed nothing, and of one whose tasks never showed that they run. One that was superseded
// after its deployment had succeeded tells: what came after may lead back to it.
func (d Document) InService(end End) (InService, bool) {
	if d.Image == nil || d.Image.Digest == "" || d.Claim == nil || !d.Claim.Granted {
		return InService{}, false
	}
	found := InService{Digest: string(d.Image.Digest), Tag: d.Image.Tag, Sequence: d.Claim.Sequence}
	switch {
	case end.Name == Deployed, end.Name == Superseded && d.succeeded():
		found.TaskDefinition = d.target()
	case end.Name == Skipped && d.ranAlready():
		found.TaskDefinition = d.Revision.TaskDefinition
	default:
		return InService{}, false
	}
	return found, true
}

// succeeded says whether the execution's own deployment came to a good end, whatever followed it.
func (d Document) succeeded() bool {
	return d.Rollout != nil && d.Rollout.Status == "SUCCESSFUL" && d.Rollout.Running > 0
}

// ranAlready says whether nothing was done because the service runs the image. Where an operator goes back, "unchanged" may
// also say that it runs another than the one to be replaced.
func (d Document) ranAlready() bool {
	return d.Rollout == nil && d.Revision != nil && d.Revision.Decision == revision.Unchanged && d.Image.Replaces == ""
}
