package states_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fairlead/local/states"
	"fairlead/local/world"
)

const (
	succeed = `{"StartAt":"S","States":{"S":{"Type":"Succeed"}}}`
	wait    = `{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":60,"End":true}}}`
)

func create(name, definition string, more object) object {
	in := object{"name": name, "definition": definition, "roleArn": role}
	maps.Copy(in, more)
	return in
}

func TestCreateStateMachine(t *testing.T) {
	t.Run("the same call twice makes one", func(t *testing.T) {
		b := newBench(t)
		var first, second struct {
			StateMachineArn string
			CreationDate    float64
		}
		b.must("CreateStateMachine", create("deployer", succeed, nil), &first)
		b.pass(time.Minute)
		b.must("CreateStateMachine", create("deployer", succeed, object{"roleArn": role + "2"}), &second)
		if first != second || first.StateMachineArn != machineARN || first.CreationDate == 0 {
			t.Errorf("created %v and %v", first, second)
		}
	})
	for name, test := range map[string]struct {
		in   object
		code string
	}{
		"another definition under the name": {create("deployer", wait, nil), "StateMachineAlreadyExists"},
		"other logging under the name":      {create("deployer", succeed, object{"tracingConfiguration": object{"enabled": true}}), "StateMachineAlreadyExists"},
		"a bad name":                        {create("a b", succeed, nil), "InvalidName"},
		"no name":                           {create("", succeed, nil), "ValidationException"},
		"a long name":                       {create(strings.Repeat("n", 81), succeed, nil), "ValidationException"},
		"a bad definition":                  {create("x", `{}`, nil), "InvalidDefinition"},
		"a definition that is not served":   {create("x", `{"StartAt":"S","States":{"S":{"Type":"Map","End":true}}}`, nil), "NotImplemented"},
		"an express workflow":               {create("x", succeed, object{"type": "EXPRESS"}), "NotImplemented"},
		"a type that does not exist":        {create("x", succeed, object{"type": "FAST"}), "ValidationException"},
		"a version":                         {create("x", succeed, object{"publish": true}), "NotImplemented"},
		"a key of the customer":             {create("x", succeed, object{"encryptionConfiguration": object{"type": "CUSTOMER_MANAGED_KMS_KEY"}}), "NotImplemented"},
		"logs to nowhere":                   {create("x", succeed, object{"loggingConfiguration": object{"level": "ALL"}}), "InvalidLoggingConfiguration"},
		"logs to a group without :*":        {create("x", succeed, logsTo("ALL", "arn:aws:logs:eu-west-1:123456789012:log-group:/g")), "InvalidLoggingConfiguration"},
		"logs at a level that is none":      {create("x", succeed, object{"loggingConfiguration": object{"level": "SOME"}}), "ValidationException"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.must("CreateStateMachine", create("deployer", succeed, nil), nil)
			b.wantCode(test.code, "CreateStateMachine", test.in)
		})
	}
	t.Run("a role that Step Functions may not assume", func(t *testing.T) {
		b := newBench(t)
		b.roleError = errors.New("no")
		b.wantCode("AccessDeniedException", "CreateStateMachine", create("x", succeed, nil))
	})
	t.Run("a role that may not deliver logs", func(t *testing.T) {
		b := newBench(t)
		b.denied["logs:CreateLogDelivery"] = true
		b.wantCode("AccessDeniedException", "CreateStateMachine", create("x", succeed, logsTo("ALL", group)))
	})
	t.Run("a log group that does not exist", func(t *testing.T) {
		b := newBench(t)
		b.logError = errors.New("no")
		b.wantCode("InvalidLoggingConfiguration", "CreateStateMachine", create("x", succeed, logsTo("ALL", group)))
	})
}

const group = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/vendedlogs/states/deployer:*"

func logsTo(level, group string) object {
	return object{"loggingConfiguration": object{"level": level, "destinations": []object{{"cloudWatchLogsLogGroup": object{"logGroupArn": group}}}}}
}

