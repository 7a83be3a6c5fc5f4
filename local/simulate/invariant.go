package simulate

import "fmt"

// Invariant is something that is true of every run, whatever happens in it.
type Invariant struct {
	Name    string
	Promise string // in a sentence
	check   func(*evidence)
}

// Invariants are all of them. docs/invariants.md lists the same.
func Invariants() []Invariant {
	return []Invariant{
		{"ends", "Every execution ends, and in one of the seven named outcomes.", checkEnds},
		{"newest", "In the end each service runs the newest fit push, unless a later deed of a person or an end with a reason says otherwise.", checkNewest},
		{"deployed", "Deployed is said of an image whose own service deployment succeeded, with tasks that ran, and that was in place then.", checkDeployed},
		{"rolled-back", "RolledBack is said where our deployment did not succeed and the service is pointed elsewhere again, at what was in service well before.", checkRolledBack},
		{"stuck", "Stuck is said where our deployment did not succeed.", checkStuck},
		{"restored", "A deployment that fails is taken back wherever there is something to go back to.", checkRestored},
		{"quarantined", "An image that was rolled back is not deployed to that service again until an operator releases it.", checkQuarantined},
		{"blamed", "An image that ECS took a service back from comes into quarantine, also if its execution broke off; unless another execution claimed the service since.", checkBlamed},
		{"blameless", "A fit image is neither rolled back nor stuck nor rejected, unless a person or an outage is in the way.", checkBlameless},
		{"superseded", "Superseded is said where a newer execution or a person took the service over.", checkSuperseded},
		{"skipped", "Skipped is said where the image ran already or is in quarantine, the service was held, no task was asked for, or what an operator goes back from does not run.", checkSkipped},
		{"held", "No push goes out while its service is held, save by an execution that was under way.", checkHeld},
		{"failed", "An execution fails in a state only if AWS refused for long, or a person stopped it, and says that the service was not touched only where it was not.", checkFailed},
		{"prompt", "The end of a rollout is noticed within minutes, unless events or calls were lost.", checkPrompt},
		{"told", "Every end is told in one outcome event, and the event names the outcome: that of an end whose event was lost by the sweep.", checkTold},
		{"parameter", "The published parameter names the image that runs, if a deployment of ours has put it there successfully.", checkParameter},
		{"one-update", "An execution points the service at its own revision once; besides that only at what a newer execution deploys or has found in service, or, once, back at one that was in service well.", checkUpdates},
		{"one-revision", "No two revisions of one execution go into service.", checkOneRevision},
		{"replaced", "Going back takes away the image that the operator names, and no other.", checkReplaced},
		{"needed", "Nothing is deployed that a service runs well already, and nothing that cannot run on its platform or that a scan keeps out.", checkNeeded},
		{"copied", "A revision goes into service only if the service was last seen to run what it was made of.", checkCopied},
		{"pinned", "What is registered names the image by its digest.", checkPinned},
		{"lossless", "What is registered differs from its base in the image and in our own tags alone.", checkLossless},
		{"registered-once", "An execution registers one revision from a base, unless an answer was lost, or it was stopped and redriven meanwhile.", checkRegistered},
		{"active", "Fairlead deregisters nothing, and what a service runs is ACTIVE.", checkActive},
		{"ours-alone", "Fairlead writes to the configured service of the execution and to nothing else.", checkOursAlone},
		{"early", "A rollout is ended before its time only after a second try, where no task was ever well; and one that crashes is.", checkEarly},
		{"parked", "What wakes an execution is the token of its newest attempt to wait.", checkParked},
		{"swept", "The sweep starts an execution for a push once, and only if nothing newer was claimed, nothing has ended with it and it is not in quarantine; and follows a rollout only if nobody else does.", checkSwept},
		{"followed", "No rollout that has not succeeded is left behind without an end that tells of it.", checkFollowed},
		{"bounded", "The transitions of an execution and its calls of AWS do not grow with how long its rollout takes, save for the heartbeat and for a look at each task that ends.", checkBounded},
	}
}

