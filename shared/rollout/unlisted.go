package rollout

import (
	"fmt"

	"fairlead/shared/revision"
)

// unlisted judges a service whose service deployments show none of ours: ECS has not listed it yet, keeps no service
// deployments for this service, or never started one.
func (c inquiry) unlisted() finding {
	switch {
	case c.now.Sub(latest(c.aim.Since, c.seen.CreatedAt)) < settle:
		return finding{arriving, false, "ECS does not list our service deployment yet"}
	case c.entry.ID != "" && c.entry.Status == primary:
		return c.leading()
	case c.entry.ID != "":
		return c.displaced()
	case !c.elsewhere():
		return finding{Progressing, false, "the service is pointed at our revision, but ECS lists no deployment of it"}
	case c.seen.TaskDefinition != c.aim.Base:
		return finding{Superseded, false, fmt.Sprintf("the service is pointed at %s, which is neither ours nor what we started from, and ECS lists no deployment of ours",
			revision.Short(c.seen.TaskDefinition))}
	case c.aim.Accepted:
		return finding{Failed, c.baseInPlace(), fmt.Sprintf("the service is pointed at %s again, and ECS lists no deployment of ours any more, though it accepted one", revision.Short(c.aim.Base))}
	default:
		return finding{Absent, false, fmt.Sprintf("the service still runs %s, and no deployment of ours exists", revision.Short(c.aim.Base))}
	}
}

// leading judges our revision by the service's own list, where it is PRIMARY.
func (c inquiry) leading() finding {
	switch {
	case c.entry.State == failed:
		return finding{Failed, false, c.say("ECS did not roll it back: the service is still pointed at it")}
	case c.entry.State != completed:
		return finding{Progressing, false, c.say("%d tasks are running", c.entry.Running) + c.setbacks()}
	case c.empty(c.seen.DesiredCount):
		return c.unproven()
	default:
		return finding{Healthy, false, c.say("ECS completed it: %d tasks are running", c.entry.Running)}
	}
}

// displaced judges our revision by the service's own list, where another one is PRIMARY: an older one is ECS's rollback,
// under its original id, a newer one took the service over.
func (c inquiry) displaced() finding {
	switch {
	case c.head.ID == "":
		return finding{Progressing, false, "ECS lists no primary deployment"}
	case c.head.CreatedAt.After(c.entry.CreatedAt):
		return finding{Superseded, false, fmt.Sprintf("a newer deployment of %s, created %s, took the service over", revision.Short(c.head.TaskDefinition), clock(c.head.CreatedAt))}
	case c.head.State == completed:
		return finding{Failed, true, c.say("ECS rolled it back: the service runs %s again", revision.Short(c.head.TaskDefinition))}
	case c.head.State == failed:
		return finding{Failed, false, c.say("ECS could not roll it back to %s", revision.Short(c.head.TaskDefinition))}
	default:
		return finding{Progressing, false, c.say("ECS is rolling it back to %s", revision.Short(c.head.TaskDefinition))}
	}
}
