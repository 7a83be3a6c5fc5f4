package claim

import (
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func at(minute int) time.Time { return time.Date(2026, 11, 23, 8, minute, 0, 0, time.UTC) }

// held is the claim of execution "a", which was granted for the push of minute 10 and started at minute 11.
func held(version string) Claim {
	return Claim{
		Sequence: 4, Holder: "a", Digest: "sha256:a", Tag: "a", TaskDefinition: "web:4", UpdatedAt: at(11),
		Mark: Mark{Order: Order{Version: version, Time: at(10), Start: at(11)}},
	}
}

func candidate(order Order) Candidate {
	return Candidate{Execution: "b", Order: order, Digest: "sha256:b", Tag: "b"}
}

func TestDecide(t *testing.T) {
	back := candidate(Order{Time: at(20), Start: at(20)})
	back.Replaces = "sha256:a"
	afterBack, _ := Decide(held("2.0.0"), back, at(20))

	tests := map[string]struct {
		held      Claim
		candidate Candidate
		granted   bool
		says      string
	}{
		"the first claim of a service is granted":                            {Claim{}, candidate(Order{Time: at(1)}), true, "first claim"},
		"a later push is granted":                                            {held(""), candidate(Order{Time: at(12), Start: at(13)}), true, "newer than"},
		"an event that came late is not":                                     {held(""), candidate(Order{Time: at(9), Start: at(30)}), false, "not newer"},
		"a replay of the same push is granted":                               {held(""), candidate(Order{Time: at(10), Start: at(30)}), true, "newer than"},
		"a doubled event whose execution started no later is not":            {held(""), candidate(Order{Time: at(10), Start: at(11)}), false, "not newer"},
		"an execution that holds the claim gets it again":                    {held(""), Candidate{Execution: "a", Order: Order{Time: at(1)}}, true, "already"},
		"a higher version is granted though it was pushed earlier":           {held("2.0.0"), candidate(Order{Version: "2.0.1", Time: at(1)}), true, "newer than"},
		"a lower version is not though it was pushed later":                  {held("2.0.0"), candidate(Order{Version: "1.9.9", Time: at(30), Start: at(30)}), false, "version 1.9.9"},
		"the same version pushed again later is granted":                     {held("2.0.0"), candidate(Order{Version: "2.0.0", Time: at(30), Start: at(30)}), true, "newer than"},
		"10 is a higher version than 9":                                      {held("9.0.0"), candidate(Order{Version: "10.0.0", Time: at(1)}), true, "newer than"},
		"a release is higher than its candidate":                             {held("2.0.0-rc.1"), candidate(Order{Version: "2.0.0", Time: at(1)}), true, "newer than"},
		"without a version the time decides":                                 {held("2.0.0"), candidate(Order{Time: at(12)}), true, "newer than"},
		"going back is granted whatever the order":                           {held("2.0.0"), back, true, "goes back from sha256:a"},
		"an operator who went back earlier does not undo a later going back": {afterBack, Candidate{Execution: "c", Replaces: "sha256:z", Order: Order{Time: at(19), Start: at(19)}}, false, "decided anew since"},
		"an operator who goes back later does":                               {afterBack, Candidate{Execution: "c", Replaces: "sha256:z", Order: Order{Time: at(21), Start: at(21)}}, true, "goes back from sha256:z"},
		"a late event does not undo going back":                              {afterBack, Candidate{Execution: "c", Order: Order{Version: "2.0.0", Time: at(15), Start: at(30)}}, false, "not newer"},
		"a replay of the newest event does not undo going back":              {afterBack, Candidate{Execution: "c", Order: Order{Version: "2.0.0", Time: at(10), Start: at(30)}}, false, "not newer"},
		"a late event with a higher version does not undo going back":        {afterBack, Candidate{Execution: "c", Order: Order{Version: "3.0.0", Time: at(15), Start: at(30)}}, false, "not newer"},
		"a later push with a higher version goes out after a going back":     {afterBack, Candidate{Execution: "c", Order: Order{Version: "2.0.1", Time: at(21), Start: at(21)}}, true, "newer than"},
	}
	follower := func(running int64, digest string) Candidate {
		return Candidate{Execution: "f", Order: Order{Version: "9.9.9", Time: at(30), Start: at(30)}, Digest: digest, Running: running, Follows: true}
	}
	following := map[string]struct {
		held      Claim
		candidate Candidate
		granted   bool
		says      string
	}{
		"one that follows what the claim has deployed is granted":       {held(""), follower(4, "sha256:z"), true, "follows what execution a has left"},
		"one that follows after another one that followed is granted":   {held(""), follower(2, held("").Digest), true, "follows"},
		"one that follows what a newer claim has taken over is not":     {held(""), follower(3, "sha256:z"), false, "for another image"},
		"one that follows where the ledger was lost is the first claim": {Claim{}, follower(4, "sha256:z"), true, "first claim"},
		"one that follows and holds the claim already is granted again": {held(""), Candidate{Execution: "a", Follows: true}, true, "already"},
	}
	maps.Copy(tests, following)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			next, result := Decide(test.held, test.candidate, at(40))
			if test.candidate.Follows && test.held.Exists() && next.Mark != test.held.Mark {
				t.Errorf("the mark is %+v now: one that follows must not raise it", next.Mark)
			}
			if result.Granted != test.granted || !strings.Contains(result.Reason, test.says) {
				t.Errorf("granted %v because %q, want %v and %q", result.Granted, result.Reason, test.granted, test.says)
			}
			if result.Granted != next.HeldBy(test.candidate.Execution) {
				t.Errorf("granted %v, but the claim is held by %q", result.Granted, next.Holder)
			}
			if result.Sequence != next.Sequence || result.Holder != next.Holder {
				t.Errorf("the result %+v is not about the claim %+v", result, next)
			}
		})
	}
}

