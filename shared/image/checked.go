// Package image answers what was pushed: whether it can run at all, on which platforms, and which containers of a
// service run it.
//
// It stands second in the flow: CheckImage reads a manifest and a task definition, and this package decides; what
// CheckImage found is [Checked], under the key "image" of the document. All names of images are parsed here, once.
package image

import (
	"fmt"
	"time"
)

// What CheckImage decided.
const (
	Deploy = "deploy" // the image is fit and the service is ours to deploy
	Scan   = "scan"   // the same, if its scan finds nothing that forbids it
	Skip   = "skip"   // not ours to deploy, or a dry run: the reason says which
)

// Checked is what CheckImage found, under the key "image" of the document. Every field is always present; with a
// decision to skip, those that were not looked at are empty.
type Checked struct {
	Decision string `json:"decision"` // Deploy, Scan or Skip
	Reason   string `json:"reason"`   // a sentence; but for Skip it says what is deployed where
	// Held says that it is skipped because the service is held.
	Held bool `json:"held"`

	Repository    string `json:"repository"`    // the ECR name: shop/web
	RepositoryURI string `json:"repositoryUri"` // as ECR reports it
	Tag           string `json:"tag"`           // "" where an operator named a digest
	Digest        Digest `json:"digest"`        // what the tag names now; the image is deployed by this
	MediaType     string `json:"mediaType"`     // of the manifest or index
	Platform      string `json:"platform"`      // of the task definition: linux/amd64
	Version       string `json:"version"`       // the tag's semantic version, under a semver policy; else ""
	// Runs are the digests of the images that may run: Digest itself or, of an index, those for the platform; of one whose
	// platform is not known, all. Never null.
	Runs []Digest `json:"runs"`

	// Time orders this push among the others of its service: the event's time, but not later than the start of the
	// execution; for an operator's input the start of the execution.
	Time time.Time `json:"time"`
	// Sweep says that the sweep has started the execution, and for what: "push", "held" or "rollout"; else "".
	Sweep string `json:"sweep"`
	// Replaces is set where an operator goes back: the digest that has to be the running one.
	Replaces Digest `json:"replaces"`

	// Verify says that the service's gates want somebody to vouch for the image: CheckSignature is next.
	Verify bool `json:"verify"`

	Running Running `json:"running"`
	// Copies is the ARN of the task definition that the next revision is copied from: what the service runs, or, under
	// the base family, a newer one of its family that somebody else has made.
	Copies   string   `json:"copies"`
	Warnings []string `json:"warnings"` // sentences; never null
}

// Named names the image in a sentence: shop/web:v1 (sha256:…).
func (c Checked) Named() string {
	if c.Tag == "" {
		return fmt.Sprintf("%s@%s", c.Repository, c.Digest)
	}
	return fmt.Sprintf("%s:%s (%s)", c.Repository, c.Tag, c.Digest)
}

// Running is what the service ran when CheckImage looked.
type Running struct {
	TaskDefinition string `json:"taskDefinition"` // the service's task definition, an ARN
	Digest         Digest `json:"digest"`         // of the containers that are deployed to; "" if they are not pinned to one digest
	Sequence       int64  `json:"sequence"`       // of the claim under which we deployed it; 0 if that was not us
}
