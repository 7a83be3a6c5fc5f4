package states_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"fairlead/local/world"
)

// task is a machine with one task whose further fields are given, and three states that catchers may name.
func task(fields string) string {
	return `{"StartAt":"Work","States":{"Work":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName":"step","Payload.$":"$"},"End":true` + fields + `},
		"Caught":{"Type":"Pass","End":true},"Late":{"Type":"Pass","End":true},"Reach":{"Type":"Choice","Choices":[{"Variable":"$","IsNull":true,"Next":"Caught"}],"Default":"Late"}}}`
}

const spare = `{"ErrorEquals":["Never"],"Next":"Reach"}`

// attempts makes the task fail with each error in turn and returns after how many seconds it was invoked, each time.
func (b *bench) attempts(errors ...string) string {
	b.Helper()
	var starts []string
	for _, name := range errors {
		starts = append(starts, fmt.Sprint(b.w.Now().Sub(b.start).Seconds()))
		n := len(b.invoked)
		b.fails(name)
		for waited := 0; len(b.invoked) == n && waited < 100000 && b.describe().Status == "RUNNING"; waited++ {
			b.pass(100 * time.Millisecond)
		}
	}
	return strings.Join(starts, " ")
}

func TestRetriersCountForThemselves(t *testing.T) {
	// The worked example of AWS's documentation on error handling.
	b := newBench(t)
	b.run(task(`,"Retry":[{"ErrorEquals":["ErrorA","ErrorB"],"IntervalSeconds":1,"BackoffRate":2,"MaxAttempts":2},{"ErrorEquals":["ErrorC"],"IntervalSeconds":5}],
		"Catch":[`+spare+`,{"ErrorEquals":["States.ALL"],"Next":"Caught"}]`), `{}`)
	if got := b.attempts("ErrorA", "ErrorB", "ErrorC", "ErrorB"); got != "0 1 3 8" {
		t.Errorf("the task was invoked after %s seconds, want 0 1 3 8", got)
	}
	b.wantOutput(`{"Cause":"{\"errorMessage\":\"m\",\"errorType\":\"ErrorB\"}","Error":"ErrorB"}`)
}

func TestRetryFields(t *testing.T) {
	for name, test := range map[string]struct {
		retry  string
		errors []string
		want   string
	}{
		"the defaults are 1 s, doubled, three times":   {`{"ErrorEquals":["E"]}`, []string{"E", "E", "E", "E"}, "0 1 3 7"},
		"the delay stops growing at its limit":         {`{"ErrorEquals":["E"],"IntervalSeconds":3,"MaxDelaySeconds":5}`, []string{"E", "E", "E", "E"}, "0 3 8 13"},
		"a rate of one keeps the delay":                {`{"ErrorEquals":["E"],"IntervalSeconds":4,"BackoffRate":1}`, []string{"E", "E", "E", "E"}, "0 4 8 12"},
		"no attempts mean no retry":                    {`{"ErrorEquals":["E"],"MaxAttempts":0}`, []string{"E"}, "0"},
		"TaskFailed covers what a function calls it":   {`{"ErrorEquals":["States.TaskFailed"],"MaxAttempts":1}`, []string{"E", "F"}, "0 1"},
		"an error of another name is not retried":      {`{"ErrorEquals":["F"]}`, []string{"E"}, "0"},
		"the first retrier that covers it is the one":  {`{"ErrorEquals":["E"],"MaxAttempts":1},{"ErrorEquals":["States.ALL"],"MaxAttempts":9}`, []string{"E", "E"}, "0 1"},
		"a later retrier is not spent by an earlier's": {`{"ErrorEquals":["E"],"MaxAttempts":1},{"ErrorEquals":["States.ALL"],"IntervalSeconds":7,"MaxAttempts":1}`, []string{"E", "F", "G"}, "0 1 8"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.run(task(`,"Retry":[`+test.retry+`],"Catch":[`+spare+`]`), `{}`)
			if got := b.attempts(test.errors...); got != test.want {
				t.Errorf("the task was invoked after %s seconds, want %s", got, test.want)
			}
			b.wantStatus("FAILED")
			if got, want := b.service.Transitions(arnOf("run")), len(test.errors); got != want {
				t.Errorf("%d transitions, want one for the state and one for each retry: %d", got, want)
			}
		})
	}
}

