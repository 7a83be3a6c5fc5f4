// Package functions_test holds the workflow's definition against the functions: one name for state, folder and package,
// results as the steps write them, and a retry or catch for every fault that the workflow is to do something about.
package functions_test

import (
	"encoding/json"
	"fmt"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fairlead/shared/claim"
	"fairlead/shared/diagnosis"
	"fairlead/shared/fault"
	"fairlead/shared/gate/scan"
	"fairlead/shared/gate/signature"
	"fairlead/shared/image"
	"fairlead/shared/outcome"
	"fairlead/shared/revision"
	"fairlead/shared/rollback"
	"fairlead/shared/rollout"
)

const definition = "../infra/workflow.asl.json"

// workflow is as much of the states language as the tests look at.
type workflow struct {
	Comment        string
	StartAt        string
	TimeoutSeconds int
	States         map[string]state
}

type state struct {
	Type, Comment, Resource, Next, Default string
	TimeoutSeconds, HeartbeatSeconds       int
	Parameters, ResultSelector             map[string]any
	ResultPath, ErrorPath, CausePath       *string
	Retry                                  []rule
	Catch                                  []rule
	Choices                                []choice
}

type rule struct {
	ErrorEquals                                   []string
	IntervalSeconds, MaxAttempts, MaxDelaySeconds int
	BackoffRate                                   float64
	JitterStrategy, Next                          string
	ResultPath                                    *string
}

type choice struct {
	Variable, StringEquals, Next string
	BooleanEquals                *bool
	Or, And                      []choice
}

func read(t *testing.T) workflow {
	t.Helper()
	raw, err := os.ReadFile(definition)
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(strings.NewReader(string(raw)))
	decoder.DisallowUnknownFields()
	var w workflow
	if err := decoder.Decode(&w); err != nil {
		t.Fatal(err)
	}
	return w
}

