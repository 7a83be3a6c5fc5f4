package policy

import (
	"encoding/base64"
	"net/netip"
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
	positive, negated := negations()[name]
	if !negated {
		positive = name
	}
	op, ok = positiveOperator(positive)
	return op, negated, ok
}

// negations are the operators that hold where another does not.
func negations() map[string]string {
	return map[string]string{
		"StringNotEquals": "StringEquals", "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase", "StringNotLike": "StringLike",
		"NumericNotEquals": "NumericEquals", "DateNotEquals": "DateEquals", "NotIpAddress": "IpAddress",
		"ArnNotEquals": "ArnEquals", "ArnNotLike": "ArnLike",
	}
}

func positiveOperator(name string) (operator, bool) {
	switch name {
	case "StringEquals", "StringEqualsIgnoreCase", "StringLike":
		return stringOperator(name), true
	case "ArnEquals", "ArnLike":
		return operator{read: readARN, matches: matchARN}, true
	case "IpAddress":
		return operator{read: readNetwork, matches: matchNetwork}, true
	case "Bool":
		return operator{read: readBool, matches: matchFolded}, true
	case "BinaryEquals":
		return operator{read: readBinary, matches: matchExactly}, true
	}
	return orderOperator(name)
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
