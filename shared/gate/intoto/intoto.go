// Package intoto answers what somebody has attested of an image: it reads a statement of in-toto. Who has attested it, the
// package envelope says.
//
// https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
package intoto

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"fairlead/shared/image"
)

// Statement says something about artifacts. What it says depends on the type of the predicate.
type Statement struct {
	Type          string          `json:"_type"`
	Subject       []Subject       `json:"subject"`
	PredicateType string          `json:"predicateType"`
	Predicate     json.RawMessage `json:"predicate"`
}

// Subject is an artifact that a statement is about.
type Subject struct {
	Name   string            `json:"name"`
	Digest map[string]string `json:"digest"`
}

// About says whether the statement is about the image with this digest, and names what it is about if not.
func (s Statement) About(digest image.Digest) error {
	want := strings.TrimPrefix(string(digest), "sha256:")
	var others []string
	for _, subject := range s.Subject {
		if subject.Digest["sha256"] == want {
			return nil
		}
		others = append(others, "sha256:"+subject.Digest["sha256"])
	}
	if len(others) == 0 {
		return errors.New("it is about nothing")
	}
	return fmt.Errorf("it is about %s", strings.Join(others[:min(len(others), 3)], ", "))
}

// Parse reads a statement.
func Parse(raw []byte) (Statement, error) {
	var s Statement
	if err := json.Unmarshal(raw, &s); err != nil {
		return Statement{}, fmt.Errorf("its statement is no JSON of the known form: %w", err)
	}
	if known := []string{"https://in-toto.io/Statement/v0.1", "https://in-toto.io/Statement/v1"}; !slices.Contains(known, s.Type) {
		return Statement{}, fmt.Errorf("its statement is of the type %q, want one of %s", s.Type, strings.Join(known, ", "))
	}
	return s, nil
}
