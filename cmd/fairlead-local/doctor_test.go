package main

import (
	"errors"
	"strings"
	"testing"
)

func TestFindingsAreATable(t *testing.T) {
	const document = `{"image":{"reason":"dry run of all services: a push would fail at 1 of 2; image.warnings has the lines","warnings":[
		"api: FAILS: there is no service api in ECS. Fix: make it, then redrive the execution","web: ok, with 1 warning","web: warning: the circuit breaker is off: switch it on"]}}`
	const want = "api  FAILS               there is no service api in ECS. Fix: make it\n" +
		"web  ok, with 1 warning  \n" +
		"web  warning             the circuit breaker is off: switch it on\n" +
		"dry run of all services: a push would fail at 1 of 2\n"
	var out strings.Builder
	if err := printFindings(&out, document); !errors.Is(err, errUnfit) || out.String() != want {
		t.Errorf("%v\n%s", err, out.String())
	}
	out.Reset()
	if err := printFindings(&out, `{"image":{"warnings":["web: ok"]}}`); err != nil {
		t.Error(err)
	}
}
