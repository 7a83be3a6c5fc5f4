// Package push answers what was pushed, and for which service, from what started the execution.
//
// It stands first in the flow. Two forms of input come in: the rule's, {"service": "web", "event": <the ECR event>},
// and the operator's, {"service": "web", "tag": "…"} or "digest". Both are in events/. An event is a hint: it says
// where to look, and what ECR answers counts.
package push

import (
	"time"

	"fairlead/shared/image"
)

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

	// Time orders the push: the event's time, but not later than the start of the execution; for an operator's input
	// the start.
	Time time.Time

	DryRun   bool
	Replaces image.Digest // set where an operator goes back: the digest that has to be the running one
}
