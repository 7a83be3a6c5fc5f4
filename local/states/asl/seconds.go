package asl

import (
	"encoding/json"
	"strconv"
	"time"
)

// maxSeconds is the largest number of seconds that a field may name.
const maxSeconds = 99999999

// Seconds is a number of seconds, or where it stands in the input.
type Seconds struct {
	Value int
	Set   bool
	Path  *Path
	field string
}

// Given says whether the state names a number of seconds or a path to one.
func (n Seconds) Given() bool { return n.Set || n.Path != nil }

// Eval returns the duration; zero if the state names none.
func (n Seconds) Eval(s Scope) (time.Duration, error) {
	if n.Path == nil {
		return time.Duration(n.Value) * time.Second, nil
	}
	v, err := n.Path.Eval(s)
	if err != nil {
		return 0, err
	}
	value, ok := wholeNumber(v)
	if !ok {
		return 0, runtimeFault("The %s parameter cannot be parsed as a long value: %s == %s", n.field, n.Path, display(v))
	}
	if value <= 0 || value > maxSeconds {
		return 0, runtimeFault("The %s parameter references a value that is not between 1 and %d: %s == %d", n.field, maxSeconds, n.Path, value)
	}
	return time.Duration(value) * time.Second, nil
}

// EvalWait returns how long a Wait state waits: unlike a timeout, it may be 0.
func (n Seconds) EvalWait(s Scope) (time.Duration, error) {
	if n.Path == nil {
		return time.Duration(n.Value) * time.Second, nil
	}
	v, err := n.Path.find(s)
	if err != nil {
		return 0, runtimeFault("The %s parameter does not reference an input value: %s", n.field, n.Path)
	}
	value, ok := wholeNumber(v)
	switch {
	case !ok:
		return 0, runtimeFault("The %s parameter cannot be parsed as a long value: %s == %s", n.field, n.Path, display(v))
	case value < 0:
		return 0, runtimeFault("The %s parameter references a negative value: %s == %d", n.field, n.Path, value)
	case value > maxSeconds:
		return 0, runtimeFault("Wait state delay is too long.")
	}
	return time.Duration(value) * time.Second, nil
}

func wholeNumber(v any) (int, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	value, err := strconv.Atoi(n.String())
	return value, err == nil
}

// WaitUntil returns when a Wait state with Timestamp or TimestampPath ends.
func (s *State) WaitUntil(scope Scope) (time.Time, error) {
	if s.UntilPath == nil {
		return s.Until, nil
	}
	v, err := s.UntilPath.find(scope)
	if err != nil {
		return time.Time{}, runtimeFault("The TimestampPath parameter does not reference an input value: %s", s.UntilPath)
	}
	t, ok := timestamp(v)
	if !ok {
		return time.Time{}, runtimeFault("The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: %s == %s", s.UntilPath, display(v))
	}
	return t, nil
}