// evidence is what an invariant is judged by, and takes what breaks it.
type evidence struct {
	plan    Plan
	trail   *trail
	truth   *truth
	digests map[string]string // by tag
	words   map[string]string // by digest
	of      string            // the invariant that is being checked
	found   []Violation
}

// broken says that the invariant does not hold.
func (e *evidence) broken(format string, args ...any) {
	e.found = append(e.found, Violation{Invariant: e.of, Says: fmt.Sprintf(format, args...)})
}

// judge checks every invariant.
func (s *Scene) judge(plan Plan, t *trail, truth *truth) Run {
	e := &evidence{plan: plan, trail: t, truth: truth, digests: map[string]string{}, words: map[string]string{}}
	for name, image := range s.images {
		e.words[image.digest] = name
	}
	for _, a := range plan.Acts {
		if a.Kind == Push {
			e.digests[a.Tag] = s.images[a.Word].digest
		}
	}
	for _, x := range truth.Executions {
		e.complete(x)
	}
	for _, i := range s.held {
		e.of = i.Name
		i.check(e)
	}
	return Run{Plan: plan, Violations: e.found, Checked: len(s.held), trail: t, truth: truth}
}

// complete fills in what an execution's input does not say: the digest of a tag, and of one that follows a rollout what
// the execution is about that has deployed it.
func (e *evidence) complete(x *execution) {
	if x.Digest == "" {
		x.Digest = e.digests[x.Tag]
	}
	if x.Follows == "" {
		return
	}
	x.Digest = e.digest(x.Follows)
	for _, maker := range e.truth.Executions {
		if made(maker, e.truth.Revisions[x.Follows]) {
			x.Tag, x.Push, x.Ordered = maker.Tag, maker.Push, maker.Ordered
		}
	}
}

// acted says whether the plan has an act of one of these kinds about a service.
func (e *evidence) acted(service string, kinds ...Kind) bool {
	for _, a := range e.plan.Acts {
		for _, k := range kinds {
			if a.Kind == k && a.Service == service {
				return true
			}
		}
	}
	return false
}

// people says whether a person has changed what a service runs.
func (e *evidence) people(service string) bool { return e.acted(service, Update, Rollback, Redeploy) }

// mild is how many times calls may go wrong before a step's retries may be used up.
const mild = 4

// harsh says whether so much has gone wrong that a step may have given up.
func (e *evidence) harsh() bool {
	in := e.trail.injected
	return in[Deny]+in[Outage] > 0 || in[Throttle]+in[Fail]+in[LoseAnswer]+in[Expire]+in[Slow]+in[KillBefore]+in[KillAfter] > mild
}

// fit says whether an image comes to run and stays healthy, and may.
func (e *evidence) fit(x *execution) bool {
	return word(e.words[x.Digest]).Fit && !e.barred(x.Service, x.Digest)
}

// barred says whether an image is to be rejected: it cannot run, or what a scan finds keeps it out of the service.
func (e *evidence) barred(service, digest string) bool {
	w := word(e.words[digest])
	return w.Unfit || w.Unsafe && target(service).Scanned
}

// digest is what a task definition is pinned to.
func (e *evidence) digest(taskDefinition string) string {
	if r := e.truth.Revisions[taskDefinition]; r != nil {
		return digestOf(r.Image)
	}
	return ""
}

// image is an image in a sentence.
func (e *evidence) image(taskDefinition string) string {
	if name := e.words[e.digest(taskDefinition)]; name != "" {
		return name
	}
	return "its first image"
}

// name is an execution in a sentence.
func (e *evidence) name(x *execution) string {
	return fmt.Sprintf("the execution of %s (%s %s, started %s)", e.words[x.Digest], x.Service, x.Tag, e.clock(x.Start))
}
