package asl

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
)

func stringArg(v any) (string, error) {
	s, ok := v.(string)
	if !ok {
		return "", fmt.Errorf("%s is not a string", Encode(v))
	}
	return s, nil
}

func arrayArg(v any) ([]any, error) {
	a, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("%s is not an array", Encode(v))
	}
	return a, nil
}

// integerArg returns a number rounded half up, as Java's Math.round does, if it fits in 32 bits.
func integerArg(v any) (int, error) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, fmt.Errorf("%s is not a number", Encode(v))
	}
	f, err := n.Float64()
	if err != nil {
		return 0, fmt.Errorf("%s is out of range", n)
	}
	f = math.Floor(f + 0.5)
	if f < math.MinInt32 || f > math.MaxInt32 {
		return 0, fmt.Errorf("%s is not between %d and %d", n, math.MinInt32, math.MaxInt32)
	}
	return int(f), nil
}

func number(n int) json.Number { return json.Number(fmt.Sprint(n)) }

// equal compares two JSON values; numbers by their value.
func equal(a, b any) bool {
	x, xok := a.(json.Number)
	y, yok := b.(json.Number)
	if xok && yok {
		return compareNumbers(x, y) == 0
	}
	return xok == yok && string(Encode(a)) == string(Encode(b))
}

func compareNumbers(a, b json.Number) int {
	x, _ := a.Float64()
	y, _ := b.Float64()
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// display is a value as States.Format inserts it: a string as it is, a null, a number and a boolean as in JSON, an
// object and an array as Java prints its collections ({a=1, b=[]}), which is what Step Functions does.
func display(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []any:
		items := make([]string, len(v))
		for i, item := range v {
			items[i] = display(item)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case map[string]any:
		return "{" + strings.Join(entries(v), ", ") + "}"
	default:
		return string(Encode(v))
	}
}
