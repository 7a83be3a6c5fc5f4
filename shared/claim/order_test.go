package claim_test

import (
	"strings"
	"testing"
	"time"

	"fairlead/shared/claim"
)

func TestTwoPushesOfOneSecondAreToldApartByTheirExecutions(t *testing.T) {
	t.Parallel()
	second := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	order := func(start time.Duration) claim.Order { return claim.Order{Time: second, Start: second.Add(start)} }
	held, _ := claim.Decide(claim.Claim{}, claim.Candidate{Execution: "first", Order: order(100 * time.Millisecond)}, second)
	for start, want := range map[time.Duration]string{
		300 * time.Millisecond: "started 2026-11-23T08:00:00.3Z is newer than",
		50 * time.Millisecond:  "started 2026-11-23T08:00:00.05Z is not newer than",
	} {
		if _, result := claim.Decide(held, claim.Candidate{Execution: "second", Order: order(start)}, second); !strings.Contains(result.Reason, want) {
			t.Errorf("reason %q, want in it %q", result.Reason, want)
		}
	}
}
