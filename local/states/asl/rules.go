package asl

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// rules reads an array of choice rules; those at the top name the next state.
func (o fields) rules(name string, top bool) []*Rule {
	items := o.items(name)
	if o.has(name) && len(items) == 0 {
		o.refuse(o.path(name), "Value cannot be empty")
	}
	rules := make([]*Rule, len(items))
	for i, item := range items {
		rules[i] = o.rule(item, fmt.Sprintf("%s[%d]", o.path(name), i), top)
	}
	return rules
}

func (o fields) rule(values map[string]any, at string, top bool) *Rule {
	if _, ok := values["Condition"]; ok {
		o.add(notImplemented(at+"/Condition", "the field Condition (JSONata)"))
		return &Rule{}
	}
	if _, ok := values["Assign"]; ok {
		o.add(notImplemented(at+"/Assign", "the field Assign (variables)"))
	}
	known := []string{"Comment", "Variable", "Assign"}
	if top {
		known = append(known, "Next")
	}
	operation := operation(values)
	f := o.object(values, at, append(known, operation)...)
	if top {
		f.require("Next")
	}
	r := &Rule{Next: f.text("Next")}
	switch operation {
	case "And":
		r.and = f.rules("And", false)
	case "Or":
		r.or = f.rules("Or", false)
	case "Not":
		f.negation(r)
	default:
		f.comparison(r, operation)
	}
	return r
}

// operation returns the first operator that the rule names.
func operation(values map[string]any) string {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		_, known := operators()[strings.TrimSuffix(name, "Path")]
		if known || name == "And" || name == "Or" || name == "Not" {
			return name
		}
	}
	return ""
}

func (o fields) negation(r *Rule) {
	inner, ok := o.values["Not"].(map[string]any)
	if !ok {
		o.refuse(o.path("Not"), "Expected value of type Object")
	}
	r.not = o.rule(inner, o.path("Not"), false)
}

func (o fields) comparison(r *Rule, name string) {
	if name == "" {
		o.refuse(o.at, "A choice rule needs exactly one comparison operator")
		return
	}
	o.require("Variable")
	if path := o.jsonPath("Variable", false); path != nil {
		r.Variable = *path
	}
	r.operator = strings.TrimSuffix(name, "Path")
	op := operators()[r.operator]
	r.compare = op.compare
	if r.operator != name {
		o.otherOperand(r, op, name)
		return
	}
	r.operand = o.values[name]
	if !op.operand(r.operand) {
		o.refuse(o.path(name), "The operand is not of the operator's type")
	}
}

func (o fields) otherOperand(r *Rule, op operator, name string) {
	if !op.path {
		o.refuse(o.path(name), "Field is not supported")
		return
	}
	r.other = o.jsonPath(name, false)
}
