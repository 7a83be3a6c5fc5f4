package sweep_test

import (
	"strings"
	"testing"
	"time"

	"fairlead/shared/claim"
	"fairlead/shared/sweep"
)

func TestAbandoned(t *testing.T) {
	run := func(name, status, err string) sweep.Run {
		return sweep.Run{Execution: "arn:aws:states:eu-west-1:123456789012:execution:fairlead:" + name, Status: status, Error: err, StoppedAt: at(10)}
	}
	late := func(r sweep.Run) sweep.Run { r.StoppedAt = at(28); return r }
	rollout := func(state string, maker sweep.Run) sweep.Rollout {
		return sweep.Rollout{TaskDefinition: "web:7", Digest: "b", Sequence: 4, State: state, Maker: maker, Holder: maker}
	}
	recorded := func(r sweep.Rollout) sweep.Rollout { r.Recorded = r.Digest; return r }
	heldBy := func(r sweep.Rollout, holder sweep.Run) sweep.Rollout { r.Holder = holder; return r }
	same, other := claim.Claim{Sequence: 4, Holder: "x", Digest: "b"}, claim.Claim{Sequence: 5, Holder: "y", Digest: "c"}
	failed := claim.Claim{Sequence: 4, Holder: "x", Digest: "c"}
	follower := claim.Claim{Sequence: 5, Holder: "z", Digest: "b"}
	tests := []struct {
		name    string
		rollout sweep.Rollout
		held    claim.Claim
		want    bool
		says    string
	}{
		{"its execution was stopped", rollout("IN_PROGRESS", run("a", "ABORTED", "")), same, true, "ended ABORTED"},
		{"its execution has failed in a state", rollout("IN_PROGRESS", run("a", "FAILED", "Permission.Denied")), same, true, ""},
		{"its execution timed out and ECS has given up", rollout("FAILED", run("a", "TIMED_OUT", "States.Timeout")), same, true, ""},
		{"its execution is forgotten", rollout("IN_PROGRESS", run("a", "", "")), same, true, "long ago"},
		{"the ledger was lost", rollout("IN_PROGRESS", run("a", "ABORTED", "")), claim.Claim{}, true, ""},
		{"its execution runs", rollout("IN_PROGRESS", run("a", "RUNNING", "")), same, false, "is at it"},
		{"its execution is about to be redriven", rollout("IN_PROGRESS", run("a", "PENDING_REDRIVE", "")), same, false, "is at it"},
		{"its execution has just been stopped", rollout("IN_PROGRESS", late(run("a", "ABORTED", ""))), same, false, "may be redriven"},
		{"ECS has completed it, and nobody said so", rollout("COMPLETED", run("a", "ABORTED", "")), same, true, "ended ABORTED"},
		{"ECS has completed it, and that is recorded", recorded(rollout("COMPLETED", run("a", "ABORTED", ""))), same, false, "is recorded"},
		{"ECS has completed it, and its execution is forgotten", rollout("COMPLETED", run("a", "", "")), same, false, "cannot be told any more"},
		{"ECS has completed it, and its execution says that nothing shows its health", rollout("COMPLETED", run("a", "SUCCEEDED", "")), same, false, "as far as it went"},
		{"ECS tells no state", rollout("UNKNOWN", run("a", "ABORTED", "")), same, false, "cannot be told"},
		{"its execution has called it stuck", rollout("FAILED", run("a", "FAILED", "Rollout.Stuck")), same, false, "as far as it went"},
		{"a person starts the tasks anew", rollout("IN_PROGRESS", run("a", "SUCCEEDED", "")), same, false, "as far as it went"},
		{"a person's revision", sweep.Rollout{TaskDefinition: "web:7", State: "IN_PROGRESS"}, same, false, "not ours"},
		{"an execution that cannot be told", rollout("IN_PROGRESS", sweep.Run{}), claim.Claim{}, false, "cannot be told"},
		{"somebody has claimed the service for another image", heldBy(rollout("IN_PROGRESS", run("a", "ABORTED", "")), run("b", "ABORTED", "")), other, false, "for another image"},
		{"its execution was stopped while the service went back to it, a copy with an earlier image", rollout("IN_PROGRESS", run("x", "ABORTED", "")), failed, false, "has gone back to it"},
		{"such a copy has failed", rollout("FAILED", run("x", "ABORTED", "")), failed, false, "has gone back to it"},
		{"such a copy is in service", rollout("COMPLETED", run("x", "ABORTED", "")), failed, false, "has gone back to it"},
		{"somebody newer is at it", heldBy(rollout("IN_PROGRESS", run("a", "ABORTED", "")), run("b", "RUNNING", "")), other, false, "is at it"},
		{"a follower is at it", heldBy(rollout("IN_PROGRESS", run("a", "ABORTED", "")), run("sweep-web-1", "RUNNING", "")), follower, false, "is at it"},
		{"a follower has followed it to its end", heldBy(rollout("FAILED", run("a", "ABORTED", "")), run("sweep-web-1", "FAILED", "Rollout.Stuck")), follower, false, "as far as it went"},
		{"a follower was lost a while ago", heldBy(rollout("IN_PROGRESS", run("a", "ABORTED", "")), run("sweep-web-1", "FAILED", "Permission.Denied")), follower, false, "may be redriven"},
		{"who took it over was kept from deploying", heldBy(rollout("FAILED", run("a", "SUCCEEDED", "")), run("z", "SUCCEEDED", "")), follower, true, "without going back"},
		{"who took it over was kept from deploying, and its own execution was stopped", heldBy(rollout("FAILED", run("a", "ABORTED", "")), run("z", "SUCCEEDED", "")), follower, true, "without going back"},
		{"who took it over was kept from deploying, and its own execution has called it stuck", heldBy(rollout("FAILED", run("a", "FAILED", "Rollout.Stuck")), run("z", "SUCCEEDED", "")), follower, false, "as far as it went"},
		{"who took it over has just ended", heldBy(rollout("FAILED", run("a", "SUCCEEDED", "")), late(run("z", "SUCCEEDED", ""))), follower, false, "ended at 2026"},
		{"who took it over has gone back in vain", heldBy(rollout("FAILED", run("a", "SUCCEEDED", "")), run("z", "FAILED", "Rollout.Stuck")), follower, false, "as far as it went"},
		{"who took it over was started by the sweep", heldBy(rollout("FAILED", run("a", "SUCCEEDED", "")), run("sweep-web-1", "SUCCEEDED", "")), follower, false, "as far as it went"},
		{"who took it over has ended, and ECS is at it still", heldBy(rollout("IN_PROGRESS", run("a", "SUCCEEDED", "")), run("z", "SUCCEEDED", "")), follower, false, "as far as it went"},
		{"a person deploys anew what was well, and it fails", recorded(heldBy(rollout("FAILED", run("a", "SUCCEEDED", "")), run("z", "SUCCEEDED", ""))), follower, false, "as far as it went"},
		{"its own execution has ended with it, and it fails anew", rollout("FAILED", run("a", "SUCCEEDED", "")), same, false, "as far as it went"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, reason := sweep.Abandoned(test.rollout, test.held, at(30))
			if got != test.want || !strings.Contains(reason, test.says) {
				t.Errorf("abandoned %v because %q, want %v because …%s…", got, reason, test.want, test.says)
			}
		})
	}
	lost := heldBy(rollout("IN_PROGRESS", run("a", "ABORTED", "")), run("sweep-web-1", "FAILED", "Permission.Denied"))
	if got, reason := sweep.Abandoned(lost, follower, at(10).Add(time.Hour)); !got {
		t.Errorf("a follower that was lost an hour ago: %s", reason)
	}
}
