package states_test

import (
	"strings"
	"testing"
	"time"
)

func TestRedrive(t *testing.T) {
	t.Run("a task is scheduled again, with its retries and timeout anew", func(t *testing.T) {
		b := newBench(t)
		b.run(strings.Replace(deploy, `"StartAt"`, `"TimeoutSeconds":3600,"StartAt"`, 1), `{"tag":"v1"}`)
		b.fails("Aws.Throttled")
		b.pass(2 * time.Second)
		b.fails("Permission.Denied")
		b.wantStatus("FAILED")
		b.pass(59 * time.Minute)
		var out struct{ RedriveDate float64 }
		b.must("RedriveExecution", object{"executionArn": arnOf("run")}, &out)
		b.pass(0)
		d := b.describe()
		if d.Status != "RUNNING" || d.RedriveCount != 1 || d.RedriveDate != out.RedriveDate || d.StopDate != 0 || d.Error != "" {
			t.Errorf("the execution is %+v", d)
		}
		if !strings.Contains(b.invoked[2].payload, `"retryCount":0`) {
			t.Errorf("the function got %s", b.invoked[2].payload)
		}
		b.fails("Aws.Throttled")
		b.pass(2 * time.Second)
		b.fails("Aws.Throttled")
		b.pass(4 * time.Second)
		b.answer(`{"decision":"deploy"}`, "")
		b.pass(time.Minute)
		b.wantStatus("SUCCEEDED")
		b.golden("redrive.history", b.history())
		if got := b.service.Transitions(arnOf("run")); got != 1+1+1+2+3 {
			t.Errorf("%d transitions, want those of four states, three retries and a redrive", got)
		}
	})
	t.Run("a Fail state is entered again and fails again", func(t *testing.T) {
		b := newBench(t)
		b.run(`{"StartAt":"F","States":{"F":{"Type":"Fail","ErrorPath":"States.Format('after {}', $$.Execution.RedriveCount)"}}}`, `{}`)
		b.must("RedriveExecution", object{"executionArn": arnOf("run")}, nil)
		b.pass(0)
		b.wantError("after 1", "")
		if !strings.HasSuffix(b.history(), `4<-3 +0s ExecutionRedriven executionRedrivenEventDetails {"redriveCount":1}
5<-4 +0s FailStateEntered stateEnteredEventDetails {"name":"F","input":"{}","inputDetails":{"truncated":false}}
6<-5 +0s ExecutionFailed executionFailedEventDetails {"error":"after 1"}
`) {
			t.Errorf("the history is\n%s", b.history())
		}
	})
	t.Run("a stopped wait until a time that is past is over at once", func(t *testing.T) {
		b := newBench(t)
		b.run(`{"StartAt":"W","States":{"W":{"Type":"Wait","Timestamp":"2026-11-23T09:00:00Z","End":true}}}`, `{}`)
		b.must("StopExecution", object{"executionArn": arnOf("run"), "error": "Mine", "cause": "enough"}, nil)
		if d := b.describe(); d.Status != "ABORTED" || d.Error != "Mine" || d.Cause != "enough" || d.RedriveStatus != "REDRIVABLE" {
			t.Errorf("the execution is %+v", d)
		}
		b.pass(2 * time.Hour)
		b.wantStatus("ABORTED")
		b.must("RedriveExecution", object{"executionArn": arnOf("run")}, nil)
		b.pass(0)
		b.wantOutput(`{}`)
	})
	t.Run("the time of the redrive stands in the context object", func(t *testing.T) {
		b := newBench(t)
		b.run(`{"StartAt":"P","States":{"P":{"Type":"Pass","Parameters":{"t.$":"$$.Execution.RedriveTime"},"End":true}}}`, `{}`)
		b.wantStatus("FAILED")
		b.pass(time.Second)
		b.must("RedriveExecution", object{"executionArn": arnOf("run")}, nil)
		b.pass(0)
		b.wantOutput(`{"t":"2026-11-23T08:00:01.000Z"}`)
	})
	t.Run("the definition of the start stays", func(t *testing.T) {
		b := newBench(t)
		b.run(`{"StartAt":"F","States":{"F":{"Type":"Fail","Error":"Old"}}}`, `{}`)
		b.must("UpdateStateMachine", object{"stateMachineArn": machineARN, "definition": `{"StartAt":"S","States":{"S":{"Type":"Succeed"}}}`}, nil)
		b.must("RedriveExecution", object{"executionArn": arnOf("run")}, nil)
		b.pass(0)
		b.wantError("Old", "")
	})
	t.Run("the machine's own timeout starts anew", func(t *testing.T) {
		b := newBench(t)
		b.run(`{"StartAt":"W","TimeoutSeconds":60,"States":{"W":{"Type":"Wait","Seconds":50,"Next":"X"},"X":{"Type":"Wait","Seconds":50,"End":true}}}`, `{}`)
		b.pass(70 * time.Second)
		b.wantStatus("TIMED_OUT")
		b.must("RedriveExecution", object{"executionArn": arnOf("run")}, nil)
		b.pass(49 * time.Second)
		b.wantStatus("RUNNING")
		b.pass(time.Second)
		b.wantStatus("SUCCEEDED")
	})
}

