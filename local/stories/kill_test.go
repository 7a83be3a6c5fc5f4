package stories_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"fairlead/local/steps"
	"fairlead/local/world"
)

// ours tells whether a call is made by one of Fairlead's functions.
func ours(r world.Request) bool { return strings.Contains(r.Principal.RoleARN, ":role/fairlead-") }

// TestAFunctionKilledAtAnyCallDoesNoHarm kills the function that makes the n-th call, before the call's effect and after it, for
// every n of a rollout that succeeds and of one that ECS rolls back. The execution must end as it would have, with one
// revision in service and one UpdateService.
func TestAFunctionKilledAtAnyCallDoesNoHarm(t *testing.T) {
	t.Parallel()
	for outcome, labels := range map[string][]string{"Deployed": nil, "RolledBack": {"local.exit=1"}} {
		calls := countCalls(t, outcome, labels)
		if calls < 20 {
			t.Fatalf("a rollout makes %d calls: they are not counted", calls)
		}
		for n := range calls {
			for _, after := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/call %d after %v", outcome, n+1, after), func(t *testing.T) {
					t.Parallel()
					lab := newLab(t)
					killed := killAt(lab, n, after)
					push(t, lab, "killed", tagOf("killed"), labels...)
					if err := lab.Settle(t.Context(), 3*time.Hour); err != nil {
						t.Fatal(err)
					}
					if *killed == "" {
						t.Fatal("no function was killed: the call was not made")
					}
					checkOneRollout(t, lab, outcome, *killed)
				})
			}
		}
	}
}

// countCalls is how many calls Fairlead makes when nothing goes wrong.
func countCalls(t *testing.T, outcome string, labels []string) int {
	t.Helper()
	lab, calls := newLab(t), 0
	lab.Core.Observe(func(r world.Record) {
		if ours(r.Request) {
			calls++
		}
	})
	push(t, lab, "killed", tagOf("killed"), labels...)
	if err := lab.Settle(t.Context(), 3*time.Hour); err != nil {
		t.Fatal(err)
	}
	checkOneRollout(t, lab, outcome, "nothing")
	return calls
}

// killAt kills the function that makes call n, counted from 0, and tells which call that was.
func killAt(lab *steps.Lab, n int, after bool) *string {
	killed, made := new(string), 0
	lab.Core.Tamper(func(request world.Request, serve func() (any, error)) (any, error) {
		if !ours(request) {
			return serve()
		}
		if made++; made != n+1 {
			return serve()
		}
		*killed = request.Service + ":" + request.Operation
		lab.Kill()
		if after {
			return serve()
		}
		return nil, world.ErrAnswerLost
	})
	return killed
}

func checkOneRollout(t *testing.T, lab *steps.Lab, outcome, killed string) {
	t.Helper()
	runs, err := lab.Runs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(runs) != 1 || runs[0].Outcome() != outcome {
		for _, r := range runs {
			t.Logf("%s %v: %s", r.Outcome(), r.Path, r.Says())
		}
		t.Errorf("killed at %s: want one execution that ends %s", killed, outcome)
	}
	deployments, err := lab.ECSClient().ListServiceDeployments(t.Context(), &ecs.ListServiceDeploymentsInput{
		Service: aws.String(service), Cluster: aws.String(cluster)})
	if err != nil {
		t.Fatal(err)
	}
	if len(deployments.ServiceDeployments) != 2 { // the sample's first, and ours
		t.Errorf("killed at %s: there were %d service deployments, want 2", killed, len(deployments.ServiceDeployments))
	}
}
