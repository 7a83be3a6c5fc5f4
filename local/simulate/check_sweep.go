package simulate

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// grace is how long the sweep leaves a push to its event.
const grace = 5 * time.Minute

func checkSwept(e *evidence) {
	for i, x := range e.truth.Executions {
		switch {
		case x.Copied:
		case x.Swept == "push":
			e.sweptPush(x, e.truth.Executions[:i])
		case x.Swept == "rollout":
			e.sweptRollout(x, e.truth.Executions[:i])
		}
	}
}

// sweptPush checks an execution that the sweep has started for a push, against those that were started before.
func (e *evidence) sweptPush(x *execution, before []*execution) { //nolint:cyclop // a case for each way in which the sweep can be wrong
	if e.heldAt(x.Service, x.Start.Add(-slack), x.Start.Add(slack)) && !x.Copied {
		e.broken("%s was started by the sweep while its service was held", e.name(x))
	}
	if x.Start.Before(x.Push.Add(grace)) && !e.owed(x, before) {
		e.broken("%s was started by the sweep %v after its push", e.name(x), x.Start.Sub(x.Push).Round(time.Second))
	}
	for _, other := range before {
		if other.Service != x.Service {
			continue
		}
		same := other.Digest == x.Digest && other.Tag == x.Tag && !other.Push.Before(x.Push)
		switch {
		case same && e.owed(x, before): // a hold has kept it back, and has ended since
		case same && other.Swept == "push" && !other.Copied:
			e.broken("%s was started by the sweep for the second time", e.name(x))
		case same && other.Stop.Before(x.Start.Add(-slack)) && other.Redrives == 0 && e.toldBefore(other, x.Start):
			e.broken("%s was started by the sweep, and %s had ended as %s", e.name(x), e.name(other), other.Outcome)
		case other.Follows == "" && newer(other, e.heard(x)) && e.claimed(other, x.Start.Add(-slack)): // the sweep may have looked just before
			e.broken("%s was started by the sweep, and %s is newer", e.name(x), e.name(other))
		case other.Digest == x.Digest && other.Outcome == "RolledBack" && other.Stop.Before(x.Start) && !e.releasedBetween(other, x.Start):
			e.broken("%s was started by the sweep, and its image is in quarantine", e.name(x))
		}
	}
}

// owed says whether a hold has kept back the push of an execution.
func (e *evidence) owed(x *execution, before []*execution) bool {
	return slices.ContainsFunc(before, func(other *execution) bool {
		return other.Service == x.Service && other.Tag == x.Tag && other.Digest == x.Digest && e.keptBack(other)
	})
}

// toldBefore says whether an end was told before a moment.
func (e *evidence) toldBefore(x *execution, when time.Time) bool {
	_, last := e.toldOf(x)
	return last.ID != "" && x.Stop.Before(when) && x.Outcome != "Failed"
}

// claimed says whether an execution had taken the claim by a moment: it had registered a revision, or had ended with it.
func (e *evidence) claimed(x *execution, by time.Time) bool {
	return x.Document.Claim.Granted && (x.Stop.Before(by) || e.registeredBefore(x, by))
}

func (e *evidence) registeredBefore(x *execution, by time.Time) (before bool) {
	e.done("RegisterTaskDefinition", func(w write, _ aimed) { before = before || w.Session == x.Session && w.At.Before(by) })
	return before
}

// releasedBetween says whether an operator has released the image of an execution since that had ended.
func (e *evidence) releasedBetween(x *execution, until time.Time) bool {
	return slices.ContainsFunc(e.trail.released[x.Service+x.Digest], func(at time.Time) bool { return at.After(x.Start) && at.Before(until) })
}

// sweptRollout checks an execution that the sweep has started to follow a rollout.
func (e *evidence) sweptRollout(x *execution, before []*execution) {
	for _, other := range before {
		follows := made(other, e.truth.Revisions[x.Follows]) || other.Follows == x.Follows
		if follows && other.Redrives == 0 && !other.Stop.Before(x.Start) {
			e.broken("%s was started by the sweep to follow %s, and %s was at it", e.name(x), short(x.Follows), e.name(other))
		}
	}
}

func checkFollowed(e *evidence) { //nolint:cyclop // each clause is an excuse that has a name
	for _, v := range e.truth.Services {
		r := e.truth.Revisions[v.Running]
		if r == nil || r.Execution == "" || e.people(v.Name) || e.proven(v, v.Running, opening().AddDate(1, 0, 0)) || e.idle(v) {
			continue
		}
		told := slices.ContainsFunc(e.truth.Executions, func(x *execution) bool {
			return x.Service == v.Name && x.Digest == digestOf(r.Image) && (x.Outcome == "Stuck" || x.Outcome == "RolledBack" || x.Swept == "rollout")
		})
		if !told && !e.overruled(v, r) && (e.trail.late == 0 || !e.outOfOrder(v.Name)) {
			e.broken("service %s is pointed at %s, which has not succeeded, and no end tells of it", v.Name, short(v.Running))
		}
	}
}

