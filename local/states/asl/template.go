package asl

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Template is a payload template: a JSON object in which a member whose name ends in .$ takes its value from a path or
// an intrinsic function. Parameters and ResultSelector are payload templates.
type Template struct{ root node }

// node is a part of a template.
type node interface {
	eval(Scope) (any, error)
}

type literal struct{ value any }

func (l literal) eval(Scope) (any, error) { return l.value, nil }

type list []node

func (l list) eval(s Scope) (any, error) {
	values := make([]any, len(l))
	for i, item := range l {
		v, err := item.eval(s)
		if err != nil {
			return nil, err
		}
		values[i] = v
	}
	return values, nil
}

type object []member

type member struct {
	name  string
	value node
}

func (o object) eval(s Scope) (any, error) {
	values := make(map[string]any, len(o))
	for _, m := range o {
		v, err := m.value.eval(s)
		if err != nil {
			return nil, err
		}
		values[m.name] = v
	}
	return values, nil
}

// computed is a member whose name ends in .$.
type computed struct {
	field string // with the .$
	value Expression
}

func (c computed) eval(s Scope) (any, error) { return c.value.Eval(s, c.field) }

// Eval fills the template in.
func (t *Template) Eval(s Scope) (any, error) { return t.root.eval(s) }

// ParseTemplate reads a payload template; the problem's location is below at.
func ParseTemplate(v any, at string) (*Template, Problems) {
	fields, ok := v.(map[string]any)
	if !ok {
		return nil, Problems{schema(at, "Expected value of type Object")}
	}
	root, problems := parseObject(fields, at)
	return &Template{root: root}, problems
}

func parseNode(v any, at string) (node, Problems) {
	switch v := v.(type) {
	case map[string]any:
		return parseObject(v, at)
	case []any:
		var items list
		var problems Problems
		for i, item := range v {
			n, p := parseNode(item, fmt.Sprintf("%s[%d]", at, i))
			items, problems = append(items, n), append(problems, p...)
		}
		return items, problems
	}
	return literal{v}, nil
}

func parseObject(fields map[string]any, at string) (node, Problems) {
	var members object
	var problems Problems
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		m, p := parseMember(name, fields[name], at)
		if _, twice := fields[m.name]; twice && m.name != name {
			p = append(p, schema(at, "The field '%s' is given as '%s' and as '%s'", m.name, m.name, name))
		}
		members, problems = append(members, m), append(problems, p...)
	}
	return members, problems
}

func parseMember(name string, v any, at string) (member, Problems) {
	bare, ok := strings.CutSuffix(name, ".$")
	if !ok {
		value, problems := parseNode(v, at+"/"+name)
		return member{name: name, value: value}, problems
	}
	text, _ := v.(string)
	expression, err := ParseExpression(text)
	m := member{name: bare, value: computed{field: name, value: expression}}
	if err != nil {
		return m, Problems{expressionProblem(name, at, err)}
	}
	return m, nil
}
