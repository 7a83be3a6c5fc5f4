package outcome

import (
	"encoding/json"
	"strings"
	"time"

	"fairlead/shared/claim"
	"fairlead/shared/diagnosis"
	"fairlead/shared/fault"
	"fairlead/shared/image"
	"fairlead/shared/revision"
	"fairlead/shared/rollback"
	"fairlead/shared/rollout"
)

// Document is the whole document of an execution, as far as it got: what a step has not added is nil.
type Document struct {
	Service  string               `json:"service"`
	Event    *pushEvent           `json:"event"`
	Tag      string               `json:"tag"`
	DryRun   bool                 `json:"dryRun"`
	Digest   string               `json:"digest"`
	Image    *image.Checked       `json:"image"`
	Claim    *claim.Result        `json:"claim"`
	Revision *revision.Registered `json:"revision"`
	Update   *rollout.Updated     `json:"update"`
	Rollout  *rollout.Judged      `json:"rollout"`
	// Diagnosis, Rollback and Restoration are those of a rollout that failed.
	Diagnosis   *diagnosis.Diagnosis `json:"diagnosis"`
	Rollback    *rollback.Done       `json:"rollback"`
	Restoration *rollout.Judged      `json:"restoration"`
	Outcome     *Outcome             `json:"outcome"`
	// Fault is what a Catch of the workflow left.
	Fault *Fault `json:"fault"`
	// Sweep is what the sweep puts into the inputs that it starts executions with; of those it is known only that it is
	// there.
	Sweep json.RawMessage `json:"sweep"`
	// Steps are the states that left their key in the document, in the order in which they were entered.
	Steps []Step `json:"-"`
}

// pushEvent is what of the event that started the execution is told on.
type pushEvent struct {
	ID     string `json:"id"`
	Time   string `json:"time"`
	Detail struct {
		Repository string `json:"repository-name"`
		Tag        string `json:"image-tag"`
		Digest     string `json:"image-digest"`
	} `json:"detail"`
}

// Fault is the error output of a state: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
type Fault struct {
	Error string `json:"Error"`
	Cause string `json:"Cause"`
}

// ParseDocument reads a document. One that is no object, or whose keys are not what the steps write, is a fault.
func ParseDocument(raw json.RawMessage) (Document, error) {
	var d Document
	if err := json.Unmarshal(raw, &d); err != nil {
		return Document{}, fault.New(fault.InputInvalid, "start a new execution with a valid input", "read the document: %w", err)
	}
	d.Steps = steps(salvage[map[string]json.RawMessage](raw))
	return d, nil
}

// Salvage reads of a document what can be read: an execution that failed for its input is reported too.
func Salvage(raw string) Document {
	var keys map[string]json.RawMessage
	if json.Unmarshal([]byte(raw), &keys) != nil {
		return Document{}
	}
	return Document{
		Service: salvage[string](keys["service"]), Event: salvage[*pushEvent](keys["event"]),
		Tag: salvage[string](keys["tag"]), DryRun: salvage[bool](keys["dryRun"]), Digest: salvage[string](keys["digest"]),
		Image: salvage[*image.Checked](keys["image"]), Claim: salvage[*claim.Result](keys["claim"]),
		Revision: salvage[*revision.Registered](keys["revision"]), Update: salvage[*rollout.Updated](keys["update"]),
		Rollout: salvage[*rollout.Judged](keys["rollout"]), Diagnosis: salvage[*diagnosis.Diagnosis](keys["diagnosis"]),
		Rollback: salvage[*rollback.Done](keys["rollback"]), Restoration: salvage[*rollout.Judged](keys["restoration"]), Fault: salvage[*Fault](keys["fault"]),
		Outcome: salvage[*Outcome](keys["outcome"]), Sweep: keys["sweep"], Steps: steps(keys),
	}
}

func salvage[T any](raw json.RawMessage) T {
	var value T
	if json.Unmarshal(raw, &value) != nil {
		var none T
		return none
	}
	return value
}

// Text is the cause as a person reads it: a function's error is the message in the JSON that Lambda wraps it in.
func (f Fault) Text() string {
	var wrapped struct {
		Message string `json:"errorMessage"`
	}
	if json.Unmarshal([]byte(f.Cause), &wrapped) == nil && wrapped.Message != "" {
		return wrapped.Message
	}
	return f.Cause
}