// overruled says whether a newer execution had taken the claim for another image before it ended without deploying it: whether
// it is redriven is its operator's to say, and until then the rollout is left alone.
func (e *evidence) overruled(v *service, r *taskDefinition) bool {
	return slices.ContainsFunc(e.truth.Executions, func(x *execution) bool {
		return x.Service == v.Name && x.Digest != digestOf(r.Image) && (x.Outcome == "Failed" || x.Outcome == "Skipped") && x.Document.Claim.Granted && !made(x, r)
	})
}

// parked is what is read of a call that puts a task token into the ledger, or takes it away.
type parked struct {
	Item, Key                 struct{ Item, ID, Order, Token struct{ S string } }
	ExpressionAttributeValues map[string]struct{ S string }
}

func checkParked(e *evidence) { //nolint:cyclop // it plays the table through, item by item
	there := map[string]parked{}
	for _, w := range e.trail.writes {
		var p parked
		if w.Service != "dynamodb" || w.Code != "" || json.Unmarshal(w.Body, &p) != nil {
			continue
		}
		switch w.Operation {
		case "PutItem":
			key := p.Item.Item.S + " " + p.Item.ID.S
			if strings.HasPrefix(key, "token#") {
				if p.Item.Order.S < there[key].Item.Order.S {
					e.broken("the token of attempt %s took the place of that of %s in %s", p.Item.Order.S, there[key].Item.Order.S, key)
				}
				there[key] = p
			}
		case "DeleteItem":
			key := p.Key.Item.S + " " + p.Key.ID.S
			if now, ok := there[key]; ok && p.ExpressionAttributeValues[":token"].S != now.Item.Token.S {
				e.broken("the token of attempt %s was taken away in the place of another in %s", now.Item.Order.S, key)
			}
			delete(there, key)
		}
	}
}

func checkParameter(e *evidence) {
	for _, v := range e.truth.Services {
		r := e.truth.Revisions[v.Running]
		if r == nil || r.Execution == "" || e.people(v.Name) || e.idle(v) || !e.proven(v, v.Running, opening().AddDate(1, 0, 0)) {
			continue
		}
		if told := e.truth.Parameters[v.Name]; told != digestOf(r.Image) && !e.unsaid(v) && !e.overruled(v, r) {
			e.broken("service %s runs %s, successfully deployed as %s, and the parameter names %q", v.Name, e.image(v.Running), short(v.Running), e.words[told])
		}
	}
}

// unsaid says whether a service runs what nobody says to be deployed: a late call has put it there, be it the second of one
// execution, which took that for somebody else's; or the execution that did failed,
// and is to be redriven if it failed when it was to say so, or a newer one went back to it before the sweep came, which says nothing
// of what it goes back to.
func (e *evidence) unsaid(v *service) bool {
	back := slices.ContainsFunc(e.ended("RolledBack"), func(x *execution) bool { return x.Service == v.Name })
	broke := slices.ContainsFunc(e.ended("Failed"), func(x *execution) bool {
		return made(x, e.truth.Revisions[v.Running]) && (back || x.State == "RecordOutcome")
	})
	return broke || e.rebased(v) && e.second(v) || e.outOfOrder(v.Name) || e.landedLate(func(a aimed) bool { return a.TaskDefinition == v.Running })
}

// second says whether the execution that made what a service runs had pointed it at another revision of its own.
func (e *evidence) second(v *service) bool {
	made := e.truth.Revisions[v.Running].Execution
	return slices.ContainsFunc(v.pointed, func(p pointing) bool {
		r := e.truth.Revisions[p.taskDefinition]
		return r != nil && r.Execution == made && r.ARN != v.Running
	})
}

func checkReplaced(e *evidence) {
	e.done("UpdateService", func(w write, a aimed) {
		x, r := e.bySession(w.Session), e.truth.Revisions[a.TaskDefinition]
		if x == nil || x.Replaces == "" || !made(x, r) || digestOf(r.Image) != x.Digest {
			return
		}
		base := r.ARN[:strings.LastIndexByte(r.ARN, ':')+1] + r.Base
		if e.digest(base) != x.Replaces {
			e.broken("%s goes back from %s, and took %s away", e.name(x), e.words[x.Replaces], e.image(base))
		}
	})
}
