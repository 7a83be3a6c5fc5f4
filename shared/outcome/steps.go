package outcome

import (
	"encoding/json"
	"slices"
	"time"
)

// Step is a state that an execution passed, or that it ended in.
type Step struct {
	Name      string    `json:"name"`
	EnteredAt time.Time `json:"enteredAt"` // the last time that it was entered
}

// Keys are the states that add a key to the document, by that key, and so leave the time at which they were entered. What
// AwaitRollout waits shows between UpdateService and JudgeRollout: the result of a task token says nothing.
func Keys() map[string]string {
	return map[string]string{
		"image": "CheckImage", "scan": "JudgeScan", "signature": "CheckSignature", "claim": "ClaimService", "revision": "RegisterRevision", "update": "UpdateService",
		"rollout": "JudgeRollout", "diagnosis": "DiagnoseFailure", "rollback": "RollBack", "restoration": "JudgeRollback",
	}
}

// steps reads from a document's keys when their states were entered, in the order of the times. The workflow adds
// "entered" to what each step returns; a key without it, or of another shape, is left out.
func steps(keys map[string]json.RawMessage) []Step {
	var passed []Step
	for key, name := range Keys() {
		at := salvage[struct{ Entered time.Time }](keys[key]).Entered
		if !at.IsZero() {
			passed = append(passed, Step{Name: name, EnteredAt: at.UTC()})
		}
	}
	slices.SortFunc(passed, Step.compare)
	return passed
}

func (s Step) compare(other Step) int {
	if order := s.EnteredAt.Compare(other.EnteredAt); order != 0 {
		return order
	}
	return slices.Index(flow(), s.Name) - slices.Index(flow(), other.Name)
}

// flow is the order of the states, for those that are entered within one millisecond.
func flow() []string {
	return []string{"CheckImage", "JudgeScan", "CheckSignature", "ClaimService", "RegisterRevision", "UpdateService", "JudgeRollout", "DiagnoseFailure", "RollBack", "JudgeRollback"}
}

// passed is what a run passed, and the state that it ended in, if it broke off in one. What claims to have happened before
// the run began or after it ended is no step of it: a hand-written input may hold anything.
func (d Document) passed(run Run) []Step {
	told := make([]Step, 0, len(d.Steps)+1) // never null
	for _, step := range d.Steps {
		if step.Name != run.In.Name && !step.EnteredAt.Before(run.StartedAt) && !step.EnteredAt.After(run.EndedAt) {
			told = append(told, step)
		}
	}
	if run.In.Name != "" && !run.In.EnteredAt.IsZero() {
		told = append(told, Step{Name: clean(run.In.Name, maxName), EnteredAt: run.In.EnteredAt.UTC()})
	}
	return told
}
