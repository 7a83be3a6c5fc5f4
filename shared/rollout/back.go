package rollout

import "time"

// Back is the part of the document's key "rollback" by which the way back is followed; shared/rollback writes it.
type Back struct {
	// TaskDefinition is the revision that the service goes back to, "" where ECS alone knows it.
	TaskDefinition string `json:"taskDefinition"`
	// Awaits is the revision whose deployment tells how the way back ends: our failed one, which ECS rolls back, or the one
	// that the service was pointed at again.
	Awaits string `json:"awaits"`
	// At is when the way back began.
	At time.Time `json:"at"`
}

// back is the aim of an execution on its way back.
func (d Document) back(aim Aim) Aim {
	aim.Failed, aim.BackSince, aim.TaskDefinition = d.Revision.TaskDefinition, d.Rollback.At, d.Rollback.Awaits
	aim.Running, aim.Stage, aim.Deadline = 0, "", time.Time{}
	if aim.repointed() {
		aim.Base, aim.Since, aim.Accepted = aim.Failed, d.Rollback.At, true
	} else if d.Rollout != nil {
		aim.Stage = d.Rollout.Stage
	}
	if d.Restoration != nil {
		aim.Running, aim.Stage, aim.Deadline = d.Restoration.Running, d.Restoration.Stage, d.Restoration.Deadline
	}
	return aim
}

// repointed says whether the service was pointed at an earlier revision again, whose new deployment is then the one to
// judge. Otherwise, on the way back, it is our failed deployment, which ECS rolls back.
func (a Aim) repointed() bool { return a.Failed != "" && a.Failed != a.TaskDefinition }

// retreats says whether the execution is on its way back and our failed deployment is the one to judge.
func (c inquiry) retreats() bool { return c.aim.Failed != "" && !c.aim.repointed() }

// retreated says whether ECS has put another deployment in the lead since.
func (c inquiry) retreated() bool { return c.head.ID != "" && c.head.TaskDefinition != c.aim.Failed }

// stale says whether a deployment of the revision that the service goes back to is one from before: it was in service
// then, which is why the service goes back to it. Both times are ECS's own; the second allows for their rounding.
func (a Aim) stale(created time.Time) bool {
	return a.repointed() && created.Before(a.Since.Add(-time.Second))
}

// turn says what a finding means to the execution: on its way back, or not yet.
//
// A deployment that ECS has begun to roll back has failed, whatever becomes of the rollback: the evidence is fresh now,
// and the way back is awaited by states of its own. One that ECS was only asked to roll back may still succeed.
func (c inquiry) turn(f finding) finding {
	switch {
	case c.aim.Failed != "" && f.restored && c.followed():
		return finding{Superseded, false, f.reason}
	case c.aim.Failed != "":
		return c.wayBack(f)
	case f.verdict == Progressing && c.ours.Status == rollbackInProgress:
		f.verdict = Failed
	}
	return f
}

// wayBack says what a finding means on the way back. It can end in four ways: the service is restored; a deployment of
// ours that was to be stopped finished first; something newer took over; or it failed, and a person is needed.
func (c inquiry) wayBack(f finding) finding {
	left := c.seen.TaskDefinition != c.aim.Failed
	switch {
	case f.verdict == Absent, f.verdict == Failed && f.restored && left:
		return finding{Restored, true, f.reason}
	case c.aim.repointed() && (f.verdict == Healthy || f.verdict == Unproven):
		return finding{Restored, true, f.reason}
	case f.verdict == Failed:
		return finding{Failed, false, f.reason}
	default:
		return f
	}
}

// followed says whether something newer took the service over after it was back. Whoever deploys the base anew leaves the
// service where it went.
func (c inquiry) followed() bool {
	return c.newer != nil && c.newer.TaskDefinition != c.aim.Base
}
