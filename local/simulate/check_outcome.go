package simulate

import (
	"slices"
	"strings"
	"time"

	"fairlead/shared/outcome"
)

func checkEnds(e *evidence) {
	names := []string{"Deployed", "Skipped", "Superseded", "Rejected", "RolledBack", "Stuck", "Failed"}
	for _, x := range e.truth.Executions {
		if !slices.Contains(names, x.Outcome) {
			e.broken("%s is %s in state %s", e.name(x), x.Outcome, x.State)
		}
	}
}

// slack is how long an end may be behind what it is judged by.
const slack = 3 * time.Minute

func checkDeployed(e *evidence) {
	for _, x := range e.ended("Deployed") {
		v := e.truth.Services[x.Service]
		if !e.succeeded(v, x) && !e.broughtBack(v, x) {
			e.broken("%s says Deployed, and no service deployment of its image succeeded meanwhile", e.name(x))
		}
		judged := x.Stop.Add(-slack)
		if x.Redrives > 0 { // of the record of it alone, perhaps, when something newer had come
			judged = x.Start
		}
		if !e.pointed(v, x.Digest, judged, x.Stop) {
			e.broken("%s says Deployed, and the service was not pointed at its image then", e.name(x))
		}
	}
}

// succeeded says whether a rollout of an execution's image ended well, with a task, while the execution went on. One that the sweep
// has started to tell of it may have come after that.
func (e *evidence) succeeded(v *service, x *execution) bool {
	since := x.Start
	if x.Follows != "" {
		since = opening()
	}
	return slices.ContainsFunc(v.Rollouts, func(r rollout) bool {
		ran := r.Status == "SUCCESSFUL" && (r.Running > 0 || e.acted(v.Name, Scale))
		return ran && e.digest(r.TaskDefinition) == x.Digest && !r.FinishedAt.Before(since) && !r.FinishedAt.After(x.Stop)
	})
}

// broughtBack says whether ECS came back to the image of an execution meanwhile, from another that it rolled back.
func (e *evidence) broughtBack(v *service, x *execution) bool {
	back := slices.ContainsFunc(v.pointed, func(p pointing) bool { return p.rollback && e.digest(p.taskDefinition) == x.Digest })
	return back && slices.ContainsFunc(v.Rollouts, func(r rollout) bool {
		return r.Status == "ROLLBACK_SUCCESSFUL" && !r.FinishedAt.Before(x.Start) && !r.FinishedAt.After(x.Stop)
	})
}

func checkRolledBack(e *evidence) {
	for _, x := range e.ended("RolledBack") {
		v := e.truth.Services[x.Service]
		r := e.unsuccessful(x, v)
		left := v.left(r.TaskDefinition, r.CreatedAt, x.Stop) // by the end of the execution something newer may have come
		if left == "" {
			e.broken("%s says RolledBack, and the service is pointed at its image", e.name(x))
		} else if !e.proven(v, left, x.Stop) && !e.people(x.Service) {
			e.broken("%s says RolledBack, and the service was pointed at %s, which was never in service well", e.name(x), short(left))
		}
	}
}

// left is what the service was pointed at after a task definition; "" if it was not.
func (v *service) left(taskDefinition string, from, to time.Time) string {
	for _, p := range v.pointed {
		if p.at.After(from) && !p.at.After(to) && p.taskDefinition != taskDefinition {
			return p.taskDefinition
		}
	}
	return ""
}

func checkStuck(e *evidence) {
	for _, x := range e.ended("Stuck") {
		e.unsuccessful(x, e.truth.Services[x.Service])
	}
}

// unsuccessful is the last deployment of the execution's image that has not succeeded, of its own revision if it made one; there
// must be one.
func (e *evidence) unsuccessful(x *execution, v *service) (last rollout) {
	own := false
	for _, r := range v.Rollouts {
		its := made(x, e.truth.Revisions[r.TaskDefinition])
		if e.digest(r.TaskDefinition) == x.Digest && r.Status != "SUCCESSFUL" && !r.CreatedAt.After(x.Stop) && (its || !own) {
			last, own = r, its
		}
	}
	if last.TaskDefinition == "" {
		e.broken("%s says %s, and there is no service deployment of its image that did not succeed", e.name(x), x.Outcome)
	}
	return last
}

func checkBlameless(e *evidence) {
	for _, x := range e.ended("RolledBack", "Stuck", "Rejected") {
		if e.fit(x) && !e.people(x.Service) && !e.harsh() {
			e.broken("%s ended as %s, and the image is fit: %s", e.name(x), x.Outcome, x.Cause)
		}
	}
	for _, x := range e.ended("Rejected") {
		if !e.barred(x.Service, x.Digest) {
			e.broken("%s was rejected, and nothing is wrong with the image: %s", e.name(x), x.Cause)
		}
	}
}

func checkSuperseded(e *evidence) {
	for _, x := range e.ended("Superseded") {
		overtaken := slices.ContainsFunc(e.truth.Executions, func(other *execution) bool {
			return other != x && other.Service == x.Service && overtakes(other, x)
		})
		if !overtaken && !e.people(x.Service) && e.trail.late == 0 && !e.outOfOrder(x.Service) {
			e.broken("%s says Superseded, and nothing newer was there: %s", e.name(x), x.Document.Outcome.Cause)
		}
	}
}

// overtakes says whether an execution takes over from another one of its service.
func overtakes(other, x *execution) bool {
	twin := x.Copied || other.Start.Equal(x.Start) // of one event that came twice at once neither is the newer
	return other.Replaces != "" || newer(other, x) || twin && other.Push.Equal(x.Push)
}

