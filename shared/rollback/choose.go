package rollback

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"fairlead/shared/revision"
	"fairlead/shared/rollout"
)

// Case is what is known when the way back is chosen.
type Case struct {
	// Aim is what the execution wanted of the service.
	Aim rollout.Aim
	// Seen is a look at ECS for our deployment.
	Seen rollout.Seen
	// Before are the service deployments that succeeded before ours, newest first, as far back as was looked.
	Before []rollout.Deployment
	// Digest is that of the image that has failed.
	Digest string
	// Earlier is the revision that an earlier attempt went back to, or was about to; "" if there was none.
	Earlier string
	// Unstoppable says that our deployment is not to be stopped: ECS has refused to, or could not go back by itself.
	Unstoppable bool
	// Unfit are revisions that were found unfit to go back to.
	Unfit []string
	// Loose are revisions with the image by a tag that cannot be pinned: ECS does not tell which image they ran, and would
	// resolve the tag anew. The tag may be that of the image that has failed by now.
	Loose []string
	Now   time.Time
}

// Plan is what to do.
type Plan struct {
	Decision Decision
	Reason   string
	// Target is the revision to go back to; for [Stopped] the one that ECS is expected to choose.
	Target string
	// Stop is the ARN of the service deployment to stop.
	Stop string
	// Landed says that an earlier attempt has pointed the service at Target already, At when.
	Landed bool
	At     time.Time
}

// Calls says whether the plan asks for a call of ECS.
func (p Plan) Calls() bool {
	return p.Decision == Stopped || p.Decision == Pointed && !p.Landed
}

// The statuses of a service deployment that matter here.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
const (
	pending            = "PENDING"
	inProgress         = "IN_PROGRESS"
	rollbackRequested  = "ROLLBACK_REQUESTED"
	rollbackInProgress = "ROLLBACK_IN_PROGRESS"
)

// Choose says which way the service goes back. It never touches a service that something newer has taken over or that
// ECS itself takes back, never goes back twice, and never to a revision that has our image.
func Choose(c Case) Plan {
	judged := c.judge()
	if c.Seen.Status != "ACTIVE" {
		return Plan{Decision: Gone, Reason: judged.Reason}
	}
	if at, landed := c.landed(judged); landed {
		return Plan{Decision: Pointed, Target: c.Earlier, Landed: true, At: at,
			Reason: fmt.Sprintf("an earlier attempt has pointed the service at %s again", revision.Short(c.Earlier))}
	}
	switch {
	case judged.Verdict == rollout.Superseded:
		return Plan{Decision: Superseded, Reason: judged.Reason}
	case judged.Verdict == rollout.Healthy, judged.Verdict == rollout.Unproven:
		return Plan{Decision: Finished, Reason: "our deployment finished before it was rolled back: " + judged.Reason}
	case judged.Status == rollbackRequested, judged.Status == rollbackInProgress:
		return Plan{Decision: Restoring, Reason: "ECS is rolling it back already", Target: c.running()}
	case judged.Restored, judged.Verdict == rollout.Absent:
		return Plan{Decision: Restored, Reason: judged.Reason, Target: c.running()}
	case c.elsewhere():
		return c.left(judged)
	default:
		return c.leave(judged)
	}
}

// judge says what became of our deployment. One that ECS has rolled back is asked about as JudgeRollback would: something
// newer may have taken the service over since, and then the service is not "back on" that.
func (c Case) judge() rollout.Judged {
	judged := rollout.Judge(c.Aim, c.Seen, c.Now, rollout.Budget{})
	if !judged.Restored {
		return judged
	}
	aim := c.Aim
	aim.Failed = aim.TaskDefinition
	if since := rollout.Judge(aim, c.Seen, c.Now, rollout.Budget{}); since.Verdict == rollout.Superseded {
		return since
	}
	return judged
}

// landed says whether the service was pointed at what an earlier attempt went back to, after it had been pointed at ours,
// and since when: its answer was lost. It is not pointed there a second time, whatever became of the first.
func (c Case) landed(judged rollout.Judged) (at time.Time, landed bool) {
	if c.Earlier == "" || c.Earlier == c.Aim.TaskDefinition {
		return at, false
	}
	for _, e := range c.Seen.Entries {
		if e.TaskDefinition == c.Earlier && e.CreatedAt.After(c.Aim.Since) {
			return e.CreatedAt, true
		}
	}
	began := c.began(judged)
	i := slices.IndexFunc(c.Seen.Deployments, func(d rollout.Deployment) bool {
		return d.TaskDefinition == c.Earlier && d.CreatedAt.After(began)
	})
	if i < 0 {
		return at, false
	}
	return c.Seen.Deployments[i].CreatedAt, true
}