func TestJitterStaysBelowTheDelayAndFollowsTheSeed(t *testing.T) {
	start := func() time.Duration {
		b := newBench(t)
		b.run(task(`,"Retry":[{"ErrorEquals":["E"],"IntervalSeconds":100,"JitterStrategy":"FULL"}],"Catch":[`+spare+`]`), `{}`)
		b.fails("E")
		next, ok := b.w.Next()
		if !ok {
			t.Fatal("no retry")
		}
		return next.Sub(b.start)
	}
	first, second := start(), start()
	if first != second || first <= 0 || first >= 100*time.Second {
		t.Errorf("retries after %s and %s, want the same time between 0 and 100 s", first, second)
	}
}

func TestErrorsOfLambda(t *testing.T) {
	for code, test := range map[string]struct {
		status     int
		name, want string
	}{
		"ResourceNotFoundException": {404, "Lambda.ResourceNotFoundException", "404"},
		"TooManyRequestsException":  {429, "Lambda.TooManyRequestsException", "429"},
		"ServiceException":          {500, "Lambda.ServiceException", "500"},
		"AccessDeniedException":     {400, "Lambda.AWSLambdaException", "403"},
	} {
		t.Run(code, func(t *testing.T) {
			b := newBench(t)
			b.invoke = func(invocation) error { return &world.Error{Code: code, Message: "no", Status: test.status} }
			b.run(task(`,"Catch":[`+spare+`]`), `{}`)
			d := b.describe()
			want := "no (Service: AWSLambda; Status Code: " + test.want + "; Error Code: " + code + "; Request ID: "
			if d.Error != test.name || !strings.HasPrefix(d.Cause, want) || !strings.HasSuffix(d.Cause, "; Proxy: null)") {
				t.Errorf("got %s: %s", d.Error, d.Cause)
			}
		})
	}
}

func TestTheMachineActsUnderItsRole(t *testing.T) {
	b := newBench(t)
	b.run(task(`,"Catch":[`+spare+`]`), `{"a":1}`)
	got := b.invoked[0]
	if got.who.RoleARN != role || got.who.SourceARN != machineARN || got.function != "step" || got.payload != `{"a":1}` {
		t.Errorf("invoked %+v", got)
	}
}

func TestARoleThatCannotBeAssumed(t *testing.T) {
	b := newBench(t)
	b.machine(task(`,"Catch":[` + spare + `]`))
	b.roleError = fmt.Errorf("the role is gone")
	b.begin("run", `{}`)
	b.wantError("States.Permissions", "the role is gone")
}

func TestABareFunction(t *testing.T) {
	b := newBench(t)
	b.run(`{"StartAt":"Work","States":{"Work":{"Type":"Task","Resource":"`+functionARN+`","TimeoutSeconds":9,"ResultPath":"$.out","End":true,"Retry":[{"ErrorEquals":["E"]}]}}}`, `{"in":1}`)
	b.fails("E")
	b.pass(time.Second)
	b.answer(`{"ok":true}`, "")
	b.wantOutput(`{"in":1,"out":{"ok":true}}`)
	b.golden("function.history", b.history())
}

func TestDataFlow(t *testing.T) {
	for name, test := range map[string]struct{ fields, input, reply, payload, want string }{
		"everything, by default":             {``, `{"a":1}`, `7`, `{"a":1}`, ``},
		"a result path beside the input":     {`,"ResultSelector":{"n.$":"$.Payload"},"ResultPath":"$.out.of"`, `{"a":1}`, `7`, `{"a":1}`, `{"a":1,"out":{"of":{"n":7}}}`},
		"a result that is dropped":           {`,"ResultPath":null`, `{"a":1}`, `7`, `{"a":1}`, `{"a":1}`},
		"an output that is dropped":          {`,"OutputPath":null`, `{"a":1}`, `7`, `{"a":1}`, `{}`},
		"a part of the input":                {`,"InputPath":"$.a","ResultPath":"$.r","OutputPath":"$.r.Payload"`, `{"a":{"b":1}}`, `"x"`, `{"b":1}`, `"x"`},
		"no input":                           {`,"InputPath":null,"ResultPath":null`, `{"a":1}`, `7`, `{}`, `{"a":1}`},
		"the context object in the selector": {`,"ResultSelector":{"s.$":"$$.State.Name","p.$":"$.Payload.x"}`, `{}`, `{"x":[1]}`, `{}`, `{"p":[1],"s":"Work"}`},
		"a reply that is no JSON is a text":  {`,"ResultSelector":{"p.$":"$.Payload"}`, `{}`, `Hello!`, `{}`, `{"p":"Hello!"}`},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.run(task(test.fields+`,"Catch":[`+spare+`]`), test.input)
			if got := b.invoked[0].payload; got != test.payload {
				t.Errorf("the function got %s, want %s", got, test.payload)
			}
			b.answer(test.reply, "")
			if test.want != "" {
				b.wantOutput(test.want)
			}
			b.wantStatus("SUCCEEDED")
		})
	}
}

