package states_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fairlead/local/states"
	"fairlead/local/world"
)

var update = flag.Bool("update", false, "write the golden files anew")

const (
	role        = "arn:aws:iam::123456789012:role/deployer"
	machineARN  = "arn:aws:states:eu-west-1:123456789012:stateMachine:deployer"
	functionARN = "arn:aws:lambda:eu-west-1:123456789012:function:step"
)

// bench is a world with Step Functions alone in it; the other services are the bench itself.
type bench struct {
	*testing.T
	w       *world.World
	service *states.Service
	start   time.Time

	denied    map[string]bool // actions that nobody may do
	roleError error
	invoked   []invocation
	invoke    func(invocation) error // what the API of Lambda answers; nil: nothing
	events    []world.Event
	logs      []string
	logError  error
}

type invocation struct {
	who      world.Principal
	function string
	payload  string
	what     json.RawMessage
}

func newBench(t *testing.T) *bench {
	b := &bench{T: t, start: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC), denied: map[string]bool{}}
	b.w = world.New(world.Place{Partition: "aws", Region: "eu-west-1", Account: "123456789012"}, 1, b.start)
	b.w.SetAuthority(b)
	b.service = states.New(b.w, b.ports())
	b.w.Add(b.service)
	return b
}

func (b *bench) ports() states.Ports {
	return states.Ports{Bus: b, Roles: b, Invoker: b, Logs: b, Authority: b}
}

func (b *bench) Authorize(who world.Principal, action, resource string, _ world.Keys) error {
	if b.denied[action] {
		return fmt.Errorf("User: %s is not authorized to perform: %s on resource: %s", who.ARN, action, resource)
	}
	return nil
}

func (b *bench) ServiceSession(role, service, source, session string) (world.Principal, error) {
	return world.Principal{ARN: "arn:aws:sts::123456789012:assumed-role/deployer/" + session, RoleARN: role, SourceARN: source}, b.roleError
}

func (b *bench) Issue(world.Principal, time.Duration) world.Credentials { return world.Credentials{} }

func (b *bench) Invoke(who world.Principal, function string, payload json.RawMessage, ticket world.Ticket) error {
	i := invocation{who, function, string(payload), ticket.What}
	if b.invoke != nil {
		if err := b.invoke(i); err != nil {
			return err
		}
	}
	b.invoked = append(b.invoked, i)
	return nil
}

func (b *bench) Publish(e world.Event) { b.events = append(b.events, e) }

func (b *bench) Write(group, stream string, lines ...string) error {
	for _, line := range lines {
		b.logs = append(b.logs, group+" "+line)
	}
	return b.logError
}