// TestRefusalsAfterGoingBack: what is refused is not told that the service gets the version from which an operator went back.
func TestRefusalsAfterGoingBack(t *testing.T) {
	goBack := func(version string, minute int) Claim {
		back := Candidate{Execution: "back-5", Replaces: "sha256:a", Tag: "v" + version, Order: Order{Version: version, Time: at(minute), Start: at(minute)}}
		claim, _ := Decide(held("2.3.1"), back, at(30))
		return claim
	}
	after, _ := Decide(goBack("2.1.2", 20), Candidate{Execution: "d", Tag: "v2.4.0", Order: Order{Version: "2.4.0", Time: at(25)}}, at(30))
	tests := map[string]struct {
		held  Claim
		order Order
		want  string
	}{
		"a lower version than the highest": {goBack("2.1.2", 20), Order{Version: "2.1.4", Time: at(35)},
			"version 2.1.4 (the push of 2026-11-23T08:35:00Z) is lower than 2.3.1, the highest version granted so far. An operator went back at 2026-11-23T08:20:00Z, " +
				"and execution back-5 holds the claim: a lower version goes out only if an operator chooses it"},
		"also where the mark is of a later push": {goBack("2.1.2", 5), Order{Version: "2.1.4", Time: at(35)}, "An operator went back at 2026-11-23T08:05:00Z"},
		"a push from before": {goBack("", 20), Order{Time: at(15)},
			"the push of 2026-11-23T08:15:00Z is not newer than what was granted to execution back-5 and before it. An operator went back at 2026-11-23T08:20:00Z: only what is pushed later goes out by itself"},
		"once something newer is out, that is told": {after, Order{Version: "2.1.4", Time: at(35)},
			"version 2.1.4 (the push of 2026-11-23T08:35:00Z) is not newer than version 2.4.0 (the push of 2026-11-23T08:25:00Z), which execution d deploys: the newest wins"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if _, result := Decide(test.held, candidate(test.order), at(40)); result.Granted || !strings.Contains(result.Reason, test.want) {
				t.Errorf("granted %v: %s\nwant %s", result.Granted, result.Reason, test.want)
			}
		})
	}
}

