package policy

import "strings"

// readARN reads an ARN with wildcards. Fewer than six parts could never match and are refused.
func readARN(s string, variables bool) (value, error) {
	p, err := compile(s, true, variables)
	if err == nil && len(p.variables()) == 0 && strings.Count(s, ":") < 5 {
		err = malformed("%q is not an ARN", s)
	}
	return value{pattern: p}, err
}

// matchARN compares part by part: a wildcard does not reach over one of the first five colons.
func matchARN(v value, actual string, keys Keys) bool {
	tokens, ok := v.pattern.resolve(keys)
	want, have := parts(tokens), strings.SplitN(actual, ":", 6)
	if !ok || len(want) != 6 || len(have) != 6 {
		return false
	}
	for i := range want {
		if !glob(want[i], []rune(have[i]), false) {
			return false
		}
	}
	return true
}

// parts cuts a pattern at its first five colons.
func parts(tokens []token) [][]token {
	var cut [][]token
	start := 0
	for i, t := range tokens {
		if t.char == ':' && len(cut) < 5 {
			cut = append(cut, tokens[start:i])
			start = i + 1
		}
	}
	return append(cut, tokens[start:])
}
