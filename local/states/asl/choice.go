package asl

import (
	"errors"
	"strings"
)

// Rule is a choice rule: a comparison of the value at a path, or a boolean of other rules.
type Rule struct {
	Next     string // of a rule at the top
	Variable Path
	operator string
	compare  comparison
	operand  any   // the value to compare with
	other    *Path // …Path operators: where that value is
	and, or  []*Rule
	not      *Rule
}

// Matches says whether the rule holds. A variable or operand path that selects nothing is a States.Runtime fault,
// except for IsPresent.
func (r *Rule) Matches(s Scope) (bool, error) {
	switch {
	case r.not != nil:
		held, err := r.not.Matches(s)
		return !held, err
	case r.and != nil:
		return whichever(r.and, s, false)
	case r.or != nil:
		return whichever(r.or, s, true)
	default:
		return r.test(s)
	}
}

// whichever returns wanted as soon as one rule gives it: Or wants a true, And a false.
func whichever(rules []*Rule, s Scope, wanted bool) (bool, error) {
	for _, rule := range rules {
		held, err := rule.Matches(s)
		if err != nil || held == wanted {
			return held, err
		}
	}
	return !wanted, nil
}

func (r *Rule) test(s Scope) (bool, error) {
	if r.operator == "IsPresent" {
		return r.present(s) == r.operand, nil
	}
	value, err := conditionValue(r.Variable, s)
	if err != nil {
		return false, err
	}
	operand := r.operand
	if r.other != nil {
		if operand, err = conditionValue(*r.other, s); err != nil {
			return false, err
		}
	}
	return r.compare(value, operand), nil
}

// present says whether the variable's path selects something, be it null.
func (r *Rule) present(s Scope) bool {
	v, err := r.Variable.find(s)
	if found, ok := v.([]any); ok && r.Variable.many {
		return len(found) > 0
	}
	return err == nil
}

func conditionValue(p Path, s Scope) (any, error) {
	v, err := p.find(s)
	if _, ok := errors.AsType[*missing](err); ok {
		return nil, runtimeFault("Invalid path '%s': The choice state's condition path references an invalid value.", p.text)
	}
	return v, err
}

// matchesPattern compares with a pattern in which * stands for any characters and \* for a *.
func matchesPattern(text, pattern string) bool {
	parts := patternParts(pattern)
	first, last := parts[0], parts[len(parts)-1]
	if len(parts) == 1 {
		return text == first
	}
	if len(text) < len(first)+len(last) || !strings.HasPrefix(text, first) || !strings.HasSuffix(text, last) {
		return false
	}
	text = text[len(first) : len(text)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		_, after, ok := strings.Cut(text, part)
		if !ok {
			return false
		}
		text = after
	}
	return true
}

// patternParts are the literal texts between the *s of a pattern.
func patternParts(pattern string) []string {
	var part strings.Builder
	var parts []string
	for i := 0; i < len(pattern); i++ {
		switch {
		case pattern[i] == '\\' && i+1 < len(pattern) && (pattern[i+1] == '*' || pattern[i+1] == '\\'):
			i++
			part.WriteByte(pattern[i])
		case pattern[i] == '*':
			parts = append(parts, part.String())
			part.Reset()
		default:
			part.WriteByte(pattern[i])
		}
	}
	return append(parts, part.String())
}
