package states_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

const tokenTask = `{"StartAt":"Await","States":{"Await":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke.waitForTaskToken",
	"Parameters":{"FunctionName":"step","Payload":{"token.$":"$$.Task.Token"}},"HeartbeatSeconds":300,"TimeoutSeconds":3600,"ResultPath":"$.out",
	"Retry":[{"ErrorEquals":["Again"],"IntervalSeconds":10}],
	"Catch":[{"ErrorEquals":["States.HeartbeatTimeout"],"ResultPath":"$.heartbeat","Next":"Done"},{"ErrorEquals":["States.Timeout"],"ResultPath":"$.timeout","Next":"Done"}],"Next":"Done"},
	"Done":{"Type":"Succeed"}}}`

// token is the task token that the last invocation got.
func (b *bench) token() string {
	b.Helper()
	var payload struct{ Token string }
	if err := json.Unmarshal([]byte(b.invoked[len(b.invoked)-1].payload), &payload); err != nil {
		b.Fatal(err)
	}
	return payload.Token
}

func TestTaskTokens(t *testing.T) {
	t.Run("the task succeeds with what is sent", func(t *testing.T) {
		b := newBench(t)
		b.run(tokenTask, `{"a":1}`)
		b.answer(`"parked"`, "")
		b.pass(time.Minute)
		b.must("SendTaskSuccess", object{"taskToken": b.token(), "output": ` { } `}, nil)
		b.wantOutput(`{"a":1,"out":{}}`)
		b.golden("token.history", b.history())
		b.wantCode("TaskTimedOut", "SendTaskSuccess", object{"taskToken": b.token(), "output": "{}"})
	})
	t.Run("a function may release its own token; its late reply is ignored", func(t *testing.T) {
		b := newBench(t)
		b.run(tokenTask, `{}`)
		b.must("SendTaskSuccess", object{"taskToken": b.token(), "output": `1`}, nil)
		b.answer(`"parked"`, "")
		b.wantOutput(`{"out":1}`)
		if strings.Contains(b.history(), "TaskSubmitted") {
			t.Errorf("the late reply left an event:\n%s", b.history())
		}
	})
	t.Run("a failure is retried with a token of its own", func(t *testing.T) {
		b := newBench(t)
		b.run(tokenTask, `{}`)
		b.answer(`0`, "")
		first := b.token()
		b.must("SendTaskFailure", object{"taskToken": first, "error": "Again"}, nil)
		b.wantCode("TaskTimedOut", "SendTaskHeartbeat", object{"taskToken": first})
		b.pass(10 * time.Second)
		b.wantCode("TaskTimedOut", "SendTaskSuccess", object{"taskToken": first, "output": "1"})
		b.must("SendTaskFailure", object{"taskToken": b.token(), "error": "Other", "cause": "because"}, nil)
		b.wantError("Other", "because")
	})
	t.Run("a failure without a name is null where it is caught", func(t *testing.T) {
		b := newBench(t)
		b.run(strings.Replace(tokenTask, `"Catch":[`, `"Catch":[{"ErrorEquals":["States.TaskFailed"],"Next":"Done"},`, 1), `{}`)
		b.answer(`0`, "")
		b.must("SendTaskFailure", object{"taskToken": b.token()}, nil)
		b.wantOutput(`{"Cause":null,"Error":null}`)
	})
	t.Run("a function that fails fails the task", func(t *testing.T) {
		b := newBench(t)
		b.run(tokenTask, `{}`)
		b.fails("Broken")
		b.wantError("Broken", `{"errorMessage":"m","errorType":"Broken"}`)
	})
}