func TestFaultsOfTheLanguage(t *testing.T) {
	at := "An error occurred while executing the state 'Work' (entered at the event id #2). "
	for name, test := range map[string]struct{ fields, name, cause string }{
		"a parameter that is missing": {`,"Parameters":{"FunctionName":"step","Payload.$":"$.none"}`, "States.Runtime",
			at + "The JSONPath '$.none' specified for the field 'Payload.$' could not be found in the input '{}'"},
		"an input path that is missing": {`,"InputPath":"$.none"`, "States.Runtime", at + "Invalid path '$.none' : No results for path: $['none']"},
		"a timeout that is missing":     {`,"TimeoutSecondsPath":"$.none"`, "States.Runtime", at + "Invalid path '$.none' : No results for path: $['none']"},
		"a function that is no name": {`,"Parameters":{"FunctionName.$":"$"}`, "States.Runtime",
			at + `The Parameters '{"FunctionName":{}}' could not be used to start the Task: [The value of the field 'FunctionName' has an invalid format]`},
		"an intrinsic function that fails": {`,"Parameters":{"FunctionName":"step","Payload.$":"States.StringToJson('{')"}`, "States.IntrinsicFailure",
			at + "The function 'States.StringToJson('{')' had the following error: read JSON: unexpected EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.run(task(test.fields+`,"Catch":[`+spare+`]`), `{}`)
			b.wantError(test.name, test.cause)
		})
	}
	t.Run("an output path that is missing cannot be caught", func(t *testing.T) {
		b := newBench(t)
		b.run(task(`,"OutputPath":"$.no.such","Catch":[`+spare+`,{"ErrorEquals":["States.ALL"],"Next":"Caught"}]`), `{}`)
		b.answer(`{}`, "")
		b.wantError("States.Runtime", at+"Invalid path '$.no.such' : Missing property in path $['no']")
	})
	t.Run("an intrinsic function that fails can be caught", func(t *testing.T) {
		b := newBench(t)
		b.run(task(`,"Parameters":{"FunctionName":"step","Payload.$":"States.StringToJson('{')"},"Catch":[`+spare+`,{"ErrorEquals":["States.IntrinsicFailure"],"ResultPath":"$.f","Next":"Caught"}]`), `{}`)
		b.wantStatus("SUCCEEDED")
	})
	t.Run("a result path that does not fit can be caught", func(t *testing.T) {
		b := newBench(t)
		b.run(task(`,"ResultPath":"$.a.b","Catch":[`+spare+`,{"ErrorEquals":["States.ResultPathMatchFailure"],"ResultPath":null,"Next":"Caught"}]`), `{"a":1}`)
		b.answer(`{}`, "")
		b.wantOutput(`{"a":1}`)
	})
}

