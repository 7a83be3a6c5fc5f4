package trouble_test

import (
	"errors"
	"testing"

	"fairlead/local/trouble"
	"fairlead/local/world"
)

func TestACallGoesWrongAsItsServiceSaysIt(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		kind    trouble.Kind
		service string
		code    string
		status  int
	}{
		"throttled":                     {trouble.Throttle, "ecs", "ThrottlingException", 400},
		"throttled, by Query":           {trouble.Throttle, "elasticloadbalancing", "Throttling", 400},
		"failed":                        {trouble.Fail, "ecs", "ServerException", 500},
		"denied":                        {trouble.Deny, "ecs", "AccessDeniedException", 400},
		"a session that expired":        {trouble.Expire, "dynamodb", "ExpiredTokenException", 400},
		"a session that expired, Query": {trouble.Expire, "sts", "ExpiredToken", 403},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var m trouble.Maker
			if err := m.Make(trouble.Trouble{Service: test.service, Operation: "ListTasks", Caller: "fairlead-", Kind: test.kind, Times: 1}); err != nil {
				t.Fatal(err)
			}
			served := 0
			call := func(operation, caller string) error {
				_, err := m.Tamper(world.Request{Service: test.service, Operation: operation, Principal: world.Principal{ARN: caller}},
					func() (any, error) { served++; return nil, nil })
				return err
			}
			if err := errors.Join(call("ListTasks", "somebody"), call("DescribeTasks", "fairlead-web")); err != nil {
				t.Errorf("a call that is not meant: %v", err)
			}
			if err := world.AsError(call("ListTasks", "fairlead-web")); err.Code != test.code || err.Status != test.status || served != 2 {
				t.Errorf("%v, status %d, %d calls were served", err, err.Status, served)
			}
			if err := call("ListTasks", "fairlead-web"); err != nil {
				t.Errorf("after the trouble: %v", err)
			}
		})
	}
}

func TestAnAnswerIsLostAfterItsEffect(t *testing.T) {
	t.Parallel()
	var m trouble.Maker
	if err := m.Make(trouble.Trouble{Service: "ecs", Kind: trouble.Lose, Times: 1}); err != nil {
		t.Fatal(err)
	}
	served := 0
	_, err := m.Tamper(world.Request{Service: "ecs"}, func() (any, error) { served++; return nil, nil })
	if !errors.Is(err, world.ErrAnswerLost) || served != 1 {
		t.Errorf("%v, served %d times", err, served)
	}
}

func TestATroubleThatCannotBeIsRefused(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]trouble.Trouble{
		"of no service":     {Kind: trouble.Fail, Times: 1},
		"for no call":       {Service: "ecs", Kind: trouble.Fail},
		"of another kind":   {Service: "ecs", Kind: "flood", Times: 1},
		"of no kind at all": {Service: "ecs", Times: 1},
	} {
		if (&trouble.Maker{}).Make(bad) == nil {
			t.Errorf("a trouble %s was taken", name)
		}
	}
}
