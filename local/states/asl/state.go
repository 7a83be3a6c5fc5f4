package asl

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// maxStateName is how many characters a state's name has at most.
const maxStateName = 80

// state reads one state of any type.
func (p *parser) state(name string, v any) *State {
	at := "/States/" + name
	s := &State{Name: name}
	values, ok := v.(map[string]any)
	if !ok {
		p.refuse(at, "Expected value of type Object")
		return s
	}
	if utf8.RuneCountInString(name) > maxStateName {
		p.refuse(at, "The name of a state must not be longer than %d characters", maxStateName)
	}
	s.Type, _ = values["Type"].(string)
	read, known := p.kinds()[s.Type]
	switch {
	case s.Type == "Map" || s.Type == "Parallel":
		p.add(notImplemented(at, "the state type "+s.Type))
	case !known:
		p.refuse(at+"/Type", "The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map]")
	default:
		read(s, values, at)
	}
	return s
}

// kinds are the readers of the types of states.
func (p *parser) kinds() map[string]func(*State, map[string]any, string) {
	return map[string]func(*State, map[string]any, string){
		"Task": p.task, "Pass": p.pass, "Choice": p.choice, "Wait": p.wait, "Succeed": p.succeed, "Fail": p.fail,
	}
}

// common reads what several types share; the type names its further fields.
func (p *parser) common(s *State, values map[string]any, at string, further ...string) fields {
	for _, name := range []string{"Assign", "Output", "Arguments"} {
		if _, ok := values[name]; ok {
			p.add(notImplemented(at+"/"+name, "the field "+name+" (variables and JSONata)"))
			further = append(further, name)
		}
	}
	known := append([]string{"Type", "Comment", "QueryLanguage"}, further...)
	o := p.object(values, at, known...)
	o.queryLanguage()
	o.text("Comment")
	s.InputPath = o.dataPath("InputPath", false)
	s.OutputPath = o.dataPath("OutputPath", false)
	s.ResultPath = o.dataPath("ResultPath", true)
	if slices.Contains(further, "Next") {
		o.transition(s)
	}
	return o
}

func (o fields) transition(s *State) {
	s.Next, s.End = o.text("Next"), o.boolean("End")
	if (s.Next != "") == s.End {
		o.refuse(o.at, "Exactly one of the fields 'Next' and 'End': true is required")
	}
}

// dataPath reads a path or null; the default is $.
func (o fields) dataPath(name string, reference bool) DataPath {
	root := DataPath{Path: Path{text: "$"}}
	v, ok := o.values[name]
	if !ok {
		return root
	}
	if v == nil {
		return DataPath{Null: true}
	}
	if path := o.jsonPath(name, reference); path != nil {
		return DataPath{Path: *path}
	}
	return root
}

// jsonPath reads a path; nil if it is missing or refused.
func (o fields) jsonPath(name string, reference bool) *Path {
	if !o.has(name) {
		return nil
	}
	path, err := ParsePath(o.text(name))
	switch {
	case err != nil:
		o.refusePath(name, err)
		return nil
	case reference && !path.Reference():
		o.refuse(o.path(name), "Value is not a Reference Path: Illegal token: %s", path)
		return nil
	}
	return &path
}

func (o fields) refusePath(name string, err error) {
	problem := expressionProblem(name, o.path(name), err)
	if !problem.NotImplemented {
		problem.Message = "Value is not a valid JSONPath: " + err.Error()
	}
	o.add(problem)
}

func (o fields) template(name string) *Template {
	v, ok := o.values[name]
	if !ok {
		return nil
	}
	t, problems := ParseTemplate(v, o.path(name))
	o.add(problems...)
	return t
}

// seconds reads name or nameSuffix Path.
func (o fields) seconds(name string, least int) Seconds {
	n := Seconds{field: name + "Path"}
	switch o.exclusive(name, n.field) {
	case name:
		n.Value, n.Set = o.number(name, 0, least, maxSeconds), true
	case n.field:
		n.Path = o.jsonPath(n.field, false)
	}
	return n
}

func isStatesError(name string) bool { return strings.HasPrefix(name, "States.") }
