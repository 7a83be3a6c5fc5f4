package sweep_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fairlead/shared/claim"
	"fairlead/shared/sweep"
)

func TestKeptBack(t *testing.T) {
	pushed := sweep.Pushed{Tag: "v1", Digest: "a"}
	held := func(execution string, minute int) sweep.End {
		e := sweep.End{Pushed: pushed, Execution: execution, Held: true}
		if minute > 0 {
			e.At = at(minute)
		}
		return e
	}
	done := sweep.End{Pushed: pushed, Execution: "done"}
	failed := sweep.End{Pushed: pushed, Execution: "failed", Failed: true}
	swept := sweep.End{Pushed: pushed, Execution: "swept", Failed: true, Swept: true}
	owed := func(executions ...string) map[sweep.Pushed]sweep.Owed {
		return map[sweep.Pushed]sweep.Owed{pushed: {Since: at(1), Executions: executions}}
	}
	nothing := map[sweep.Pushed]sweep.Owed{}
	for name, test := range map[string]struct {
		newestFirst []sweep.End
		want        map[sweep.Pushed]sweep.Owed
	}{
		"nothing has ended":                             {nil, nothing},
		"a push that was held":                          {[]sweep.End{held("x", 1)}, owed("x")},
		"one that was held twice":                       {[]sweep.End{held("y", 1), held("x", 1)}, owed("y", "x")},
		"one that ended otherwise since":                {[]sweep.End{done, held("x", 1)}, nothing},
		"one that ended otherwise before":               {[]sweep.End{held("x", 1), done}, owed("x")},
		"one that was held again after another end":     {[]sweep.End{held("y", 1), done, held("x", 1)}, owed("y", "x")},
		"what an operator named":                        {[]sweep.End{held("x", 0)}, nothing},
		"what an operator named too":                    {[]sweep.End{held("y", 0), held("x", 1)}, owed("x")},
		"an end before the image was known settles it":  {[]sweep.End{{Pushed: sweep.Pushed{Tag: "v1"}}, held("x", 1)}, nothing},
		"a replay that broke off":                       {[]sweep.End{failed, held("x", 1)}, owed("x")},
		"the sweep's own execution broke off":           {[]sweep.End{swept, held("x", 1)}, nothing},
		"it did, and a replay was held":                 {[]sweep.End{held("y", 1), swept, held("x", 1)}, owed("y", "x")},
		"the end of another image under its tag is not": {[]sweep.End{{Pushed: sweep.Pushed{Tag: "v1", Digest: "b"}}, held("x", 1)}, owed("x")},
	} {
		if diff := cmp.Diff(test.want, sweep.KeptBack(test.newestFirst)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestWhatWasHeldTwiceIsAsOldAsItsFirstExecution wants that a replay under the hold makes no push newer.
func TestWhatWasHeldTwiceIsAsOldAsItsFirstExecution(t *testing.T) {
	pushed := sweep.Pushed{Tag: "v1", Digest: "a"}
	got := sweep.KeptBack([]sweep.End{{Pushed: pushed, Execution: "replay", Started: at(5), Held: true, At: at(1)}, {Pushed: pushed, Execution: "first", Started: at(1), Held: true, At: at(1)}})
	if !got[pushed].Started.Equal(at(1)) {
		t.Errorf("got %+v", got[pushed])
	}
}

// TestOfTwoPushesOfOneSecondTheOneThatWasStartedLaterIsOwed has the claim of the older one stand.
func TestOfTwoPushesOfOneSecondTheOneThatWasStartedLaterIsOwed(t *testing.T) {
	claimed := claim.Claim{Sequence: 1, Holder: "other", Mark: claim.Mark{Order: claim.Order{Time: at(1), Start: at(1).Add(400 * time.Millisecond)}}}
	for started, want := range map[time.Duration]bool{200 * time.Millisecond: false, 400 * time.Millisecond: false, 600 * time.Millisecond: true} {
		owed := sweep.Owed{Since: at(1), Executions: []string{"held"}, Started: at(1).Add(started)}
		if got := owed.Stands("", claimed); got != want {
			t.Errorf("started %v after the push: it stands is %t, want %t", started, got, want)
		}
	}
}

// TestWhicheverOfItsExecutionsHadTheClaim has the event of a push come twice: one of its executions had the claim when the hold
// came, and the other one was told last.
func TestWhicheverOfItsExecutionsHadTheClaim(t *testing.T) {
	owed := sweep.Owed{Since: at(1), Executions: []string{"twin", "holder"}, Started: at(1)}
	for holder, want := range map[string]bool{"holder": true, "twin": true, "other": false} {
		claimed := claim.Claim{Sequence: 1, Holder: holder, Mark: claim.Mark{Order: claim.Order{Time: at(1), Start: at(2)}}}
		if got := owed.Stands("", claimed); got != want {
			t.Errorf("while %s holds the claim it stands is %t, want %t", holder, got, want)
		}
	}
}

// TestWhatIsOwedIsNewHoweverOftenItWasSeen wants it of a first look too, and that the record keeps nothing of it.
func TestWhatIsOwedIsNewHoweverOftenItWasSeen(t *testing.T) {
	images := []sweep.Image{image("v1", "a", 1)}
	owed := map[sweep.Pushed]sweep.Owed{{Tag: "v1", Digest: "a"}: {Since: at(9), Executions: []string{"x"}}}
	record := sweep.Record{}
	for range 3 {
		var fresh []sweep.New
		if fresh, record = record.Compare("shop/web", images, owed, at(15)); len(fresh) != 1 || !fresh[0].Since.Equal(at(9)) || len(record.Waiting) != 0 {
			t.Errorf("new is %+v, the record %+v", fresh, record)
		}
	}
	if fresh, _ := record.Compare("shop/web", images, nil, at(30)); len(fresh) != 0 {
		t.Errorf("settled, and new: %+v", fresh)
	}
}

func TestNothingIsStartedWhileTheServiceIsHeld(t *testing.T) {
	fresh, _ := look(at(30).Add(time.Hour), image("v2", "b", 20), image("v3", "c", 21))
	for _, c := range sweep.Choose(fresh, held(1, 0), "the service is held", at(30).Add(time.Hour)) {
		if c.Decision != sweep.Wait || c.Reason != "the service is held" {
			t.Errorf("%s: %s, %s", c.New.Tag, c.Decision, c.Reason)
		}
	}
}
