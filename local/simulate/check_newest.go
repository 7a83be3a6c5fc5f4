package simulate

import (
	"slices"
	"time"

	"github.com/Masterminds/semver/v3"
)

// newer says whether one execution's push is newer than another's: the higher version where versions count, then the later
// push, then the later start.
func newer(a, b *execution) bool {
	if target(a.Service).Semver && a.Replaces == "" && b.Replaces == "" {
		if c := versions(a.Tag, b.Tag); c != 0 {
			return c > 0
		}
	}
	if c := a.Push.Compare(b.Push); c != 0 {
		return c > 0
	}
	return a.Ordered.After(b.Ordered)
}

func versions(a, b string) int {
	va, errA := semver.NewVersion(a)
	vb, errB := semver.NewVersion(b)
	if errA != nil || errB != nil {
		return 0
	}
	return va.Compare(vb)
}

func checkNewest(e *evidence) {
	for _, v := range e.truth.Services {
		if n := e.newestFit(v.Name); n != nil && e.digest(v.Running) != n.Digest && !e.excused(v, n) {
			e.broken("service %s runs %s (%s), and the newest fit push is %s: %s ended as %s",
				v.Name, e.image(v.Running), short(v.Running), e.words[n.Digest], e.name(n), n.Outcome)
		}
	}
}

// newestFit is the execution whose image the service is to run in the end; nil if there is none.
func (e *evidence) newestFit(service string) *execution {
	var first *execution
	back := e.lastBack(service)
	for _, x := range append(e.unheard(), e.truth.Executions...) {
		if x.Service == service && e.competes(x, back) && (first == nil || newer(e.heard(x), e.heard(first))) {
			first = x
		}
	}
	if first == nil && back != nil && e.fit(back) {
		return back
	}
	return first
}

// unheard are the pushes for which no execution was ever started, as if one had come last: lost. Of an image that was there
// before ECR does not tell when it came under another tag, so that nobody can say whether that is newer than the rest.
func (e *evidence) unheard() (lost []*execution) {
	for i, a := range e.plan.Acts {
		heard := slices.ContainsFunc(e.truth.Executions, func(x *execution) bool { return x.Service == a.Service && x.Tag == a.Tag })
		there := slices.ContainsFunc(e.plan.Acts[:i], func(other Act) bool { return other.Kind == Push && other.Service == a.Service && other.Word == a.Word })
		if a.Kind == Push && !heard && !there {
			at := e.trail.opening.Add(a.At).Truncate(time.Second) // as the sweep orders it: before all that was heard in its second
			lost = append(lost, &execution{Service: a.Service, Tag: a.Tag, Digest: e.digests[a.Tag], Push: at, Ordered: at, Start: at,
				Stop: at.AddDate(1, 0, 0), Outcome: "lost"})
		}
	}
	return lost
}

// competes says whether an execution is of a push that is fit to run, and newer than an operator's decision to go back, and
// came as far as to find that out.
func (e *evidence) competes(x, back *execution) bool {
	stale := back != nil && (!x.Push.After(back.Start) || e.belowMark(x, back))
	forgotten := x.Named && e.keptBack(x) // what is named by hand does not go out by itself after a hold
	return e.fit(x) && !stale && x.Replaces == "" && x.Follows == "" && x.State != "CheckImage" && !forgotten
}

// belowMark says whether a push is of a lower version than one that was granted before an operator went back: the mark of the
// versions stays where it is.
func (e *evidence) belowMark(x, back *execution) bool {
	return target(x.Service).Semver && slices.ContainsFunc(e.truth.Executions, func(y *execution) bool {
		return y.Service == x.Service && y.Document.Claim.Granted && y.Start.Before(back.Start) && versions(y.Tag, x.Tag) > 0
	})
}

// lastBack is the execution by which an operator went back last, or found that it was done: of two at once, the one that was
// deployed. One that was skipped because something else runs than what it goes back from has decided nothing.
func (e *evidence) lastBack(service string) (last *execution) {
	for _, x := range e.truth.Executions {
		if x.Service == service && x.Replaces != "" && e.decided(x) && (last == nil || last.Outcome != "Deployed" || x.Outcome == "Deployed") {
			last = x
		}
	}
	return last
}

// decided says whether an execution pointed the service at its image, or found it so.
func (e *evidence) decided(x *execution) bool {
	v := e.truth.Services[x.Service]
	return e.touched(x, x.Stop) || x.Document.Claim.Granted && v != nil && e.digest(v.at(x.Stop)) == x.Digest
}

// touched says whether an execution had pointed the service at something by a moment.
func (e *evidence) touched(x *execution, by time.Time) bool {
	return slices.ContainsFunc(e.trail.writes, func(w write) bool {
		return w.Operation == "UpdateService" && w.Code == "" && w.Session == x.Session && !w.At.After(by)
	})
}

// excused says whether a service may run something else than the newest fit push.
func (e *evidence) excused(v *service, n *execution) bool { //nolint:cyclop // each clause is an excuse that has a name
	if n.unsuccessful() || n.Outcome == "Superseded" && e.failedTwin(n) {
		return true // with a reason: the other invariants say whether it is true
	}
	if (n.Outcome == "Skipped" || n.Outcome == "lost") && e.rolledBack(n) {
		return true // it is in quarantine
	}
	if e.asNew(v, n) {
		return true // of two pushes of one instant either is the newest
	}
	if n.Outcome == "Superseded" && e.namedInVain(n) {
		return true // the operator who took over from it is told, and starts anew after the hold
	}
	if e.keptBack(n) && (e.sweptInVain(n) || e.settledSince(n)) {
		return true // with a reason, as any other
	}
	if e.trail.late > 0 && e.outOfOrder(v.Name) || e.landedLate(func(a aimed) bool { return a.Service == v.Name }) {
		return true // nobody was there any more to see what the call has done, and the sweep cannot tell it from a person's
	}
	if e.chosenSince(v.Name, n) {
		return true // the operator is told, and redrives
	}
	if e.goneFrom(n) {
		return true // its image is the one that the operator wanted to be rid of
	}
	return e.personSince(v.Name, n) || slices.ContainsFunc(e.truth.Executions, func(x *execution) bool { return e.triedSince(v, x, n) })
}

