package asl

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Parse reads a definition. The error is [Problems]: every reason why CreateStateMachine would refuse it, and what the
// embedded AWS does not implement.
func Parse(definition []byte) (*Machine, error) {
	v, err := Decode(definition)
	if err != nil {
		return nil, Problems{{Code: InvalidJSON, Message: err.Error()}}
	}
	fields, ok := v.(map[string]any)
	if !ok {
		return nil, Problems{{Code: SchemaValidation, Message: "Definition must be a valid JSON object"}}
	}
	p := &parser{}
	m := p.machine(fields)
	if len(p.problems) == 0 {
		p.transitions(m)
	}
	if len(p.problems) > 0 {
		return nil, p.problems
	}
	return m, nil
}

// parser collects the problems of one definition.
type parser struct{ problems Problems }

func (p *parser) add(problems ...Problem) { p.problems = append(p.problems, problems...) }

func (p *parser) refuse(at, format string, args ...any) { p.add(schema(at, format, args...)) }

func (p *parser) machine(fields map[string]any) *Machine {
	o := p.object(fields, "", "Comment", "StartAt", "States", "Version", "TimeoutSeconds", "QueryLanguage")
	o.require("StartAt", "States")
	o.queryLanguage()
	if version := o.text("Version"); version != "" && version != "1.0" {
		p.refuse("/Version", "The field 'Version' should have one of these values: [1.0]")
	}
	m := &Machine{StartAt: o.text("StartAt"), States: map[string]*State{}}
	m.Timeout = time.Duration(o.number("TimeoutSeconds", 0, 1, maxSeconds)) * time.Second
	o.text("Comment")
	states, ok := fields["States"].(map[string]any)
	if o.has("States") && (!ok || len(states) == 0) {
		p.refuse("/States", "Value cannot be empty")
	}
	for _, name := range slices.Sorted(maps.Keys(states)) {
		m.States[name] = p.state(name, states[name])
	}
	return m
}

// fields is an object of the definition while it is read.
type fields struct {
	*parser
	at     string
	values map[string]any
}

// object refuses every member that is not one of known.
func (p *parser) object(values map[string]any, at string, known ...string) fields {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !slices.Contains(known, name) {
			p.refuse(at+"/"+name, "Field is not supported")
		}
	}
	return fields{p, at, values}
}

func (o fields) path(name string) string { return o.at + "/" + name }

func (o fields) has(name string) bool {
	_, ok := o.values[name]
	return ok
}

func (o fields) require(names ...string) {
	missing := slices.DeleteFunc(slices.Clone(names), o.has)
	if len(missing) > 0 {
		o.refuse(o.at+"/", "These fields are required: [%s]", strings.Join(missing, ", "))
	}
}

// exclusive refuses more than one of several fields, and returns the one that is there.
func (o fields) exclusive(names ...string) string {
	given := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !o.has(name) })
	if len(given) > 1 {
		o.refuse(o.at, "Only one of these fields is allowed: [%s]", strings.Join(given, ", "))
	}
	if len(given) == 0 {
		return ""
	}
	return given[0]
}

func (o fields) text(name string) string {
	v, ok := o.values[name]
	text, isText := v.(string)
	if ok && !isText {
		o.refuse(o.path(name), "Expected value of type String")
	}
	return text
}

func (o fields) boolean(name string) bool {
	v, ok := o.values[name]
	b, isBoolean := v.(bool)
	if ok && !isBoolean {
		o.refuse(o.path(name), "Expected value of type Boolean")
	}
	return b
}

// number reads a whole number from least to most.
func (o fields) number(name string, otherwise, least, most int) int {
	v, ok := o.values[name]
	if !ok {
		return otherwise
	}
	n, isNumber := v.(json.Number)
	value, err := strconv.Atoi(n.String())
	if !isNumber || err != nil {
		o.refuse(o.path(name), "Expected value of type Integer")
		return otherwise
	}
	if value < least || value > most {
		o.refuse(o.path(name), "Value must be between %d and %d", least, most)
		return otherwise
	}
	return value
}

func (o fields) queryLanguage() {
	switch language := o.text("QueryLanguage"); language {
	case "", "JSONPath":
	case "JSONata":
		o.add(notImplemented(o.path("QueryLanguage"), "the query language JSONata"))
	default:
		o.refuse(o.path("QueryLanguage"), "The field 'QueryLanguage' should have one of these values: [JSONPath, JSONata]")
	}
}
