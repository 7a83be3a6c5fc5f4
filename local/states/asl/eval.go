package asl

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// Scope is what a state's fields are evaluated against.
type Scope struct {
	Input   any // what $ means
	Context any // what $$ means: the context object
	// Random and UUID serve States.MathRandom and States.UUID.
	Random func() *rand.Rand
	UUID   func() string
}

// missing is a definite path that selects nothing. Its words are those of the JsonPath library behind Step Functions.
type missing struct {
	at   string // $['a']['b']
	last bool   // the last step found nothing, as opposed to one on the way
}

func (m *missing) Error() string {
	if m.last {
		return "No results for path: " + m.at
	}
	return "Missing property in path " + m.at
}

// Eval returns what the path selects. A path that may select any number of values (a wildcard, a slice, a union) gives
// an array, maybe empty; any other that selects nothing is a States.Runtime fault.
func (p Path) Eval(s Scope) (any, error) {
	v, err := p.find(s)
	if err != nil {
		return nil, runtimeFault("Invalid path '%s' : %v", p.text, err)
	}
	return v, nil
}

func (p Path) find(s Scope) (any, error) {
	root := s.Input
	if p.context {
		root = s.Context
	}
	if p.many {
		return p.all(root), nil
	}
	for i, step := range p.steps {
		found := step.of(root)
		if len(found) == 0 {
			return nil, &missing{at: p.upTo(i), last: i == len(p.steps)-1}
		}
		root = found[0]
	}
	return root, nil
}

// upTo is the path up to a step, as the JsonPath library writes it.
func (p Path) upTo(last int) string {
	var text strings.Builder
	text.WriteString("$")
	for _, step := range p.steps[:last+1] {
		text.WriteString(step.name())
	}
	return text.String()
}

func (p Path) all(root any) []any {
	selected := []any{root}
	for _, step := range p.steps {
		next := []any{}
		for _, v := range selected {
			next = append(next, step.of(v)...)
		}
		selected = next
	}
	return selected
}

// name is the step as the JsonPath library writes it in its messages.
func (s step) name() string {
	if s.kind == stepNames {
		return "['" + strings.Join(s.names, "','") + "']"
	}
	return fmt.Sprintf("[%d]", s.indexes[0])
}

// of returns what the step selects of one value.
func (s step) of(v any) []any {
	switch v := v.(type) {
	case map[string]any:
		return s.ofObject(v)
	case []any:
		return s.ofArray(v)
	}
	return nil
}

func (s step) ofObject(object map[string]any) []any {
	names := s.names
	if s.kind == stepWildcard {
		names = slices.Sorted(maps.Keys(object))
	}
	var found []any
	for _, name := range names {
		if v, ok := object[name]; ok {
			found = append(found, v)
		}
	}
	return found
}

func (s step) ofArray(array []any) []any {
	switch s.kind {
	case stepWildcard:
		return array
	case stepSlice:
		from, to := bound(s.from, 0, len(array)), bound(s.to, len(array), len(array))
		if from < to {
			return array[from:to]
		}
	case stepIndexes:
		return at(array, s.indexes)
	case stepNames:
	}
	return nil
}

func at(array []any, indexes []int) []any {
	var found []any
	for _, i := range indexes {
		if i < 0 {
			i += len(array)
		}
		if i >= 0 && i < len(array) {
			found = append(found, array[i])
		}
	}
	return found
}

func bound(n *int, otherwise, length int) int {
	if n == nil {
		return otherwise
	}
	if *n < 0 {
		return max(0, *n+length)
	}
	return min(*n, length)
}