// unsuccessful says whether an execution has left the service as it was, or had to.
func (x *execution) unsuccessful() bool {
	return x.Outcome == "Failed" || x.Outcome == "RolledBack" || x.Outcome == "Stuck"
}

// failedTwin says whether another execution of the same push, whose event had come twice, took the service over and failed.
func (e *evidence) failedTwin(n *execution) bool {
	return slices.ContainsFunc(e.truth.Executions, func(x *execution) bool {
		return x.Service == n.Service && x.Tag == n.Tag && x.Digest == n.Digest && x.Document.Claim.Granted && x.unsuccessful()
	})
}

// asNew says whether a service runs the image of an execution that is as new as another.
func (e *evidence) asNew(v *service, n *execution) bool {
	return slices.ContainsFunc(e.truth.Executions, func(x *execution) bool {
		return x.Service == v.Name && x.Digest == e.digest(v.Running) && x.State != "CheckImage" && !newer(e.heard(n), e.heard(x))
	})
}

// namedInVain says whether an operator's choice of an image took over from an execution, and was kept back by a hold itself.
func (e *evidence) namedInVain(n *execution) bool {
	return slices.ContainsFunc(e.truth.Executions, func(x *execution) bool {
		return x.Service == n.Service && x.Named && x.Document.Claim.Granted && newer(x, n) && e.keptBack(x)
	})
}

// sweptInVain says whether the sweep has started an execution for a push, which failed.
func (e *evidence) sweptInVain(n *execution) bool {
	return slices.ContainsFunc(e.ended("Failed"), func(x *execution) bool {
		return x.Swept == "push" && x.Service == n.Service && x.Tag == n.Tag
	})
}

// settledSince says whether another execution of a push, which had been started before, ended otherwise since a hold kept it
// back: its event had come twice.
func (e *evidence) settledSince(n *execution) bool {
	return slices.ContainsFunc(e.truth.Executions, func(x *execution) bool {
		return x.Service == n.Service && x.Tag == n.Tag && x.Digest == n.Digest && x.Stop.After(n.Stop) && x.Outcome != "Failed" && !e.keptBack(x)
	})
}

// landedLate says whether a service was pointed at something by a call that AWS carried out after the function that made it had
// been stopped, and its execution had ended.
func (e *evidence) landedLate(meant func(aimed) bool) bool {
	late := false
	e.done("UpdateService", func(w write, a aimed) {
		x := e.bySession(w.Session)
		late = late || x != nil && meant(a) && w.At.After(x.Stop) && e.trail.late > 0
	})
	return late
}

// outOfOrder says whether a slow call of an older execution pointed a service at its revision after a newer one had claimed it, be it
// to follow what ran.
func (e *evidence) outOfOrder(service string) bool {
	inverted := false
	e.done("UpdateService", func(w write, a aimed) {
		x := e.bySession(w.Session)
		if a.Service != service || x == nil || !made(x, e.truth.Revisions[a.TaskDefinition]) {
			return
		}
		inverted = inverted || slices.ContainsFunc(e.truth.Executions, func(y *execution) bool {
			return y.Service == service && y.Document.Claim.Granted && newer(y, x) && y.Start.Before(w.At)
		})
	})
	return inverted && e.trail.injected[Slow] > 0
}

// chosenSince says whether an operator has chosen what to go back to since a push, and that failed on the way.
func (e *evidence) chosenSince(service string, n *execution) bool {
	return slices.ContainsFunc(e.truth.Executions, func(x *execution) bool {
		return x.Service == service && x.Replaces != "" && x.Outcome == "Failed" && x.Document.Claim.Granted && x.Start.After(n.Push)
	})
}

// goneFrom says whether an operator went back from an execution's very image and took over from it, be it that the image was pushed
// once more since the operator had decided.
func (e *evidence) goneFrom(n *execution) bool {
	return slices.ContainsFunc(e.truth.Executions, func(x *execution) bool {
		claims := x.Document.Claim
		return x.Service == n.Service && x.Replaces == n.Digest && claims.Granted && claims.Sequence > n.Document.Claim.Sequence && e.decided(x)
	})
}

// personSince says whether a person has changed the service since a push, or shortly before.
func (e *evidence) personSince(service string, n *execution) bool {
	return slices.ContainsFunc(e.plan.Acts, func(a Act) bool {
		person := a.Kind == Update || a.Kind == Redeploy || a.Kind == Rollback
		return person && a.Service == service && e.trail.opening.Add(a.At).After(n.Push.Add(-slack))
	})
}

// triedSince says whether an unfit push that is no older than the fit one was tried, failed, and led back past the fit one; or
// was put in place where no task tries it, or taken out of it by a person: the mark of the versions stays where it was.
func (e *evidence) triedSince(v *service, x, n *execution) bool {
	if x.Service != v.Name || e.fit(x) || newer(n, e.heard(x)) {
		return false
	}
	return x.unsuccessful() || x.Outcome == "Superseded" && e.people(v.Name) || x.Outcome == "Skipped" && e.idle(v)
}
