package asl

import (
	"encoding/json"
	"fmt"
	"slices"
)

const (
	maxDelay    = 31622400 // MaxDelaySeconds is less than 31,622,401
	maxAttempts = 99999999
)

// items reads an array of objects.
func (o fields) items(name string) []map[string]any {
	v, ok := o.values[name]
	if !ok {
		return nil
	}
	array, ok := v.([]any)
	if !ok {
		o.refuse(o.path(name), "Expected value of type Array")
		return nil
	}
	items := make([]map[string]any, len(array))
	for i, item := range array {
		object, ok := item.(map[string]any)
		if !ok {
			o.refuse(fmt.Sprintf("%s[%d]", o.path(name), i), "Expected value of type Object")
		}
		items[i] = object
	}
	return items
}

func (o fields) retriers() []Retrier {
	items := o.items("Retry")
	retriers := make([]Retrier, 0, len(items))
	for i, item := range items {
		f := o.object(item, fmt.Sprintf("%s[%d]", o.path("Retry"), i),
			"Comment", "ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy")
		r := Retrier{Errors: f.errorNames(i == len(items)-1)}
		r.Interval = f.number("IntervalSeconds", 1, 1, maxSeconds)
		r.MaxAttempts = f.number("MaxAttempts", 3, 0, maxAttempts)
		r.MaxDelay = f.number("MaxDelaySeconds", 0, 1, maxDelay)
		r.BackoffRate = f.backoff()
		r.Jitter = f.jitter()
		retriers = append(retriers, r)
	}
	return retriers
}

func (o fields) backoff() float64 {
	v, ok := o.values["BackoffRate"]
	if !ok {
		return 2
	}
	n, isNumber := v.(json.Number)
	rate, err := n.Float64()
	if !isNumber || err != nil || rate < 1 {
		o.refuse(o.path("BackoffRate"), "Value must be a number greater than or equal to 1.0")
	}
	return rate
}

func (o fields) jitter() bool {
	strategy := o.text("JitterStrategy")
	if o.has("JitterStrategy") && strategy != "FULL" && strategy != "NONE" {
		o.refuse(o.path("JitterStrategy"), "The field 'JitterStrategy' should have one of these values: [FULL, NONE]")
	}
	return strategy == "FULL"
}

func (o fields) catchers() []Catcher {
	items := o.items("Catch")
	catchers := make([]Catcher, 0, len(items))
	for i, item := range items {
		f := o.object(item, fmt.Sprintf("%s[%d]", o.path("Catch"), i), "Comment", "ErrorEquals", "Next", "ResultPath", "Assign", "Output")
		for _, name := range []string{"Assign", "Output"} {
			if f.has(name) {
				f.add(notImplemented(f.path(name), "the field "+name+" (variables and JSONata)"))
			}
		}
		f.require("Next")
		catchers = append(catchers, Catcher{Errors: f.errorNames(i == len(items)-1), Next: f.text("Next"), ResultPath: f.dataPath("ResultPath", true)})
	}
	return catchers
}

// errorNames reads ErrorEquals. States.ALL stands alone, and in the last retrier or catcher only.
func (o fields) errorNames(last bool) []string {
	o.require("ErrorEquals")
	v, ok := o.values["ErrorEquals"]
	array, isArray := v.([]any)
	if ok && (!isArray || len(array) == 0) {
		o.refuse(o.path("ErrorEquals"), "Value cannot be empty")
	}
	var names []string
	for _, item := range array {
		names = append(names, o.errorName(item))
	}
	if slices.Contains(names, ErrorAll) && (len(names) > 1 || !last) {
		o.refuse(o.path("ErrorEquals"), "'States.ALL' must appear alone, and in the last retrier or catcher")
	}
	return names
}

func (o fields) errorName(item any) string {
	name, ok := item.(string)
	if !ok {
		o.refuse(o.path("ErrorEquals"), "Expected value of type String")
	}
	if isStatesError(name) && !slices.Contains(reserved(), name) {
		o.refuse(o.path("ErrorEquals"), "'%s' is no error name that Step Functions reserves; names of your own must not begin with 'States.'", name)
	}
	return name
}

// reserved are the error names that begin with States.
func reserved() []string {
	return []string{ErrorAll, ErrorTimeout, ErrorHeartbeatTimeout, ErrorTaskFailed, ErrorPermissions, ErrorRuntime, ErrorDataLimitExceeded,
		ErrorResultPath, ErrorIntrinsic, "States.ParameterPathFailure", "States.BranchFailed", "States.NoChoiceMatched",
		"States.ExceedToleratedFailureThreshold", "States.ItemReaderFailed", "States.ResultWriterFailed", "States.Http.Socket", "States.QueryEvaluationError"}
}
