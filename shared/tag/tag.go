// Package tag answers which tags of a repository a service deploys.
//
// A [Policy] looks at one tag at a time: it says whether the tag is ours to deploy and, where the policy knows versions,
// which version it is. Whether a push is newer than another is the claim's question (shared/claim), not this package's.
// Patterns match the whole tag.
package tag

import (
	"fmt"
	"regexp"
	"strings"
)

// grammar is what a registry accepts as a tag:
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
var grammar = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$`)

// Check returns an error that says why a registry could not hold this tag, or nil.
func Check(tag string) error {
	if grammar.MatchString(tag) {
		return nil
	}
	return fmt.Errorf("%q is not a tag: 1 to 128 letters, digits, '_', '.' and '-', and the first is no '.' or '-'", tag)
}

// attachment is how cosign names what it attaches to the image with that digest.
var attachment = regexp.MustCompile(`^sha256-[0-9a-f]{64}(\.[A-Za-z0-9._-]+)?$`)

// Attachment says what a tag attaches to an image, in a word or two, if the tag is of the form sha256-<hex>.sig with
// which signatures, attestations and bills of materials are pushed beside the image that they speak of. It is "" for
// any other tag.
func Attachment(tag string) string {
	if !attachment.MatchString(tag) {
		return ""
	}
	switch tag[strings.LastIndexByte(tag, '.')+1:] {
	case "sig":
		return "a signature"
	case "att":
		return "an attestation"
	case "sbom":
		return "a bill of materials"
	default:
		return "an attached artifact"
	}
}
