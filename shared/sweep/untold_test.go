package sweep_test

import (
	"strings"
	"testing"
	"time"

	"fairlead/shared/sweep"
)

func TestUntold(t *testing.T) {
	const prefix = "arn:aws:states:eu-west-1:123456789012:execution:fairlead:"
	tests := []struct {
		name   string
		holder sweep.Run
		want   bool
		says   string
	}{
		{"it was stopped", sweep.Run{Status: "ABORTED", StoppedAt: at(10)}, true, "ended ABORTED without"},
		{"it has failed in a state", sweep.Run{Status: "FAILED", Error: "Permission.Denied", StoppedAt: at(10)}, true, ""},
		{"it timed out", sweep.Run{Status: "TIMED_OUT", Error: "States.Timeout", StoppedAt: at(10)}, true, ""},
		{"it was stopped just now", sweep.Run{Status: "ABORTED", StoppedAt: at(26)}, false, "may be redriven"},
		{"it goes on", sweep.Run{Status: "RUNNING"}, false, "is at it"},
		{"it is about to go on", sweep.Run{Status: "PENDING_REDRIVE", StoppedAt: at(10)}, false, "is at it"},
		{"it has said that the service is back", sweep.Run{Status: "FAILED", Error: "Rollout.RolledBack", StoppedAt: at(10)}, false, "as far as it went"},
		{"it has said that somebody newer took over", sweep.Run{Status: "SUCCEEDED", StoppedAt: at(10)}, false, "as far as it went"},
		{"it is forgotten", sweep.Run{}, false, "cannot be told any more"},
		{"it ended a day ago", sweep.Run{Status: "ABORTED", StoppedAt: at(29 - 24*60)}, false, "more than a day ago"},
		{"it was redriven, and failed again a while ago", sweep.Run{Status: "FAILED", StoppedAt: at(10), Redrives: 1}, false, "may be redriven"},
		{"it was redriven, and failed again long ago", sweep.Run{Status: "FAILED", StoppedAt: at(-30), Redrives: 2}, true, ""},
		{"it was redriven often", sweep.Run{Status: "FAILED", StoppedAt: at(-30), Redrives: 3}, false, "redriven 3 times"},
		{"the sweep has started it", sweep.Run{Execution: prefix + "sweep-web-1", Status: "FAILED", StoppedAt: at(10)}, false, "may be redriven"},
		{"the sweep has started it long ago", sweep.Run{Execution: prefix + "sweep-web-1", Status: "FAILED", StoppedAt: at(-30)}, true, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, reason := sweep.Untold(test.holder, at(30))
			if got != test.want || !strings.Contains(reason, test.says) {
				t.Errorf("got %v, %q; want %v, %q", got, reason, test.want, test.says)
			}
		})
	}
	if untold, _ := sweep.Untold(sweep.Run{Status: "ABORTED", StoppedAt: at(30).Add(-24 * time.Hour)}, at(30)); !untold {
		t.Error("a day is not over until it is over")
	}
}
