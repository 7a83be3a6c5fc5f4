package tag

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"regexp"

	"github.com/Masterminds/semver/v3"
)

// Kind names a kind of policy, as the configuration does.
type Kind string

// The kinds of policy.
const (
	Exact  Kind = "exact"  // this tag
	Glob   Kind = "glob"   // tags that a shell pattern matches: *, ?, [a-z]
	Regexp Kind = "regexp" // tags that a regular expression matches as a whole
	Semver Kind = "semver" // tags that are a semantic version within a range; the higher version is the newer push
	Newest Kind = "newest" // every tag; the later push is the newer
)

// Policy says which tags are deployed. Its zero value matches none. In JSON it is an object with one key, the kind:
// {"glob": "v*"}, or {"newest": true}.
type Policy struct {
	kind Kind
	text string
	// One of these, by kind.
	expression *regexp.Regexp
	versions   *semver.Constraints
}

// New makes the policy of a kind from its text, which is the empty string for [Newest].
func New(kind Kind, text string) (Policy, error) {
	p := Policy{kind: kind, text: text}
	if kind == Newest {
		if text != "" {
			return Policy{}, errors.New("newest takes no pattern")
		}
		return p, nil
	}
	if text == "" {
		return Policy{}, fmt.Errorf("%s is empty, so it matches no tag", kind)
	}
	return p.compile()
}

// compile checks the text and makes what Match needs.
func (p Policy) compile() (Policy, error) {
	var err error
	switch p.kind {
	case Exact:
		err = Check(p.text)
	case Glob:
		_, err = path.Match(p.text, "")
	case Regexp:
		p.expression, err = wholeMatch(p.text)
	case Semver:
		p.versions, err = semver.NewConstraint(p.text)
	case Newest:
	default:
		err = errors.New("no such policy: one of exact, glob, regexp, semver, newest")
	}
	if err != nil {
		return Policy{}, fmt.Errorf("%s %q: %w", p.kind, p.text, err)
	}
	return p, nil
}

// wholeMatch compiles the text so that it matches a whole tag or not at all. The text is compiled by itself first: alone
// it shows that its parentheses are balanced, and "a)|(b" would otherwise break out of the group.
func wholeMatch(text string) (*regexp.Regexp, error) {
	if _, err := regexp.Compile(text); err != nil {
		return nil, err
	}
	return regexp.Compile(`\A(?:` + text + `)\z`)
}

// Kind returns the policy's kind, "" for the zero value.
func (p Policy) Kind() Kind { return p.kind }

// String says the policy as a sentence can hold it: regexp "v[0-9]+".
func (p Policy) String() string {
	if p.text == "" {
		return string(p.kind)
	}
	return fmt.Sprintf("%s %q", p.kind, p.text)
}

// Equal reports whether two policies say the same.
func (p Policy) Equal(q Policy) bool { return p.kind == q.kind && p.text == q.text }

// MarshalJSON writes what [Policy.UnmarshalJSON] reads; the zero value is null.
func (p Policy) MarshalJSON() ([]byte, error) {
	switch p.kind {
	case "":
		return []byte("null"), nil
	case Newest:
		return json.Marshal(map[Kind]bool{Newest: true})
	default:
		return json.Marshal(map[Kind]string{p.kind: p.text})
	}
}

// UnmarshalJSON reads an object with exactly one key, the kind.
func (p *Policy) UnmarshalJSON(data []byte) error {
	var fields map[Kind]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil || len(fields) != 1 {
		return errors.New(`want an object with one of the keys exact, glob, regexp, semver, newest: {"glob": "v*"}`)
	}
	for kind, value := range fields {
		text, err := patternText(kind, value)
		if err != nil {
			return err
		}
		read, err := New(kind, text)
		if err != nil {
			return err
		}
		*p = read
	}
	return nil
}

// patternText reads the value beside a kind: true for newest, a string for the others.
func patternText(kind Kind, value json.RawMessage) (string, error) {
	if kind == Newest {
		if string(value) != "true" {
			return "", errors.New("newest: want true")
		}
		return "", nil
	}
	var text *string
	if err := json.Unmarshal(value, &text); err != nil || text == nil {
		return "", fmt.Errorf("%s: want a string", kind)
	}
	return *text, nil
}
