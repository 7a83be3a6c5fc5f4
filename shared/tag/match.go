package tag

import (
	"fmt"
	"path"
	"strings"

	"github.com/Masterminds/semver/v3"
)

// Match is what a policy says about a tag.
type Match struct {
	OK bool
	// Version is the tag's semantic version without a leading v, under a semver policy and if the tag is one; it is
	// set whether or not the version lies within the policy's range.
	Version string
	// Reason says why the tag does not match; empty if it does.
	Reason string
}

// Match looks at one tag. A tag that a registry could not hold matches nothing.
func (p Policy) Match(tag string) Match {
	if err := Check(tag); err != nil {
		return Match{Reason: err.Error()}
	}
	if p.kind == Semver {
		return p.matchVersion(tag)
	}
	if !p.matches(tag) {
		return Match{Reason: fmt.Sprintf("tag %s does not match the tag policy %s", tag, p)}
	}
	return Match{OK: true}
}

// matches looks at a tag under the policies that know no versions.
func (p Policy) matches(tag string) bool {
	switch p.kind {
	case Exact:
		return tag == p.text
	case Glob:
		ok, err := path.Match(p.text, tag)
		return ok && err == nil
	case Regexp:
		return p.expression.MatchString(tag)
	case Newest:
		return true
	default:
		return false
	}
}

// matchVersion takes a whole semantic version, with or without a leading v, and nothing shorter: under a policy like
// ">=2.0.0" the tag 812 of a build number would otherwise be the newest version of all.
func (p Policy) matchVersion(tag string) Match {
	version, err := semver.StrictNewVersion(strings.TrimPrefix(tag, "v"))
	if err != nil {
		return Match{Reason: fmt.Sprintf("tag %s is not a semantic version like 1.2.3 or v1.2.3, which the tag policy %s wants", tag, p)}
	}
	if !p.versions.Check(version) {
		return Match{Version: version.String(), Reason: fmt.Sprintf("version %s is outside the tag policy %s", version, p)}
	}
	return Match{OK: true, Version: version.String()}
}

// Ignored returns the first of the globs that matches the whole tag, or "".
func Ignored(globs []string, tag string) string {
	for _, glob := range globs {
		if ok, err := path.Match(glob, tag); ok && err == nil {
			return glob
		}
	}
	return ""
}
