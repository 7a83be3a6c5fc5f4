package simulate

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"fairlead/shared/revision"
)

// aimed is what a call of ECS names.
type aimed struct {
	Cluster              string
	Service              string
	TaskDefinition       string
	Family               string
	ServiceDeploymentArn string
	ResourceArn          string
}

func (w write) aim() (a aimed) {
	_ = json.Unmarshal(w.Body, &a) // AWS has read it before
	return a
}

// done are the calls of an operation that had an effect.
func (e *evidence) done(operation string, each func(write, aimed)) {
	for _, w := range e.trail.writes {
		if w.Operation == operation && w.Code == "" {
			each(w, w.aim())
		}
	}
}

// bySession is the execution whose session made a call; nil if there is none.
func (e *evidence) bySession(session string) *execution {
	for _, x := range e.truth.Executions {
		if x.Session == session {
			return x
		}
	}
	return nil
}

// made says whether an execution registered a revision.
func made(x *execution, r *taskDefinition) bool {
	return r != nil && r.Execution != "" && r.Execution == revision.ExecutionTag(x.ARN)
}

func checkUpdates(e *evidence) {
	own, back := map[string]int{}, map[string]int{}
	e.done("UpdateService", func(w write, a aimed) {
		x, r := e.bySession(w.Session), e.truth.Revisions[a.TaskDefinition]
		switch {
		case x == nil || r == nil:
			e.broken("%s pointed service %s at %s, for no execution that there is", w.Session, a.Service, a.TaskDefinition)
		case made(x, r):
			if own[x.ARN]++; own[x.ARN] > 1+e.trail.injected[Slow] {
				e.broken("%s pointed the service at its own revision %d times", e.name(x), own[x.ARN])
			}
		case e.repair(x, r), e.digest(r.ARN) == x.Digest:
		case !e.proven(e.truth.Services[x.Service], r.ARN, w.At):
			e.broken("%s pointed the service at %s, which is neither its own, nor that of a newer execution, nor was it in service well", e.name(x), short(r.ARN))
		default:
			if back[x.ARN]++; back[x.ARN] > 1+e.trail.injected[Slow] {
				e.broken("%s pointed the service back %d times", e.name(x), back[x.ARN])
			}
		}
	})
}

// repair says whether a revision is that of an execution that had the claim after x.
//
// The newer execution may have found its image in service already, in a revision that another one has made.
func (e *evidence) repair(x *execution, r *taskDefinition) bool {
	found := slices.ContainsFunc(e.truth.Executions, func(other *execution) bool {
		return other != x && other.Service == x.Service && newer(other, x) && other.Digest == e.digest(r.ARN)
	})
	if found {
		return true
	}
	theirs, err := strconv.Atoi(r.Tags[revision.TagSequence])
	if err != nil {
		return false
	}
	for _, mine := range e.truth.Revisions {
		if sequence, err := strconv.Atoi(mine.Tags[revision.TagSequence]); made(x, mine) && err == nil && sequence < theirs {
			return true
		}
	}
	return false
}

func checkNeeded(e *evidence) {
	for _, v := range e.truth.Services {
		for i, p := range v.pointed {
			r := e.truth.Revisions[p.taskDefinition]
			if r == nil || r.Execution == "" || i == 0 {
				continue
			}
			if e.barred(v.Name, digestOf(r.Image)) {
				e.broken("%s went into service, and its image %s is to be rejected", short(r.ARN), e.image(r.ARN))
			}
			if before := v.pointed[i-1].taskDefinition; !p.rollback && e.sameAgain(v, before, r, p.at) {
				e.broken("%s went into service, and the service ran the same image as %s", short(r.ARN), short(before))
			}
		}
	}
}

// sameAgain says whether a service ran the image of a revision well before it was pointed at it.
func (e *evidence) sameAgain(v *service, before string, r *taskDefinition, when time.Time) bool {
	return before != r.ARN && e.digest(before) == digestOf(r.Image) && e.provenSince(v, before, when)
}

// provenSince says whether a task definition was in service well, for longer than an execution takes from its look to its call.
func (e *evidence) provenSince(v *service, taskDefinition string, when time.Time) bool {
	return e.proven(v, taskDefinition, when.Add(-slack)) && v.at(when.Add(-slack)) == taskDefinition
}

func checkCopied(e *evidence) {
	e.done("UpdateService", func(w write, a aimed) {
		x, r := e.bySession(w.Session), e.truth.Revisions[a.TaskDefinition]
		if x == nil || !made(x, r) || e.trail.injected[Slow] > 0 { // of two attempts at once it is not known who has looked
			return
		}
		base := r.ARN[:strings.LastIndexByte(r.ARN, ':')+1] + r.Base
		// After its last look another execution, or a person, may act: ECS has no compare-and-set.
		if seen := e.truth.Services[x.Service].at(e.trail.lastLook(w.Session, w.At)); seen != base && seen != r.ARN {
			e.broken("%s was made of revision %s, and went into service though the service was seen to run %s", short(r.ARN), r.Base, short(seen))
		}
	})
}