// fixMark is what [fault.Fault] puts before its fix.
const fixMark = ". Fix: "

// Why is the text without the fix.
func (f Fault) Why() string {
	text := f.Text()
	if i := strings.LastIndex(text, fixMark); i >= 0 {
		return text[:i]
	}
	return text
}

// Fix is what the fault itself says is to be done, or "".
func (f Fault) Fix() string {
	text := f.Text()
	if i := strings.LastIndex(text, fixMark); i >= 0 {
		return text[i+len(fixMark):]
	}
	return ""
}

// Push is which image an execution was about, as far as it is known.
type Push struct {
	Repository, Tag, Digest string
	// EventID and EventTime are those of the push event; empty where no event started the execution.
	EventID, EventTime string
}

// Push is what the execution was to deploy: what CheckImage found, or else what the input says.
func (d Document) Push() Push {
	p := Push{Tag: d.Tag, Digest: d.Digest}
	if e := d.Event; e != nil {
		p = Push{Repository: e.Detail.Repository, Tag: e.Detail.Tag, Digest: e.Detail.Digest, EventID: e.ID, EventTime: e.Time}
	}
	if i := d.Image; i != nil {
		p.Repository, p.Tag, p.Digest = or(i.Repository, p.Repository), or(i.Tag, p.Tag), or(string(i.Digest), p.Digest)
	}
	return p
}

// String names the image for people: repository:tag (sha256:0123456789ab), or as much of it as is known.
func (p Push) String() string {
	var name string
	switch {
	case p.Repository == "" && p.Tag == "" && p.Digest == "":
		return "an image"
	case p.Repository == "":
		name = "image " + p.Tag
	case p.Tag != "":
		name = p.Repository + ":" + p.Tag
	default:
		name = p.Repository
	}
	return strings.TrimSpace(strings.TrimSpace(name) + " " + p.digest())
}

func (p Push) digest() string {
	if p.Digest == "" {
		return ""
	}
	return "(" + shortDigest(p.Digest) + ")"
}

// target is the ARN of the revision that was, or was to be, put into service; base that of the one before it.
func (d Document) target() string {
	if d.Revision == nil || !d.Revision.Decision.Deploys() {
		return ""
	}
	return d.Revision.TaskDefinition
}

func (d Document) base() string {
	switch {
	case d.Update != nil && d.Update.Previous != "" && d.Update.Previous != d.target():
		return d.Update.Previous
	case d.Revision != nil && d.Revision.Base != "":
		return d.Revision.Base
	case d.Image != nil:
		return d.Image.Running.TaskDefinition
	default:
		return ""
	}
}

// running is what the service was last seen pointed at, or "".
func (d Document) running() string {
	switch {
	case d.Restoration != nil:
		return d.Restoration.RunningTaskDefinition
	case d.Rollback != nil && d.Rollback.Decision == rollback.Restored:
		return d.Rollback.TaskDefinition
	case d.Rollout != nil:
		return d.Rollout.RunningTaskDefinition
	case d.Revision != nil && d.target() == "":
		return d.Revision.TaskDefinition
	default:
		return ""
	}
}

// back is the revision that the service goes back to after a failed rollout, or "": what RollBack chose, or else what ECS
// has put back.
func (d Document) back() string {
	switch {
	case d.Rollback != nil && d.Rollback.TaskDefinition != "":
		return d.Rollback.TaskDefinition
	case d.Rollout != nil && d.Rollout.Restored:
		return d.Rollout.RunningTaskDefinition
	default:
		return ""
	}
}

// updatedAt is when the service is known to have been pointed at the revision, or zero.
func (d Document) updatedAt() time.Time {
	if d.Update == nil || (d.Update.Decision != rollout.Pointed && d.Update.Decision != rollout.AlreadyThere) {
		return time.Time{}
	}
	return d.Update.At
}

func or(first, second string) string {
	if first != "" {
		return first
	}
	return second
}

// shortDigest keeps twelve digits, as registries' consoles do.
func shortDigest(digest string) string {
	const length = len("sha256:") + 12
	if len(digest) <= length {
		return digest
	}
	return digest[:length]
}
