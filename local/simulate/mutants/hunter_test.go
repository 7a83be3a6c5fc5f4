package mutants_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fairlead/local/simulate"
)

// catchAll lets each mutant be caught, and plays what catches them without a mutant too: then nothing may be violated.
func catchAll(t *testing.T) {
	scenes, clean := scenes{dir: t.TempDir(), open: map[string]*simulate.Scene{}}, map[string]bool{}
	for _, m := range mutants() {
		if *search != "" && !strings.Contains(m.name, *search) {
			continue
		}
		t.Run(m.name, func(t *testing.T) {
			hunt := hunter{T: t, mutant: m}
			hunt.scene = scenes.of(t, hunt.rights())
			if seed, found := hunt.caughtBy(hunt.known()); found && !hunt.clean(seed, clean) {
				t.Errorf("seed %d fails without the mutant too", seed)
			} else if !found {
				hunt.search()
			}
		})
	}
}

// hunter looks for runs that catch one mutant.
type hunter struct {
	*testing.T
	scene *simulate.Scene
	mutant
}

// weathers is how many seeds a script is played under: when its calls meet differs.
const weathers = 40

// known are the seeds that are tried first.
func (h hunter) known() []uint64 {
	if h.script == "" {
		return h.seeds
	}
	var seeds []uint64
	for seed := range uint64(weathers) {
		seeds = append(seeds, seed+1)
	}
	return seeds
}

// plan is what is played under a seed.
func (h hunter) plan(seed uint64) simulate.Plan {
	faults, err := simulate.ParseFaults(h.faults)
	plan := simulate.Generate(seed, faults)
	if h.script != "" {
		plan, err = script(h.script, seed)
	}
	if err != nil {
		h.Fatal(err)
	}
	return plan
}

// play plays it, with these safeguards switched off.
func (h hunter) play(plan simulate.Plan, off ...string) simulate.Run {
	h.Setenv("FAIRLEAD_MUTANTS", strings.Join(off, ","))
	run, err := h.scene.Play(h.Context(), plan)
	if err != nil {
		h.Fatal(err)
	}
	return run
}

// off are the safeguards that are switched off for the mutant.
func (h hunter) off() []string { return append([]string{h.name}, h.with...) }

// rights are those of the safeguards that are switched off in the stacks.
func (h hunter) rights() []string {
	return slices.DeleteFunc(h.off(), func(name string) bool {
		return !slices.ContainsFunc(mutants(), func(m mutant) bool { return m.name == name && m.rights })
	})
}

// caughtBy is the first of some seeds that catches the mutant.
func (h hunter) caughtBy(seeds []uint64) (uint64, bool) {
	for _, seed := range seeds {
		run := h.play(h.plan(seed), h.off()...)
		if says, found := h.catches(run); found {
			h.Logf("seed %d: %s (%d violations)", seed, says, len(run.Violations))
			return seed, true
		}
	}
	return 0, false
}

// clean says whether a run without the mutant violates nothing.
func (h hunter) clean(seed uint64, known map[string]bool) bool {
	key := fmt.Sprint(seed, h.faults, h.script)
	if !known[key] {
		run := h.play(h.plan(seed))
		if known[key] = len(run.Violations) == 0; !known[key] {
			h.Log(run.Story())
		}
	}
	return known[key]
}

// catches says whether a run violates what the mutant is to be caught by.
func (h hunter) catches(run simulate.Run) (says string, found bool) {
	for _, v := range run.Violations {
		if slices.Contains(h.caught, v.Invariant) {
			return v.Invariant + ": " + v.Says, true
		}
	}
	return "", false
}

// search looks for seeds that catch the mutant, for the table. That there are some is enough: what the functions call decides
// which seeds do, and it changes.
func (h hunter) search() {
	if h.script != "" {
		h.Errorf("its script is not caught under any of %d seeds\n%s", weathers, h.play(h.plan(1), h.off()...).Story())
		return
	}
	const enough = 2
	var found []string
	others, played := map[string]int{}, uint64(0)
	for seed := uint64(1); played < *upTo && len(found) < enough && h.Context().Err() == nil; seed++ {
		plan := h.plan(seed)
		if !h.fits(plan) {
			continue
		}
		played++
		run := h.play(plan, h.off()...)
		if says, ok := h.catches(run); ok {
			found = append(found, fmt.Sprint(seed))
			h.Logf("seed %d: %s", seed, says)
		}
		for _, v := range run.Violations {
			others[v.Invariant]++
		}
	}
	if len(found) == 0 {
		h.Errorf("none of %d runs violates %v; violated were %v", played, h.caught, others)
		return
	}
	h.Logf("bring the table up to date: seeds: []uint64{%s}; violated were %v", strings.Join(found, ", "), others)
}

// fits says whether a plan has all acts that the mutant needs.
func (h hunter) fits(plan simulate.Plan) bool {
	for _, need := range h.needs {
		words := strings.Fields(need)
		has := func(a simulate.Act) bool {
			return string(a.Kind) == words[0] && !slices.ContainsFunc(words[1:], func(w string) bool { return w != a.Call && w != a.Word && w != a.Service })
		}
		if !slices.ContainsFunc(plan.Acts, has) {
			return false
		}
	}
	return true
}
