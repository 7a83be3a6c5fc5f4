package stories_test

import (
	"net/http"
	"strings"
	"testing"

	"fairlead/local/steps"
	"fairlead/local/world"
)

// ours tells whether a call is made by one of Fairlead's functions.
func ours(r world.Request) bool { return strings.Contains(r.Principal.RoleARN, ":role/fairlead-") }

// TestAFunctionKilledAtAnyCallDoesNoHarm kills the function that makes the n-th call of a path, before the call's effect
// and after it. The executions must end as they would have, with one revision of each image in service.
func TestAFunctionKilledAtAnyCallDoesNoHarm(t *testing.T) {
	t.Parallel()
	samples := map[string]int{"Deployed": 1, "RolledBack": 2, "PointedBack": 2, "Stopped": 4, "CopyPointedBack": 4, "Superseded": 5, "Racing": 5, "GoingBack": 5}
	for name, every := range samples {
		for when, after := range map[string]bool{"before": false, "after": true} {
			t.Run(name+"/"+when, func(t *testing.T) {
				t.Parallel()
				matrix(t, name, every, func(s *story, _ world.Request, serve func() (any, error)) (any, error) {
					return (&kill{after: after}).do(s.lab, serve)
				})
			})
		}
	}
}

// TestACallThatFailsOnceDoesNoHarm lets each call of a path be throttled, fail, lose its answer or be denied, once.
func TestACallThatFailsOnceDoesNoHarm(t *testing.T) {
	t.Parallel()
	troubles := map[string]meddle{
		"throttled": refuse("ThrottlingException", "Rate exceeded", http.StatusBadRequest),
		"failed":    refuse("ServerException", "An internal error occurred.", http.StatusInternalServerError),
		"denied":    refuse("AccessDeniedException", "User: x is not authorized to perform: y", http.StatusBadRequest),
		"answer lost": func(_ *story, _ world.Request, serve func() (any, error)) (any, error) {
			_, _ = serve()
			return nil, world.ErrAnswerLost
		},
	}
	for _, name := range []string{"Deployed", "RolledBack", "PointedBack", "Stopped", "Superseded"} {
		for kind, do := range troubles {
			t.Run(name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				matrix(t, name, 7, do)
			})
		}
	}
}

// refuse answers a call with an error of AWS.
func refuse(code, message string, status int) meddle {
	return func(*story, world.Request, func() (any, error)) (any, error) {
		return nil, &world.Error{Code: code, Message: message, Status: status}
	}
}

// kill lets the function that makes a call die at it, once.
type kill struct {
	service, operation string
	after, done        bool
}

func (k *kill) meets(r world.Request) bool {
	return !k.done && r.Service == k.service && r.Operation == k.operation && ours(r)
}

func (k *kill) do(lab *steps.Lab, serve func() (any, error)) (any, error) {
	k.done = true
	lab.Kill()
	if k.after {
		return serve()
	}
	return nil, world.ErrAnswerLost
}
