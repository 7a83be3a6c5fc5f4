package simulate

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"fairlead/local/events"
	"fairlead/local/steps"
	"fairlead/local/world"
)

// Run is a plan that was played.
type Run struct {
	Plan       Plan
	Violations []Violation
	Checked    int // invariants
	trail      *trail
	truth      *truth
}

// Violation is an invariant that a run broke.
type Violation struct {
	Invariant string
	Says      string
}

// player plays one plan.
type player struct {
	*steps.Lab
	scene    *Scene
	plan     Plan
	trail    *trail
	troubles *troubles
	ecs      *ecs.Client
	sfn      *sfn.Client
	ecr      *ecr.Client
	pushed   map[int]time.Time // by the number of the push
	table    string            // of the ledger
}

// Play plays a plan and checks the invariants. The error is one of the stage: then nothing can be said.
func (s *Scene) Play(ctx context.Context, plan Plan) (Run, error) {
	lab, err := s.stage.Lab(plan.Seed, s.logger)
	if err != nil {
		return Run{}, err
	}
	defer lab.Ground()
	lab.Know(plan.known()...)
	trail := &trail{opening: lab.Now(), calls: map[string]called{}, injected: map[Kind]int{}, released: map[string][]time.Time{}}
	p := &player{Lab: lab, scene: s, plan: plan, trail: trail, troubles: &troubles{lab: lab, trail: trail},
		pushed: map[int]time.Time{}, table: s.table}
	admin := lab.Client(lab.Administrator())
	p.ecs, p.sfn, p.ecr = ecs.NewFromConfig(admin), sfn.NewFromConfig(admin), ecr.NewFromConfig(admin)
	lab.SetWeather(newWeather(plan.Seed, p.troubles))
	lab.Core.Tamper(p.troubles.tamper)
	lab.Core.Observe(func(r world.Record) {
		trail.observe(r)
		p.witness(r)
	})
	settled, err := p.play(ctx)
	if err != nil {
		return Run{}, err
	}
	truth, err := p.look(ctx, settled)
	if err != nil {
		return Run{}, err
	}
	return s.judge(plan, trail, truth), nil
}

// play lets the acts happen, and then settles. It says whether everything came to an end.
func (p *player) play(ctx context.Context) (settled bool, err error) {
	for _, a := range p.expanded() {
		if wait := p.trail.opening.Add(a.At).Sub(p.Now()); wait > 0 {
			p.Pass(wait)
		}
		p.trail.act(p.Now(), a)
		if err := p.act(ctx, a); err != nil {
			if !refused(err) {
				return false, fmt.Errorf("%v: %w", a, err)
			}
			p.trail.note(p.Now(), "refused: "+err.Error())
		}
	}
	p.Until(lull, p.troubles.spent)
	p.Pass(max(p.troubles.longest(), p.trail.heldUntil().Sub(p.Now())))
	p.troubles.end()
	return p.settle(), nil
}

// expanded are the acts in their order, with the late arrival of each event that is late.
func (p *player) expanded() []Act {
	acts := slices.Clone(p.plan.Acts)
	for _, a := range p.plan.Acts {
		if push, ok := p.plan.act(a.Of); ok && a.Kind == Unheard && a.For > 0 {
			acts = append(acts, Act{N: a.N, At: push.At + a.For, Kind: Deliver, Service: a.Service, Of: a.Of})
		}
	}
	slices.SortStableFunc(acts, func(a, b Act) int { return int(a.At - b.At) })
	return acts
}

// lull is how long the troubles of a plan wait for calls to meet once nothing else happens: until a rollout has timed out.
const lull = 20 * time.Minute

// patience is how long a run may take until nothing happens any more: longer than any rollout, retry and outage.
const patience = 6 * time.Hour

// turns is how long it takes until the sweep has found a lost push, and often it may find one more thing that was hidden
// behind the last.
const (
	turn  = 36 * time.Minute
	turns = 4
)

// rest is how long the sweep leaves an execution alone that broke off, where it has started that itself or that was redriven.
const rest = time.Hour

// settle lets time pass until no execution and no function runs, and longer until the sweep finds nothing more to do.
// Meanwhile asynchronous functions are tried again, and ECS finishes its rollouts.
func (p *player) settle() bool {
	running, started := 0, 0
	quiet := func() bool {
		p.Core.Quietly(func(*world.World) { running = p.States.Running() })
		return running == 0
	}
	p.Pass(time.Minute)
	for range turns {
		before := started
		if !p.Until(patience, quiet) {
			return false
		}
		p.Pass(p.turn())
		p.Core.Quietly(func(*world.World) { started = p.attempts() })
		if quiet() && started == before {
			return true
		}
	}
	return quiet()
}

// attempts are the executions that were started, and how often they were redriven.
func (p *player) attempts() (count int) {
	for _, x := range p.executions() {
		count += 1 + x.RedriveCount
	}
	return count
}

// turn is how long it takes now until the sweep has found all that it may.
func (p *player) turn() (long time.Duration) {
	long = turn
	p.Core.Quietly(func(*world.World) {
		for _, x := range p.executions() {
			if again := x.RedriveCount > 0 || strings.HasPrefix(x.Name, "sweep-"); again && x.Status != "SUCCEEDED" {
				long = rest + turn
			}
		}
	})
	return long
}

// act lets one act happen.
func (p *player) act(ctx context.Context, a Act) error {
	switch a.Kind {
	case Push:
		return p.push(ctx, a)
	case Deliver:
		return p.deliver(a)
	case Lose, Double:
		return p.disturb(a)
	case Start, Back, Copy, Stop, Redrive, Release, Hold, Lift:
		return p.operate(ctx, a)
	case Update, Scale, Rollback, Redeploy:
		return p.person(ctx, a)
	case Throttle, Fail, LoseAnswer, Expire, Slow, KillBefore, KillAfter, Deny, Outage:
		p.troubles.begin(a)
	case Unheard: // is seen to when the push happens
	}
	return nil
}

func (p *player) push(ctx context.Context, a Act) error {
	if slices.ContainsFunc(p.plan.Acts, func(other Act) bool { return other.Kind == Unheard && other.Of == a.N }) {
		p.Core.Do(func(*world.World) { p.Events.Disturb(events.Disturbance{Source: "aws.ecr", Events: 1}) })
		p.trail.injected[Unheard]++
	}
	p.pushed[a.N] = p.Now()
	_, err := p.ecr.PutImage(ctx, &ecr.PutImageInput{RepositoryName: aws.String(target(a.Service).Repository),
		ImageManifest: aws.String(p.scene.images[a.Word].manifest), ImageTag: aws.String(a.Tag)})
	return err
}

func (p *player) deliver(a Act) error {
	push, ok := p.plan.act(a.Of)
	at, done := p.pushed[a.Of]
	if !ok || !done {
		return nil
	}
	detail, err := json.Marshal(map[string]string{"result": "SUCCESS", "action-type": "PUSH", "repository-name": target(push.Service).Repository,
		"image-digest": p.scene.images[push.Word].digest, "image-tag": push.Tag})
	p.trail.injected[Deliver]++
	p.Core.Do(func(*world.World) {
		p.Events.Publish(world.Event{Source: "aws.ecr", DetailType: "ECR Image Action", Time: at, Detail: detail})
	})
	return err
}

func (p *player) disturb(a Act) error {
	times := 0
	if a.Kind == Double {
		times = 2
	}
	p.trail.injected[a.Kind] += a.Times
	p.Core.Do(func(*world.World) {
		p.Events.Disturb(events.Disturbance{Source: a.Call, Events: a.Times, Times: times})
	})
	return nil
}
