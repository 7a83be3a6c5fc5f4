package asl

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Path is a JSONPath of the subset that Step Functions documents: $ or $$ (the context object), then .name, ['name'],
// [index], [*], .*, slices [from:to] and unions. https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html
//
// Refused as not implemented: filters [?()], the deep scan .. and functions such as .length().
type Path struct {
	text    string
	context bool // starts with $$
	steps   []step
	many    bool // may select any number of values, so that its result is an array
}

type stepKind int

const (
	stepNames stepKind = iota // members of an object, one or a union
	stepIndexes
	stepSlice
	stepWildcard
)

type step struct {
	kind     stepKind
	names    []string
	indexes  []int
	from, to *int
}

// unsupported is a path that AWS may accept and this package does not implement.
type unsupportedPath struct{ what string }

func (e *unsupportedPath) Error() string {
	return e.what + " in a path is not implemented by Fairlead's embedded AWS"
}

var errPath = errors.New("not a path")

// ParsePath reads a path.
func ParsePath(text string) (Path, error) {
	rest, ok := strings.CutPrefix(text, "$")
	if !ok {
		return Path{}, fmt.Errorf("%w: %q does not start with $", errPath, text)
	}
	p := Path{text: text}
	rest, p.context = strings.CutPrefix(rest, "$")
	for rest != "" {
		var s step
		var err error
		if s, rest, err = parseStep(rest); err != nil {
			return Path{}, fmt.Errorf("path %s: %w", text, err)
		}
		p.steps = append(p.steps, s)
		p.many = p.many || s.many()
	}
	return p, nil
}

// String is the path as it was written.
func (p Path) String() string { return p.text }

// Reference says whether the path is a reference path: one that names exactly one place, by names and indexes, in the
// state's own data.
func (p Path) Reference() bool {
	return !p.context && !slices.ContainsFunc(p.steps, func(s step) bool {
		return s.many() || s.kind == stepIndexes && s.indexes[0] < 0
	})
}

func (s step) many() bool {
	return s.kind == stepSlice || s.kind == stepWildcard || len(s.names)+len(s.indexes) > 1
}

func parseStep(text string) (step, string, error) {
	switch {
	case strings.HasPrefix(text, ".."):
		return step{}, "", &unsupportedPath{"the deep scan .."}
	case strings.HasPrefix(text, ".*"):
		return step{kind: stepWildcard}, text[2:], nil
	case strings.HasPrefix(text, "."):
		return parseName(text[1:])
	case strings.HasPrefix(text, "["):
		return parseBracket(text[1:])
	default:
		return step{}, "", fmt.Errorf("%w: %q is neither .name nor [...]", errPath, text)
	}
}

func parseName(text string) (step, string, error) {
	end := strings.IndexFunc(text, func(r rune) bool { return strings.ContainsRune(".[", r) })
	if end < 0 {
		end = len(text)
	}
	name := text[:end]
	if strings.HasSuffix(name, "()") || strings.Contains(name, "(") {
		return step{}, "", &unsupportedPath{"the function ." + name}
	}
	if name == "" || strings.ContainsAny(name, " \t\n\r]'\"*,:?@$&|=<>!)\\") {
		return step{}, "", fmt.Errorf("%w: %q is no name", errPath, name)
	}
	return step{names: []string{name}}, text[end:], nil
}