func checkOneRevision(e *evidence) {
	for _, v := range e.truth.Services {
		in := map[string]string{}
		for _, p := range v.pointed {
			r := e.truth.Revisions[p.taskDefinition]
			if r == nil || r.Execution == "" {
				continue
			}
			if other := in[r.Execution]; other != "" && other != r.ARN && !e.rebased(v) {
				e.broken("%s and %s, both of one execution, were in service", short(other), short(r.ARN))
			}
			in[r.Execution] = r.ARN
		}
	}
}

// rebased says whether a call of an execution may have arrived after its function had been stopped, while somebody else had
// pointed the service at another base, so that the next attempt made another revision: a person, ECS that rolls back, or a call as
// late.
func (e *evidence) rebased(v *service) bool {
	elsewhere := slices.ContainsFunc(v.pointed, func(p pointing) bool { return p.rollback })
	return e.trail.late > 0 && (elsewhere || e.people(v.Name) || e.landedLate(func(a aimed) bool { return a.Service == v.Name }))
}

func checkPinned(e *evidence) {
	for _, r := range e.truth.Revisions {
		if r.Execution != "" && !strings.Contains(r.Image, "@sha256:") {
			e.broken("%s was registered with the image %s", short(r.ARN), r.Image)
		}
	}
}

func checkLossless(e *evidence) {
	for _, r := range e.truth.Revisions {
		if r.Execution == "" {
			continue
		}
		base := e.truth.Revisions[r.ARN[:strings.LastIndexByte(r.ARN, ':')+1]+r.Base]
		if base == nil {
			e.broken("%s names a base that does not exist: %s", short(r.ARN), r.Base)
			continue
		}
		if base.Rest != r.Rest {
			e.broken("%s differs from its base %s: %s and %s", short(r.ARN), short(base.ARN), r.Rest, base.Rest)
		}
		for key, value := range base.Tags {
			if !strings.HasPrefix(key, "fairlead:") && !strings.HasPrefix(key, "aws:") && r.Tags[key] != value {
				e.broken("%s has lost the tag %s of its base", short(r.ARN), key)
			}
		}
	}
}

func checkRegistered(e *evidence) {
	count := map[string]int{}
	for _, r := range e.truth.Revisions {
		if r.Execution != "" {
			count[r.Execution+" from base "+r.Base]++
		}
	}
	for of, n := range count {
		if n > 1+e.trail.injected[Slow]+e.trail.injected[Stop] { // the function of one that was stopped goes on beside a redrive
			e.broken("%s: %d revisions", of, n)
		}
	}
}

func checkActive(e *evidence) {
	e.done("DeregisterTaskDefinition", func(_ write, a aimed) { e.broken("%s was deregistered", a.TaskDefinition) })
	for _, v := range e.truth.Services {
		if r := e.truth.Revisions[v.Running]; r == nil || r.Status != "ACTIVE" {
			e.broken("service %s runs %s, which is not ACTIVE", v.Name, short(v.Running))
		}
	}
}

func checkOursAlone(e *evidence) {
	for _, w := range e.trail.writes {
		if w.Service != "ecs" || w.Code != "" {
			continue
		}
		a, service := w.aim(), w.Session[:max(0, strings.LastIndexByte(w.Session, '-'))]
		there := ""
		switch w.Operation {
		case "UpdateService":
			there = a.Cluster + "/" + a.Service
		case "RegisterTaskDefinition":
			there = strings.Replace(a.Family, cluster+"-", cluster+"/", 1)
		case "StopServiceDeployment":
			parts := strings.Split(a.ServiceDeploymentArn, "/")
			there = fmt.Sprint(strings.Join(parts[1:max(1, len(parts)-1)], "/"))
		}
		if there != cluster+"/"+service {
			e.broken("%s called %s for %q", w.Session, w.Operation, there)
		}
	}
	if v := e.truth.Services[bystander]; v == nil || len(v.pointed) != 1 {
		e.broken("the service that is not configured was touched")
	}
}

// What an execution may take on a straight way and two more turns, at each heartbeat, in which tasks may come and go; and what
// each fault adds.
const (
	heartbeat = 5 * time.Minute

	transitions, transitionsABeat, transitionsAFault = 60, 4, 2
	calls, callsATask, callsAFault                   = 150, 60, 4 // with the rights on the service; for each of its tasks in a beat
	tasks                                            = 2          // of a service that nobody has scaled
)

// asked is the most tasks that a service was ever asked for.
func (e *evidence) asked(service string) int {
	most := tasks
	for _, a := range e.plan.Acts {
		if a.Kind == Scale && a.Service == service {
			most = max(most, a.Times)
		}
	}
	return most
}

func checkBounded(e *evidence) {
	met := 0
	for kind, n := range e.trail.injected {
		if (Act{Kind: kind}).fault() {
			met += n
		}
	}
	for _, x := range e.truth.Executions {
		turns := 1 + x.Redrives
		beats := func(until time.Time) int { return max(0, int(until.Sub(x.Start)/heartbeat)) }
		if most := transitions*turns + transitionsABeat*beats(x.Stop) + transitionsAFault*met; x.Transitions > most {
			e.broken("%s made %d transitions, more than %d", e.name(x), x.Transitions, most)
		}
		made := e.trail.calls[x.Session] // by who wakes it too, as long as its token is there
		if most := calls*turns + callsATask*e.asked(x.Service)*beats(made.last) + callsAFault*met; made.times > most {
			e.broken("%s called AWS %d times, more than %d", e.name(x), made.times, most)
		}
	}
}