func TestDecideLeavesTheClaimThatItDoesNotGrant(t *testing.T) {
	next, result := Decide(held(""), candidate(Order{Time: at(1)}), at(40))
	want := Result{Sequence: 4, Holder: "a", Reason: result.Reason}
	if diff := cmp.Diff(held(""), next); diff != "" {
		t.Errorf("claim (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, result); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
}

func TestDecideKeepsWhatTheHolderPutIntoService(t *testing.T) {
	next, _ := Decide(held(""), Candidate{Execution: "a"}, at(40))
	if diff := cmp.Diff(held(""), next); diff != "" {
		t.Errorf("claim (-want +got):\n%s", diff)
	}
}

func TestDecideGrantsAnewClaim(t *testing.T) {
	got, _ := Decide(held("2.0.0"), candidate(Order{Time: at(12), Start: at(13)}), at(40))
	want := Claim{
		Sequence: 5, Holder: "b", Digest: "sha256:b", Tag: "b", UpdatedAt: at(40),
		Mark: Mark{Order: Order{Version: "2.0.0", Time: at(12), Start: at(13)}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("claim (-want +got):\n%s", diff)
	}
}

func TestDecideContinuesTheSequenceOfALostLedger(t *testing.T) {
	for name, held := range map[string]Claim{"lost": {}, "restored from a backup": held("")} {
		late := candidate(Order{Time: at(12)})
		late.Running = 41
		if next, _ := Decide(held, late, at(40)); next.Sequence != 42 {
			t.Errorf("%s: sequence %d, want 42", name, next.Sequence)
		}
	}
}

// TestMarkNeverGoesDown grants random orders, some of them going back, and holds the promises of the mark.
func TestMarkNeverGoesDown(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		var c Claim
		for range 8 {
			ask := Candidate{Execution: "x", Order: randomOrder(random)}
			if random.IntN(5) == 0 {
				ask.Replaces = "sha256:a"
			}
			before := c
			next, result := Decide(c, ask, at(59))
			next.Holder = ""
			if result.Granted && next.Mark.Admits(ask.Order) {
				t.Fatalf("after granting %v the mark %v admits it again", ask.Order, next.Mark)
			}
			if before.Exists() && before.Mark.Newer(next.Mark.Order) {
				t.Fatalf("the mark went down from %v to %v by %+v", before.Mark, next.Mark, ask)
			}
			if result.Granted && next.Sequence <= before.Sequence || next.Sequence < before.Sequence {
				t.Fatalf("the sequence went from %d to %d", before.Sequence, next.Sequence)
			}
			c = next
		}
	}
}

func randomOrder(random *rand.Rand) Order {
	versions := []string{"", "1.0.0", "1.0.1", "2.0.0-rc.1", "2.0.0"}
	return Order{
		Version: versions[random.IntN(len(versions))],
		Time:    at(random.IntN(5)), Start: at(random.IntN(5)),
	}
}

func TestGoingBackLeavesALaterTime(t *testing.T) {
	back := candidate(Order{Version: "3.0.0", Time: at(5), Start: at(5)})
	back.Replaces = "sha256:a"
	got, _ := Decide(held("2.0.0"), back, at(40))
	want := Mark{Order: Order{Version: "3.0.0", Time: at(10), Start: at(11)}, Back: at(5)}
	if diff := cmp.Diff(want, got.Mark); diff != "" {
		t.Errorf("mark (-want +got):\n%s", diff)
	}
}

func TestPointing(t *testing.T) {
	want := held("")
	want.TaskDefinition, want.UpdatedAt = "web:9", at(50)
	if diff := cmp.Diff(want, held("").Pointing("web:9", at(50))); diff != "" {
		t.Errorf("claim (-want +got):\n%s", diff)
	}
}
