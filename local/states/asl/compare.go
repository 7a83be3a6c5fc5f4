package asl

import (
	"encoding/json"
	"strings"
	"time"
)

// comparison compares the variable's value with the operand. Values of another type than the operator's do not match.
type comparison func(value, operand any) bool

// operator is a comparison operator of a choice rule.
type operator struct {
	compare comparison
	operand func(any) bool // whether a literal operand is of the operator's type
	path    bool           // whether there is a …Path form
}

// operators are the comparison operators by name, without their Path forms.
func operators() map[string]operator {
	ops := map[string]operator{
		"BooleanEquals": {equal2(isBoolean), isBoolean, true},
		"StringMatches": {stringMatches, isString, false},
		"IsPresent":     {nil, isBoolean, false},
		"IsNull":        {is(func(v any) bool { return v == nil }), isBoolean, false},
		"IsString":      {is(isString), isBoolean, false},
		"IsNumeric":     {is(isNumber), isBoolean, false},
		"IsBoolean":     {is(isBoolean), isBoolean, false},
		"IsTimestamp":   {is(isTimestamp), isBoolean, false},
	}
	for suffix, holds := range orders() {
		ops["String"+suffix] = operator{ordered(compareStrings, holds), isString, true}
		ops["Numeric"+suffix] = operator{ordered(compareNumeric, holds), isNumber, true}
		ops["Timestamp"+suffix] = operator{ordered(compareTimes, holds), isTimestamp, true}
	}
	return ops
}

func orders() map[string]func(int) bool {
	return map[string]func(int) bool{
		"Equals":            func(c int) bool { return c == 0 },
		"LessThan":          func(c int) bool { return c < 0 },
		"LessThanEquals":    func(c int) bool { return c <= 0 },
		"GreaterThan":       func(c int) bool { return c > 0 },
		"GreaterThanEquals": func(c int) bool { return c >= 0 },
	}
}

func ordered(compare func(a, b any) (int, bool), holds func(int) bool) comparison {
	return func(value, operand any) bool {
		c, ok := compare(value, operand)
		return ok && holds(c)
	}
}

func is(kind func(any) bool) comparison {
	return func(value, operand any) bool { return kind(value) == operand }
}

func equal2(kind func(any) bool) comparison {
	return func(value, operand any) bool { return kind(value) && kind(operand) && value == operand }
}

func stringMatches(value, operand any) bool {
	text, ok := value.(string)
	pattern, _ := operand.(string)
	return ok && matchesPattern(text, pattern)
}

func compareStrings(a, b any) (int, bool) {
	x, xok := a.(string)
	y, yok := b.(string)
	return strings.Compare(x, y), xok && yok
}

func compareNumeric(a, b any) (int, bool) {
	x, xok := a.(json.Number)
	y, yok := b.(json.Number)
	if !xok || !yok {
		return 0, false
	}
	return compareNumbers(x, y), true
}

func compareTimes(a, b any) (int, bool) {
	x, xok := timestamp(a)
	y, yok := timestamp(b)
	return x.Compare(y), xok && yok
}

func isBoolean(v any) bool {
	_, ok := v.(bool)
	return ok
}

func isString(v any) bool {
	_, ok := v.(string)
	return ok
}

func isNumber(v any) bool {
	_, ok := v.(json.Number)
	return ok
}

func isTimestamp(v any) bool {
	_, ok := timestamp(v)
	return ok
}

func timestamp(v any) (time.Time, bool) {
	text, ok := v.(string)
	if !ok {
		return time.Time{}, false
	}
	return ParseTimestamp(text)
}

// ParseTimestamp reads a timestamp as the states language has it: RFC 3339 with a capital T and, for UTC, a capital Z.
func ParseTimestamp(text string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || strings.ContainsAny(text, "tz ,") {
		return time.Time{}, false
	}
	return t, true
}