// tasks are the names of the states that invoke a function.
func (w workflow) tasks() []string {
	var names []string
	for name, s := range w.States {
		if s.Type == "Task" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// results are the values that the steps return, by state.
func results() map[string]any {
	return map[string]any{
		"CheckImage": image.Checked{}, "JudgeScan": scan.Result{}, "CheckSignature": signature.Checked{}, "ClaimService": claim.Result{}, "RegisterRevision": revision.Registered{},
		"UpdateService": rollout.Updated{}, "JudgeRollout": rollout.Judged{}, "DiagnoseFailure": diagnosis.Diagnosis{}, "RollBack": rollback.Done{}, "JudgeRollback": rollout.Judged{},
		"RecordOutcome": outcome.Outcome{},
	}
}

// keys are the keys that the states add to the document.
func keys() map[string]string {
	return map[string]string{
		"CheckImage": "$.image", "JudgeScan": "$.scan", "CheckSignature": "$.signature", "ClaimService": "$.claim", "RegisterRevision": "$.revision",
		"UpdateService": "$.update", "JudgeRollout": "$.rollout", "DiagnoseFailure": "$.diagnosis", "RollBack": "$.rollback", "JudgeRollback": "$.restoration",
		"RecordOutcome": "$.outcome",
	}
}

// again are the states that run the function of another one: the way back is awaited and judged as the rollout is.
func again() map[string]string {
	return map[string]string{"AwaitRollback": "AwaitRollout", "JudgeRollback": "JudgeRollout"}
}

// function is the name of the function that a state invokes.
func function(state string) string {
	if other, ok := again()[state]; ok {
		return other
	}
	return state
}

// besides are the functions that stand outside of the workflow: events start them.
func besides() []string { return []string{"reportoutcome", "sweep", "wakeexecution"} }

func TestStatesFoldersAndPackagesHaveOneName(t *testing.T) {
	var want []string
	for _, name := range read(t).tasks() {
		if name == function(name) {
			want = append(want, strings.ToLower(name))
		}
	}
	want = append(want, besides()...)
	slices.Sort(want)

	var got []string
	folders, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		if !folder.IsDir() {
			continue
		}
		name := folder.Name()
		got = append(got, name)
		if _, err := os.Stat(filepath.Join(name, "lambda", "main.go")); err != nil {
			t.Errorf("function %s has no lambda/main.go", name)
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(name, name+".go"), nil, parser.PackageClauseOnly)
		if err != nil || file.Name.Name != name {
			t.Errorf("function %s: the file %s.go of the package %s is wanted: %v", name, name, name, err)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("folders (-states +folders):\n%s", diff)
	}
}

func TestEachTaskInvokesTheFunctionOfItsName(t *testing.T) {
	w := read(t)
	for _, name := range w.tasks() {
		s := w.States[name]
		if got, want := s.Parameters["FunctionName"], "${"+function(name)+"FunctionArn}"; got != want {
			t.Errorf("%s: FunctionName %v, want %s", name, got, want)
		}
		waits := s.HeartbeatSeconds > 0
		want := map[string]any{
			"execution": map[string]any{"id.$": "$$.Execution.Id", "name.$": "$$.Execution.Name", "startTime.$": "$$.Execution.StartTime",
				"redriveCount.$": "$$.Execution.RedriveCount"},
			"state":      map[string]any{"name.$": "$$.State.Name", "enteredTime.$": "$$.State.EnteredTime", "retryCount.$": "$$.State.RetryCount"},
			"document.$": "$",
		}
		resource := "arn:aws:states:::lambda:invoke"
		if waits {
			want["taskToken.$"] = "$$.Task.Token"
			resource += ".waitForTaskToken"
		}
		if diff := cmp.Diff(want, s.Parameters["Payload"]); diff != "" {
			t.Errorf("%s: payload (-want +got):\n%s", name, diff)
		}
		if s.Resource != resource {
			t.Errorf("%s: resource %s, want %s", name, s.Resource, resource)
		}
		if waits && s.HeartbeatSeconds >= s.TimeoutSeconds {
			t.Errorf("%s: the heartbeat of %d s must end before the timeout of %d s", name, s.HeartbeatSeconds, s.TimeoutSeconds)
		}
	}
}

// TestResultsAreThoseOfTheSteps wants in the document what a step returns and when its state was entered, which the context
// object knows in a ResultSelector too.
// https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
func TestResultsAreThoseOfTheSteps(t *testing.T) {
	w := read(t)
	for _, name := range w.tasks() {
		s, step := w.States[name], results()[name]
		if step == nil { // released by a token: its result says nothing
			if s.ResultSelector != nil || s.ResultPath != nil {
				t.Errorf("%s: the result of a token must not come into the document", name)
			}
			continue
		}
		want := map[string]any{"entered.$": "$$.State.EnteredTime"}
		of := reflect.TypeOf(step)
		for member := range of.Fields() {
			field, options, _ := strings.Cut(member.Tag.Get("json"), ",")
			if options != "" || field == "" || field == "-" {
				t.Errorf("%s: the field %s.%s must always be present", name, of, member.Name)
			}
			want[field+".$"] = "$.Payload." + field
		}
		if diff := cmp.Diff(want, s.ResultSelector); diff != "" {
			t.Errorf("%s: ResultSelector (-%v +workflow):\n%s", name, of, diff)
		}
		if s.ResultPath == nil || *s.ResultPath != keys()[name] {
			t.Errorf("%s: ResultPath %v, want %s", name, s.ResultPath, keys()[name])
		}
		if key := strings.TrimPrefix(keys()[name], "$."); key != "outcome" && outcome.Keys()[key] != name {
			t.Errorf("%s: the outcome event takes the key %s for that of %q", name, key, outcome.Keys()[key])
		}
	}
}

func TestEveryTaskRetriesWhatIsToBeRetried(t *testing.T) {
	lambda := []string{"Lambda.AWSLambdaException", "Lambda.ClientExecutionTimeoutException", "Lambda.SdkClientException",
		"Lambda.ServiceException", "Lambda.TooManyRequestsException", "Lambda.Unknown", "Runtime.ExitError", "Sandbox.Timedout"}
	w := read(t)
	for _, name := range w.tasks() {
		s := w.States[name]
		want := slices.Clone(lambda)
		for _, code := range fault.OfKind(fault.Retry) {
			want = append(want, string(code))
		}
		if s.HeartbeatSeconds == 0 {
			want = append(want, "States.Timeout")
		}
		if name == "CheckSignature" {
			want = append(want, string(fault.ImageUnsigned), string(fault.ImageSignatureInvalid)) // CI signs after it has pushed, and others before it
		}
		var got []string
		for _, r := range s.Retry {
			got = append(got, r.ErrorEquals...)
			if r.MaxAttempts < 4 || r.IntervalSeconds < 1 || r.BackoffRate != 2 {
				t.Errorf("%s: the retry of %v says too little", name, r.ErrorEquals)
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: retried (-want +got):\n%s", name, diff)
		}
	}
}

// dispensable says whether the execution goes on without the state, whatever keeps it from an answer.
func (s state) dispensable() bool {
	return slices.ContainsFunc(s.Catch, func(r rule) bool { return slices.Contains(r.ErrorEquals, "States.ALL") })
}

// TestThrottlesOutliveTheBucket computes how long the attempts wait on average under full jitter: longer than 1,000
// registrations take at one a second. What the execution goes on without is not waited for so long.
func TestThrottlesOutliveTheBucket(t *testing.T) {
	w := read(t)
	for _, name := range w.tasks() {
		if w.States[name].dispensable() {
			continue
		}
		i := slices.IndexFunc(w.States[name].Retry, func(r rule) bool { return slices.Contains(r.ErrorEquals, string(fault.AWSThrottled)) })
		r := w.States[name].Retry[i]
		waits, interval := 0.0, float64(r.IntervalSeconds)
		for range r.MaxAttempts {
			waits += min(interval, float64(r.MaxDelaySeconds)) / 2
			interval *= r.BackoffRate
		}
		if r.JitterStrategy != "FULL" || waits < 1000 {
			t.Errorf("%s: throttles are waited out for %.0f s with jitter %q, want FULL and 1000 s", name, waits, r.JitterStrategy)
		}
	}
}

// TestAnOutageIsWaitedOut computes how long a rollout that goes on is followed while ECS or the ledger does not answer: an
// execution that gives up leaves it to nobody. UpdateService may have touched the service by an attempt before the outage.
func TestAnOutageIsWaitedOut(t *testing.T) {
	w := read(t)
	for _, name := range []string{"UpdateService", "AwaitRollout", "JudgeRollout", "RollBack", "AwaitRollback", "JudgeRollback"} {
		i := slices.IndexFunc(w.States[name].Retry, func(r rule) bool { return slices.Contains(r.ErrorEquals, string(fault.AWSUnavailable)) })
		r := w.States[name].Retry[i]
		waits, interval := 0.0, float64(r.IntervalSeconds)
		for range r.MaxAttempts {
			waits += min(interval, float64(r.MaxDelaySeconds))
			interval *= r.BackoffRate
		}
		if waits < 3000 {
			t.Errorf("%s: an outage is waited out for %.0f s, want most of an hour", name, waits)
		}
	}
}

// TestALongRolloutFitsIntoTheWorkflow wants time for the longest timeout that the configuration takes, a day at a pause
// hook and a day of baking, and that this and a redrive of it stay below the 25,000 events of an execution.
// https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
func TestALongRolloutFitsIntoTheWorkflow(t *testing.T) {
	const (
		longest = (6 + 5 + 24 + 24) * 60 * 60 // of a scan and the rollout; the way back takes the rest
		lap     = 6 + 5 + 2                   // the events of AwaitRollout that the heartbeat ends, of JudgeRollout and of RolloutVerdict; as many on the way back, and for a scan
		once    = 200                         // the events of all other states, with their retries
	)
	w := read(t)
	if w.TimeoutSeconds < longest {
		t.Errorf("the workflow ends after %d s, a rollout may take %d", w.TimeoutSeconds, longest)
	}
	events := w.TimeoutSeconds/w.States["AwaitRollout"].HeartbeatSeconds*lap + once
	if beat := w.States["AwaitRollout"].HeartbeatSeconds; w.States["AwaitRollback"].HeartbeatSeconds != beat || w.States["AwaitScan"].HeartbeatSeconds != beat {
		t.Error("the waits have laps of different lengths")
	}
	if 2*events >= 25000 {
		t.Errorf("an execution that times out has %d events, and twice as many once it was redriven", events)
	}
}

func TestCatches(t *testing.T) {
	var reject []string
	for _, code := range fault.OfKind(fault.Reject) {
		reject = append(reject, string(code))
	}
	gone := []string{"Lambda.AWSLambdaException", "Lambda.ClientExecutionTimeoutException", "Lambda.SdkClientException",
		"Lambda.ServiceException", "Lambda.Unknown", "Runtime.ExitError", "Sandbox.Timedout", "States.Timeout"}
	inFault := "$.fault"
	want := map[string][]rule{
		"CheckImage":      {{ErrorEquals: reject, Next: "RecordOutcome", ResultPath: &inFault}},
		"JudgeScan":       {{ErrorEquals: slices.Clone(reject), Next: "RecordOutcome", ResultPath: &inFault}},
		"AwaitScan":       {{ErrorEquals: slices.Concat(gone, []string{"States.HeartbeatTimeout"}), Next: "JudgeScan"}},
		"CheckSignature":  {{ErrorEquals: slices.Clone(reject), Next: "RecordOutcome", ResultPath: &inFault}},
		"UpdateService":   {{ErrorEquals: slices.Concat([]string{"Aws.AnswerLost"}, gone), Next: "AwaitRollout", ResultPath: &inFault}},
		"DiagnoseFailure": {{ErrorEquals: []string{"States.ALL"}, Next: "RollBack"}},
		"AwaitRollout":    {{ErrorEquals: slices.Concat(gone, []string{"States.HeartbeatTimeout"}), Next: "JudgeRollout"}},
		"AwaitRollback":   {{ErrorEquals: slices.Concat(gone, []string{"States.HeartbeatTimeout"}), Next: "JudgeRollback"}},
	}
	got := map[string][]rule{}
	for name, s := range read(t).States {
		if len(s.Catch) > 0 {
			for i := range s.Catch {
				slices.Sort(s.Catch[i].ErrorEquals)
			}
			got[name] = s.Catch
		}
	}
	for _, rules := range want {
		slices.Sort(rules[0].ErrorEquals)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("catches (-want +got):\n%s", diff)
	}
}

// TestDecisionsAreThoseOfTheSteps wants that a choice names only decisions that its step makes.
func TestDecisionsAreThoseOfTheSteps(t *testing.T) {
	made := map[string][]string{
		"$.image.decision":    {image.Deploy, image.Scan, image.Skip},
		"$.scan.decision":     {string(scan.Passed), string(scan.Pending)},
		"$.image.verify":      {"true", "false"},
		"$.claim.granted":     {"true", "false"},
		"$.revision.decision": {string(revision.New), string(revision.Adopted), string(revision.Unchanged), string(revision.Superseded), string(revision.Quarantined)},
		"$.update.decision":   {string(rollout.Pointed), string(rollout.AlreadyThere), string(rollout.BaseMoved), string(rollout.Outrun)},
		"$.rollout.verdict":   {string(rollout.Progressing), string(rollout.Healthy), string(rollout.Failed), string(rollout.Superseded), string(rollout.Unproven)},
		"$.rollback.decision": {string(rollback.Restoring), string(rollback.Stopped), string(rollback.Pointed), string(rollback.Finished),
			string(rollback.Restored), string(rollback.Nothing), string(rollback.Gone), string(rollback.Superseded)},
		"$.restoration.verdict": {string(rollout.Progressing), string(rollout.Restored), string(rollout.Failed), string(rollout.Superseded), string(rollout.Healthy), string(rollout.Unproven)},
		"$.outcome.name": {string(outcome.Deployed), string(outcome.Skipped), string(outcome.Superseded), string(outcome.Rejected),
			string(outcome.RolledBack), string(outcome.Stuck)},
	}
	routes := map[string]string{}
	for _, s := range read(t).States {
		for _, c := range s.Choices {
			for _, leaf := range slices.Concat(c.Or, c.And, []choice{c}) {
				if leaf.Variable == "" {
					continue
				}
				value := leaf.StringEquals
				if leaf.BooleanEquals != nil {
					value = fmt.Sprint(*leaf.BooleanEquals)
				}
				if !slices.Contains(made[leaf.Variable], value) {
					t.Errorf("a choice asks whether %s is %q, which no step decides", leaf.Variable, value)
				}
				if len(c.And) > 0 && leaf.BooleanEquals == nil {
					continue // what is asked beside it has a route of its own
				}
				routes[leaf.Variable+" "+value] = c.Next
			}
		}
	}
	want := map[string]string{
		"$.image.decision deploy": "ClaimService", "$.image.decision scan": "JudgeScan", "$.scan.decision pending": "AwaitScan",
		"$.image.verify true": "CheckSignature", "$.claim.granted true": "RegisterRevision",
		"$.revision.decision registered": "UpdateService", "$.revision.decision adopted": "UpdateService",
		"$.update.decision updated": "AwaitRollout", "$.update.decision alreadyThere": "AwaitRollout", "$.update.decision baseMoved": "RegisterRevision",
		"$.rollout.verdict progressing": "AwaitRollout", "$.rollout.verdict failed": "DiagnoseFailure",
		"$.rollback.decision restoring": "AwaitRollback", "$.rollback.decision stopped": "AwaitRollback",
		"$.rollback.decision pointed": "AwaitRollback", "$.rollback.decision finished": "AwaitRollback",
		"$.restoration.verdict progressing": "AwaitRollback",
		"$.outcome.name Deployed":           "Deployed", "$.outcome.name Skipped": "Skipped", "$.outcome.name Superseded": "Superseded",
		"$.outcome.name Rejected": "Rejected", "$.outcome.name RolledBack": "RolledBack",
	}
	for _, decision := range made["$.rollback.decision"] {
		waits := rollback.Decision(decision).Waits()
		if (routes["$.rollback.decision "+decision] == "AwaitRollback") != waits {
			t.Errorf("the decision %s of RollBack: its end is awaited: %v, and it has one: %v", decision, !waits, waits)
		}
	}
	if diff := cmp.Diff(want, routes); diff != "" {
		t.Errorf("routes (-want +got):\n%s", diff)
	}
}

func TestEveryStateIsReachedAndLeadsOn(t *testing.T) {
	w := read(t)
	reached := map[string]bool{}
	var visit func(from, name string)
	visit = func(from, name string) {
		s, ok := w.States[name]
		if !ok {
			t.Errorf("%s leads to %q, which is no state", from, name)
		}
		if !ok || reached[name] {
			return
		}
		reached[name] = true
		for _, next := range s.leadsTo() {
			visit(name, next)
		}
	}
	visit("StartAt", w.StartAt)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(w.States)), slices.Sorted(maps.Keys(reached))); diff != "" {
		t.Errorf("states (-defined +reached):\n%s", diff)
	}
}

func (s state) leadsTo() []string {
	var next []string
	switch s.Type {
	case "Task":
		next = append(next, s.Next)
	case "Choice":
		next = append(next, s.Default)
	}
	for _, c := range s.Choices {
		next = append(next, c.Next)
	}
	for _, c := range s.Catch {
		next = append(next, c.Next)
	}
	return next
}

func TestEveryStateSaysWhatItDoes(t *testing.T) {
	w := read(t)
	if w.TimeoutSeconds == 0 || w.Comment == "" {
		t.Error("the workflow has no timeout or no comment")
	}
	for name, s := range w.States {
		if s.Comment == "" {
			t.Errorf("%s has no comment", name)
		}
		if s.Type == "Task" && s.TimeoutSeconds == 0 {
			t.Errorf("%s has no timeout", name)
		}
		if s.Type == "Fail" && (s.ErrorPath == nil || *s.ErrorPath != "$.outcome.error" || s.CausePath == nil || *s.CausePath != "$.outcome.cause") {
			t.Errorf("%s does not fail with the outcome's error and cause", name)
		}
	}
}

// TestEndsAreTheOutcomes wants an end for each outcome that the workflow itself can have, which succeeds or fails as the
// outcome does. The outcome Failed is that of an execution that ended in one of its states.
func TestEndsAreTheOutcomes(t *testing.T) {
	names := []outcome.Name{outcome.Deployed, outcome.Skipped, outcome.Superseded, outcome.Rejected, outcome.RolledBack, outcome.Stuck}
	want, got := map[string]string{}, map[string]string{}
	for _, name := range names {
		want[string(name)] = map[bool]string{true: "Succeed", false: "Fail"}[name.Succeeds()]
	}
	for name, s := range read(t).States {
		if s.Type == "Succeed" || s.Type == "Fail" {
			got[name] = s.Type
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ends (-outcomes +workflow):\n%s", diff)
	}
}