// began is when our deployment was created, or else when the service was pointed at ours.
func (c Case) began(judged rollout.Judged) time.Time {
	i := slices.IndexFunc(c.Seen.Deployments, func(d rollout.Deployment) bool { return d.ARN == judged.ServiceDeployment })
	if i < 0 {
		return c.Aim.Since
	}
	return c.Seen.Deployments[i].CreatedAt
}

// running is the revision that the service is pointed at, "" while that is ours.
func (c Case) running() string {
	if !c.elsewhere() {
		return ""
	}
	return c.Seen.TaskDefinition
}

// elsewhere says whether the service is pointed at another revision than ours.
func (c Case) elsewhere() bool {
	return c.Seen.TaskDefinition != "" && c.Seen.TaskDefinition != c.Aim.TaskDefinition
}

// left decides about a service that has left our revision: by whatever is on its way into ECS's lists, or by a rollback
// of ECS that has failed. What it is pointed at is not pointed at a second time.
func (c Case) left(judged rollout.Judged) Plan {
	if judged.Verdict == rollout.Progressing {
		return Plan{Decision: Restoring, Target: c.Seen.TaskDefinition,
			Reason: fmt.Sprintf("the service is pointed at %s; whether that is its way back is not clear yet", revision.Short(c.Seen.TaskDefinition))}
	}
	return Plan{Decision: Nothing, Reason: fmt.Sprintf("the service is pointed at %s already, and not well: %s", revision.Short(c.Seen.TaskDefinition), judged.Reason)}
}

// leave decides how the service leaves our revision.
//
// StopServiceDeployment names our deployment, so that nothing else can be hit, and works even if the service does not
// roll back by itself: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopServiceDeployment.html. ECS
// chooses where to: what it completed last. So our deployment is stopped only where that is what we would choose.
func (c Case) leave(judged rollout.Judged) Plan {
	target := c.Target()
	stoppable := judged.ServiceDeployment != "" && !c.Unstoppable && (judged.Status == pending || judged.Status == inProgress)
	switch {
	case target == "":
		return Plan{Decision: Nothing, Reason: c.none()}
	case stoppable && (len(c.Before) == 0 || c.Before[0].TaskDefinition == target):
		return Plan{Decision: Stopped, Stop: judged.ServiceDeployment, Target: target,
			Reason: fmt.Sprintf("ECS stops our deployment, which was %s, and goes back to %s", judged.Status, revision.Short(target))}
	default:
		return Plan{Decision: Pointed, Target: target,
			Reason: fmt.Sprintf("the service was pointed at %s again, the newest revision that was in service successfully before%s", revision.Short(target), c.passedOver("; "))}
	}
}

// none says why there is no target.
func (c Case) none() string {
	if len(c.Loose) > 0 {
		return "there is nothing else to go back to" + c.passedOver(": ") + "; where the tag cannot have moved since, go back to it by hand"
	}
	if len(c.Before) >= farthest {
		return fmt.Sprintf("none of the last %d deployments of the service that succeeded can be gone back to: "+
			"each had the image that failed, or a revision that ECS has deleted", len(c.Before))
	}
	return "no deployment of the service has ever succeeded with another image, as far as ECS remembers: there is nothing to go back to"
}

// passedOver says why the loose revisions are not gone back to, after what leads to it; "" if there are none.
func (c Case) passedOver(after string) string {
	const shown = 3
	var names []string
	for _, arn := range c.Loose[:min(len(c.Loose), shown)] {
		names = append(names, revision.Short(arn))
	}
	if more := len(c.Loose) - shown; more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	if len(names) == 0 {
		return ""
	}
	passed := "was passed over, for it names its image"
	if len(names) > 1 {
		passed = "were passed over, for they name their images"
	}
	return fmt.Sprintf("%s%s %s by a tag and ECS does not tell, or not any more, which image that was: it may be the one that failed by now", after, strings.Join(names, ", "), passed)
}
