package stories_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"fairlead/local/steps"
	"fairlead/local/world"
)

// ours tells whether a call is made by one of Fairlead's functions.
func ours(r world.Request) bool { return strings.Contains(r.Principal.RoleARN, ":role/fairlead-") }

// fault is what can happen to a call.
type fault struct {
	kind string
	do   meddle
}

// faults are all of it. Whether a call that has no answer had its effect, nobody can tell who only made it.
func faults() []fault {
	return []fault{
		{"fails before its effect", refuse("ServerException", "An internal error occurred.", http.StatusInternalServerError)},
		{"fails after its effect", func(_ *story, _ world.Request, serve func() (any, error)) (any, error) {
			_, _ = serve()
			return nil, world.ErrAnswerLost
		}},
		{"is throttled", refuse("ThrottlingException", "Rate exceeded", http.StatusBadRequest)},
		{"is denied", refuse("AccessDeniedException", "User: x is not authorized to perform: y", http.StatusBadRequest)},
		{"kills its function before its effect", dying((*steps.Lab).Kill, false)},
		{"kills its function after its effect", dying((*steps.Lab).Kill, true)},
		{"times out before its effect", dying((*steps.Lab).Stall, false)},
		{"times out after its effect", dying((*steps.Lab).Stall, true)},
	}
}

// TestEveryFaultAtEveryCall lets each fault meet each call of each path, one at a time. The executions must end as they would
// have: with one revision of each image in service, one way back, one event for each end, and in quarantine what belongs there.
//
// That is with -thorough. Otherwise only a call that is the first of its name or the last is met, and by one of the faults that
// take turns (see [lot]).
func TestEveryFaultAtEveryCall(t *testing.T) {
	t.Parallel()
	for name, p := range paths() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			apart, met := 0, 0
			calls := callsOn(t, p)
			for n, call := range calls {
				which, drawn := lot(name, apart, every())
				for k, f := range faults() {
					if *thorough || call.apart && drawn && k == which {
						met++
						meet(t, p, n, fmt.Sprintf("%s, call %d, %s", f.kind, n+1, call.name), f.do)
					}
				}
				if call.apart {
					apart++
				}
			}
			t.Logf("%d calls, %d of them the first or the last of their names: %d plays", len(calls), apart, met)
			if apart < fewest {
				t.Errorf("only %d calls are the first or the last of their names: what is said of the sample holds from %d on", apart, fewest)
			}
		})
	}
}

// refuse answers a call with an error of AWS.
func refuse(code, message string, status int) meddle {
	return func(*story, world.Request, func() (any, error)) (any, error) {
		return nil, &world.Error{Code: code, Message: message, Status: status}
	}
}

// dying lets the function that makes a call end at it, before the call's effect or after it.
func dying(end func(*steps.Lab), after bool) meddle {
	return func(s *story, _ world.Request, serve func() (any, error)) (any, error) {
		end(s.lab)
		if after {
			return serve()
		}
		return nil, world.ErrAnswerLost
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
	return dying((*steps.Lab).Kill, k.after)(&story{lab: lab}, world.Request{}, serve)
}
