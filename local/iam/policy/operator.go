package policy

import (
	"encoding/base64"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// value is one value of a condition, read as its operator wants it.
type value struct {
	pattern pattern
	number  float64
	time    time.Time
	network netip.Prefix
}

// operator is a condition operator without its set prefix, IfExists and negation.
type operator struct {
	// read reads a value of the policy.
	read func(s string, variables bool) (value, error)
	// matches compares the request's value with one of the policy's.
	matches func(v value, actual string, keys Keys) bool
}

// operatorNamed returns the operator of that name in its positive form, and whether the name negates it.
func operatorNamed(name string) (op operator, negated, ok bool) {
	positive := strings.Replace(name, "Not", "", 1)
	switch positive {
	case "StringEquals", "StringEqualsIgnoreCase", "StringLike":
		op = stringOperator(positive)
	case "ArnEquals", "ArnLike":
		op = operator{read: readARN, matches: matchARN}
	case "IpAddress":
		op = operator{read: readNetwork, matches: matchNetwork}
	case "Bool":
		op = operator{read: readBool, matches: matchFolded}
	case "BinaryEquals":
		op = operator{read: readBinary, matches: matchExactly}
	default:
		op, ok = ordered(positive)
		return op, positive != name, ok && (positive == name || strings.HasSuffix(name, "NotEquals"))
	}
	negatable := positive != "Bool" && positive != "BinaryEquals" && name != "IpNotAddress"
	return op, positive != name, positive == name || negatable && spelled(name)
}

// spelled reports whether "Not" stands where AWS's names have it.
func spelled(name string) bool {
	for _, prefix := range []string{"StringNot", "ArnNot", "NotIp"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

func stringOperator(name string) operator {
	op := operator{matches: matchExactly, read: func(s string, variables bool) (value, error) {
		p, err := compile(s, name == "StringLike", variables)
		return value{pattern: p}, err
	}}
	if name == "StringEqualsIgnoreCase" {
		op.matches = matchFolded
	}
	return op
}

func matchExactly(v value, actual string, keys Keys) bool { return v.pattern.matches(actual, keys) }
func matchFolded(v value, actual string, keys Keys) bool {
	return v.pattern.matchesFolded(actual, keys)
}

func readBool(s string, _ bool) (value, error) {
	if low := strings.ToLower(s); low != "true" && low != "false" {
		return value{}, malformed("%q is neither true nor false", s)
	}
	return value{pattern: literal(s)}, nil
}

func readBinary(s string, _ bool) (value, error) {
	if _, err := base64.StdEncoding.DecodeString(s); err != nil {
		return value{}, malformed("%q is not Base64", s)
	}
	return value{pattern: literal(s)}, nil
}

func readNetwork(s string, _ bool) (value, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		return value{network: netip.PrefixFrom(a, a.BitLen())}, nil
	}
	network, err := netip.ParsePrefix(s)
	if err != nil {
		return value{}, malformed("%q is not an IP address or range", s)
	}
	return value{network: network.Masked()}, nil
}

func matchNetwork(v value, actual string, _ Keys) bool {
	a, err := netip.ParseAddr(actual)
	return err == nil && v.network.Contains(a)
}

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

// ordered returns the Numeric and Date operators.
func ordered(name string) (operator, bool) {
	kind, relation := "Numeric", strings.TrimPrefix(name, "Numeric")
	if strings.HasPrefix(name, "Date") {
		kind, relation = "Date", strings.TrimPrefix(name, "Date")
	}
	holds, ok := relationNamed(relation)
	if !ok || relation == name {
		return operator{}, false
	}
	if kind == "Numeric" {
		return operator{read: readNumber, matches: func(v value, actual string, _ Keys) bool {
			n, err := strconv.ParseFloat(actual, 64)
			return err == nil && holds(compareFloats(n, v.number))
		}}, true
	}
	return operator{read: readTime, matches: func(v value, actual string, _ Keys) bool {
		t, err := parseTime(actual)
		return err == nil && holds(t.Compare(v.time))
	}}, true
}

func relationNamed(name string) (holds func(int) bool, ok bool) {
	switch name {
	case "Equals":
		return func(c int) bool { return c == 0 }, true
	case "LessThan":
		return func(c int) bool { return c < 0 }, true
	case "LessThanEquals":
		return func(c int) bool { return c <= 0 }, true
	case "GreaterThan":
		return func(c int) bool { return c > 0 }, true
	case "GreaterThanEquals":
		return func(c int) bool { return c >= 0 }, true
	}
	return nil, false
}

func compareFloats(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func readNumber(s string, _ bool) (value, error) {
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || n != n || n-n != 0 {
		return value{}, malformed("%q is not a number", s)
	}
	return value{number: n}, nil
}

func readTime(s string, _ bool) (value, error) {
	t, err := parseTime(s)
	return value{time: t}, err
}

// parseTime reads one of the W3C's ISO 8601 forms, or seconds since 1970.
func parseTime(s string) (time.Time, error) {
	if seconds, err := strconv.ParseInt(s, 10, 64); err == nil && len(s) > 4 {
		return time.Unix(seconds, 0), nil
	}
	for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02", "2006-01", "2006"} {
		if t, err := time.Parse(form, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, malformed("%q is not a date", s)
}