func TestUpdateAndDescribe(t *testing.T) {
	b := newBench(t)
	b.must("CreateStateMachine", create("deployer", wait, object{"tags": []object{{"key": "k", "value": "v"}}}), nil)
	b.begin("run", `{}`)
	b.wantCode("MissingRequiredParameter", "UpdateStateMachine", object{"stateMachineArn": machineARN})
	b.wantCode("InvalidDefinition", "UpdateStateMachine", object{"stateMachineArn": machineARN, "definition": "{}"})
	b.wantCode("StateMachineDoesNotExist", "UpdateStateMachine", object{"stateMachineArn": machineARN + "x", "definition": succeed})
	var first, same struct{ RevisionID string }
	b.must("UpdateStateMachine", object{"stateMachineArn": machineARN, "definition": succeed}, &first)
	b.must("UpdateStateMachine", object{"stateMachineArn": machineARN, "definition": succeed}, &same)
	if first.RevisionID == "" || first != same {
		t.Errorf("the revisions are %v and %v, want one", first, same)
	}
	var now, then map[string]any
	b.must("DescribeStateMachine", object{"stateMachineArn": machineARN}, &now)
	want := map[string]any{"stateMachineArn": machineARN, "name": "deployer", "status": "ACTIVE", "definition": succeed, "roleArn": role, "type": "STANDARD",
		"creationDate": float64(b.start.Unix()), "loggingConfiguration": map[string]any{"level": "OFF", "includeExecutionData": false},
		"tracingConfiguration": map[string]any{"enabled": false}, "revisionId": first.RevisionID}
	if diff := cmp.Diff(want, now); diff != "" {
		t.Errorf("DescribeStateMachine (-want +got):\n%s", diff)
	}
	b.must("DescribeStateMachineForExecution", object{"executionArn": arnOf("run")}, &then)
	if then["definition"] != wait || then["revisionId"] != nil {
		t.Errorf("the execution runs %v", then)
	}
	var tags struct{ Tags []struct{ Key, Value string } }
	b.must("ListTagsForResource", object{"resourceArn": machineARN}, &tags)
	if fmt.Sprint(tags.Tags) != "[{k v}]" {
		t.Errorf("the tags are %v", tags.Tags)
	}
	b.wantCode("ResourceNotFound", "ListTagsForResource", object{"resourceArn": machineARN + "x"})
}

func TestDeleteStateMachine(t *testing.T) {
	b := newBench(t)
	b.run(wait, `{}`)
	b.must("DeleteStateMachine", object{"stateMachineArn": machineARN}, nil)
	var m struct{ Status string }
	b.must("DescribeStateMachine", object{"stateMachineArn": machineARN}, &m)
	if m.Status != "DELETING" {
		t.Errorf("the state machine is %s", m.Status)
	}
	b.wantStatus("RUNNING")
	b.wantCode("StateMachineDeleting", "StartExecution", object{"stateMachineArn": machineARN})
	b.wantCode("StateMachineDeleting", "CreateStateMachine", create("deployer", wait, nil))
	b.pass(time.Minute)
	b.wantCode("StateMachineDoesNotExist", "DescribeStateMachine", object{"stateMachineArn": machineARN})
	b.wantCode("ExecutionDoesNotExist", "DescribeExecution", object{"executionArn": arnOf("run")})
	b.must("DeleteStateMachine", object{"stateMachineArn": machineARN}, nil)
	b.machine(succeed)
	b.begin("run", `{}`)
	b.wantStatus("SUCCEEDED")
}

func TestADeletedMachineStopsItsExecutionsAtTheNextTransition(t *testing.T) {
	b := newBench(t)
	b.run(`{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":60,"Next":"X"},"X":{"Type":"Wait","Seconds":60,"End":true}}}`, `{}`)
	b.must("DeleteStateMachine", object{"stateMachineArn": machineARN}, nil)
	b.pass(time.Minute)
	if last := string(b.events[len(b.events)-1].Detail); !strings.Contains(last, `"status":"ABORTED"`) {
		t.Errorf("the last event is %s", last)
	}
	b.wantCode("StateMachineDoesNotExist", "DescribeStateMachine", object{"stateMachineArn": machineARN})
}

