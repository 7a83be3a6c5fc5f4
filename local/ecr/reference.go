package ecr

import (
	"fmt"
	"strings"

	"fairlead/local/ecr/blob"
)

// reference is an image as a task definition names it, host/name:tag or host/name@digest, taken apart.
type reference struct {
	host, name, tag, digest string
}

// parseReference reads a reference as container runtimes do: without a tag and a digest the tag is latest, and a first
// part that looks like no host belongs to the name, on Docker Hub.
func parseReference(text string) (reference, error) {
	var r reference
	rest, digest, pinned := strings.Cut(text, "@")
	if pinned && !blob.ValidDigest(digest) {
		return r, fmt.Errorf("invalid reference format: %q has no SHA-256 digest behind @", text)
	}
	r.digest = digest
	r.host, rest = splitHost(rest)
	r.name, r.tag, _ = strings.Cut(rest, ":")
	switch {
	case !namePattern.MatchString(r.name):
		return r, fmt.Errorf("invalid reference format: %q is no repository's name", r.name)
	case strings.Contains(rest, ":") && !tagPattern.MatchString(r.tag):
		return r, fmt.Errorf("invalid reference format: %q is no tag", r.tag)
	case r.tag == "" && !pinned:
		r.tag = "latest"
	}
	return r, nil
}

func splitHost(text string) (host, rest string) {
	first, rest, found := strings.Cut(text, "/")
	if !found || !strings.ContainsAny(first, ".:") && first != "localhost" {
		return "docker.io", text
	}
	return first, rest
}
