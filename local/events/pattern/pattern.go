// Package pattern matches events against EventBridge event patterns.
//
// The syntax is that of https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html. What a
// pattern says that is not in it is refused when the pattern is parsed, as EventBridge refuses it, never ignored.
package pattern

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// maxLength is the largest pattern that an account takes which has not asked for more, in characters.
const maxLength = 2048

// Pattern is a parsed event pattern.
type Pattern struct{ root object }

// Parse reads a pattern. The error names the path of what is wrong.
func Parse(raw []byte) (Pattern, error) {
	if len(raw) > maxLength {
		return Pattern{}, fmt.Errorf("event pattern is longer than %d characters", maxLength)
	}
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		return Pattern{}, fmt.Errorf("event pattern is not valid: %w", err)
	}
	root, err := parseObject("", value)
	return Pattern{root: root}, err
}

// Matches tells whether an event, as JSON, matches.
func (p Pattern) Matches(event []byte) bool {
	var value any
	if json.Unmarshal(event, &value) != nil {
		return false
	}
	return p.MatchesValue(value)
}

// MatchesValue tells whether an event matches, as [json.Unmarshal] reads it into an any.
func (p Pattern) MatchesValue(event any) bool { return p.root.matches(event) }

// Nothing is the pattern that no event matches.
func Nothing() Pattern {
	return Pattern{root: object{or: []object{{fields: map[string]node{"\x00": never{}}}}}}
}

type never struct{}

func (never) matchesField(any, bool) bool { return false }

// object matches an object of which each named field matches; of the alternatives, if there are any, one must.
type object struct {
	fields map[string]node
	or     []object
}

// node matches the value of a field; present is false where the event has no such field.
type node interface {
	matchesField(value any, present bool) bool
}

func parseObject(path string, value any) (object, error) {
	members, ok := value.(map[string]any)
	if !ok {
		return object{}, fmt.Errorf("event pattern is not valid: %q must be an object or an array", path)
	}
	if len(members) == 0 {
		return object{}, fmt.Errorf("event pattern is not valid: empty objects are not allowed (%q)", path)
	}
	o := object{fields: map[string]node{}}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if err := o.parseMember(path, name, members[name]); err != nil {
			return object{}, err
		}
	}
	return o, nil
}

func (o *object) parseMember(path, name string, value any) error {
	at := path + "/" + name
	alternatives, isList := value.([]any)
	if name == "$or" && isList {
		return o.parseOr(path, alternatives)
	}
	var err error
	if isList {
		o.fields[name], err = parseLeaf(at, alternatives)
	} else {
		o.fields[name], err = parseObject(at, value)
	}
	return err
}

func (o *object) parseOr(path string, alternatives []any) error {
	if len(alternatives) < 2 {
		return fmt.Errorf("event pattern is not valid: $or at %q must have at least two alternatives", path)
	}
	for _, alternative := range alternatives {
		parsed, err := parseObject(path, alternative)
		if err != nil {
			return err
		}
		o.or = append(o.or, parsed)
	}
	return nil
}

func (o object) matchesField(value any, present bool) bool {
	if !present {
		return o.matches(map[string]any{})
	}
	return o.matches(value)
}

// matches takes an object, or an array of objects of which one matches.
func (o object) matches(value any) bool {
	if list, ok := value.([]any); ok {
		return slices.ContainsFunc(list, o.matches)
	}
	members, ok := value.(map[string]any)
	if !ok {
		return false
	}
	for name, field := range o.fields {
		member, present := members[name]
		if !field.matchesField(member, present) {
			return false
		}
	}
	return len(o.or) == 0 || slices.ContainsFunc(o.or, func(alternative object) bool { return alternative.matches(members) })
}

// leaf matches a value, or an array of which one value matches, by one of its matchers.
type leaf []matcher

// matcher matches one scalar. Of an absent field it is asked with present false.
type matcher func(value any, present bool) bool

func parseLeaf(path string, alternatives []any) (leaf, error) {
	if len(alternatives) == 0 {
		return nil, fmt.Errorf("event pattern is not valid: empty arrays are not allowed (%q)", path)
	}
	var l leaf
	for _, alternative := range alternatives {
		m, err := parseMatcher(path, alternative)
		if err != nil {
			return nil, err
		}
		l = append(l, m)
	}
	return l, nil
}

func (l leaf) matchesField(value any, present bool) bool {
	if list, ok := value.([]any); ok && present {
		return slices.ContainsFunc(list, func(v any) bool { return l.matchesField(v, true) })
	}
	if _, isObject := value.(map[string]any); isObject {
		present, value = false, nil // a leaf never matches an object; exists is true of leaves alone
	}
	return slices.ContainsFunc(l, func(m matcher) bool { return m(value, present) })
}