func TestStartExecution(t *testing.T) {
	start := func(name, input string) object {
		return object{"stateMachineArn": machineARN, "name": name, "input": input}
	}
	for name, test := range map[string]struct {
		in   object
		code string
	}{
		"another input while it runs":     {start("run", `{"a":2}`), "ExecutionAlreadyExists"},
		"the same input in other words":   {start("run", `{"a": 1}`), "ExecutionAlreadyExists"},
		"a name with a blank":             {start("a b", `{}`), "InvalidName"},
		"a name with a colon":             {start("a:b", `{}`), "InvalidName"},
		"a name with a slash":             {start("a/b", `{}`), "InvalidName"},
		"a name with a star":              {start("a*", `{}`), "InvalidName"},
		"a name with a control character": {start("a\u0085", `{}`), "InvalidName"},
		"a name of 81":                    {start(strings.Repeat("n", 81), `{}`), "ValidationException"},
		"input that is no JSON":           {start("x", `not JSON`), "InvalidExecutionInput"},
		"input that is empty":             {start("x", ``), "InvalidExecutionInput"},
		"input that is two values":        {start("x", `{} {}`), "InvalidExecutionInput"},
		"input that is too large":         {start("x", `"`+strings.Repeat("x", 262143)+`"`), "ValidationException"},
		"a state machine that is none":    {object{"stateMachineArn": machineARN + "x"}, "StateMachineDoesNotExist"},
		"an ARN that is none":             {object{"stateMachineArn": "deployer"}, "InvalidArn"},
		"an ARN of an execution":          {object{"stateMachineArn": arnOf("run")}, "InvalidArn"},
		"no ARN":                          {object{}, "ValidationException"},
		"a trace header that is long":     {object{"stateMachineArn": machineARN, "traceHeader": strings.Repeat("x", 257)}, "ValidationException"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.run(wait, `{"a":1}`)
			b.wantCode(test.code, "StartExecution", test.in)
		})
	}
	t.Run("again while it runs, with the same input", func(t *testing.T) {
		b := newBench(t)
		b.run(wait, `{"a":1}`)
		b.pass(time.Second)
		var out struct{ StartDate float64 }
		b.must("StartExecution", start("run", `{"a":1}`), &out)
		if out.StartDate != float64(b.start.Unix()) || b.service.Transitions(arnOf("run")) != 1 {
			t.Errorf("it was started anew: %v", out)
		}
	})
	t.Run("a closed execution's name is kept for 90 days", func(t *testing.T) {
		b := newBench(t)
		b.run(succeed, `{}`)
		b.wantCode("ExecutionAlreadyExists", "StartExecution", start("run", `{}`))
		b.pass(90 * 24 * time.Hour)
		b.must("StartExecution", start("run", `{}`), nil)
	})
	t.Run("without name and input it gets both", func(t *testing.T) {
		b := newBench(t)
		b.machine(succeed)
		var out struct{ ExecutionARN string }
		b.must("StartExecution", object{"stateMachineArn": machineARN}, &out)
		name := strings.TrimPrefix(out.ExecutionARN, arnOf(""))
		if len(name) != 36 {
			t.Errorf("the execution is %s", out.ExecutionARN)
		}
		var d description
		b.must("DescribeExecution", object{"executionArn": out.ExecutionARN}, &d)
		if d.Input != "{}" || d.Status != "RUNNING" {
			t.Errorf("before anything happened it is %+v", d)
		}
	})
	t.Run("names of 80 and of a rule's event fit", func(t *testing.T) {
		b := newBench(t)
		b.machine(succeed)
		b.begin(strings.Repeat("n", 80), `{}`)
		b.begin("13cde686-328b-6117-af20-0e5566167482_8b8ae2c0-69a4-c760-1fb4-9698b049289c", `{}`)
	})
}

func TestStartOnBehalfOfAnother(t *testing.T) {
	b := newBench(t)
	b.machine(succeed)
	who := world.Principal{ARN: "arn:aws:sts::123456789012:assumed-role/rule/x"}
	if err := b.service.Start(who, machineARN, "run", `{"by":"rule"}`); err != nil {
		t.Fatal(err)
	}
	b.pass(0)
	b.wantOutput(`{"by":"rule"}`)
	b.denied["states:StartExecution"] = true
	err := b.service.Start(who, machineARN, "again", `{}`)
	if err == nil || !strings.Contains(err.Error(), who.ARN+" is not authorized to perform: states:StartExecution on resource: "+machineARN) {
		t.Errorf("got %v", err)
	}
}

func TestStopExecution(t *testing.T) {
	b := newBench(t)
	b.run(wait, `{}`)
	b.pass(time.Second)
	stop := object{"executionArn": arnOf("run")}
	var first, second struct{ StopDate float64 }
	b.must("StopExecution", stop, &first)
	b.pass(time.Hour)
	b.must("StopExecution", stop, &second)
	if first != second || first.StopDate != float64(b.start.Unix()+1) {
		t.Errorf("stopped at %v and %v", first, second)
	}
	if !strings.HasSuffix(b.history(), "3<-0 +1s ExecutionAborted executionAbortedEventDetails {}\n") {
		t.Errorf("the history is\n%s", b.history())
	}
	b.wantCode("ValidationException", "StopExecution", object{"executionArn": arnOf("run"), "error": strings.Repeat("x", 257)})
	b.wantCode("ExecutionDoesNotExist", "StopExecution", object{"executionArn": arnOf("none")})
}

