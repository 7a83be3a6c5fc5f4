package main

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// task is what of a state says which function it runs.
type task struct {
	Type           string
	Resource       string
	TimeoutSeconds int
	Parameters     struct{ FunctionName string }
}

// tasks reads the states of the workflow that run a function.
func tasks(t *testing.T) map[string]task {
	t.Helper()
	var workflow struct{ States map[string]task }
	if err := json.Unmarshal(definition, &workflow); err != nil {
		t.Fatal(err)
	}
	for name, state := range workflow.States {
		if state.Type != "Task" {
			delete(workflow.States, name)
		}
	}
	return workflow.States
}

// again are the states that run the function of another one: the way back is awaited and judged as the rollout is.
func again() map[string]string {
	return map[string]string{"AwaitRollback": "AwaitRollout", "JudgeRollback": "JudgeRollout"}
}

// One name: the folder, the function and the state.
func TestEachTaskRunsTheFunctionOfItsName(t *testing.T) {
	named := map[string]bool{}
	for name, state := range tasks(t) {
		runs := name
		if other, ok := again()[name]; ok {
			runs = other
		}
		if state.Parameters.FunctionName != "${"+runs+"FunctionArn}" {
			t.Errorf("the state %s runs %s", name, state.Parameters.FunctionName)
		}
		named[runs] = true
	}
	for _, f := range states() {
		if !named[f.Title()] {
			t.Errorf("no state runs %s", f.Title())
		}
		delete(named, f.Title())
	}
	for name := range named {
		t.Errorf("the state %s has no function", name)
	}
}

// A state that gave up before its function would retry it while it still runs.
func TestAStateWaitsLongerThanItsFunctionRuns(t *testing.T) {
	all := tasks(t)
	for _, f := range states() {
		state := all[f.Title()]
		if strings.HasSuffix(state.Resource, ".waitForTaskToken") {
			continue // it waits for the token, not for the function
		}
		if state.TimeoutSeconds <= int(f.timeout.Seconds()) {
			t.Errorf("the state %s gives up after %d s, its function after %s", f.Title(), state.TimeoutSeconds, f.timeout)
		}
	}
}

var substitution = regexp.MustCompile(`\$\{([A-Za-z]+)\}`)

// CloudFormation leaves a placeholder that it does not know as it is, and Step Functions then refuses the definition.
func TestTheTemplateFillsInEveryPlaceholderOfTheWorkflow(t *testing.T) {
	machine := templates(t)[deployerStack].Resources[workflowID].Properties
	given, _ := machine["DefinitionSubstitutions"].(map[string]any)
	text, _ := machine["DefinitionString"].(string)
	var used []string
	for _, m := range substitution.FindAllStringSubmatch(text, -1) {
		used = append(used, m[1])
		if given[m[1]] == nil {
			t.Errorf("nothing fills in ${%s}", m[1])
		}
	}
	for name := range given {
		if !slices.Contains(used, name) {
			t.Errorf("%s fills in nothing", name)
		}
	}
}

func TestTheWorkflowsRoleInvokesItsFunctionsAndNoOthers(t *testing.T) {
	var want []string
	for _, f := range states() {
		want = append(want, f.arn())
	}
	for _, s := range statements(templates(t)[deployerStack].Resources[workflowRoleID]) {
		if slices.Contains(list(s["Action"]), "lambda:InvokeFunction") {
			if got := list(s["Resource"]); !slices.Equal(got, want) {
				t.Errorf("it invokes %v, want %v", got, want)
			}
		}
	}
}
