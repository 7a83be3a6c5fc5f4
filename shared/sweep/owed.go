package sweep

import (
	"slices"
	"time"

	"fairlead/shared/claim"
)

// Pushed is a tag on the image that it named when it was pushed.
type Pushed struct{ Tag, Digest string }

// End is how an execution ended that had to deploy a push, as the service's history tells.
type End struct {
	Pushed
	Execution string    // its ARN
	Started   time.Time // when it was started
	// Held says that a hold kept the push from being deployed. At is the time by which the push is ordered, zero where no push
	// started the execution.
	Held bool
	At   time.Time
	// Failed says that it broke off, Swept that the sweep had started it.
	Failed, Swept bool
}

// settles says whether the end decides about the push. One that broke off does not, be it a person's replay, unless the sweep
// had started it: it tries once. If it broke off with the claim in its hand, the claim says so: see [Owed.Stands].
func (e End) settles() bool { return !e.Held && (!e.Failed || e.Swept) }

// Owed is a push that was held and is to go out once the hold has ended: its event came, so nobody else will start it.
type Owed struct {
	Since      time.Time // the time by which the push is ordered
	Executions []string  // the ARNs of those that a hold has kept from deploying it, the last first
	Started    time.Time // when the first one was started
}

// KeptBack returns the pushes that a hold kept from being deployed and that no execution has ended with otherwise since. The
// ends are those of one service, the newest first. What an operator named by hand is no push: it is owed to nobody.
func KeptBack(ends []End) map[Pushed]Owed {
	owed, settled := map[Pushed]Owed{}, map[Pushed]bool{}
	for _, e := range ends {
		kept, there := owed[e.Pushed]
		switch {
		case e.settles():
			settled[e.Pushed] = true
		case !e.Held || e.At.IsZero():
		case there:
			owed[e.Pushed] = kept.earlier(e)
		case !settled[e.Pushed] && !settled[Pushed{Tag: e.Tag}]:
			owed[e.Pushed] = Owed{Since: e.At.UTC(), Executions: []string{e.Execution}, Started: e.Started}
		}
	}
	return owed
}

// earlier adds an earlier execution of the same push, which a hold has kept from deploying it too.
func (o Owed) earlier(e End) Owed {
	o.Executions = append(o.Executions, e.Execution)
	o.Started = slices.MinFunc([]time.Time{o.Started, e.Started}, time.Time.Compare)
	return o
}

// order is where the push stands among the others: where its execution stood that a hold has kept back.
func (o Owed) order(version string) claim.Order {
	return claim.Order{Version: version, Time: o.Since, Start: o.Started}
}

// Stands says whether a push is still owed: nothing newer was claimed since. One that had the claim itself when the hold came
// is owed too.
func (o Owed) Stands(version string, held claim.Claim) bool {
	return !held.Exists() || held.Mark.Admits(o.order(version)) || slices.Contains(o.Executions, held.Holder)
}
