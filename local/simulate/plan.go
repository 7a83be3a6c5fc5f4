package simulate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Plan is what happens in a run.
type Plan struct {
	// Seed decides what the plan does not say: how long each call takes, and all that the embedded AWS leaves to chance.
	Seed uint64
	Acts []Act
}

// Act is one thing that happens.
type Act struct {
	N       int           // its number in the plan that the seed gives
	At      time.Duration // since the opening
	Kind    Kind
	Service string
	Word    string        // the image: of Push, Update
	Tag     string        // of Push
	Of      int           // the number of the push that it is about: of Deliver, Start, Back
	Call    string        // the operation that is troubled; "" for any. The source of events: of Lose, Double
	Times   int           // how many calls or events
	For     time.Duration // how long
}

// Kind is what an act is.
type Kind string

// What can happen. The first group is always there; each other kind is one of the faults that a run may be limited to.
const (
	Push Kind = "push" // an image is pushed under a new tag

	Unheard Kind = "unheard" // the event of push Of is lost on its way; of an act with For it comes that much later
	Deliver Kind = "deliver" // the event of push Of comes once more
	Lose    Kind = "lose-events"
	Double  Kind = "double-events"

	Start   Kind = "start"   // an operator asks for the tag of push Of
	Back    Kind = "back"    // an operator goes back to push Of from what runs
	Copy    Kind = "copy"    // an operator starts an execution with the input of the newest one
	Stop    Kind = "stop"    // an operator stops the newest execution that runs
	Redrive Kind = "redrive" // an operator redrives the newest execution that failed
	Release Kind = "release" // an operator releases the image of push Of from quarantine
	Hold    Kind = "hold"    // an operator holds the service for the time For
	Lift    Kind = "lift"    // an operator lifts the hold of the service before its end

	Update   Kind = "update"   // a person puts a revision with the image of a word into service
	Scale    Kind = "scale"    // a person scales the service to Times tasks
	Rollback Kind = "rollback" // a person rolls the running service deployment back
	Redeploy Kind = "redeploy" // a stack points the service at its own revision again

	Throttle   Kind = "throttle"    // calls are throttled
	Fail       Kind = "fail"        // calls fail with a 500
	LoseAnswer Kind = "lose-answer" // calls have their effect and no answer
	Expire     Kind = "expire"      // calls are refused because the credentials have expired
	Slow       Kind = "slow"        // calls take For
	KillBefore Kind = "kill-before" // functions die before the effect of their call
	KillAfter  Kind = "kill-after"  // functions die after it

	Deny   Kind = "deny"   // for the time For calls are denied
	Outage Kind = "outage" // for the time For a service of AWS fails
)

// Faults are the kinds of faults, by what a run is limited to with FAULTS: a name stands for all of its kinds.
func Faults() map[string][]Kind {
	return map[string][]Kind{
		"events":    {Unheard, Deliver, Lose, Double},
		"operators": {Start, Back, Copy, Stop, Redrive, Release, Hold, Lift},
		"people":    {Update, Scale, Rollback, Redeploy},
		"calls":     {Throttle, Fail, LoseAnswer, Expire, Slow},
		"kills":     {KillBefore, KillAfter},
		"outages":   {Deny, Outage},
	}
}

// ParseFaults reads a list of faults, as FAULTS has it: "events,kills"; "" is all of them, "none" is none.
func ParseFaults(list string) ([]Kind, error) {
	var kinds []Kind
	all := Faults()
	for name := range strings.SplitSeq(list, ",") {
		switch group, ok := all[name]; {
		case ok:
			kinds = append(kinds, group...)
		case name == "none":
		case name == "":
			for _, group := range all {
				kinds = append(kinds, group...)
			}
		default:
			return nil, fmt.Errorf("there are no faults %q: say some of calls, events, kills, operators, outages, people, or none", name)
		}
	}
	slices.Sort(kinds)
	return slices.Compact(kinds), nil
}

// faults are the acts that are no pushes.
func (p Plan) faults() []Act {
	return slices.DeleteFunc(slices.Clone(p.Acts), func(a Act) bool { return a.Kind == Push })
}

// known are the services that the functions of the run know: those that the plan is about, and in each eighth run all of the
// scene. The sweep of services to which nothing happens would be most of a run otherwise.
func (p Plan) known() []string {
	var names []string
	for _, t := range Targets() {
		if p.Seed%8 == 0 || slices.ContainsFunc(p.Acts, func(a Act) bool { return a.Service == t.Name }) {
			names = append(names, t.Name)
		}
	}
	return names
}

// fault says whether an act is a fault of AWS or of the network, and no deed of a person.
func (a Act) fault() bool {
	all := Faults()
	return slices.ContainsFunc([]string{"events", "calls", "kills", "outages"}, func(name string) bool {
		return slices.Contains(all[name], a.Kind)
	})
}

// String says the act in a few words.
func (a Act) String() string {
	about := a.about()
	if a.Times > 0 && a.Kind != Scale {
		about += fmt.Sprintf(", %d times", a.Times)
	}
	if a.For > 0 {
		about += fmt.Sprintf(", for %v", a.For)
	}
	return fmt.Sprintf("[%d] %s %s", a.N, a.Kind, about)
}

// about is what the act is about.
func (a Act) about() string {
	switch a.Kind {
	case Push:
		return fmt.Sprintf("%s to %s as %s", a.Word, target(a.Service).Repository, a.Tag)
	case Unheard, Deliver, Start, Back, Release:
		return fmt.Sprintf("push %d", a.Of)
	case Copy, Stop, Redrive, Rollback, Redeploy, Hold, Lift:
		return a.Service
	case Update:
		return a.Service + " to " + a.Word
	case Scale:
		return fmt.Sprintf("%s to %d", a.Service, a.Times)
	default:
		return cmp.Or(a.Call, "any call")
	}
}

// act is the act of a number.
func (p Plan) act(n int) (Act, bool) {
	for _, a := range p.Acts {
		if a.N == n {
			return a, true
		}
	}
	return Act{}, false
}

// Only is the plan with the acts of these numbers alone.
func (p Plan) Only(numbers []int) Plan {
	kept := slices.DeleteFunc(slices.Clone(p.Acts), func(a Act) bool { return !slices.Contains(numbers, a.N) })
	return Plan{Seed: p.Seed, Acts: kept}
}
