package main

import (
	"strings"
	"testing"

	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"fairlead/shared/outcome"
)

func TestWhatAScenesShowsIsHeldAgainstWhatHappened(t *testing.T) {
	counted := func(failures, threshold int32) ecstypes.ServiceDeployment {
		return ecstypes.ServiceDeployment{DeploymentCircuitBreaker: &ecstypes.ServiceDeploymentCircuitBreaker{FailureCount: failures, Threshold: threshold}}
	}
	told := func(names ...outcome.Name) (events []outcome.Event) {
		for _, name := range names {
			events = append(events, outcome.Event{Outcome: name})
		}
		return events
	}
	crash := func(cause, text string) outcome.Event {
		return outcome.Event{Diagnosis: outcome.Finding{Cause: cause}, Cause: text}
	}
	const stopped = "the service is back on web:2: Fairlead had ECS stop the deployment and roll it back.\n"
	const crash3 = "container web ended by itself (exit code 3, twice); its log ends with: panic: no route"
	tests := []struct {
		name string
		got  error
		want string // "" if nothing is amiss
	}{
		{"ended at the second of three failures", early(counted(2, 3)), ""},
		{"ended by ECS's circuit breaker", early(counted(3, 3)), "it was there first"},
		{"ended without a circuit breaker", early(ecstypes.ServiceDeployment{}), "does not tell"},
		{"the crash and its last line", crashed(crash("container.crashed", stopped+crash3), "panic: no route"), ""},
		{"another cause", crashed(crash("unknown", stopped+crash3), "panic: no route"), "the diagnosis is \"unknown\""},
		{"another line", crashed(crash("container.crashed", stopped+crash3), "panic: no memory"), "does not say \"its log ends with: panic: no memory\""},
		{"no line", crashed(crash("container.crashed", stopped+"container web ended by itself (exit code 3, twice)"), "panic: no route"), "does not say"},
		{"a crash that ECS rolled back", crashed(crash("container.crashed", "the service is back on web:2: ECS rolled it back.\n"+crash3), "panic: no route"), "Fairlead had ECS stop"},
		{"an end and its redrive", tells(told(outcome.Failed, outcome.Deployed), []string{"Failed", "Deployed"}), ""},
		{"an end that is told as another", tells(told(outcome.RolledBack), []string{"Deployed"}), "it has ended as Deployed, and the outcome events tell RolledBack"},
		{"an event too many", tells(told(outcome.Failed, outcome.Failed, outcome.Deployed), []string{"Failed", "Deployed"}), "tell Failed, Failed, Deployed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			switch {
			case test.want == "" && test.got != nil:
				t.Errorf("it is amiss: %v", test.got)
			case test.want != "" && (test.got == nil || !strings.Contains(test.got.Error(), test.want)):
				t.Errorf("%v\nwant %s", test.got, test.want)
			}
		})
	}
}

// TestAnEventThatIsSentTwiceIsOne has record-outcome send an event again after its answer was lost.
func TestAnEventThatIsSentTwiceIsOne(t *testing.T) {
	event := func(execution, id string) outcome.Event {
		return outcome.Event{ID: id, Outcome: outcome.Deployed, Execution: outcome.Execution{ARN: execution}}
	}
	w := &watch{told: []outcome.Event{event("one", "a"), event("two", "b"), event("one", "a"), event("one", "c")}}
	if got := w.toldOf("one"); len(got) != 2 || got[0].ID != "a" || got[1].ID != "c" {
		t.Errorf("told of one: %v", got)
	}
}
