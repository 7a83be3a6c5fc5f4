package main

import (
	"slices"
	"strings"
)

// statements says whether one of the question's statements is so.
func (q question) statements(is func(statement) bool) bool {
	return slices.ContainsFunc(q.documents(), func(d *document) bool { return slices.ContainsFunc(d.Statement, is) })
}

// conditions says whether one of the question's conditions is so.
func (q question) conditions(is func(operator, key string, values texts) bool) bool {
	return q.statements(func(s statement) bool {
		for operator, keys := range s.Condition {
			for key, values := range keys {
				if is(operator, key, values) {
					return true
				}
			}
		}
		return false
	})
}

// values are the request's for a key, in whatever letters that is written.
func (q question) values(key string) []string {
	for name, values := range q.Keys {
		if strings.EqualFold(name, key) {
			return values
		}
	}
	return nil
}

// names says whether a policy's Principal holds the word.
func names(q question, word string) bool {
	return q.statements(func(s statement) bool {
		if s.Principal == word {
			return true
		}
		kinds, _ := s.Principal.(map[string]any)
		for _, list := range kinds {
			if all, _ := list.([]any); slices.Contains(all, any(word)) {
				return true
			}
		}
		return false
	})
}

// inverted says whether a pattern under an inverted operator, or in NotResource, is so.
func (q question) inverted(is func(question, string) bool) bool {
	so := func(values texts) bool { return slices.ContainsFunc(values, func(v string) bool { return is(q, v) }) }
	return q.statements(func(s statement) bool { return so(s.NotResource) }) ||
		q.conditions(func(operator, _ string, values texts) bool { return strings.Contains(operator, "Not") && so(values) })
}

// unresolved says that a pattern has a variable for which the request has no value.
func unresolved(q question, pattern string) bool {
	_, rest, found := strings.Cut(pattern, "${")
	name, _, _ := strings.Cut(rest, "}")
	return found && len(name) > 1 && !strings.Contains(name, "'") && q.values(name) == nil
}

func beginsWithVariable(pattern string) bool {
	parts := strings.SplitN(pattern, ":", 6)
	return len(parts) == 6 && strings.HasPrefix(parts[5], "${")
}
