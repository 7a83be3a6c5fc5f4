package simulate

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// Generate draws the plan of a seed, with faults of these kinds alone.
func Generate(seed uint64, faults []Kind) Plan {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 0x46414952)), faults: faults, plan: Plan{Seed: seed}}
	g.theme()
	g.hold()
	slices.SortStableFunc(g.plan.Acts, func(a, b Act) int { return int(a.At - b.At) })
	renumber(g.plan.Acts)
	return g.plan
}

// theme draws what the plan is about: anything at all, or one of the courses in which most can go wrong.
func (g *generator) theme() {
	cast := g.cast()
	switch g.IntN(9) {
	case 8:
		g.again(cast[0])
	case 0:
		g.race(cast[0])
	case 1:
		g.goingBack(cast[0])
	case 2, 3:
		g.interrupted(cast[0])
	default:
		for _, t := range cast {
			g.pushes(t)
		}
		for range g.IntN(9) * g.IntN(2) {
			g.more()
		}
	}
}

// renumber numbers the acts in the order in which they happen; what is about a push goes with it.
func renumber(acts []Act) {
	now := map[int]int{}
	for i, a := range acts {
		now[a.N] = i + 1
	}
	for i := range acts {
		acts[i].N = i + 1
		if acts[i].Of != 0 {
			acts[i].Of = now[acts[i].Of]
		}
	}
}

type generator struct {
	*rand.Rand
	faults  []Kind
	plan    Plan
	added   int
	end     time.Duration // when the last push happens
	version int
}

// cast are the services of a run: web more often than the others, now and then two.
func (g *generator) cast() []Target {
	all := Targets()
	i := g.IntN(2 * len(all))
	first := all[max(0, i-len(all))]
	if g.IntN(6) > 0 {
		return []Target{first}
	}
	return []Target{first, all[(slices.IndexFunc(all, func(t Target) bool { return t.Name == first.Name })+1+g.IntN(len(all)-1))%len(all)]}
}

// gap is the time between two acts: from nearly none to longer than a rollout takes.
func (g *generator) gap() time.Duration {
	most := []time.Duration{time.Second, 10 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute}[g.IntN(5)]
	return time.Duration(g.Int64N(int64(most)))
}

func (g *generator) add(a Act) {
	g.added++
	a.N = g.added
	g.plan.Acts = append(g.plan.Acts, a)
}

// pushes lets a few images be pushed for a service.
func (g *generator) pushes(t Target) {
	at := g.gap()
	for range 1 + g.IntN(4) {
		g.add(Act{At: at, Kind: Push, Service: t.Name, Word: g.word(), Tag: g.tag(t)})
		g.end = max(g.end, at)
		at += g.gap()
	}
}

// word is an image: a fit one in three of four pushes.
func (g *generator) word() string {
	words := Words()
	for {
		if w := words[g.IntN(len(words))]; w.Fit || g.IntN(2) == 0 {
			return w.Name
		}
	}
}

// tag is a tag that the target's policy takes, and that was not used before.
func (g *generator) tag(t Target) string {
	g.version++
	if t.Semver {
		return fmt.Sprintf("2.%d.%d", g.IntN(4), g.version)
	}
	return fmt.Sprintf("%040x-%d", g.version, g.IntN(900)+100)
}

// more lets something happen to the pushes.
func (g *generator) more() {
	if len(g.faults) == 0 {
		return
	}
	a := Act{Kind: g.faults[g.IntN(len(g.faults))], At: time.Duration(g.Int64N(int64(g.end + 4*time.Minute)))}
	pushes := g.pushed()
	of := pushes[g.IntN(len(pushes))]
	if g.IntN(2) == 0 { // soon after a push is when most is under way
		a.At = of.At + time.Duration(g.Int64N(int64(20*time.Second)))
	}
	a.Service = of.Service
	switch a.Kind {
	case Unheard:
		a.At, a.Of = of.At, of.N
		if g.IntN(3) > 0 {
			a.For = g.gap() + g.gap()
		}
	case Deliver, Start, Back, Release:
		a.At, a.Of = max(a.At, of.At+time.Second), of.N
	case Update:
		a.Word = Words()[g.IntN(6)].Name
	case Scale:
		a.Times = g.IntN(4)
	case Lose, Double:
		a.Call, a.Times = []string{"aws.ecs", "aws.states", "aws.ecr"}[g.IntN(3)], 1+g.IntN(6)
	default:
		g.trouble(&a)
	}
	g.add(a)
}

// pushed are the pushes so far.
func (g *generator) pushed() []Act {
	return slices.DeleteFunc(slices.Clone(g.plan.Acts), func(a Act) bool { return a.Kind != Push })
}

// trouble fills in which calls are troubled, how often and for how long.
func (g *generator) trouble(a *Act) {
	switch a.Kind {
	case Throttle, Fail, LoseAnswer, Expire, KillBefore, KillAfter:
		a.Call, a.Times = g.call(), 1+g.IntN(3)*g.IntN(2)
	case Slow:
		a.Call, a.Times, a.For = g.call(), 1+g.IntN(2), time.Duration(1+g.IntN(110))*time.Second
	case Deny:
		a.Call, a.For = g.call(), time.Duration(1+g.IntN(300))*time.Second
	case Hold:
		a.For = g.gap() + g.gap()
	case Outage:
		a.Call, a.For = []string{"ecs", "dynamodb", "sts", "ecr", "states", "events"}[g.IntN(6)], time.Duration(1+g.IntN(600))*time.Second
	case Push, Unheard, Deliver, Lose, Double, Start, Back, Copy, Stop, Redrive, Release, Lift, Update, Scale, Rollback, Redeploy:
	}
}

// call is an operation that Fairlead uses, those that matter most more often; "" is any.
func (g *generator) call() string {
	calls := []string{"", "", "UpdateService", "UpdateService", "UpdateService", "RegisterTaskDefinition", "RegisterTaskDefinition", "PutItem", "PutItem", "GetItem",
		"AssumeRole", "DescribeServices", "DescribeTaskDefinition", "ListTaskDefinitions", "ListServiceDeployments",
		"DescribeServiceDeployments", "DescribeServiceRevisions", "PutEvents", "SendTaskSuccess", "DeleteItem", "Query", "StopServiceDeployment",
		"DescribeImages", "DescribeImageScanFindings", "BatchGetImage", "DescribeExecution", "GetExecutionHistory"}
	return calls[g.IntN(len(calls))]
}
