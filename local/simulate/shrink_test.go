package simulate_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"fairlead/local/simulate"
)

// TestShrinkTellsAViolationInTheActsThatItTakes hands an invariant in that runs violate without a fault of the product, so that
// what is done about a violation is seen to work while there is none.
func TestShrinkTellsAViolationInTheActsThatItTakes(t *testing.T) {
	const never = "never-both"
	held := scene.HoldTo(never, "Deployed", "RolledBack")
	failed, found := firstOf(t, held, never)
	if !found {
		t.Fatal("no plan of the first seeds violates it in many acts")
	}
	small, err := held.Shrink(t.Context(), failed)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("seed %d: acts %s of %s", small.Plan.Seed, small.Acts(), failed.Acts())
	if !violates(small, never) || len(small.Plan.Acts) >= len(failed.Plan.Acts) {
		t.Fatalf("of the acts %s are left %s, which violate %v", failed.Acts(), small.Acts(), small.Violations)
	}
	// Two pushes violate it, and nothing less: each act that is left is needed.
	for i := range small.Plan.Acts {
		fewer := simulate.Plan{Seed: small.Plan.Seed, Acts: slices.Delete(slices.Clone(small.Plan.Acts), i, i+1)}
		if run := played(t, held, fewer); violates(run, never) {
			t.Errorf("act %d of %s could be left out", small.Plan.Acts[i].N, small.Acts())
		}
	}
	again := played(t, held, simulate.Generate(small.Plan.Seed, all(t)).Only(numbers(t, small.Acts())))
	if again.Story() != small.Story() {
		t.Errorf("played again by the acts that it names it is another story:\n%s\n%s", small.Story(), again.Story())
	}
	if story := small.Story(); !strings.Contains(story, "  "+never+": ") || !strings.Contains(story, "seed "+strconv.FormatUint(small.Plan.Seed, 10)+", acts "+small.Acts()) {
		t.Errorf("the story does not say what is violated, and by which acts:\n%s", story)
	}
}

// firstOf plays the first seeds until one with many acts violates an invariant.
func firstOf(t *testing.T, held *simulate.Scene, invariant string) (simulate.Run, bool) {
	t.Helper()
	const many, enough = 6, 400
	for seed := range uint64(enough) {
		plan := simulate.Generate(seed+1, all(t))
		pushes := func(word string) bool {
			return slices.ContainsFunc(plan.Acts, func(a simulate.Act) bool { return a.Kind == simulate.Push && a.Word == word })
		}
		if len(plan.Acts) < many || !pushes("apple") || !pushes("crash") {
			continue
		}
		if run := played(t, held, plan); violates(run, invariant) {
			return run, true
		}
	}
	return simulate.Run{}, false
}

func played(t *testing.T, held *simulate.Scene, plan simulate.Plan) simulate.Run {
	t.Helper()
	run, err := held.Play(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func violates(run simulate.Run, invariant string) bool {
	return slices.ContainsFunc(run.Violations, func(v simulate.Violation) bool { return v.Invariant == invariant })
}

// numbers are those of acts, as a story names them.
func numbers(t *testing.T, acts string) (named []int) {
	t.Helper()
	for number := range strings.SplitSeq(acts, ",") {
		n, err := strconv.Atoi(number)
		if err != nil {
			t.Fatal(err)
		}
		named = append(named, n)
	}
	return named
}
