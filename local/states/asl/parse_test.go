package asl_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"fairlead/local/states/asl"
)

// machineOf wraps one state, so that it can be reached and can go on to End.
func machineOf(state string) string {
	return `{"StartAt":"S","States":{"S":` + state + `,"End":{"Type":"Succeed"}}}`
}

func taskWith(fields string) string {
	return machineOf(`{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName":"f"},"Next":"End"` + fields + `}`)
}

func TestDefinitionsThatAreRefused(t *testing.T) {
	const known = "SCHEMA_VALIDATION_FAILED: "
	tests := map[string]struct{ definition, want string }{
		"no JSON":                    {`{"StartAt"`, "INVALID_JSON_DESCRIPTION: read JSON: unexpected EOF"},
		"two values":                 {`{} {}`, "INVALID_JSON_DESCRIPTION: read JSON: there is more than one value"},
		"no object":                  {`[]`, known + "Definition must be a valid JSON object"},
		"nothing in it":              {`{}`, known + "These fields are required: [StartAt, States] at /"},
		"no states":                  {`{"StartAt":"S","States":{}}`, known + "Value cannot be empty at /States"},
		"a field of its own":         {`{"StartAt":"S","States":{"S":{"Type":"Succeed"}},"Startat":"S"}`, known + "Field is not supported at /Startat"},
		"a later version":            {`{"StartAt":"S","States":{"S":{"Type":"Succeed"}},"Version":"2.0"}`, known + "The field 'Version' should have one of these values: [1.0] at /Version"},
		"a timeout of nothing":       {`{"StartAt":"S","States":{"S":{"Type":"Succeed"}},"TimeoutSeconds":0}`, known + "Value must be between 1 and 99999999 at /TimeoutSeconds"},
		"a timeout that is no whole": {`{"StartAt":"S","States":{"S":{"Type":"Succeed"}},"TimeoutSeconds":1.5}`, known + "Expected value of type Integer at /TimeoutSeconds"},
		"a start that is missing":    {`{"StartAt":"X","States":{"S":{"Type":"Succeed"}}}`, "MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /StartAt"},
		"a target that is missing":   {`{"StartAt":"S","States":{"S":{"Type":"Pass","Next":"X"}}}`, "MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /States/S/Next, MISSING_END_STATE: No terminal state: the state machine can never end at /States"},
		"a state out of reach":       {machineOf(`{"Type":"Pass","End":true}`), `MISSING_TRANSITION_TARGET: State "End" is not reachable. at /States/End`},
		"a ring without an end":      {`{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Pass","Next":"A"}}}`, "MISSING_END_STATE: No terminal state: the state machine can never end at /States"},
		"JSONata":                    {`{"StartAt":"S","States":{"S":{"Type":"Succeed"}},"QueryLanguage":"JSONata"}`, "NOT_IMPLEMENTED: the query language JSONata is not implemented by Fairlead's embedded AWS at /QueryLanguage"},
		"a type that does not exist": {machineOf(`{"Type":"Job","Next":"End"}`), known + "The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map] at /States/S/Type"},
		"a Map":                      {machineOf(`{"Type":"Map","Next":"End"}`), "NOT_IMPLEMENTED: the state type Map is not implemented by Fairlead's embedded AWS at /States/S"},
		"a Parallel":                 {machineOf(`{"Type":"Parallel","Next":"End"}`), "NOT_IMPLEMENTED: the state type Parallel is not implemented by Fairlead's embedded AWS at /States/S"},
		"variables":                  {machineOf(`{"Type":"Pass","Assign":{"a":1},"Next":"End"}`), "NOT_IMPLEMENTED: the field Assign (variables and JSONata) is not implemented by Fairlead's embedded AWS at /States/S/Assign"},
		"no object as a state":       {machineOf(`7`), known + "Expected value of type Object at /States/S"},
		"a long name":                {`{"StartAt":"S","States":{"` + strings.Repeat("n", 81) + `":{"Type":"Succeed"}}}`, known + "The name of a state must not be longer than 80 characters at /States/" + strings.Repeat("n", 81)},
		"neither Next nor End":       {machineOf(`{"Type":"Pass"}`), known + "Exactly one of the fields 'Next' and 'End': true is required at /States/S"},
		"Next and End":               {machineOf(`{"Type":"Pass","Next":"End","End":true}`), known + "Exactly one of the fields 'Next' and 'End': true is required at /States/S"},
		"a Pass with a selector":     {machineOf(`{"Type":"Pass","ResultSelector":{},"Next":"End"}`), known + "Field is not supported at /States/S/ResultSelector"},
		"a Fail with an input path":  {machineOf(`{"Type":"Fail","InputPath":"$"}`), known + "Field is not supported at /States/S/InputPath"},
		"a path that is none":        {machineOf(`{"Type":"Pass","InputPath":"a","Next":"End"}`), known + `Value is not a valid JSONPath: not a path: "a" does not start with $ at /States/S/InputPath`},
		"a path with a filter":       {machineOf(`{"Type":"Pass","InputPath":"$[?(@.a)]","Next":"End"}`), "NOT_IMPLEMENTED: the field 'InputPath': path $[?(@.a)]: a filter [?(...)] in a path is not implemented by Fairlead's embedded AWS at /States/S/InputPath"},
		"a result path with a star":  {machineOf(`{"Type":"Pass","ResultPath":"$[*]","Next":"End"}`), known + "Value is not a Reference Path: Illegal token: $[*] at /States/S/ResultPath"},
		"a result path into $$":      {machineOf(`{"Type":"Pass","ResultPath":"$$.a","Next":"End"}`), known + "Value is not a Reference Path: Illegal token: $$.a at /States/S/ResultPath"},
		"no way to wait":             {machineOf(`{"Type":"Wait","Next":"End"}`), known + "Exactly one of these fields is required: [Seconds, SecondsPath, Timestamp, TimestampPath] at /States/S"},
		"two ways to wait":           {machineOf(`{"Type":"Wait","Seconds":1,"TimestampPath":"$.t","Next":"End"}`), known + "Only one of these fields is allowed: [Seconds, TimestampPath] at /States/S"},
		"a timestamp that is none":   {machineOf(`{"Type":"Wait","Timestamp":"tomorrow","Next":"End"}`), known + "String does not match RFC3339 timestamp at /States/S/Timestamp"},
		"two errors of a Fail":       {machineOf(`{"Type":"Fail","Error":"a","ErrorPath":"$.e"}`), known + "Only one of these fields is allowed: [Error, ErrorPath] at /States/S"},
		"an ErrorPath with MathAdd":  {machineOf(`{"Type":"Fail","ErrorPath":"States.MathAdd(1,2)"}`), known + "The intrinsic function States.MathAdd is not allowed here at /States/S/ErrorPath"},
		"no choices":                 {machineOf(`{"Type":"Choice","Choices":[],"Default":"End"}`), known + "Value cannot be empty at /States/S/Choices"},
		"a choice without Next":      {machineOf(`{"Type":"Choice","Choices":[{"Variable":"$.a","IsNull":true}],"Default":"End"}`), known + "These fields are required: [Next] at /States/S/Choices[0]/"},
		"a choice without operator":  {machineOf(`{"Type":"Choice","Choices":[{"Variable":"$.a","Next":"End"}]}`), known + "A choice rule needs exactly one comparison operator at /States/S/Choices[0]"},
		"a choice with two":          {machineOf(`{"Type":"Choice","Choices":[{"Variable":"$.a","IsNull":true,"IsString":true,"Next":"End"}]}`), known + "Field is not supported at /States/S/Choices[0]/IsString"},
		"a choice that does not fit": {machineOf(`{"Type":"Choice","Choices":[{"Variable":"$.a","StringEquals":1,"Next":"End"}]}`), known + "The operand is not of the operator's type at /States/S/Choices[0]/StringEquals"},
		"a choice with MatchesPath":  {machineOf(`{"Type":"Choice","Choices":[{"Variable":"$.a","StringMatchesPath":"$.b","Next":"End"}]}`), known + "Field is not supported at /States/S/Choices[0]/StringMatchesPath"},
		"a rule inside with Next":    {machineOf(`{"Type":"Choice","Choices":[{"Not":{"Variable":"$.a","IsNull":true,"Next":"End"},"Next":"End"}]}`), known + "Field is not supported at /States/S/Choices[0]/Not/Next"},
		"a rule without variable":    {machineOf(`{"Type":"Choice","Choices":[{"And":[{"IsNull":true}],"Next":"End"}]}`), known + "These fields are required: [Variable] at /States/S/Choices[0]/And[0]/"},
		"no resource":                {machineOf(`{"Type":"Task","Next":"End"}`), known + "These fields are required: [Resource] at /States/S/"},
		"a resource that is none":    {machineOf(`{"Type":"Task","Resource":"f","Next":"End"}`), known + "The resource provided f is not recognized. The value is not a valid resource ARN, or the resource is not available in this region. at /States/S/Resource"},
		"another service":            {machineOf(`{"Type":"Task","Resource":"arn:aws:states:::ecs:runTask.sync","Next":"End"}`), "NOT_IMPLEMENTED: the resource arn:aws:states:::ecs:runTask.sync (only Lambda functions, lambda:invoke and lambda:invoke.waitForTaskToken are) is not implemented by Fairlead's embedded AWS at /States/S/Resource"},
		"no function name":           {machineOf(`{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Next":"End"}`), known + "The field 'FunctionName' is required but was missing at /States/S/Parameters"},
		"a parameter that is none":   {taskWith(`,"Parameters":{"FunctionName":"f","payload":1}`), known + `The field "payload" is not supported by Step Functions at /States/S/Parameters`},
		"an asynchronous invocation": {taskWith(`,"Parameters":{"FunctionName":"f","InvocationType":"Event"}`), "NOT_IMPLEMENTED: an InvocationType other than RequestResponse is not implemented by Fairlead's embedded AWS at /States/S/Parameters/InvocationType"},
		"a heartbeat without token":  {taskWith(`,"HeartbeatSeconds":5`), "NOT_IMPLEMENTED: HeartbeatSeconds for a task without a task token is not implemented by Fairlead's embedded AWS at /States/S"},
		"a heartbeat that is slow":   {machineOf(`{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke.waitForTaskToken","Parameters":{"FunctionName":"f"},"Next":"End","TimeoutSeconds":5,"HeartbeatSeconds":5}`), known + "The value of 'HeartbeatSeconds' must be smaller than that of 'TimeoutSeconds' at /States/S/HeartbeatSeconds"},
		"a role of its own":          {taskWith(`,"Credentials":{"RoleArn":"r"}`), "NOT_IMPLEMENTED: the field Credentials (a task's own role) is not implemented by Fairlead's embedded AWS at /States/S/Credentials"},
		"a retrier without errors":   {taskWith(`,"Retry":[{"MaxAttempts":1}]`), known + "These fields are required: [ErrorEquals] at /States/S/Retry[0]/"},
		"a retrier with none":        {taskWith(`,"Retry":[{"ErrorEquals":[]}]`), known + "Value cannot be empty at /States/S/Retry[0]/ErrorEquals"},
		"an interval of nothing":     {taskWith(`,"Retry":[{"ErrorEquals":["A"],"IntervalSeconds":0}]`), known + "Value must be between 1 and 99999999 at /States/S/Retry[0]/IntervalSeconds"},
		"attempts below nothing":     {taskWith(`,"Retry":[{"ErrorEquals":["A"],"MaxAttempts":-1}]`), known + "Value must be between 0 and 99999999 at /States/S/Retry[0]/MaxAttempts"},
		"a rate below one":           {taskWith(`,"Retry":[{"ErrorEquals":["A"],"BackoffRate":0.5}]`), known + "Value must be a number greater than or equal to 1.0 at /States/S/Retry[0]/BackoffRate"},
		"a delay beyond a year":      {taskWith(`,"Retry":[{"ErrorEquals":["A"],"MaxDelaySeconds":31622401}]`), known + "Value must be between 1 and 31622400 at /States/S/Retry[0]/MaxDelaySeconds"},
		"a jitter that is none":      {taskWith(`,"Retry":[{"ErrorEquals":["A"],"JitterStrategy":"HALF"}]`), known + "The field 'JitterStrategy' should have one of these values: [FULL, NONE] at /States/S/Retry[0]/JitterStrategy"},
		"a retrier's own field":      {taskWith(`,"Retry":[{"ErrorEquals":["A"],"Interval":5}]`), known + "Field is not supported at /States/S/Retry[0]/Interval"},
		"ALL among others":           {taskWith(`,"Retry":[{"ErrorEquals":["A","States.ALL"]}]`), known + "'States.ALL' must appear alone, and in the last retrier or catcher at /States/S/Retry[0]/ErrorEquals"},
		"ALL before others":          {taskWith(`,"Catch":[{"ErrorEquals":["States.ALL"],"Next":"End"},{"ErrorEquals":["A"],"Next":"End"}]`), known + "'States.ALL' must appear alone, and in the last retrier or catcher at /States/S/Catch[0]/ErrorEquals"},
		"an invented reserved name":  {taskWith(`,"Retry":[{"ErrorEquals":["States.Denied"]}]`), known + "'States.Denied' is no error name that Step Functions reserves; names of your own must not begin with 'States.' at /States/S/Retry[0]/ErrorEquals"},
		"a catcher without Next":     {taskWith(`,"Catch":[{"ErrorEquals":["A"]}]`), known + "These fields are required: [Next] at /States/S/Catch[0]/"},
		"a catcher to nowhere":       {taskWith(`,"Catch":[{"ErrorEquals":["A"],"Next":"X"}]`), "MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /States/S/Next"},
		"no array of retriers":       {taskWith(`,"Retry":{}`), known + "Expected value of type Array at /States/S/Retry"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := asl.Parse([]byte(test.definition))
			if err == nil || err.Error() != test.want {
				t.Errorf("\n got %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestADefinitionIsNotImplementedOnlyIfNothingElseIsWrong(t *testing.T) {
	for definition, want := range map[string]bool{
		`{"StartAt":"S","States":{"S":{"Type":"Map","Next":"S"}}}`:                     true,
		`{"StartAt":"S","States":{"S":{"Type":"Map","Next":"S"}},"Unknown":1}`:         false,
		`{"StartAt":"S","States":{"S":{"Type":"Pass","End":true,"InputPath":"$..a"}}}`: true,
		`{"StartAt":"S","States":{"S":{"Type":"Pass","End":true,"InputPath":"a"}}}`:    false,
	} {
		_, err := asl.Parse([]byte(definition))
		var problems asl.Problems
		if !errors.As(err, &problems) || problems.NotImplemented() != want {
			t.Errorf("%s: %v, want not implemented: %t", definition, err, want)
		}
	}
}

func TestDefaults(t *testing.T) {
	m, err := asl.Parse([]byte(taskWith(`,"Retry":[{"ErrorEquals":["A"]}]`)))
	if err != nil {
		t.Fatal(err)
	}
	r := m.States["S"].Retry[0]
	if r.Interval != 1 || r.MaxAttempts != 3 || r.BackoffRate != 2 || r.MaxDelay != 0 || r.Jitter {
		t.Errorf("a retrier is by default %+v", r)
	}
	if m.Timeout != 0 {
		t.Errorf("the timeout is by default %s", m.Timeout)
	}
}

func TestErrorNamesMatch(t *testing.T) {
	heartbeat := asl.Fault{Name: asl.ErrorTimeout, Heartbeat: true}
	for _, test := range []struct {
		name  string
		fault asl.Fault
		want  bool
	}{
		{"A", asl.Fault{Name: "A"}, true},
		{"A", asl.Fault{Name: "B"}, false},
		{"States.ALL", asl.Fault{Name: "A"}, true},
		{"States.ALL", asl.Fault{NoName: true}, true},
		{"", asl.Fault{NoName: true}, false},
		{"States.ALL", asl.Fault{Name: "States.Timeout"}, true},
		{"States.ALL", heartbeat, true},
		{"States.ALL", asl.Fault{Name: "States.DataLimitExceeded"}, false},
		{"States.ALL", asl.Fault{Name: "States.Runtime"}, false},
		{"States.DataLimitExceeded", asl.Fault{Name: "States.DataLimitExceeded"}, true},
		{"States.Runtime", asl.Fault{Name: "States.Runtime"}, false},
		{"States.TaskFailed", asl.Fault{Name: "A"}, true},
		{"States.TaskFailed", asl.Fault{Name: "Lambda.ServiceException"}, true},
		{"States.TaskFailed", asl.Fault{Name: "States.Permissions"}, true},
		{"States.TaskFailed", asl.Fault{Name: "States.Timeout"}, false},
		{"States.TaskFailed", heartbeat, false},
		{"States.TaskFailed", asl.Fault{Name: "States.DataLimitExceeded"}, false},
		{"States.TaskFailed", asl.Fault{Name: "States.Runtime"}, false},
		{"States.Timeout", heartbeat, true},
		{"States.HeartbeatTimeout", heartbeat, true},
		{"States.HeartbeatTimeout", asl.Fault{Name: "States.Timeout"}, false},
	} {
		if got := asl.Matches([]string{test.name}, &test.fault); got != test.want {
			t.Errorf("%s matches %+v: %t, want %t", test.name, test.fault, got, test.want)
		}
	}
}

func TestDelays(t *testing.T) {
	r := asl.Retrier{Interval: 3, BackoffRate: 2, MaxDelay: 5}
	for retried, want := range []time.Duration{3 * time.Second, 5 * time.Second, 5 * time.Second} {
		if got := r.Delay(retried, nil); got != want {
			t.Errorf("the delay before retry %d is %s, want %s", retried+1, got, want)
		}
	}
	r = asl.Retrier{Interval: 1, BackoffRate: 1.5}
	if got := r.Delay(2, nil); got != 2250*time.Millisecond {
		t.Errorf("1 s at a rate of 1.5 is %s before the third retry", got)
	}
	r = asl.Retrier{Interval: 1, BackoffRate: 10}
	if got := r.Delay(99999998, nil); got != 99999999*time.Second {
		t.Errorf("without a limit the delay grows to %s", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(taskWith(`,"Retry":[{"ErrorEquals":["A"],"BackoffRate":1.5}],"Catch":[{"ErrorEquals":["States.ALL"],"ResultPath":"$.f","Next":"End"}]`))
	f.Add(machineOf(`{"Type":"Choice","Choices":[{"And":[{"Variable":"$.a","IsNull":true}],"Next":"End"}]}`))
	f.Add(machineOf(`{"Type":"Wait","SecondsPath":"$.s","Next":"End"}`))
	f.Add(machineOf(`{"Type":"Fail","CausePath":"States.Format('{}',$.a)"}`))
	f.Fuzz(func(t *testing.T, definition string) {
		m, err := asl.Parse([]byte(definition))
		if err == nil && m.States[m.StartAt] == nil {
			t.Errorf("%s was accepted without a first state", definition)
		}
	})
}
