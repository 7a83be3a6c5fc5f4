package asl

import "time"

// Machine is a definition that Step Functions would accept.
type Machine struct {
	StartAt string
	Timeout time.Duration // zero: none
	States  map[string]*State
}

// State is one state. Which fields it has depends on its type.
type State struct {
	Name string
	Type string // Task, Pass, Choice, Wait, Succeed, Fail
	Next string
	End  bool

	InputPath  DataPath
	OutputPath DataPath
	Parameters *Template // nil: the input as it is
	Selector   *Template // ResultSelector; nil: the result as it is
	ResultPath DataPath

	Result    any // of a Pass
	HasResult bool

	Resource  string // of a Task
	Timeout   Seconds
	Heartbeat Seconds
	Retry     []Retrier
	Catch     []Catcher

	Choices []*Rule
	Default string

	Wait      Seconds // Seconds or SecondsPath
	Until     time.Time
	UntilPath *Path

	Error Text
	Cause Text
}

// DataPath is InputPath, OutputPath or ResultPath: a path, or null.
type DataPath struct {
	Path Path
	Null bool // the input is {}, the output is {}, the result is dropped
}

// Eval returns what the path selects; {} for null.
func (d DataPath) Eval(s Scope) (any, error) {
	if d.Null {
		return map[string]any{}, nil
	}
	return d.Path.Eval(s)
}

// Place puts result into input as ResultPath says.
func (d DataPath) Place(input, result any) (any, error) {
	if d.Null {
		return input, nil
	}
	return d.Path.Place(input, result)
}

// Text is the Error or Cause of a Fail state: a text, or where it stands in the input, or neither.
type Text struct {
	Literal string
	Set     bool
	From    *Expression
	field   string
}

// Eval returns the text; false if the state has none.
func (t Text) Eval(s Scope) (string, bool, error) {
	if t.From == nil {
		return t.Literal, t.Set, nil
	}
	v, err := t.From.Eval(s, t.field)
	if err != nil {
		return "", false, err
	}
	text, ok := v.(string)
	if !ok {
		return "", false, runtimeFault("The field '%s' must be a string but was: %s", t.field, Encode(v))
	}
	return text, true, nil
}