// call calls the API as an administrator; into takes the output.
func (b *bench) call(operation string, in, into any) error {
	body, err := json.Marshal(in)
	if err != nil {
		b.Fatal(err)
	}
	out, err := b.w.Call(world.Request{Service: "states", Operation: operation, Body: body, Principal: world.Principal{ARN: "arn:aws:iam::123456789012:user/admin"}})
	if err != nil {
		return err
	}
	raw, err := json.Marshal(out)
	if err != nil {
		b.Fatal(err)
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(raw, into); err != nil {
		b.Fatal(err)
	}
	return nil
}

func (b *bench) must(operation string, in, into any) {
	b.Helper()
	if err := b.call(operation, in, into); err != nil {
		b.Fatalf("%s: %v", operation, err)
	}
}

// wantCode calls and expects an error of this code.
func (b *bench) wantCode(code, operation string, in any) {
	b.Helper()
	err := b.call(operation, in, nil)
	var e *world.Error
	if !errors.As(err, &e) || e.Code != code {
		b.Errorf("%s answered %v, want %s", operation, err, code)
	}
}

type object = map[string]any

// machine creates the state machine "deployer".
func (b *bench) machine(definition string) {
	b.Helper()
	b.must("CreateStateMachine", object{"name": "deployer", "definition": definition, "roleArn": role}, nil)
}

// run creates a state machine, starts the execution "run" and lets happen what happens at once.
func (b *bench) run(definition, input string) {
	b.Helper()
	b.machine(definition)
	b.begin("run", input)
}

func (b *bench) begin(name, input string) {
	b.Helper()
	b.must("StartExecution", object{"stateMachineArn": machineARN, "name": name, "input": input}, nil)
	b.pass(0)
}

func (b *bench) pass(d time.Duration) { b.w.Advance(b.w.Now().Add(d)) }

func arnOf(name string) string {
	return "arn:aws:states:eu-west-1:123456789012:execution:deployer:" + name
}

// answer ends the last invocation with a payload; fault is the errorType of a failure.
func (b *bench) answer(payload, fault string) {
	b.Helper()
	if len(b.invoked) == 0 {
		b.Fatal("nothing was invoked")
	}
	b.answerTo(b.invoked[len(b.invoked)-1], payload, fault)
}

func (b *bench) answerTo(i invocation, payload, fault string) {
	result := world.Invoked{RequestID: "11111111-2222-4333-a444-555555555555", Payload: json.RawMessage(payload), ErrorType: fault}
	if fault != "" {
		result.FunctionError = "Unhandled"
	}
	b.service.Invoked(i.what, result)
	b.pass(0)
}

// fails ends the last invocation with an error of this type.
func (b *bench) fails(fault string) {
	b.Helper()
	b.answer(`{"errorMessage":"m","errorType":"`+fault+`"}`, fault)
}

type description struct {
	Status, Input, Output, Error, Cause string
	RedriveCount                        int
	RedriveStatus, RedriveStatusReason  string
	StartDate, StopDate, RedriveDate    float64
}

func (b *bench) describe() description {
	b.Helper()
	var d description
	b.must("DescribeExecution", object{"executionArn": arnOf("run")}, &d)
	return d
}

func (b *bench) wantStatus(want string) {
	b.Helper()
	if d := b.describe(); d.Status != want {
		b.Errorf("the execution is %s (%s: %s), want %s", d.Status, d.Error, d.Cause, want)
	}
}

func (b *bench) wantOutput(want string) {
	b.Helper()
	if d := b.describe(); d.Output != want {
		b.Errorf("the output is %s (status %s, %s: %s), want %s", d.Output, d.Status, d.Error, d.Cause, want)
	}
}

func (b *bench) wantError(name, cause string) {
	b.Helper()
	if d := b.describe(); d.Status != "FAILED" || d.Error != name || d.Cause != cause {
		b.Errorf("the execution ended %s with\n%s: %s\nwant\n%s: %s", d.Status, d.Error, d.Cause, name, cause)
	}
}

type event struct {
	ID, PreviousEventID int64
	Type                string
	Timestamp           float64
}

// history is the history of "run", one event a line: id<-previous +seconds type {details}.
func (b *bench) history() string {
	b.Helper()
	var page struct {
		Events []json.RawMessage `json:"events"`
	}
	b.must("GetExecutionHistory", object{"executionArn": arnOf("run"), "maxResults": 1000}, &page)
	var text strings.Builder
	for _, raw := range page.Events {
		var e event
		var details map[string]json.RawMessage
		if err := errors.Join(json.Unmarshal(raw, &e), json.Unmarshal(raw, &details)); err != nil {
			b.Fatal(err)
		}
		at := time.UnixMilli(int64(e.Timestamp*1000 + 0.5)).Sub(b.start)
		fmt.Fprintf(&text, "%d<-%d +%s %s", e.ID, e.PreviousEventID, at, e.Type)
		for name, value := range details {
			if strings.HasSuffix(name, "Details") {
				fmt.Fprintf(&text, " %s %s", name, value)
			}
		}
		text.WriteByte('\n')
	}
	return text.String()
}

// golden compares text with testdata/<name>.
func (b *bench) golden(name, got string) {
	b.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		b.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		b.Errorf("%s (-want +got):\n%s", name, diff)
	}
}
