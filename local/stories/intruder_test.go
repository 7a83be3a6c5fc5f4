package stories_test

import (
	"fmt"
	"testing"

	"fairlead/local/world"
)

// TestAPersonActsAtAnyMoment lets a person act right after each call that Fairlead makes while it deploys. Whatever the
// moment, the execution says the truth: Deployed only if ECS finished a deployment of its image successfully.
func TestAPersonActsAtAnyMoment(t *testing.T) {
	t.Parallel()
	deeds := map[string]string{
		"deploys by hand": "person hand", "rolls back": "rollback", "scales": "desired 3", "scales to nothing": "desired 0",
		"deregisters the base": "deregister 1", "stops the execution": "stop 1", "pushes again": "push newer",
		"deploys the stacks": "redeploy",
	}
	for name, deed := range deeds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := path{before: "lose\npush hand\npass 1m", deeds: "push first\nsettle\nsettle", wants: "honest"}
			for n, call := range callsOn(t, p) {
				if *thorough || sampled(deeds, name, n, 4*every()) {
					meet(t, p, n, fmt.Sprintf("call %d, %s", n+1, call.name), interrupt(deed))
				}
			}
		})
	}
}

// interrupt lets a deed happen after a call's effect, while the function waits for the answer.
func interrupt(deed string) meddle {
	return func(s *story, _ world.Request, serve func() (any, error)) (any, error) {
		out, err := serve()
		s.aside(func() { s.attempt(deed) })
		return out, err
	}
}

// TestACallThatIsDeniedForEverIsMended denies each kind of call from its first time on. The execution fails where it
// stands, and a redrive after the mend ends as it would have; or it did not need the call.
func TestACallThatIsDeniedForEverIsMended(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Deployed", "RolledBack"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := paths()[name]
			for _, call := range kindsOn(t, p) {
				t.Run(call, func(t *testing.T) {
					t.Parallel()
					s := newStory(t)
					s.meddle = func(r world.Request, serve func() (any, error)) (any, error) {
						if nameOf(r) == call {
							return nil, world.Errorf("AccessDeniedException", "User: %s is not authorized to perform: this", r.Principal.ARN)
						}
						return serve()
					}
					s.lines(s.deeds(), p.deeds)
					s.meddle = nil
					if r, err := s.run("1"); err != nil {
						t.Fatal(err)
					} else if r.Outcome() == "Failed" {
						s.lines(s.deeds(), "redrive 1\nsettle")
					}
					s.lines(s.wants(), "execution 1 "+name+"\nrollouts 2")
					if t.Failed() {
						s.report()
					}
				})
			}
		})
	}
}

// kindsOn are the kinds of calls that Fairlead makes on a path, each once.
func kindsOn(t *testing.T, p path) (names []string) {
	t.Helper()
	s, seen := newStory(t), map[string]bool{}
	s.lines(s.deeds(), p.deeds)
	for _, call := range s.calls {
		if name := nameOf(call.Request); !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return names
}