func TestListExecutions(t *testing.T) {
	b := newBench(t)
	b.machine(`{"StartAt":"C","States":{"C":{"Type":"Choice","Choices":[{"Variable":"$.end","StringEquals":"good","Next":"S"},{"Variable":"$.end","StringEquals":"bad","Next":"F"}],"Default":"W"},
		"S":{"Type":"Succeed"},"F":{"Type":"Fail"},"W":{"Type":"Wait","Seconds":9,"End":true}}}`)
	for _, name := range []string{"good-1", "bad-2", "good-3", "runs-4", "bad-5"} {
		b.begin(name, `{"end":"`+strings.Split(name, "-")[0]+`"}`)
	}
	b.must("RedriveExecution", object{"executionArn": arnOf("bad-2")}, nil)
	b.pass(0)
	list := func(more object) string {
		names, in := []string{}, object{"stateMachineArn": machineARN}
		maps.Copy(in, more)
		for {
			var page struct {
				Executions []struct{ Name string }
				NextToken  string
			}
			b.must("ListExecutions", in, &page)
			for _, x := range page.Executions {
				names = append(names, x.Name)
			}
			if page.NextToken == "" {
				return strings.Join(names, " ")
			}
			in["nextToken"] = page.NextToken
			names = append(names, "|")
		}
	}
	for _, test := range []struct {
		in   object
		want string
	}{
		{object{}, "bad-5 runs-4 good-3 bad-2 good-1"},
		{object{"maxResults": 2}, "bad-5 runs-4 | good-3 bad-2 | good-1"},
		{object{"statusFilter": "FAILED"}, "bad-5 bad-2"},
		{object{"statusFilter": "RUNNING"}, "runs-4"},
		{object{"redriveFilter": "REDRIVEN"}, "bad-2"},
		{object{"redriveFilter": "NOT_REDRIVEN", "statusFilter": "FAILED"}, "bad-5"},
		{object{"statusFilter": "TIMED_OUT"}, ""},
	} {
		if got := list(test.in); got != test.want {
			t.Errorf("%v lists %s, want %s", test.in, got, test.want)
		}
	}
	for _, in := range []object{{"statusFilter": "failed"}, {"statusFilter": "PENDING_REDRIVE"}, {"redriveFilter": "YES"}, {"maxResults": 1001}, {"nextToken": strings.Repeat("x", 3097)}} {
		in["stateMachineArn"] = machineARN
		b.wantCode("ValidationException", "ListExecutions", in)
	}
	b.wantCode("InvalidToken", "ListExecutions", object{"stateMachineArn": machineARN, "nextToken": "x"})
	b.wantCode("NotImplemented", "ListExecutions", object{"mapRunArn": "arn:x"})
	b.wantCode("StateMachineDoesNotExist", "ListExecutions", object{"stateMachineArn": machineARN + "x"})
}

func TestListStateMachines(t *testing.T) {
	b := newBench(t)
	for _, name := range []string{"b", "c", "a"} {
		b.must("CreateStateMachine", create(name, succeed, nil), nil)
	}
	var page struct {
		StateMachines []struct{ Name string }
		NextToken     string
	}
	b.must("ListStateMachines", object{"maxResults": 2}, &page)
	if fmt.Sprint(page.StateMachines) != "[{a} {b}]" {
		t.Errorf("the first page is %v", page.StateMachines)
	}
	b.must("ListStateMachines", object{"nextToken": page.NextToken}, &page)
	if fmt.Sprint(page.StateMachines) != "[{c}]" {
		t.Errorf("the second page is %v", page.StateMachines)
	}
}