func TestCatchers(t *testing.T) {
	for name, test := range map[string]struct{ catch, input, fault, want string }{
		"the error is the output":                       {`{"ErrorEquals":["E"],"Next":"Caught"}`, `{"a":1}`, "E", `{"Cause":"{\"errorMessage\":\"m\",\"errorType\":\"E\"}","Error":"E"}`},
		"the error stands in the raw input":             {`{"ErrorEquals":["E"],"ResultPath":"$.f","Next":"Caught"}`, `{"a":1}`, "E", `{"a":1,"f":{"Cause":"{\"errorMessage\":\"m\",\"errorType\":\"E\"}","Error":"E"}}`},
		"the first that covers it is the one":           {`{"ErrorEquals":["E","F"],"ResultPath":"$.first","Next":"Caught"},{"ErrorEquals":["States.ALL"],"ResultPath":"$.second","Next":"Caught"}`, `{}`, "F", `{"first":{"Cause":"{\"errorMessage\":\"m\",\"errorType\":\"F\"}","Error":"F"}}`},
		"a function that ends its sandbox has its name": {`{"ErrorEquals":["Sandbox.Timedout"],"ResultPath":null,"Next":"Caught"}`, `{"a":1}`, "Sandbox.Timedout", `{"a":1}`},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			// OutputPath does not apply to what is caught: recorded from AWS.
			b.run(task(`,"OutputPath":"$.no.such","Catch":[`+spare+`,`+test.catch+`]`), test.input)
			b.fails(test.fault)
			b.wantOutput(test.want)
		})
	}
}

func TestDataLimits(t *testing.T) {
	large := `"` + strings.Repeat("x", 262143-1) + `"`
	cause := "The state/task 'lambda' returned a result with a size exceeding the maximum number of bytes service limit."
	t.Run("a large result fails the task, and States.ALL does not catch it", func(t *testing.T) {
		b := newBench(t)
		b.run(task(`,"Retry":[{"ErrorEquals":["States.ALL"]}],"Catch":[`+spare+`,{"ErrorEquals":["States.ALL"],"Next":"Caught"}]`), `{}`)
		b.answer(large, "")
		b.wantError("States.DataLimitExceeded", cause)
	})
	t.Run("its own name catches it", func(t *testing.T) {
		b := newBench(t)
		b.run(task(`,"Catch":[`+spare+`,{"ErrorEquals":["States.DataLimitExceeded"],"Next":"Caught"}]`), `{}`)
		b.answer(large, "")
		b.wantOutput(`{"Cause":"` + cause + `","Error":"States.DataLimitExceeded"}`)
	})
	t.Run("a state's output may be too large though its parts are not", func(t *testing.T) {
		b := newBench(t)
		half := strings.Repeat("x", 140000)
		b.run(`{"StartAt":"Double","States":{"Double":{"Type":"Pass","Parameters":{"a.$":"$","b.$":"$"},"End":true}}}`, `"`+half+`"`)
		b.wantError("States.DataLimitExceeded", "The state/task 'Double' returned a result with a size exceeding the maximum number of bytes service limit.")
	})
}

func TestChoiceWithoutAMatch(t *testing.T) {
	b := newBench(t)
	b.run(`{"StartAt":"C","States":{"C":{"Type":"Choice","Choices":[{"Variable":"$.a","NumericEquals":1,"Next":"S"}]},"S":{"Type":"Succeed"}}}`, `{"a":2}`)
	b.wantError("States.Runtime", "An error occurred while executing the state 'C' (entered at the event id #2). Failed to transition out of the state. The state does not point to a next state.")
}

func TestWaits(t *testing.T) {
	at := "An error occurred while executing the state 'W' (entered at the event id #2). "
	for name, test := range map[string]struct {
		field, input string
		after        time.Duration // -1: it fails
		cause        string
	}{
		"no seconds":            {`"Seconds":0`, `{}`, 0, ""},
		"seconds":               {`"Seconds":90`, `{}`, 90 * time.Second, ""},
		"seconds of the input":  {`"SecondsPath":"$.s"`, `{"s":2}`, 2 * time.Second, ""},
		"a time":                {`"Timestamp":"2026-11-23T09:00:10+01:00"`, `{}`, 10 * time.Second, ""},
		"a time of the input":   {`"TimestampPath":"$.t"`, `{"t":"2026-11-23T08:00:00.5Z"}`, 500 * time.Millisecond, ""},
		"a time that is past":   {`"TimestampPath":"$.t"`, `{"t":"2020-01-01T00:00:00Z"}`, 0, ""},
		"seconds below nothing": {`"SecondsPath":"$.s"`, `{"s":-1}`, -1, at + "The SecondsPath parameter references a negative value: $.s == -1"},
		"seconds and a half":    {`"SecondsPath":"$.s"`, `{"s":1.5}`, -1, at + "The SecondsPath parameter cannot be parsed as a long value: $.s == 1.5"},
		"no such seconds":       {`"SecondsPath":"$.s"`, `{}`, -1, at + "The SecondsPath parameter does not reference an input value: $.s"},
		"a time without a T": {`"TimestampPath":"$.t"`, `{"t":"2016-12-05 21:29:29Z"}`, -1,
			at + "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: $.t == 2016-12-05 21:29:29Z"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.run(`{"StartAt":"W","States":{"W":{"Type":"Wait",`+test.field+`,"End":true}}}`, test.input)
			if test.after < 0 {
				b.wantError("States.Runtime", test.cause)
				return
			}
			if test.after > 0 {
				b.pass(test.after - time.Millisecond)
				b.wantStatus("RUNNING")
				b.pass(time.Millisecond)
			}
			b.wantOutput(test.input)
		})
	}
}

