package revision

import (
	"fmt"

	"fairlead/shared/image"
)

// Want is what an execution wants to see in service.
type Want struct {
	// Execution is its ARN, Sequence that of its claim.
	Execution string
	Sequence  int64
	// Image is what the containers that are deployed to shall run, pinned by its digest.
	Image image.Reference
	// Replaces is set where an operator goes back: the digest that has to be the running one.
	Replaces image.Digest
	// Copies is the revision of the family that CheckImage found to be copied: what the service ran then, or, under the
	// base family, a newer one of somebody else. The zero Name is what the service runs now.
	Copies Name
	// Follows is the revision that is in service and whose rollout is to be followed, whatever became of it; the zero Name
	// for an execution that deploys.
	Follows Name
}

// Seen is what the service runs: the base, should a revision be made.
type Seen struct {
	// TaskDefinition is the service's.
	TaskDefinition Name
	Mark           Mark
	// Images are the images of the containers that are deployed to, at least one.
	Images []string
	// Digest is the one that they run; "" if that is not known or not one.
	Digest image.Digest
	// Rollout is ECS's rolloutState of the PRIMARY deployment if that is of this task definition, or "":
	// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html
	Rollout string
}

// ECS's words for the state of a deployment.
const (
	completed  = "COMPLETED"
	inProgress = "IN_PROGRESS"
)

// Choose says what to do: [New] if a revision has to be made from the base (it then has no TaskDefinition yet), else
// what makes that needless.
func Choose(seen Seen, want Want) Registered {
	now := seen.TaskDefinition.String()
	decision, reason := needless(seen, want)
	if decision == "" {
		copied := seen.source(want.Copies).String()
		return Registered{Decision: New, Base: now, Copied: copied, Reason: "copied from " + copied + " with the image " + want.Image.String()}
	}
	return Registered{Decision: decision, Reason: reason, TaskDefinition: now, Base: seen.base(), Copied: seen.copied()}
}

// needless says why no revision has to be made, or nothing.
func needless(seen Seen, want Want) (Decision, string) {
	if seen.Mark.Ours() && seen.Mark.Sequence > want.Sequence {
		return Superseded, fmt.Sprintf("the service was pointed at a revision of a newer execution, %s", seen.Mark.Execution)
	}
	if want.Follows.Family != "" {
		return follow(seen, want)
	}
	if decision, reason := running(seen, want); decision != "" {
		return decision, reason
	}
	if want.Replaces != "" && want.Replaces != seen.Digest {
		return Unchanged, fmt.Sprintf("allowOlder replaces %s, and the service runs %s", want.Replaces, seen.running())
	}
	return "", ""
}

// follow adopts exactly the revision that is to be followed.
func follow(seen Seen, want Want) (Decision, string) {
	if seen.TaskDefinition != want.Follows {
		return Superseded, fmt.Sprintf("the rollout of %s was to be followed, and the service was pointed at %s meanwhile", want.Follows, seen.TaskDefinition)
	}
	return Adopted, fmt.Sprintf("the rollout that execution %s has left is followed to its end", seen.Mark.Execution)
}

// running says why no revision has to be made for a service that is pointed at the image already, or nothing. A deployment of it that has failed, or
// that someone else makes, does not do.
func running(seen Seen, want Want) (Decision, string) {
	switch {
	case !seen.runs(want.Image):
		return "", ""
	case seen.Mark.MadeBy(want.Execution):
		return Adopted, "the service was pointed at the revision of this execution already"
	case seen.Rollout == completed:
		return Unchanged, "the service runs this image already"
	case seen.Rollout == inProgress && seen.Mark.Ours():
		return Adopted, fmt.Sprintf("execution %s is rolling out this image now", seen.Mark.Execution)
	default:
		return "", ""
	}
}

// base is the revision before the one that is in service, if we made that, else the one in service.
func (s Seen) base() string {
	if s.Mark.Base > 0 {
		return s.TaskDefinition.Sibling(s.Mark.Base).String()
	}
	return s.TaskDefinition.String()
}

// copied is the revision that was copied to make the one in service, if we made that, else the one in service.
func (s Seen) copied() string {
	if s.Mark.Source() > 0 {
		return s.TaskDefinition.Sibling(s.Mark.Source()).String()
	}
	return s.TaskDefinition.String()
}

// source is the revision to copy. One that was found earlier is copied if what the service runs does not descend from it
// by now.
func (s Seen) source(found Name) Name {
	if found.Family == s.TaskDefinition.Family && found.Revision > Descends(s.TaskDefinition, s.Mark) && found.Revision != s.TaskDefinition.Revision {
		return found
	}
	return s.TaskDefinition
}

// runs says whether all containers that are deployed to have this image, by whichever host of the registry.
func (s Seen) runs(want image.Reference) bool {
	for _, name := range s.Images {
		ref, err := image.ParseReference(name)
		if err != nil || !ref.In(want.Name) || ref.Digest != want.Digest {
			return false
		}
	}
	return len(s.Images) > 0
}

// running is what the service runs, for a sentence.
func (s Seen) running() string {
	if s.Digest == "" {
		return "an image that is not pinned to one digest"
	}
	return string(s.Digest)
}
