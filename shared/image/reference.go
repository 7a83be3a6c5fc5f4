package image

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"fairlead/shared/tag"
)

// Reference is an image as a container definition names it: name[:tag][@digest]. The name is kept as it is written, registry
// host included, and never completed: [Reference.In] and [Reference.Named] say what it is the same repository as.
type Reference struct {
	Name   string // 123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web
	Tag    string // "" if there is none
	Digest Digest // "" if there is none
}

// ParseReference splits an image reference. A digest of another algorithm than sha256 is an error.
func ParseReference(s string) (Reference, error) {
	var ref Reference
	name, digest, pinned := strings.Cut(s, "@")
	if pinned {
		var err error
		if ref.Digest, err = ParseDigest(digest); err != nil {
			return Reference{}, fmt.Errorf("image %q: %w", s, err)
		}
	}
	if colon := strings.LastIndexByte(name, ':'); colon > strings.LastIndexByte(name, '/') {
		name, ref.Tag = name[:colon], name[colon+1:]
		if err := tag.Check(ref.Tag); err != nil {
			return Reference{}, fmt.Errorf("image %q: %w", s, err)
		}
	}
	if err := checkName(name); err != nil {
		return Reference{}, fmt.Errorf("image %q: %w", s, err)
	}
	ref.Name = name
	return ref, nil
}

// hostForm allows one colon, between the host and its port.
var hostForm = regexp.MustCompile(`^([^:/]+(:[0-9]+)?/)?[^:]+$`)

// checkName refuses what no registry could mean. It is no full grammar of hosts and paths: names are only compared.
func checkName(name string) error {
	switch {
	case name == "":
		return errors.New("the name is empty")
	case strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' }):
		return errors.New("the name holds a blank or a character outside ASCII")
	case strings.HasPrefix(name, "/"), strings.HasSuffix(name, "/"), strings.Contains(name, "//"):
		return errors.New("the name has an empty part")
	case !hostForm.MatchString(name):
		return errors.New("the name has a colon that is not before its host's port")
	default:
		return nil
	}
}

// Named says whether the reference is to a repository whose name ends in this one, in whatever registry or behind whatever
// proxy: too much to tell which image is ours, where nothing else says so.
func (r Reference) Named(repository string) bool { return strings.HasSuffix(r.Name, "/"+repository) }

// String writes what [ParseReference] reads.
func (r Reference) String() string {
	s := r.Name
	if r.Tag != "" {
		s += ":" + r.Tag
	}
	if r.Digest != "" {
		s += "@" + string(r.Digest)
	}
	return s
}

// Pin returns the reference by which a container definition names exactly this image.
func Pin(repositoryURI string, digest Digest) Reference {
	return Reference{Name: repositoryURI, Digest: digest}
}
