package policy

import (
	"encoding/json"
	"slices"
	"strings"
)

// set is how the several values of a request's key count together.
type set string

const (
	single set = "" // the key has one value
	forAll set = "ForAllValues"
	forAny set = "ForAnyValue"
)

// Condition is one key of a Condition element, under one operator.
type Condition struct {
	Operator string   // as it is written
	Name     string   // the key, as it is written
	Key      string   // the key in lower case
	Values   []string // as they are written
	set      set
	negated  bool
	ifExists bool
	null     bool // the operator is Null
	matches  func(v value, actual string, keys Keys) bool
	values   []value
}

func parseConditions(raw json.RawMessage, variables bool) ([]Condition, error) {
	operators, err := members(raw)
	if err != nil {
		return nil, syntax("Condition: %v", err)
	}
	var conditions []Condition
	for _, operator := range operators {
		keys, err := members(operator.raw)
		if err != nil {
			return nil, syntax("Condition %s: %v", operator.name, err)
		}
		for _, key := range keys {
			c, err := parseCondition(operator.name, key, variables)
			if err != nil {
				return nil, syntax("Condition %s %s: %v", operator.name, key.name, err)
			}
			conditions = append(conditions, c)
		}
	}
	return conditions, nil
}

func parseCondition(name string, key member, variables bool) (Condition, error) {
	c := Condition{Operator: name, Name: key.name, Key: strings.ToLower(key.name)}
	read, err := c.operator(name)
	if err != nil {
		return c, err
	}
	if err := checkKey(c.Key); err != nil {
		return c, err
	}
	if c.Values, err = scalars(key.raw); err != nil {
		return c, err
	}
	for _, s := range c.Values {
		v, err := read(s, variables)
		if err != nil {
			return c, err
		}
		c.values = append(c.values, v)
	}
	return c, nil
}

// operator takes the operator's name apart and returns how its values are read.
func (c *Condition) operator(name string) (func(string, bool) (value, error), error) {
	base := name
	if prefix, rest, ok := strings.Cut(name, ":"); ok {
		if c.set = set(prefix); c.set != forAll && c.set != forAny {
			return nil, malformed("Invalid condition type : %s", name)
		}
		base = rest
	}
	if base == "Null" && c.set == single {
		c.null = true
		return readBool, nil
	}
	base, c.ifExists = strings.CutSuffix(base, "IfExists")
	op, negated, ok := operatorNamed(base)
	if !ok {
		return nil, malformed("Invalid condition type : %s", name)
	}
	c.negated, c.matches = negated, op.matches
	return op.read, nil
}

// holds reports whether the condition is met. AWS leaves open what an operator for one value makes of a key that has
// several, and whether IfExists or ForAnyValue counts for a key that is missing: then an Allow does not hold and a Deny does.
func (c Condition) holds(keys Keys, effect Effect) bool {
	actual := keys[c.Key]
	switch {
	case c.null:
		return c.isNull(len(actual) == 0)
	case c.ifExists && len(actual) == 0:
		return c.set != forAny || effect == Deny
	case c.set == forAll:
		return !slices.ContainsFunc(actual, func(a string) bool { return !c.met(a, keys) })
	case c.set == forAny:
		return slices.ContainsFunc(actual, func(a string) bool { return c.met(a, keys) })
	case len(actual) == 0:
		return c.negated
	case len(actual) > 1:
		return effect == Deny
	}
	return c.met(actual[0], keys)
}

// met compares one value of the request with all of the policy's: with any of them for a positive operator, with none
// of them for a negated one.
func (c Condition) met(actual string, keys Keys) bool {
	matched := slices.ContainsFunc(c.values, func(v value) bool { return c.matches(v, actual, keys) })
	return matched != c.negated
}

func (c Condition) isNull(missing bool) bool {
	return slices.ContainsFunc(c.Values, func(s string) bool { return strings.EqualFold(s, "true") == missing })
}