func TestFailStates(t *testing.T) {
	at := "An error occurred while executing the state 'F' (entered at the event id #2). "
	for name, test := range map[string]struct{ fields, input, name, cause string }{
		"an error and a cause":     {`,"Error":"E","Cause":"C"`, `{}`, "E", "C"},
		"neither":                  {``, `{}`, "", ""},
		"both of the input":        {`,"ErrorPath":"$.e","CausePath":"$.c"`, `{"e":"E","c":"C"}`, "E", "C"},
		"an intrinsic function":    {`,"Error":"E","CausePath":"States.Format('for {}', $.c)"`, `{"c":1}`, "E", "for 1"},
		"the context object":       {`,"Error":"E","CausePath":"$$.Execution.Name"`, `{}`, "E", "run"},
		"an error that is not":     {`,"ErrorPath":"$.e"`, `{}`, "States.Runtime", at + "The JSONPath '$.e' specified for the field 'ErrorPath' could not be found in the input '{}'"},
		"an error that is no text": {`,"ErrorPath":"$.e"`, `{"e":1}`, "States.Runtime", at + "The field 'ErrorPath' must be a string but was: 1"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.run(`{"StartAt":"F","States":{"F":{"Type":"Fail"`+test.fields+`}}}`, test.input)
			b.wantError(test.name, test.cause)
		})
	}
}

func TestTheMachinesOwnTimeout(t *testing.T) {
	b := newBench(t)
	b.run(`{"StartAt":"Work","TimeoutSeconds":60,"States":{"Work":{"Type":"Task","Resource":"`+functionARN+`","End":true,"Catch":[{"ErrorEquals":["States.ALL"],"Next":"Caught"}]},"Caught":{"Type":"Pass","End":true}}}`, `{}`)
	b.pass(time.Minute)
	d := b.describe()
	if d.Status != "TIMED_OUT" || d.Error != "" || d.RedriveStatus != "REDRIVABLE" || d.StopDate-d.StartDate != 60 {
		t.Errorf("the execution is %+v", d)
	}
	if h := b.history(); !strings.HasSuffix(h, "5<-0 +1m0s ExecutionTimedOut executionTimedOutEventDetails {}\n") {
		t.Errorf("the history ends otherwise:\n%s", h)
	}
	b.answer(`{}`, "")
	b.wantStatus("TIMED_OUT")
}

