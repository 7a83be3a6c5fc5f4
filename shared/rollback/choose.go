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
	// Before are the service deployments that succeeded before ours, newest first.
	Before []rollout.Deployment
	// Digest is that of the image that has failed.
	Digest string
	// Earlier is the revision that an earlier attempt went back to, or was about to; "" if there was none.
	Earlier string
	// Unstoppable says that our deployment is not to be stopped: ECS has refused to, or could not go back by itself.
	Unstoppable bool
	// Unfit are revisions that were found unfit to go back to.
	Unfit []string
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
		return Plan{Decision: Nothing, Reason: "no deployment of the service has ever succeeded with another image, as far as ECS remembers: there is nothing to go back to"}
	case stoppable && (len(c.Before) == 0 || c.Before[0].TaskDefinition == target):
		return Plan{Decision: Stopped, Stop: judged.ServiceDeployment, Target: target,
			Reason: fmt.Sprintf("ECS stops our deployment, which was %s, and goes back to %s", judged.Status, revision.Short(target))}
	default:
		return Plan{Decision: Pointed, Target: target,
			Reason: fmt.Sprintf("the service was pointed at %s again, the newest revision that was in service successfully before", revision.Short(target))}
	}
}

// Target is the revision to go back to, "" if there is none. One whose deployment succeeded without a task was never in
// service successfully; it is gone back to where there is no other. Where ECS keeps no service deployments from before ours, which
// it does for 90 days, its list of the service's own deployments shows what it had completed.
func (c Case) Target() string {
	fit := func(d rollout.Deployment) bool {
		return d.TaskDefinition != "" && c.fit(d.TaskDefinition) && !Holds(d.Images, c.Digest)
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
	return taskDefinition != c.Aim.TaskDefinition && !slices.Contains(c.Unfit, taskDefinition)
}

// Holds says whether one of some images, or digests of them, is that of a digest.
func Holds(images []string, digest string) bool {
	return digest != "" && slices.ContainsFunc(images, func(image string) bool { return strings.HasSuffix(image, digest) })
}
