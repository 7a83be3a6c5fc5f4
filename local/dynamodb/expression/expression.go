// Package expression evaluates DynamoDB condition expressions.
//
// The grammar is the whole of
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html: comparisons, BETWEEN,
// IN, AND, OR, NOT, parentheses and the functions. Key conditions and filters are conditions too.
package expression

import (
	"fmt"
	"slices"
	"strings"
)

// Value is an attribute value as the wire has it: {"S": "text"}, {"N": "1"}, {"M": {…}}, ….
type Value = map[string]any

// Item is an item's attributes by name.
type Item = map[string]Value

// Condition is a parsed condition expression.
type Condition struct {
	test  test
	names map[string]bool // the placeholders that it uses
}

// test tells whether an item satisfies a part of the condition.
type test func(Item) bool

// operand gives a value of an item, or false if it has none.
type operand func(Item) (Value, bool)

// Parse reads an expression with its placeholders. The error is in DynamoDB's words.
func Parse(text string, names map[string]string, values map[string]Value) (Condition, error) {
	tokens, err := scan(text)
	if err != nil {
		return Condition{}, err
	}
	p := &parser{tokens: tokens, names: names, values: values, used: map[string]bool{}}
	t, err := p.or()
	if err != nil {
		return Condition{}, err
	}
	if p.peek() != "" {
		return Condition{}, p.unexpected()
	}
	return Condition{test: t, names: p.used}, nil
}

// Holds tells whether the item satisfies the condition; a missing item is an empty one.
func (c Condition) Holds(item Item) bool { return c.test(item) }

// Unused returns the placeholders, out of those that were defined, that the expression does not use: DynamoDB refuses them.
func (c Condition) Unused(defined []string) []string {
	return slices.DeleteFunc(slices.Clone(defined), func(name string) bool { return c.names[name] })
}

type parser struct {
	tokens []string
	names  map[string]string
	values map[string]Value
	used   map[string]bool
	depth  int
}

// maxDepth bounds nesting; DynamoDB's own limit is 300 operators in an expression.
const maxDepth = 100

func (p *parser) peek() string {
	if len(p.tokens) == 0 {
		return ""
	}
	return p.tokens[0]
}

func (p *parser) next() string {
	t := p.peek()
	if t != "" {
		p.tokens = p.tokens[1:]
	}
	return t
}

func (p *parser) accept(word string) bool {
	if !strings.EqualFold(p.peek(), word) {
		return false
	}
	p.next()
	return true
}

func (p *parser) expect(word string) error {
	if !p.accept(word) {
		return p.unexpected()
	}
	return nil
}

func (p *parser) unexpected() error {
	at := p.peek()
	if at == "" {
		at = "<EOF>"
	}
	return fmt.Errorf("Syntax error; token: \"%s\"", at)
}

func (p *parser) or() (test, error) {
	return p.chain("OR", p.and, func(a, b test) test { return func(i Item) bool { return a(i) || b(i) } })
}

func (p *parser) and() (test, error) {
	return p.chain("AND", p.not, func(a, b test) test { return func(i Item) bool { return a(i) && b(i) } })
}

func (p *parser) chain(word string, part func() (test, error), join func(a, b test) test) (test, error) {
	left, err := part()
	for err == nil && p.accept(word) {
		var right test
		right, err = part()
		left = join(left, right)
	}
	return left, err
}

func (p *parser) not() (test, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, fmt.Errorf("the expression is nested deeper than %d", maxDepth)
	}
	defer func() { p.depth-- }()
	if p.accept("NOT") {
		inner, err := p.not()
		return func(i Item) bool { return !inner(i) }, err
	}
	if p.peek() == "(" {
		p.next()
		inner, err := p.or()
		if err != nil {
			return nil, err
		}
		return inner, p.expect(")")
	}
	return p.comparison()
}

func (p *parser) comparison() (test, error) {
	if len(p.tokens) > 1 && p.tokens[1] == "(" && !strings.EqualFold(p.tokens[0], "size") {
		return p.function()
	}
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	switch operator := p.next(); {
	case slices.Contains([]string{"=", "<>", "<", "<=", ">", ">="}, operator):
		right, err := p.operand()
		return compare(left, operator, right), err
	case strings.EqualFold(operator, "BETWEEN"):
		return p.between(left)
	case strings.EqualFold(operator, "IN"):
		return p.in(left)
	default:
		p.tokens = append([]string{operator}, p.tokens...)
		return nil, p.unexpected()
	}
}

func (p *parser) between(left operand) (test, error) {
	low, err := p.operand()
	if err != nil {
		return nil, err
	}
	if err := p.expect("AND"); err != nil {
		return nil, err
	}
	high, err := p.operand()
	above, below := compare(left, ">=", low), compare(left, "<=", high)
	return func(i Item) bool { return above(i) && below(i) }, err
}

func (p *parser) in(left operand) (test, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	var tests []test
	for {
		one, err := p.operand()
		if err != nil {
			return nil, err
		}
		tests = append(tests, compare(left, "=", one))
		if !p.accept(",") {
			break
		}
	}
	any := func(i Item) bool { return slices.ContainsFunc(tests, func(t test) bool { return t(i) }) }
	return any, p.expect(")")
}