func TestWhatCannotBeRedriven(t *testing.T) {
	redrive := object{"executionArn": arnOf("run")}
	t.Run("what runs", func(t *testing.T) {
		b := newBench(t)
		b.run(deploy, `{}`)
		b.wantCode("ExecutionNotRedrivable", "RedriveExecution", redrive)
		if d := b.describe(); d.RedriveStatus != "NOT_REDRIVABLE" || d.RedriveStatusReason != "Execution is RUNNING and cannot be redriven" {
			t.Errorf("the execution is %+v", d)
		}
	})
	t.Run("what succeeded", func(t *testing.T) {
		b := newBench(t)
		b.run(`{"StartAt":"S","States":{"S":{"Type":"Succeed"}}}`, `{}`)
		b.wantCode("ExecutionNotRedrivable", "RedriveExecution", redrive)
	})
	t.Run("what ended more than 14 days ago", func(t *testing.T) {
		b := newBench(t)
		b.run(`{"StartAt":"F","States":{"F":{"Type":"Fail"}}}`, `{}`)
		b.pass(14 * 24 * time.Hour)
		if d := b.describe(); d.RedriveStatus != "REDRIVABLE" {
			t.Errorf("after exactly 14 days it is %s", d.RedriveStatus)
		}
		b.pass(time.Millisecond)
		b.wantCode("ExecutionNotRedrivable", "RedriveExecution", redrive)
	})
	t.Run("what does not exist", func(t *testing.T) {
		newBench(t).wantCode("ExecutionDoesNotExist", "RedriveExecution", redrive)
	})
}

func TestAClientTokenRedrivesOnce(t *testing.T) {
	b := newBench(t)
	b.run(`{"StartAt":"F","States":{"F":{"Type":"Fail"}}}`, `{}`)
	redrive := object{"executionArn": arnOf("run"), "clientToken": "once"}
	var first, second struct{ RedriveDate float64 }
	b.must("RedriveExecution", redrive, &first)
	b.pass(15 * time.Minute)
	b.must("RedriveExecution", redrive, &second)
	if first != second || b.describe().RedriveCount != 1 {
		t.Errorf("redriven at %v and %v, %d times", first, second, b.describe().RedriveCount)
	}
	b.pass(time.Second)
	b.must("RedriveExecution", redrive, nil)
	if got := b.describe().RedriveCount; got != 2 {
		t.Errorf("after a quarter of an hour the token counts no more, but the execution was redriven %d times", got)
	}
	b.wantCode("ValidationException", "RedriveExecution", object{"executionArn": arnOf("run"), "clientToken": "two words"})
}