func TestHistoryPages(t *testing.T) {
	b := newBench(t)
	b.run(deploy, `{"tag":"v1","secret":"s3cret"}`)
	b.fails("Image.Unfit")
	in := object{"executionArn": arnOf("run"), "maxResults": 3, "reverseOrder": true}
	var ids []int
	for {
		var page struct {
			Events    []struct{ ID int }
			NextToken string
		}
		b.must("GetExecutionHistory", in, &page)
		for _, e := range page.Events {
			ids = append(ids, e.ID)
		}
		if page.NextToken == "" {
			break
		}
		in["nextToken"] = page.NextToken
		b.wantCode("InvalidToken", "GetExecutionHistory", object{"executionArn": arnOf("run"), "nextToken": page.NextToken})
	}
	if fmt.Sprint(ids) != "[8 7 6 5 4 3 2 1]" {
		t.Errorf("the events backwards are %v", ids)
	}
	var raw json.RawMessage
	b.must("GetExecutionHistory", object{"executionArn": arnOf("run"), "includeExecutionData": false}, &raw)
	if strings.Contains(string(raw), "s3cret") || !strings.Contains(string(raw), "Image.Unfit") {
		t.Errorf("without data the history is %s", raw)
	}
}

func TestEveryCallIsAuthorized(t *testing.T) {
	arns := object{"stateMachineArn": machineARN, "executionArn": arnOf("run"), "resourceArn": machineARN, "name": "deployer", "definition": wait, "roleArn": role, "taskToken": "x"}
	for operation, resource := range map[string]string{
		"CreateStateMachine": machineARN, "UpdateStateMachine": machineARN, "DescribeStateMachine": machineARN, "DeleteStateMachine": machineARN, "ListStateMachines": "*",
		"ValidateStateMachineDefinition": "*", "ListTagsForResource": machineARN, "StartExecution": machineARN, "ListExecutions": machineARN, "DescribeExecution": arnOf("run"),
		"GetExecutionHistory": arnOf("run"), "StopExecution": arnOf("run"), "RedriveExecution": arnOf("run"), "DescribeStateMachineForExecution": arnOf("run"),
		"SendTaskSuccess": "*", "SendTaskFailure": "*", "SendTaskHeartbeat": "*",
	} {
		t.Run(operation, func(t *testing.T) {
			b := newBench(t)
			b.run(wait, `{}`)
			b.denied["states:"+operation] = true
			err := b.call(operation, arns, nil)
			want := "AccessDeniedException: User: arn:aws:iam::123456789012:user/admin is not authorized to perform: states:" + operation + " on resource: " + resource
			if err == nil || err.Error() != want {
				t.Errorf("got %v\nwant %s", err, want)
			}
		})
	}
	if got := len(newBench(t).service.Operations()); got != 17 {
		t.Errorf("%d operations are served, but 17 are tested here", got)
	}
	t.Run("passing a role", func(t *testing.T) {
		b := newBench(t)
		b.machine(wait)
		b.denied["iam:PassRole"] = true
		b.wantCode("AccessDeniedException", "CreateStateMachine", create("x", wait, nil))
		b.wantCode("AccessDeniedException", "UpdateStateMachine", object{"stateMachineArn": machineARN, "roleArn": role + "2"})
	})
}

func TestValidateStateMachineDefinition(t *testing.T) {
	b := newBench(t)
	var out struct {
		Result      string
		Truncated   bool
		Diagnostics []struct{ Severity, Code, Message, Location string }
	}
	b.must("ValidateStateMachineDefinition", object{"definition": succeed}, &out)
	if out.Result != "OK" || len(out.Diagnostics) != 0 {
		t.Errorf("got %+v", out)
	}
	b.must("ValidateStateMachineDefinition", object{"definition": `{"a":1,"b":2}`, "maxResults": 1}, &out)
	if out.Result != "FAIL" || !out.Truncated || fmt.Sprint(out.Diagnostics) != "[{ERROR SCHEMA_VALIDATION_FAILED Field is not supported /a}]" {
		t.Errorf("got %+v", out)
	}
}

func TestTheStateSurvivesBeingWrittenDown(t *testing.T) {
	// A run that is written down and read back at every step must have the same history as one that is not.
	finish := func(b *bench, step func()) string {
		b.run(deploy, `{"tag":"v1"}`)
		step()
		b.fails("Aws.Throttled")
		step()
		b.pass(2 * time.Second)
		step()
		b.answer(`{"decision":"deploy"}`, "")
		step()
		b.pass(time.Minute)
		b.wantStatus("SUCCEEDED")
		return b.history()
	}
	plain := newBench(t)
	want := finish(plain, func() {})
	b := newBench(t)
	got := finish(b, func() {
		raw, err := b.w.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		b.w = world.New(world.Place{}, 0, time.Time{})
		b.w.SetAuthority(b)
		b.service = states.New(b.w, b.ports())
		b.w.Add(b.service)
		if err := b.w.Restore(raw); err != nil {
			t.Fatal(err)
		}
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-plain +written down):\n%s", diff)
	}
}
