package rollout

import (
	"encoding/json"
	"time"

	"fairlead/shared/fault"
)

// Document is the part of an execution's document that a rollout is followed by.
type Document struct {
	Service  string `json:"service"`
	Revision struct {
		TaskDefinition string `json:"taskDefinition"`
		Base           string `json:"base"`
	} `json:"revision"`
	// Update is nil where UpdateService got no answer: it may have pointed the service at our revision or not.
	Update *Updated `json:"update"`
	// Rollout is nil before the first judgement.
	Rollout *Judged `json:"rollout"`
	// Rollback is nil before the service goes back, and Restoration before that was judged for the first time.
	Rollback    *Back   `json:"rollback"`
	Restoration *Judged `json:"restoration"`
}

// ParseDocument reads what AwaitRollout and JudgeRollout need. A document without a service or a revision is a fault.
func ParseDocument(raw json.RawMessage) (Document, error) {
	const fix = "start a new execution with the original input: this document was not made by the steps before"
	var d Document
	if err := json.Unmarshal(raw, &d); err != nil {
		return Document{}, fault.New(fault.InputInvalid, fix, "read the document: %w", err)
	}
	if d.Service == "" || d.Revision.TaskDefinition == "" {
		return Document{}, fault.New(fault.InputInvalid, fix, "the document names no service or no revision to wait for")
	}
	return d, nil
}

// Aim is what the execution wants of the service. entered is when its present state was entered: it stands for the time
// of the update where that is not known.
func (d Document) Aim(entered time.Time) Aim {
	aim := Aim{TaskDefinition: d.Revision.TaskDefinition, Base: d.Revision.Base, Since: entered}
	if d.Rollout != nil {
		aim.Since, aim.Running, aim.Stage, aim.Deadline = d.Rollout.Since, d.Rollout.Running, d.Rollout.Stage, d.Rollout.Deadline
	}
	if d.Update != nil && (d.Update.Decision == Pointed || d.Update.Decision == AlreadyThere) {
		aim.Since, aim.Accepted = d.Update.At, true
	}
	if d.Rollback != nil {
		return d.back(aim)
	}
	return aim
}