func checkSkipped(e *evidence) {
	for _, x := range e.ended("Skipped") {
		v := e.truth.Services[x.Service]
		ran := e.pointed(v, x.Digest, x.Start, x.Stop)
		if !e.idle(v) && !ran && x.Replaces == "" && !e.rolledBack(x) && !e.keptBack(x) {
			e.broken("%s was skipped, and the service did not run its image: %s", e.name(x), x.Document.Outcome.Cause)
		}
	}
}

// idle says whether a service has, or had, no task to run.
func (e *evidence) idle(v *service) bool {
	return v.Desired == 0 || target(v.Name).Desired == 0 || e.acted(v.Name, Scale)
}

func checkFailed(e *evidence) {
	for _, x := range e.ended("Failed") {
		stopped := x.Status == "ABORTED" && e.acted(x.Service, Stop)
		if !stopped && !e.harsh() && !e.people(x.Service) {
			e.broken("%s failed in state %s: %s", e.name(x), x.State, x.Cause)
		}
	}
	for _, told := range e.trail.told {
		if e.trail.late == 0 && strings.Contains(told.What, "was not touched") {
			e.untouched(told)
		}
	}
}

// untouched checks an end that says that the service was not touched.
func (e *evidence) untouched(told outcome.Event) {
	e.done("UpdateService", func(w write, a aimed) {
		if x := e.bySession(w.Session); x != nil && x.ARN == told.Execution.ARN && w.At.Before(told.Execution.EndedAt) {
			e.broken("%s says that the service was not touched, and has pointed it at %s", e.name(x), short(a.TaskDefinition))
		}
	})
}

// soon is how long after the end of its rollout an execution may end: the two that Lambda
// makes for an event after one minute and two more, and no heartbeat. A function
// that was refused as often as Lambda hands an event to it leaves the end to the heartbeat.
const (
	soon       = 210 * time.Second
	deliveries = 3
)

func checkPrompt(e *evidence) {
	if e.harsh() || e.trail.injected[Lose]+e.trail.injected[Slow]+e.trail.injected[KillAfter]+e.trail.injected[KillBefore] > 0 {
		return
	}
	limit := soon
	if e.trail.injected[Expire]+e.trail.injected[Fail]+e.trail.injected[Throttle] >= deliveries {
		limit += heartbeat
	}
	for _, x := range e.ended("Deployed", "RolledBack") {
		last := x.Start
		for _, r := range e.truth.Services[x.Service].Rollouts {
			if r.FinishedAt.Before(x.Stop) && r.FinishedAt.After(last) {
				last = r.FinishedAt
			}
		}
		if x.Redrives == 0 && x.Stop.Sub(last) > limit {
			e.broken("%s ended as %s %v after its rollout had", e.name(x), x.Outcome, x.Stop.Sub(last).Round(time.Second))
		}
	}
}

func checkTold(e *evidence) {
	for _, x := range e.truth.Executions {
		count, last := e.toldOf(x)
		passed := x.Outcome != "Failed" // through RecordOutcome: an end that is redriven is the same end
		latest := last.Execution.Redrive == x.Redrives
		switch {
		case count > x.Redrives+1:
			e.broken("%s was told %d times in %d attempts", e.name(x), count, x.Redrives+1)
		case count == 0 || !latest && !passed:
			e.broken("%s ended as %s, and nobody was told", e.name(x), x.Outcome)
		case latest && string(last.Outcome) != x.Outcome && x.State != "RecordOutcome": // stopped while it was told, it has ended as both
			e.broken("%s ended as %s, and was told as %s", e.name(x), x.Outcome, last.Outcome)
		}
	}
}

// toldOf counts the outcome events of an execution, those with one id once, and returns the last.
func (e *evidence) toldOf(x *execution) (count int, last outcome.Event) {
	ids := map[string]bool{}
	for _, told := range e.trail.told {
		if told.Execution.ARN != x.ARN {
			continue
		}
		ids[told.ID] = true
		if told.Execution.Redrive >= last.Execution.Redrive {
			last = told
		}
	}
	return len(ids), last
}

// ended are the executions that ended so.
func (e *evidence) ended(outcomes ...string) []*execution {
	return slices.DeleteFunc(slices.Clone(e.truth.Executions), func(x *execution) bool {
		return !slices.Contains(outcomes, x.Outcome) || e.truth.Services[x.Service] == nil
	})
}

// at is what the service was pointed at.
func (v *service) at(when time.Time) string {
	last := ""
	for _, p := range v.pointed {
		if !p.at.After(when) {
			last = p.taskDefinition
		}
	}
	return last
}

// pointed says whether the service was pointed at an image at any time from one moment to another.
func (e *evidence) pointed(v *service, digest string, from, to time.Time) bool {
	if e.digest(v.at(from)) == digest {
		return true
	}
	return slices.ContainsFunc(v.pointed, func(p pointing) bool {
		return e.digest(p.taskDefinition) == digest && !p.at.Before(from) && !p.at.After(to)
	})
}

// proven says whether a task definition had been in service well before.
func (e *evidence) proven(v *service, taskDefinition string, when time.Time) bool {
	return slices.ContainsFunc(v.Rollouts, func(r rollout) bool {
		return r.TaskDefinition == taskDefinition && r.Status == "SUCCESSFUL" && !r.FinishedAt.After(when)
	})
}

// short is a task definition's family and revision.
func short(arn string) string { return strings.TrimPrefix(arn, definitionPrefix) }

// clock is how long after the opening something was.
func (e *evidence) clock(t time.Time) string {
	return t.Sub(e.trail.opening).Round(time.Millisecond).String()
}