func TestWhatIsStaleIsIgnored(t *testing.T) {
	t.Run("the timeout of a task that has ended", func(t *testing.T) {
		b := newBench(t)
		b.run(deploy, `{}`)
		b.pass(40 * time.Second)
		b.answer(`{"decision":"deploy"}`, "")
		b.pass(29 * time.Second) // the task's minute is over, the wait is not
		b.wantStatus("RUNNING")
		b.pass(time.Second)
		b.wantStatus("SUCCEEDED")
	})
	t.Run("the reply to an attempt that timed out, while the next one runs", func(t *testing.T) {
		b := newBench(t)
		b.run(task(`,"TimeoutSeconds":10,"ResultSelector":{"p.$":"$.Payload"},"Retry":[{"ErrorEquals":["States.Timeout"]}],"Catch":[`+spare+`]`), `{}`)
		b.pass(11 * time.Second)
		b.answerTo(b.invoked[0], `"late"`, "")
		b.wantStatus("RUNNING")
		b.answerTo(b.invoked[1], `"good"`, "")
		b.wantOutput(`{"p":"good"}`)
	})
	t.Run("a second reply to one attempt", func(t *testing.T) {
		b := newBench(t)
		b.run(tokenTask, `{}`)
		b.answer(`1`, "")
		b.answer(`2`, "")
		if n := strings.Count(b.history(), "TaskSubmitted"); n != 1 {
			t.Errorf("it was submitted %d times", n)
		}
	})
	t.Run("the machine's timeout of before a redrive", func(t *testing.T) {
		b := newBench(t)
		b.run(strings.Replace(task(`,"Catch":[`+spare+`]`), `"StartAt"`, `"TimeoutSeconds":60,"StartAt"`, 1), `{}`)
		b.fails("E")
		b.pass(50 * time.Second)
		b.must("RedriveExecution", object{"executionArn": arnOf("run")}, nil)
		b.pass(59 * time.Second)
		b.wantStatus("RUNNING")
		b.pass(time.Second)
		b.wantStatus("TIMED_OUT")
	})
}

func TestTheHistoryEndsAt25000Events(t *testing.T) {
	b := newBench(t)
	b.run(`{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"C"},"C":{"Type":"Choice","Choices":[{"Variable":"$","IsNull":true,"Next":"S"}],"Default":"A"},"S":{"Type":"Succeed"}}}`, `{}`)
	d := b.describe()
	if d.Error != "States.Runtime" || d.Cause != "The execution reached the maximum number of history events (25000)." {
		t.Errorf("it ended with %s: %s", d.Error, d.Cause)
	}
	if d.RedriveStatus != "NOT_REDRIVABLE" || d.RedriveStatusReason != "Execution history event limit exceeded" {
		t.Errorf("it is %s: %s", d.RedriveStatus, d.RedriveStatusReason)
	}
	var page struct{ Events []struct{ ID int } }
	b.must("GetExecutionHistory", object{"executionArn": arnOf("run"), "reverseOrder": true, "maxResults": 1}, &page)
	if page.Events[0].ID != 25000 {
		t.Errorf("the last event is number %d", page.Events[0].ID)
	}
}

func TestTheContextObject(t *testing.T) {
	b := newBench(t)
	b.machine(`{"StartAt":"P","States":{"P":{"Type":"Pass","InputPath":"$$","ResultPath":"$.pass","Next":"W"},
		"W":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke.waitForTaskToken","Parameters":{"FunctionName":"f","Payload.$":"$$"},"End":true,"Retry":[{"ErrorEquals":["E"]}]}}}`)
	b.pass(1234 * time.Millisecond)
	b.begin("run", `{"a":1}`)
	execution := `"Execution":{"Id":"` + arnOf("run") + `","Input":{"a":1},"Name":"run","RedriveCount":0,"RoleArn":"` + role + `","StartTime":"2026-11-23T08:00:01.234Z"}`
	machine := `"StateMachine":{"Id":"` + machineARN + `","Name":"deployer"}`
	b.fails("E")
	b.pass(time.Second)
	var context struct{ Task struct{ Token string } }
	if err := json.Unmarshal([]byte(b.invoked[1].payload), &context); err != nil {
		t.Fatal(err)
	}
	want := `{` + execution + `,"State":{"EnteredTime":"2026-11-23T08:00:01.234Z","Name":"W","RetryCount":1},` + machine + `,"Task":{"Token":"` + context.Task.Token + `"}}`
	if b.invoked[1].payload != want {
		t.Errorf("the task got\n%s\nwant\n%s", b.invoked[1].payload, want)
	}
	if b.invoked[0].payload == b.invoked[1].payload || context.Task.Token == "" {
		t.Error("the second attempt has no task token of its own")
	}
	pass := `{` + execution + `,"State":{"EnteredTime":"2026-11-23T08:00:01.234Z","Name":"P"},` + machine + `}`
	b.must("SendTaskSuccess", object{"taskToken": context.Task.Token, "output": "1"}, nil)
	if !strings.Contains(b.history(), strings.ReplaceAll(pass, `"`, `\"`)) {
		t.Errorf("the Pass state did not see\n%s", pass)
	}
}
