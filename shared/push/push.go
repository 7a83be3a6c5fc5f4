// Package push answers what was pushed, and for which service, from what started the execution.
//
// It stands first in the flow. Three forms of input come in: the rule's, {"service": "web", "event": <the ECR event>}, the
// operator's, {"service": "web", "tag": "…"} or "digest", and the sweep's, with the key "sweep". All are in events/. An event is a hint: it says
// where to look, and what ECR answers counts.
package push

import (
	"time"

	"fairlead/shared/image"
)

// Sweep is what the sweep found: a push whose event was lost, one that a hold kept back, or a rollout that nobody follows. The zero Sweep is that of an
// execution that somebody else has started.
type Sweep struct {
	// Digest is what the tag named when the sweep looked; "" for a rollout.
	Digest image.Digest
	// Held says that the push was not lost: a hold kept it back, and has ended.
	Held bool
	// Follow is the ARN of the task definition whose rollout is to be followed; "" for a push.
	Follow string
}

// The kinds of sweep.
const (
	SweptPush    = "push"
	SweptHeld    = "held"
	SweptRollout = "rollout"
)

// Kind is "" for an execution that the sweep did not start.
func (s Sweep) Kind() string {
	switch {
	case s.Follow != "":
		return SweptRollout
	case s.Digest != "" && s.Held:
		return SweptHeld
	case s.Digest != "":
		return SweptPush
	default:
		return ""
	}
}

// All stands for every service of the configuration, where they are only looked at.
const All = "*"

// Push is the input of an execution, parsed.
type Push struct {
	Service string // a name in the configuration

	FromEvent  bool
	EventID    string
	Account    string // of the event
	Region     string // of the event
	Repository string // of the event
	// NotPushed says why the event is no successful push of an image, in a sentence: another action, another result.
	// It is "" for a push.
	NotPushed string

	Tag        string       // "" for an untagged push, and where an operator named a digest
	Digest     image.Digest // only the operator's
	HintDigest image.Digest // the event's, if it is one: the tag may name another image by now

	// MediaType and ArtifactType are the event's manifest-media-type and artifact-media-type; both may be "".
	MediaType    string
	ArtifactType string

	// Time orders the push: the event's time, or that at which the sweep says it was at the earliest, but not later than the
	// start of the execution; for an operator's input the start.
	Time time.Time

	// Sweep says what the sweep has found, if it has started the execution.
	Sweep Sweep

	DryRun bool
	// Inspect says that no image is named: the service is looked at as it stands, or all are, if Service is [All].
	Inspect  bool
	Replaces image.Digest // set where an operator goes back: the digest that has to be the running one
}
