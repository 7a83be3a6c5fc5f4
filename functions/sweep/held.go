package sweep

import (
	"context"

	"fairlead/shared/claim"
	"fairlead/shared/image"
	"fairlead/shared/outcome"
	"fairlead/shared/push"
	"fairlead/shared/sweep"
)

// keptBack is what a service's hold keeps back now, or has kept back.
type keptBack struct {
	hold string // why nothing is started now, in a sentence; "" if the service is not held
	owed map[sweep.Pushed]sweep.Owed
}

// keptBack asks the ledger for the service's hold, and the history for the pushes that it has kept from being deployed and
// that are not overtaken since. A service that was never held has none.
func (l look) keptBack(ctx context.Context, held claim.Claim) (keptBack, error) {
	hold, err := l.Ledger.Holds.Hold(ctx, l.service.Name)
	if err != nil || !hold.Exists() {
		return keptBack{}, err
	}
	past, err := l.Ledger.Past.History(ctx, l.service.Name, recent)
	if err != nil {
		return keptBack{}, err
	}
	ends := make([]sweep.End, 0, len(past))
	for _, e := range past {
		if e.DryRun {
			continue
		}
		ends = append(ends, sweep.End{Pushed: sweep.Pushed{Tag: e.Tag, Digest: e.Digest}, Execution: e.Execution, Started: e.StartedAt, Held: e.Held, At: e.Pushed,
			Failed: e.Name == string(outcome.Failed), Swept: e.StartedBy == outcome.BySweep})
	}
	back := keptBack{owed: sweep.KeptBack(ends)}
	for pushed, owed := range back.owed {
		screening := push.Screen(push.Push{Tag: pushed.Tag, Sweep: push.Sweep{Digest: image.Digest(pushed.Digest)}}, l.service, l.place)
		if screening.Skip != "" || !owed.Stands(screening.Version, held) {
			delete(back.owed, pushed)
		}
	}
	if hold.InForce(l.now) {
		back.hold = "the service is held " + hold.End() + ", and the sweep undoes no hold"
	}
	return back, nil
}
