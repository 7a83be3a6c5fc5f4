package states_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestStatusEvents(t *testing.T) {
	b := newBench(t)
	b.run(`{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":1,"Next":"F"},"F":{"Type":"Fail","Error":"E","Cause":"C"}}}`, `{"a":1}`)
	b.pass(time.Second)
	b.must("RedriveExecution", object{"executionArn": arnOf("run")}, nil)
	b.pass(0)
	var statuses []string
	for _, e := range b.events {
		if e.Source != "aws.states" || e.DetailType != "Step Functions Execution Status Change" || len(e.Resources) != 1 || e.Resources[0] != arnOf("run") {
			t.Errorf("the event is %+v", e)
		}
		var d struct{ Status string }
		if err := json.Unmarshal(e.Detail, &d); err != nil {
			t.Fatal(err)
		}
		statuses = append(statuses, d.Status)
	}
	if got := strings.Join(statuses, " "); got != "RUNNING FAILED RUNNING FAILED" {
		t.Errorf("the statuses are %s", got)
	}
	start := b.start.UnixMilli()
	want := map[string]any{"executionArn": arnOf("run"), "stateMachineArn": machineARN, "name": "run", "status": "FAILED", "startDate": float64(start), "stopDate": float64(start + 1000),
		"input": `{"a":1}`, "inputDetails": map[string]any{"included": true}, "output": nil, "outputDetails": nil, "error": "E", "cause": "C",
		"stateMachineVersionArn": nil, "stateMachineAliasArn": nil, "redriveCount": 0.0, "redriveDate": nil, "redriveStatus": "REDRIVABLE", "redriveStatusReason": nil}
	var got map[string]any
	if err := json.Unmarshal(b.events[1].Detail, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the detail (-want +got):\n%s", diff)
	}
}

func TestAnEventLeavesOutWhatIsTooLarge(t *testing.T) {
	for name, test := range map[string]struct {
		input          string
		input2, output bool
	}{
		"small":                           {`"x"`, true, true},
		"together beyond 248 KiB":         {`"` + strings.Repeat("x", 130000) + `"`, false, true},
		"the output alone beyond 248 KiB": {`"` + strings.Repeat("x", 260000) + `"`, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.run(succeed, test.input)
			var d struct {
				Input, Output               *string
				InputDetails, OutputDetails struct{ Included bool }
			}
			if err := json.Unmarshal(b.events[1].Detail, &d); err != nil {
				t.Fatal(err)
			}
			if d.InputDetails.Included != test.input2 || (d.Input != nil) != test.input2 || d.OutputDetails.Included != test.output || (d.Output != nil) != test.output {
				t.Errorf("input included: %t, output included: %t", d.Input != nil, d.Output != nil)
			}
		})
	}
}

func TestLogs(t *testing.T) {
	types := func(b *bench) string {
		var list []string
		for _, line := range b.logs {
			var e struct{ Type string }
			_, raw, _ := strings.Cut(line, " ")
			if err := json.Unmarshal([]byte(raw), &e); err != nil {
				t.Fatal(err)
			}
			list = append(list, e.Type)
		}
		return strings.Join(list, " ")
	}
	run := func(t *testing.T, level string, data bool) *bench {
		b := newBench(t)
		in := create("deployer", task(`,"Catch":[`+spare+`]`), logsTo(level, group))
		in["loggingConfiguration"].(object)["includeExecutionData"] = data
		b.must("CreateStateMachine", in, nil)
		b.begin("run", `{"secret":"s3cret"}`)
		b.fails("E")
		return b
	}
	for level, want := range map[string]string{
		"ALL":   "ExecutionStarted TaskStateEntered TaskScheduled TaskStarted TaskFailed ExecutionFailed",
		"ERROR": "TaskFailed ExecutionFailed",
		"FATAL": "ExecutionFailed",
		"OFF":   "",
	} {
		if got := types(run(t, level, true)); got != want {
			t.Errorf("%s logs %s, want %s", level, got, want)
		}
	}
	b := run(t, "ALL", false)
	want := `/aws/vendedlogs/states/deployer {"id":"2","type":"TaskStateEntered","details":{"name":"Work"},"previous_event_id":"0","event_timestamp":"1795420800000","execution_arn":"` + arnOf("run") + `","redrive_count":"0"}`
	if b.logs[1] != want {
		t.Errorf("a line is\n%s\nwant\n%s", b.logs[1], want)
	}
	if all := strings.Join(b.logs, "\n"); strings.Contains(all, "s3cret") || !strings.Contains(all, `errorMessage`) {
		t.Errorf("without data the log is\n%s", all)
	}
	if all := strings.Join(run(t, "ALL", true).logs, "\n"); !strings.Contains(all, "s3cret") {
		t.Errorf("with data the log is\n%s", all)
	}
	t.Run("a log group that is gone stops nothing", func(t *testing.T) {
		b := newBench(t)
		b.must("CreateStateMachine", create("deployer", succeed, logsTo("ALL", group)), nil)
		b.logError = errors.New("gone")
		b.begin("run", `{}`)
		b.wantStatus("SUCCEEDED")
	})
}
