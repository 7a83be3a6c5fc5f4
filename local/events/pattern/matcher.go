package pattern

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// parseMatcher reads one element of a leaf's array: a literal, or an object of one operator.
func parseMatcher(path string, value any) (matcher, error) {
	operator, ok := value.(map[string]any)
	if !ok {
		if _, isList := value.([]any); isList {
			return nil, fmt.Errorf("event pattern is not valid: an array inside an array (%q)", path)
		}
		return equal(value), nil
	}
	if len(operator) != 1 {
		return nil, fmt.Errorf("event pattern is not valid: only one key is allowed in a match expression (%q)", path)
	}
	for name, argument := range operator {
		m, err := operate(name, argument)
		if err != nil {
			return nil, fmt.Errorf("event pattern is not valid: %s at %q: %w", name, path, err)
		}
		return m, nil
	}
	return nil, nil
}

func operate(name string, argument any) (matcher, error) {
	switch name {
	case "prefix":
		return affix(argument, strings.HasPrefix)
	case "suffix":
		return affix(argument, strings.HasSuffix)
	case "equals-ignore-case":
		return text(argument, strings.EqualFold)
	case "wildcard":
		return wildcard(argument)
	case "anything-but":
		return anythingBut(argument)
	case "exists":
		return exists(argument)
	case "numeric":
		return numeric(argument)
	case "cidr":
		return cidr(argument)
	default:
		return nil, fmt.Errorf("unrecognized match type %s", name)
	}
}

func equal(want any) matcher {
	return func(value any, present bool) bool { return present && value == want }
}

// text matches strings by a function of (value, argument).
func text(argument any, match func(value, want string) bool) (matcher, error) {
	want, ok := argument.(string)
	if !ok {
		return nil, fmt.Errorf("the argument must be a string, not %v", argument)
	}
	return func(value any, present bool) bool {
		s, ok := value.(string)
		return present && ok && match(s, want)
	}, nil
}

// affix is prefix and suffix, which may nest equals-ignore-case.
func affix(argument any, match func(value, affix string) bool) (matcher, error) {
	nested, ok := argument.(map[string]any)
	if !ok {
		return text(argument, match)
	}
	inner, ok := nested["equals-ignore-case"]
	if !ok || len(nested) != 1 {
		return nil, fmt.Errorf("only equals-ignore-case can stand inside")
	}
	return text(inner, func(value, want string) bool { return match(strings.ToLower(value), strings.ToLower(want)) })
}

func wildcard(argument any) (matcher, error) {
	pattern, ok := argument.(string)
	if !ok {
		return nil, fmt.Errorf("the argument must be a string, not %v", argument)
	}
	parts, err := cutWildcard(pattern)
	if err != nil {
		return nil, err
	}
	return text(pattern, func(value, _ string) bool { return matchParts(value, parts) })
}

// cutWildcard cuts a wildcard pattern at its stars; \* and \\ stand for the characters themselves.
func cutWildcard(pattern string) ([]string, error) {
	parts, part := []string{}, strings.Builder{}
	for i := 0; i < len(pattern); i++ {
		switch pattern[i] {
		case '\\':
			i++
			if i == len(pattern) || !strings.ContainsRune(`*\`, rune(pattern[i])) {
				return nil, fmt.Errorf("invalid escape character at pos %d", i)
			}
			part.WriteByte(pattern[i])
		case '*':
			if part.Len() == 0 && len(parts) > 0 {
				return nil, fmt.Errorf("consecutive wildcard characters at pos %d", i)
			}
			parts = append(parts, part.String())
			part.Reset()
		default:
			part.WriteByte(pattern[i])
		}
	}
	return append(parts, part.String()), nil
}

func matchParts(value string, parts []string) bool {
	first, last := parts[0], parts[len(parts)-1]
	if len(parts) == 1 {
		return value == first
	}
	rest, ok := strings.CutPrefix(value, first)
	if !ok {
		return false
	}
	if rest, ok = strings.CutSuffix(rest, last); !ok {
		return false
	}
	for _, part := range parts[1 : len(parts)-1] {
		_, after, found := strings.Cut(rest, part)
		if !found {
			return false
		}
		rest = after
	}
	return true
}

// anythingBut matches a present value that none of the arguments matches.
func anythingBut(argument any) (matcher, error) {
	var refused []matcher
	switch argument := argument.(type) {
	case []any:
		for _, literal := range argument {
			if _, ok := literal.(map[string]any); ok {
				return nil, fmt.Errorf("inside a list only literals can stand")
			}
			refused = append(refused, equal(literal))
		}
	case map[string]any:
		nested, err := anythingButOperator(argument)
		if err != nil {
			return nil, err
		}
		refused = nested
	default:
		refused = []matcher{equal(argument)}
	}
	if len(refused) == 0 {
		return nil, fmt.Errorf("the list is empty")
	}
	return func(value any, present bool) bool {
		return present && !slices.ContainsFunc(refused, func(m matcher) bool { return m(value, true) })
	}, nil
}

func anythingButOperator(operator map[string]any) ([]matcher, error) {
	if len(operator) != 1 {
		return nil, fmt.Errorf("only one operator can stand inside")
	}
	var refused []matcher
	for name, argument := range operator {
		if !slices.Contains([]string{"prefix", "suffix", "equals-ignore-case", "wildcard"}, name) {
			return nil, fmt.Errorf("%s cannot stand inside", name)
		}
		list, ok := argument.([]any)
		if !ok {
			list = []any{argument}
		}
		for _, one := range list {
			m, err := operate(name, one)
			if err != nil {
				return nil, err
			}
			refused = append(refused, m)
		}
	}
	return refused, nil
}

func exists(argument any) (matcher, error) {
	want, ok := argument.(bool)
	if !ok {
		return nil, fmt.Errorf("the argument must be true or false")
	}
	return func(_ any, present bool) bool { return present == want }, nil
}

func numeric(argument any) (matcher, error) {
	list, ok := argument.([]any)
	if !ok || len(list) == 0 || len(list)%2 != 0 || len(list) > 4 {
		return nil, fmt.Errorf("the argument must be a list of operators and numbers")
	}
	var tests []func(float64) bool
	for i := 0; i < len(list); i += 2 {
		test, err := compare(list[i], list[i+1])
		if err != nil {
			return nil, err
		}
		tests = append(tests, test)
	}
	return func(value any, present bool) bool {
		number, ok := value.(float64)
		return present && ok && !slices.ContainsFunc(tests, func(test func(float64) bool) bool { return !test(number) })
	}, nil
}

func compare(operator, operand any) (func(float64) bool, error) {
	limit, ok := operand.(float64)
	if !ok || limit < -5e9 || limit > 5e9 {
		return nil, fmt.Errorf("%v is not a number between -5.0e9 and 5.0e9", operand)
	}
	switch operator {
	case "=":
		return func(n float64) bool { return n == limit }, nil
	case "<":
		return func(n float64) bool { return n < limit }, nil
	case "<=":
		return func(n float64) bool { return n <= limit }, nil
	case ">":
		return func(n float64) bool { return n > limit }, nil
	case ">=":
		return func(n float64) bool { return n >= limit }, nil
	default:
		return nil, fmt.Errorf("unrecognized numeric range operator %v", operator)
	}
}

func cidr(argument any) (matcher, error) {
	text, ok := argument.(string)
	if !ok {
		return nil, fmt.Errorf("the argument must be a string, not %v", argument)
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return nil, err
	}
	return func(value any, present bool) bool {
		s, ok := value.(string)
		address, err := netip.ParseAddr(s)
		return present && ok && err == nil && prefix.Contains(address)
	}, nil
}
