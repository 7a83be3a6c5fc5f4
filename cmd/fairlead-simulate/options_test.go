package main

import (
	"io"
	"slices"
	"strings"
	"testing"

	"fairlead/local/simulate"
)

func TestWhatIsNotMeantIsRefusedWithTheFlagAndTheFix(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"-seeds many":              `-seeds "many": say how many, as 2000, or the first and the last, as 5000-6000`,
		"-seeds 6000-5000":         `-seeds "6000-5000": say how many`,
		"-seeds 5000-":             `-seeds "5000-": say how many`,
		"-seeds 0":                 `-seeds "0": say how many`,
		"-seeds 0-9":               "the first that there is is 1",
		"-faults kill":             `-faults: there are no faults "kill": say some of calls, events, kills, operators, outages, people, or none`,
		"-seed 1 -acts 1,two":      `-acts "1,two": "two" is no number of an act: say 1,3,4`,
		"-acts 1,3":                "-acts 1,3: say with -seed whose acts they are",
		"-seed 1 -acts 1,99":       "-acts: seed 1 has no act 99: with these -faults it has the acts 1 to ",
		"-workers 0":               "-workers 0, -enough 3: each is 1 at least",
		"-enough 0":                "-enough 0: each is 1 at least",
		"4711":                     `"4711" belongs to no flag: say -seeds 4711 for many seeds, -seed 4711 for one`,
		"-seeds x -faults y":       `there are no faults "y"`,
		"-assembly x -seeds -5-10": `-seeds "-5-10"`,
	} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			// The scene is not set: what is wrong with the flags is said before, but for what the plan alone can tell.
			o, err := parse(strings.Fields(args))
			if err == nil {
				_, err = o.plan()
			}
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v\nwant %s", err, want)
			}
		})
	}
}

func TestTheFlagsAreRead(t *testing.T) {
	t.Parallel()
	o, err := parse([]string{"-seeds", "7-9", "-faults", "kills"})
	if want := (simulate.Seeds{From: 7, To: 9}); err != nil || o.seeds != want || !slices.Equal(o.faults, []simulate.Kind{simulate.KillAfter, simulate.KillBefore}) {
		t.Errorf("got %+v, %v", o, err)
	}
	o, err = parse([]string{"-seed", "4711", "-acts", "2"})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := o.plan()
	if err != nil || plan.Seed != 4711 || len(plan.Acts) != 1 || plan.Acts[0].N != 2 {
		t.Errorf("got %+v, %v", plan, err)
	}
}

func TestTheCommandSaysSoBeforeItSetsTheScene(t *testing.T) {
	t.Parallel()
	if err := command(t.Context(), []string{"-seed", "1", "-acts", "99"}, io.Discard); err == nil || !strings.Contains(err.Error(), "has no act 99") {
		t.Errorf("got %v", err)
	}
}
