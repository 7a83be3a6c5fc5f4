package ecs

import (
	"encoding/json"
	"strings"
	"testing"

	"fairlead/local/ssm"
	"fairlead/local/world"
)

func TestAParameterThatIsThereIsRead(t *testing.T) {
	for name, from := range map[string]string{
		"by its path": "/shop/password", "by its ARN": "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/password",
	} {
		t.Run(name, func(t *testing.T) {
			l := newLand(t, 1)
			l.w.Add(ssm.New(l.w, l))
			body := json.RawMessage(`{"Name":"/shop/password","Type":"String","Value":"x"}`)
			if _, err := l.w.Call(world.Request{Service: "ssm", Operation: "PutParameter", Body: body}); err != nil {
				t.Fatal(err)
			}
			in := definitionOf(l.push())
			addSecret(from)(l, in)
			l.run(in, nil, taskRunning)
		})
	}
}

func TestAParameterThatIsNotThereIsMissed(t *testing.T) {
	l := newLand(t, 1)
	l.w.Add(ssm.New(l.w, l))
	in := definitionOf(l.push())
	addSecret("/shop/password")(l, in)
	task := l.run(in, nil, taskStopped, taskRunning)
	if !strings.HasSuffix(task.Reason, "unable to retrieve secrets from ssm: service call has been retried 1 time(s): invalid ssm parameters: /shop/password") {
		t.Errorf("%q", task.Reason)
	}
}
