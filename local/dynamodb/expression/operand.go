package expression

import (
	"fmt"
	"math/big"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"
)

// operand reads a path, a value's placeholder, or size(path).
func (p *parser) operand() (operand, error) {
	if strings.EqualFold(p.peek(), "size") && len(p.tokens) > 1 && p.tokens[1] == "(" {
		p.next()
		p.next()
		inner, err := p.operand()
		if err != nil {
			return nil, err
		}
		return sizeOf(inner), p.expect(")")
	}
	if strings.HasPrefix(p.peek(), ":") {
		return p.placeholder(p.next())
	}
	return p.path()
}

func (p *parser) placeholder(name string) (operand, error) {
	value, ok := p.values[name]
	if !ok {
		return nil, fmt.Errorf("An expression attribute value used in expression is not defined; attribute value: %s", name)
	}
	p.used[name] = true
	return func(Item) (Value, bool) { return value, true }, nil
}

// path reads a.b.c; an element of a list (a[0]) is not served.
func (p *parser) path() (operand, error) {
	var steps []string
	for {
		name, err := p.name(p.next())
		if err != nil {
			return nil, err
		}
		steps = append(steps, name)
		if !p.accept(".") {
			break
		}
	}
	return func(i Item) (Value, bool) { return follow(i, steps) }, nil
}

func (p *parser) name(token string) (string, error) {
	if strings.HasPrefix(token, "#") {
		name, ok := p.names[token]
		if !ok {
			return "", fmt.Errorf("An expression attribute name used in the document path is not defined; attribute name: %s", token)
		}
		p.used[token] = true
		return name, nil
	}
	if r, _ := utf8.DecodeRuneInString(token); !unicode.IsLetter(r) && r != '_' {
		return "", fmt.Errorf("Syntax error; token: %q", token)
	}
	return token, nil
}

func follow(i Item, steps []string) (Value, bool) {
	value, ok := i[steps[0]]
	for _, step := range steps[1:] {
		members, isMap := value["M"].(map[string]any)
		if !ok || !isMap {
			return nil, false
		}
		value, ok = members[step].(map[string]any)
	}
	return value, ok
}

// function reads one of the functions that are tests.
func (p *parser) function() (test, error) {
	name := strings.ToLower(p.next())
	p.next()
	subject, err := p.operand()
	if err != nil {
		return nil, err
	}
	arguments := []operand{subject}
	for p.accept(",") {
		argument, err := p.operand()
		if err != nil {
			return nil, err
		}
		arguments = append(arguments, argument)
	}
	if err := p.expect(")"); err != nil {
		return nil, err
	}
	return call(name, arguments)
}

// call makes the test of a function.
func call(name string, arguments []operand) (test, error) {
	functions := map[string]struct {
		operands int
		test     func([]operand) test
	}{
		"attribute_exists":     {1, func(a []operand) test { return func(i Item) bool { _, ok := a[0](i); return ok } }},
		"attribute_not_exists": {1, func(a []operand) test { return func(i Item) bool { _, ok := a[0](i); return !ok } }},
		"begins_with":          {2, func(a []operand) test { return strings2(a, strings.HasPrefix) }},
		"contains":             {2, func(a []operand) test { return strings2(a, strings.Contains) }},
		"attribute_type":       {2, hasType},
	}
	f, ok := functions[name]
	if !ok || f.operands != len(arguments) {
		return nil, fmt.Errorf("Invalid function name or number of operands; function: %s", name)
	}
	return f.test(arguments), nil
}

func hasType(arguments []operand) test {
	return func(i Item) bool {
		value, ok := arguments[0](i)
		want, _ := arguments[1](i)
		kind, _ := want["S"].(string)
		_, has := value[kind]
		return ok && has
	}
}

// strings2 tests two strings.
func strings2(arguments []operand, match func(a, b string) bool) test {
	return func(i Item) bool {
		a, _ := arguments[0](i)
		b, _ := arguments[1](i)
		x, ok1 := a["S"].(string)
		y, ok2 := b["S"].(string)
		return ok1 && ok2 && match(x, y)
	}
}

func sizeOf(inner operand) operand {
	return func(i Item) (Value, bool) {
		value, ok := inner(i)
		if !ok {
			return nil, false
		}
		for _, v := range value {
			switch v := v.(type) {
			case string:
				return Value{"N": fmt.Sprint(len(v))}, true
			case []any:
				return Value{"N": fmt.Sprint(len(v))}, true
			case map[string]any:
				return Value{"N": fmt.Sprint(len(v))}, true
			}
		}
		return nil, false
	}
}

// compare makes the test of a comparison; values of different types are unequal and have no order.
func compare(left operand, operator string, right operand) test {
	return func(i Item) bool {
		a, ok1 := left(i)
		b, ok2 := right(i)
		if !ok1 || !ok2 {
			return false
		}
		if operator == "=" || operator == "<>" {
			return equal(a, b) == (operator == "=")
		}
		order, comparable := orderOf(a, b)
		return comparable && inOrder(order, operator)
	}
}

func equal(a, b Value) bool {
	if order, ok := orderOf(a, b); ok {
		return order == 0
	}
	return reflect.DeepEqual(a, b)
}

func orderOf(a, b Value) (int, bool) {
	if x, ok := a["S"].(string); ok {
		y, ok := b["S"].(string)
		return strings.Compare(x, y), ok
	}
	x, ok1 := number(a)
	y, ok2 := number(b)
	if !ok1 || !ok2 {
		return 0, false
	}
	return x.Cmp(y), true
}

func number(v Value) (*big.Rat, bool) {
	text, ok := v["N"].(string)
	if !ok || len(text) > 200 {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

func inOrder(order int, operator string) bool {
	switch operator {
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	default:
		return order >= 0
	}
}