func TestHeartbeats(t *testing.T) {
	t.Run("the clock starts when the function has returned", func(t *testing.T) {
		b := newBench(t)
		b.run(tokenTask, `{}`)
		b.pass(299 * time.Second)
		b.must("SendTaskHeartbeat", object{"taskToken": b.token()}, nil)
		b.pass(301 * time.Second)
		b.wantStatus("RUNNING")
		b.answer(`0`, "")
		b.pass(299 * time.Second)
		b.wantStatus("RUNNING")
		b.pass(time.Second)
		b.wantOutput(`{"heartbeat":{"Cause":"","Error":"States.Timeout"}}`)
		if !strings.Contains(b.history(), `TaskTimedOut taskTimedOutEventDetails {"resource":"invoke.waitForTaskToken","resourceType":"lambda","error":"States.Timeout"}`) {
			t.Errorf("the history is\n%s", b.history())
		}
	})
	t.Run("each heartbeat starts it anew, but not the task's timeout", func(t *testing.T) {
		b := newBench(t)
		b.run(tokenTask, `{}`)
		b.answer(`0`, "")
		for range 14 {
			b.pass(250 * time.Second)
			b.must("SendTaskHeartbeat", object{"taskToken": b.token()}, nil)
		}
		b.pass(99 * time.Second)
		b.wantStatus("RUNNING")
		b.pass(time.Second)
		b.wantOutput(`{"timeout":{"Cause":"","Error":"States.Timeout"}}`)
	})
	t.Run("both may stand in the input", func(t *testing.T) {
		b := newBench(t)
		paths := strings.NewReplacer(`"HeartbeatSeconds":300`, `"HeartbeatSecondsPath":"$.h"`, `"TimeoutSeconds":3600`, `"TimeoutSecondsPath":"$.t"`)
		b.run(paths.Replace(tokenTask), `{"h":5,"t":60}`)
		b.answer(`0`, "")
		if !strings.Contains(b.history(), `"timeoutInSeconds":60,"heartbeatInSeconds":5`) {
			t.Errorf("the history is\n%s", b.history())
		}
		b.pass(5 * time.Second)
		b.wantOutput(`{"h":5,"heartbeat":{"Cause":"","Error":"States.Timeout"},"t":60}`)
	})
}

func TestTokensThatAreRefused(t *testing.T) {
	b := newBench(t)
	b.run(tokenTask, `{}`)
	good := b.token()
	forged := base64.StdEncoding.EncodeToString([]byte(`{"execution":"` + arnOf("run") + `","secret":"guessed"}`))
	b.wantCode("TaskTimedOut", "SendTaskSuccess", object{"taskToken": forged, "output": "{}"})
	empty := base64.StdEncoding.EncodeToString([]byte(`{"execution":"` + arnOf("run") + `"}`))
	b.wantCode("TaskTimedOut", "SendTaskSuccess", object{"taskToken": empty, "output": "{}"})
	plain := newBench(t)
	plain.run(task(`,"Catch":[`+spare+`]`), `{}`)
	plain.wantCode("TaskTimedOut", "SendTaskSuccess", object{"taskToken": empty, "output": "{}"})
	for name, in := range map[string]object{
		"garbage":              {"taskToken": "garbage!", "output": "{}"},
		"JSON of another kind": {"taskToken": "e30=", "output": "{}"},
	} {
		t.Run(name, func(*testing.T) { b.wantCode("InvalidToken", "SendTaskSuccess", in) })
	}
	b.wantCode("ValidationException", "SendTaskSuccess", object{"output": "{}"})
	b.wantCode("ValidationException", "SendTaskSuccess", object{"taskToken": strings.Repeat("x", 2049), "output": "{}"})
	b.wantCode("ValidationException", "SendTaskSuccess", object{"taskToken": good})
	b.wantCode("ValidationException", "SendTaskSuccess", object{"taskToken": good, "output": `"` + strings.Repeat("x", 262144) + `"`})
	b.wantCode("InvalidOutput", "SendTaskSuccess", object{"taskToken": good, "output": "{"})
	b.wantCode("ValidationException", "SendTaskFailure", object{"taskToken": good, "error": strings.Repeat("x", 257)})
	b.wantCode("ValidationException", "SendTaskFailure", object{"taskToken": good, "cause": strings.Repeat("x", 32769)})
	b.wantStatus("RUNNING")
	other := newBench(t)
	other.wantCode("TaskDoesNotExist", "SendTaskSuccess", object{"taskToken": good, "output": "{}"})
	for _, operation := range []string{"SendTaskSuccess", "SendTaskFailure", "SendTaskHeartbeat"} {
		b.denied["states:"+operation] = true
		b.wantCode("AccessDeniedException", operation, object{"taskToken": good, "output": "{}"})
	}
}
