package simulate

import (
	"slices"
	"time"
)

// race lets pushes follow each other so closely that their functions are under way at once, with calls that take long: a call
// of one execution then lands after those of a newer one.
func (g *generator) race(t Target) {
	at := g.gap()
	for range 2 + g.IntN(2) {
		g.add(Act{At: at, Kind: Push, Service: t.Name, Word: g.word(), Tag: g.tag(t)})
		at += time.Duration(g.Int64N(int64(4 * time.Second)))
	}
	if g.IntN(2) == 0 { // a person acts between the steps of an execution
		g.may(Act{At: g.pushed()[0].At + time.Duration(g.Int64N(int64(5*time.Second))), Kind: Update, Service: t.Name, Word: "fern"})
	}
	for range 1 + g.IntN(2) {
		call := []string{"UpdateService", "UpdateService", "GetItem", "PutItem", "DescribeServices", "RegisterTaskDefinition"}[g.IntN(6)]
		g.may(Act{At: at - time.Duration(g.Int64N(int64(4*time.Second))), Kind: Slow, Call: call, Times: 1, For: time.Duration(2+g.IntN(50)) * time.Second})
	}
	g.sprinkle(g.IntN(3))
}

// goingBack lets an operator go back, and then what was pushed before come once more, late or again.
func (g *generator) goingBack(t Target) {
	at, fit := time.Duration(0), []string{"apple", "birch", "cedar"}
	for _, word := range fit[:2+g.IntN(2)] {
		g.add(Act{At: at, Kind: Push, Service: t.Name, Word: word, Tag: g.tag(t)})
		at += 4*time.Minute + g.gap()
	}
	pushes := g.pushed()
	last := pushes[len(pushes)-1]
	if g.IntN(2) == 0 { // its event comes after the operator has gone back from the push before it
		g.may(Act{At: last.At, Kind: Unheard, Service: t.Name, Of: last.N, For: at - last.At + g.gap()})
	}
	g.may(Act{At: at, Kind: Back, Service: t.Name, Of: pushes[0].N})
	at += g.gap()
	g.may(Act{At: at, Kind: []Kind{Deliver, Copy, Redrive, Back}[g.IntN(4)], Service: t.Name, Of: last.N})
	g.end = at
	g.sprinkle(g.IntN(3))
}

// interrupted lets functions die, or lose the answers of the calls that matter, in the middle of a few pushes.
func (g *generator) interrupted(t Target) {
	g.pushes(t)
	for range 1 + g.IntN(3) {
		push := g.pushed()[g.IntN(len(g.pushed()))]
		kind := []Kind{KillBefore, KillAfter, KillAfter, LoseAnswer, LoseAnswer, Fail, Slow}[g.IntN(7)]
		call := []string{"UpdateService", "UpdateService", "RegisterTaskDefinition", "PutItem", "SendTaskSuccess", "PutEvents", "DescribeServices", "StopServiceDeployment"}[g.IntN(8)]
		a := Act{At: push.At, Kind: kind, Service: t.Name, Call: call, Times: 1 + g.IntN(2)}
		if kind == Slow {
			a.For = time.Duration(5+g.IntN(110)) * time.Second
		}
		g.may(a)
	}
	g.sprinkle(g.IntN(2))
}

// again lets an image that fails come again, by any way, when it has been rolled back.
func (g *generator) again(t Target) {
	bad := []string{"crash", "crash2", "sick", "oom"}[g.IntN(4)]
	at := g.gap()
	if g.IntN(2) == 0 {
		g.add(Act{At: at, Kind: Push, Service: t.Name, Word: "apple", Tag: g.tag(t)})
		at += time.Duration(g.Int64N(int64(6 * time.Minute)))
	}
	g.add(Act{At: at, Kind: Push, Service: t.Name, Word: bad, Tag: g.tag(t)})
	g.end = at
	first := g.pushed()[len(g.pushed())-1]
	at += 10*time.Minute + g.gap() + g.gap()
	if g.IntN(4) == 0 {
		g.may(Act{At: at - time.Second, Kind: Release, Service: t.Name, Of: first.N})
	}
	if g.IntN(2) == 0 {
		g.add(Act{At: at, Kind: Push, Service: t.Name, Word: bad, Tag: g.tag(t)})
	} else {
		g.may(Act{At: at, Kind: []Kind{Deliver, Start, Copy, Redrive, Back}[g.IntN(5)], Service: t.Name, Of: first.N})
	}
	g.sprinkle(g.IntN(2))
}

// hold lets an operator hold the service from about a push on, in one of six plans, and lift that in half of them before it
// ends by itself.
func (g *generator) hold() {
	if g.IntN(6) > 0 {
		return
	}
	of := g.pushed()[g.IntN(len(g.pushed()))]
	at := max(0, of.At+time.Duration(g.Int64N(int64(2*time.Minute)))-time.Minute)
	lasts := time.Duration(1+g.IntN(40)) * time.Minute
	g.may(Act{At: at, Kind: Hold, Service: of.Service, For: lasts})
	if g.IntN(2) == 0 {
		g.may(Act{At: at + time.Duration(g.Int64N(int64(lasts))), Kind: Lift, Service: of.Service})
	}
}

// may adds an act if its kind is among the faults of the run.
func (g *generator) may(a Act) {
	if slices.Contains(g.faults, a.Kind) {
		g.add(a)
	}
}

// sprinkle lets a few more things happen.
func (g *generator) sprinkle(n int) {
	for range n {
		g.more()
	}
}
