// Package provenance answers who built an image, and from what: the gate "provenance" of a service.
//
// It reads the two versions of SLSA's provenance that are in use, out of a statement whose signature is verified
// already: https://slsa.dev/spec/v1.1/provenance and https://slsa.dev/spec/v0.2/provenance
package provenance

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"fairlead/shared/gate/intoto"
	"fairlead/shared/image"
)

// Policy is the gate: by which builder, from which source, attested with which key.
type Policy struct {
	// Builder is the id of the builder, in full: https://github.com/actions/runner/github-hosted.
	Builder string `json:"builder"`
	// Source is the repository that is built: https://github.com/shop/web.
	Source    string `json:"source"`
	PublicKey string `json:"publicKey"` // PEM, of the key that signs the attestation
}

// Check says what is wrong with the builder and the source, by field; nil for nothing.
func (p Policy) Check() map[string]string {
	wrong := map[string]string{}
	if builder, err := url.Parse(p.Builder); err != nil || builder.Scheme == "" || strings.ContainsAny(p.Builder, "* ") {
		wrong["builder"] = "want the id of the builder, a URI in full: https://github.com/actions/runner/github-hosted"
	}
	source, err := url.Parse(p.Source)
	if err != nil || source.Scheme != "https" || source.Host == "" || strings.Trim(source.Path, "/") == "" || p.Source != repository(p.Source) {
		wrong["source"] = "want the repository that is built, without a branch: https://github.com/shop/web"
	}
	return wrong
}

// The predicates that are read.
const (
	typeV1  = "https://slsa.dev/provenance/v1"
	typeV02 = "https://slsa.dev/provenance/v0.2"
)

// Types lists the types of the predicates that are read.
func Types() []string { return []string{typeV1, typeV02} }

// ErrOther is the error of a statement that is signed by the key and says something else than who built it.
var ErrOther = errors.New("it is no provenance of SLSA")

// Found is what a provenance says.
type Found struct {
	Builder string // its id
	Source  string // the repository, with its revision if that is told
}

// Check reads who built the image with this digest, and holds it against the policy: the error says what is wrong.
func Check(statement intoto.Statement, policy Policy, digest image.Digest) (Found, error) {
	if !slices.Contains(Types(), statement.PredicateType) {
		return Found{}, ErrOther
	}
	if err := statement.About(digest); err != nil {
		return Found{}, err
	}
	found, err := read(statement)
	if err != nil {
		return Found{}, fmt.Errorf("its predicate %s cannot be read: %w", statement.PredicateType, err)
	}
	switch {
	case found.Builder != policy.Builder:
		return found, fmt.Errorf("it was built by %q, want %q", found.Builder, policy.Builder)
	case repository(found.Source) != policy.Source:
		return found, fmt.Errorf("it was built from %q, want %q", found.Source, policy.Source)
	}
	return found, nil
}

func read(statement intoto.Statement) (Found, error) {
	if statement.PredicateType == typeV02 {
		return readV02(statement.Predicate)
	}
	return readV1(statement.Predicate)
}

// readV02 reads version 0.2, in which the source is where the build's own configuration lies.
func readV02(raw json.RawMessage) (Found, error) {
	var p struct {
		Builder struct {
			ID string `json:"id"`
		} `json:"builder"`
		Invocation struct {
			ConfigSource struct {
				URI string `json:"uri"`
			} `json:"configSource"`
		} `json:"invocation"`
	}
	err := json.Unmarshal(raw, &p)
	return Found{p.Builder.ID, p.Invocation.ConfigSource.URI}, err
}

// readV1 reads version 1, in which the source is a parameter from outside. Its name is the build type's: GitHub Actions'
// own, that of slsa-github-generator, and that of BuildKit are known.
func readV1(raw json.RawMessage) (Found, error) {
	var p struct {
		Definition struct {
			Parameters struct {
				Workflow struct {
					Repository string `json:"repository"`
					Ref        string `json:"ref"`
				} `json:"workflow"`
				Source       json.RawMessage `json:"source"`
				ConfigSource struct {
					URI string `json:"uri"`
				} `json:"configSource"`
			} `json:"externalParameters"`
		} `json:"buildDefinition"`
		Run struct {
			Builder struct {
				ID string `json:"id"`
			} `json:"builder"`
		} `json:"runDetails"`
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		return Found{}, err
	}
	parameters := p.Definition.Parameters
	found := Found{Builder: p.Run.Builder.ID, Source: parameters.ConfigSource.URI}
	var source string
	switch {
	case parameters.Workflow.Repository != "":
		found.Source = parameters.Workflow.Repository
		if parameters.Workflow.Ref != "" {
			found.Source += "@" + parameters.Workflow.Ref
		}
	case json.Unmarshal(parameters.Source, &source) == nil && source != "":
		found.Source = source
	}
	return found, nil
}

// repository takes from a source what is not the repository's address: git+https://github.com/shop/web.git@refs/heads/main
// is https://github.com/shop/web.
func repository(source string) string {
	source = strings.TrimPrefix(source, "git+")
	source, _, _ = strings.Cut(source, "#")
	if scheme := strings.Index(source, "://"); scheme >= 0 {
		host, path, _ := strings.Cut(source[scheme+3:], "/")
		path, _, _ = strings.Cut(path, "@")
		source = source[:scheme+3] + host + "/" + path
	}
	return strings.TrimSuffix(strings.TrimSuffix(source, "/"), ".git")
}
