package rollback

import (
	"slices"
	"strings"

	"fairlead/shared/rollout"
)

// Target is the revision to go back to, "" if there is none. One whose deployment succeeded without a task was never in
// service successfully; it is gone back to where there is no other. Where ECS keeps no service deployments from before ours, which
// it does for 90 days, its list of the service's own deployments shows what it had completed.
func (c Case) Target() string {
	fit := func(d rollout.Deployment) bool {
		return d.TaskDefinition != "" && c.fit(d.TaskDefinition) && !c.failed(d)
	}
	i := slices.IndexFunc(c.Before, func(d rollout.Deployment) bool { return fit(d) && c.ran(d) })
	if i < 0 {
		i = slices.IndexFunc(c.Before, fit)
	}
	switch {
	case i >= 0:
		return c.Before[i].TaskDefinition
	case len(c.Before) > 0:
		return ""
	default:
		return c.completed()
	}
}

// farthest is how many of the deployments before ours are weighed at most.
const farthest = 100

// Further says whether none of the deployments before ours, as far back as was looked, can be gone back to: one before them
// may be.
func (c Case) Further() bool {
	return len(c.Before) > 0 && len(c.Before) < farthest && c.Target() == ""
}

// failed says whether a deployment ran the image that has failed, be it by a tag.
func (c Case) failed(d rollout.Deployment) bool {
	return slices.ContainsFunc(d.Images, func(i rollout.Image) bool { return Holds([]string{i.Name, i.Digest}, c.Digest) })
}

// Ran are the digests that the containers of a revision ran, by their names, when it was in service successfully last, as
// far as ECS tells.
func (c Case) Ran(taskDefinition string) map[string]string {
	digests := map[string]string{}
	for _, d := range c.Before {
		if d.TaskDefinition != taskDefinition || c.failed(d) {
			continue
		}
		for _, i := range d.Images {
			if digests[i.Container] == "" {
				digests[i.Container] = i.Digest
			}
		}
	}
	return digests
}

// completed is the newest other revision of which the service's own list says that it was completed before ours, or "".
func (c Case) completed() string {
	var last rollout.Entry
	for _, e := range c.Seen.Entries {
		if e.State == "COMPLETED" && c.fit(e.TaskDefinition) && e.CreatedAt.Before(c.Aim.Since) && e.CreatedAt.After(last.CreatedAt) {
			last = e
		}
	}
	return last.TaskDefinition
}

// ran says whether tasks of a deployment that succeeded have run, as far as ECS shows: it may have been scaled up since.
// AWS does not document that the counts of a finished deployment stay as they were; where they do not, all of those
// before ours look alike, and the newest is the one to go back to.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceRevisionSummary.html
func (c Case) ran(d rollout.Deployment) bool {
	return !d.Idle || slices.ContainsFunc(c.Seen.Entries, func(e rollout.Entry) bool { return e.TaskDefinition == d.TaskDefinition && e.Running > 0 })
}

// fit says whether a revision is neither ours nor known to be unfit.
func (c Case) fit(taskDefinition string) bool {
	return taskDefinition != c.Aim.TaskDefinition && !slices.Contains(c.Unfit, taskDefinition) && !slices.Contains(c.Loose, taskDefinition)
}

// Holds says whether one of some images, or digests of them, is that of a digest.
func Holds(images []string, digest string) bool {
	return digest != "" && slices.ContainsFunc(images, func(image string) bool { return strings.HasSuffix(image, digest) })
}
