package ecs

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// behaviours are what a random story pushes.
func behaviours() [][]string {
	return [][]string{{}, {"start=20s"}, {"exit=1"}, {"exitafter=42s"}, {"exitafter=90s", "exit=2"}, {"oom=true", "exitafter=10s"}, {"unhealthy=true"}}
}

// act does something at random: what operators, deployers and bad luck do to a service.
func (l *land) act(r *rand.Rand) {
	service := object{"cluster": prod, "service": "web"}
	switch n := r.IntN(12); {
	case n < 4:
		in := definitionOf(l.push(behaviours()[r.IntN(len(behaviours()))]...))
		if r.IntN(2) == 0 {
			in = withHealthCheck(in, object{"command": []string{"CMD", "x"}, "interval": 5 + r.IntN(20), "startPeriod": r.IntN(30)})
		}
		service["taskDefinition"] = l.register(in)
		l.ok("UpdateService", service)
	case n == 4:
		service["taskDefinition"] = l.register(definitionOf("127.0.0.1:4566/shop/web:gone"))
		l.ok("UpdateService", service)
	case n == 5:
		service["desiredCount"] = r.IntN(6)
		l.ok("UpdateService", service)
	case n == 6:
		service["forceNewDeployment"] = true
		l.ok("UpdateService", service)
	case n == 7:
		percents := [][2]int{{100, 200}, {50, 100}, {0, 100}, {50, 200}, {75, 150}}[r.IntN(5)]
		service["deploymentConfiguration"] = object{"minimumHealthyPercent": percents[0], "maximumPercent": percents[1],
			"deploymentCircuitBreaker": object{"enable": r.IntN(4) > 0, "rollback": r.IntN(3) > 0}}
		l.ok("UpdateService", service)
	case n == 8:
		l.stopOne(r)
	case n == 9:
		if open := l.web().current(); open != nil {
			l.ok("StopServiceDeployment", object{"serviceDeploymentArn": l.ecs.rolloutARN(l.web(), open)})
		}
	default:
		l.pass(time.Duration(r.Int64N(int64(20 * time.Minute))))
	}
}

func (l *land) stopOne(r *rand.Rand) {
	if live := l.web().Live; len(live) > 0 {
		l.ok("StopTask", object{"cluster": prod, "task": live[r.IntN(len(live))]})
	}
}

// TestWhateverHappensTheServiceKeepsItsRules lets random things happen, and holds in the end that a healthy image still
// gets into service. The scale-downs of a story let the limits be exceeded for a while, as on AWS: they are not watched.
func TestWhateverHappensTheServiceKeepsItsRules(t *testing.T) {
	stories := 60
	if testing.Short() {
		stories = 20
	}
	for seed := range stories {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			l := newLand(t, 1)
			w := l.watched(false)
			w.scaled = true
			r := rand.New(rand.NewPCG(uint64(seed), 1))
			l.create(1+r.IntN(4), object{"deploymentConfiguration": breakerOn(r.IntN(2) == 0)})
			for range 25 {
				l.act(r)
				l.pass(time.Duration(r.Int64N(int64(3 * time.Minute))))
			}
			arn := l.register(definitionOf(l.push()))
			l.ok("UpdateService", object{"cluster": prod, "service": "web", "taskDefinition": arn, "desiredCount": 3,
				"deploymentConfiguration": object{"minimumHealthyPercent": 50, "maximumPercent": 200}})
			l.until("a healthy image in service", l.steady)
			out := l.described()
			if out.TaskDefinition != arn || len(out.Deployments) != 1 || out.Deployments[0].State != "COMPLETED" || out.Running != 3 {
				t.Errorf("in the end the service is %+v", out)
			}
			if rollouts := l.rollouts(); rollouts[len(rollouts)-1] != successful {
				t.Errorf("the service deployments are %v", rollouts)
			}
			l.pass(2 * time.Hour)
			if n := len(l.ecs.state.Tasks); n != 3 {
				t.Errorf("%d tasks are remembered", n)
			}
		})
	}
}

// TestAWorldThatWasWrittenDownGoesOnAsItWould holds that nothing that matters is outside the state.
func TestAWorldThatWasWrittenDownGoesOnAsItWould(t *testing.T) {
	for _, wait := range []time.Duration{time.Second, 15 * time.Second, 25 * time.Second, 80 * time.Second, 3 * time.Minute, 5 * time.Minute} {
		l := newLand(t, 1)
		l.create(2, object{"deploymentConfiguration": breakerOn(true)})
		l.until("steady", l.steady)
		l.update(l.push("exit=1"))
		l.pass(wait)
		raw, err := l.w.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		other := newLand(t, 1)
		other.ecs.state, other.images, other.events = state{}, l.images, nil
		if err := other.w.Restore(raw); err != nil {
			t.Fatal(err)
		}
		l.events = nil
		for _, each := range []*land{l, other} {
			each.pass(10 * time.Minute)
		}
		if diff := cmp.Diff(l.events, other.events); diff != "" {
			t.Errorf("written down after %v: %s", wait, diff)
		}
		if diff := cmp.Diff(l.dump(), other.dump()); diff != "" {
			t.Errorf("written down after %v: %s", wait, diff)
		}
	}
}
