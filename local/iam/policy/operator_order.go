package policy

import (
	"strconv"
	"strings"
	"time"
)

// orderOperator returns the Numeric and Date operators.
func orderOperator(name string) (operator, bool) {
	if relation, numeric := strings.CutPrefix(name, "Numeric"); numeric {
		holds, ok := relationNamed(relation)
		return operator{read: readNumber, matches: func(v value, actual string, _ Keys) bool {
			n, err := strconv.ParseFloat(actual, 64)
			return err == nil && holds(compareFloats(n, v.number))
		}}, ok
	}
	relation, date := strings.CutPrefix(name, "Date")
	holds, ok := relationNamed(relation)
	return operator{read: readTime, matches: func(v value, actual string, _ Keys) bool {
		t, err := parseTime(actual)
		return err == nil && holds(t.Compare(v.time))
	}}, date && ok
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
