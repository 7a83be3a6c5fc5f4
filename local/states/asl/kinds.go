package asl

import "slices"

func (p *parser) task(s *State, values map[string]any, at string) {
	o := p.common(s, values, at, "InputPath", "OutputPath", "Parameters", "ResultSelector", "ResultPath", "Next", "End", "Resource", "Retry", "Catch",
		"TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath", "Credentials")
	o.require("Resource")
	s.Resource = o.text("Resource")
	s.Parameters, s.Selector = o.template("Parameters"), o.template("ResultSelector")
	s.Timeout, s.Heartbeat = o.seconds("TimeoutSeconds", 1), o.seconds("HeartbeatSeconds", 1)
	if s.Timeout.Set && s.Heartbeat.Set && s.Heartbeat.Value >= s.Timeout.Value {
		o.refuse(o.path("HeartbeatSeconds"), "The value of 'HeartbeatSeconds' must be smaller than that of 'TimeoutSeconds'")
	}
	if o.has("Credentials") {
		o.add(notImplemented(o.path("Credentials"), "the field Credentials (a task's own role)"))
	}
	s.Retry, s.Catch = o.retriers(), o.catchers()
	o.resource(s)
}

func (p *parser) pass(s *State, values map[string]any, at string) {
	o := p.common(s, values, at, "InputPath", "OutputPath", "Parameters", "ResultPath", "Next", "End", "Result")
	s.Parameters = o.template("Parameters")
	s.Result, s.HasResult = values["Result"]
}

func (p *parser) choice(s *State, values map[string]any, at string) {
	o := p.common(s, values, at, "InputPath", "OutputPath", "Choices", "Default")
	o.require("Choices")
	s.Default = o.text("Default")
	s.Choices = o.rules("Choices", true)
}

func (p *parser) wait(s *State, values map[string]any, at string) {
	o := p.common(s, values, at, "InputPath", "OutputPath", "Next", "End", "Seconds", "SecondsPath", "Timestamp", "TimestampPath")
	if o.exclusive("Seconds", "SecondsPath", "Timestamp", "TimestampPath") == "" {
		o.refuse(at, "Exactly one of these fields is required: [Seconds, SecondsPath, Timestamp, TimestampPath]")
	}
	s.Wait = o.seconds("Seconds", 0)
	s.UntilPath = o.jsonPath("TimestampPath", false)
	if !o.has("Timestamp") {
		return
	}
	until, ok := ParseTimestamp(o.text("Timestamp"))
	if !ok {
		o.refuse(o.path("Timestamp"), "String does not match RFC3339 timestamp")
	}
	s.Until = until
}

func (p *parser) succeed(s *State, values map[string]any, at string) {
	p.common(s, values, at, "InputPath", "OutputPath")
	s.End = true
}

func (p *parser) fail(s *State, values map[string]any, at string) {
	o := p.common(s, values, at, "Error", "ErrorPath", "Cause", "CausePath")
	s.Error, s.Cause = o.failText("Error"), o.failText("Cause")
	s.End = true
}

func (o fields) failText(name string) Text {
	from := name + "Path"
	t := Text{field: from}
	switch o.exclusive(name, from) {
	case name:
		t.Literal, t.Set = o.text(name), true
	case from:
		e, err := ParseExpression(o.text(from))
		if err != nil {
			o.refusePath(from, err)
		}
		if e.call != nil && !slices.Contains(textFunctions(), e.call.name) {
			o.refuse(o.path(from), "The intrinsic function States.%s is not allowed here", e.call.name)
		}
		t.From = &e
	}
	return t
}

// textFunctions are the intrinsic functions that ErrorPath and CausePath may call: those that return a string.
// https://docs.aws.amazon.com/step-functions/latest/dg/state-fail.html
func textFunctions() []string {
	return []string{"Format", "JsonToString", "ArrayGetItem", "Base64Encode", "Base64Decode", "Hash", "UUID"}
}
