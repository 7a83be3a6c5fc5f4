package mutants_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fairlead/local/simulate"
)

var (
	mutate = flag.Bool("mutants", false, "build the mutants and let each be caught; it takes some minutes")
	inside = flag.Bool("inside", false, "these tests are built with the mutants; for TestEachMutantIsCaught alone")
	search = flag.String("search", "", "look for seeds that catch the mutants with this in their names, beside those of the table")
	upTo   = flag.Uint64("upto", 100, "how many runs are tried where the seeds of the table do not catch a mutant")
)

// TestTheMutantsAreUpToDate wants each mutant's text in the code, invariants that there are, and a seed.
func TestTheMutantsAreUpToDate(t *testing.T) {
	var names []string
	for _, i := range simulate.Invariants() {
		names = append(names, i.Name)
	}
	all := mutants()
	if _, err := overlaid(all); err != nil {
		t.Error(err)
	}
	seen := map[string]bool{}
	for _, m := range all {
		for _, name := range m.caught {
			if !slices.Contains(names, name) {
				t.Errorf("%s: there is no invariant %s", m.name, name)
			}
		}
		for _, name := range m.with {
			if !slices.ContainsFunc(all, func(other mutant) bool { return other.name == name }) {
				t.Errorf("%s: there is no mutant %s", m.name, name)
			}
		}
		if seen[m.name] || len(m.caught) == 0 {
			t.Errorf("%s: it is there twice, or nothing is to catch it", m.name)
		}
		seen[m.name] = true
	}
}

// TestEachMutantIsCaught builds this test once more with the mutants in the product, and runs it inside.
func TestEachMutantIsCaught(t *testing.T) {
	switch {
	case *inside:
		catchAll(t)
		return
	case !*mutate:
		t.Skip("make mutants runs it")
	}
	args := []string{"test", "-trimpath", "-vet=off", "-overlay", overlay(t), "-timeout", "60m", "-v", "-run", "^TestEachMutantIsCaught$", ".", "-inside", "-search", *search, "-upto", fmt.Sprint(*upTo)}
	command := exec.CommandContext(context.WithoutCancel(t.Context()), "go", args...)
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	if err := command.Run(); err != nil {
		t.Error(err)
	}
}

// overlay writes the mutated files and returns the name of what go build is to lay over the module.
func overlay(t *testing.T) string {
	t.Helper()
	files, err := overlaid(mutants())
	if err != nil {
		t.Fatal(err)
	}
	dir, replaced := t.TempDir(), map[string]string{}
	for name, text := range files {
		original, err := filepath.Abs(filepath.Join(root, name))
		mutated := filepath.Join(dir, strings.ReplaceAll(name, "/", "_"))
		if err = errors.Join(err, os.WriteFile(mutated, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
		replaced[original] = mutated
	}
	raw, err := json.Marshal(map[string]any{"Replace": replaced})
	file := filepath.Join(dir, "overlay.json")
	if err = errors.Join(err, os.WriteFile(file, raw, 0o600)); err != nil {
		t.Fatal(err)
	}
	return file
}

// catchAll lets each mutant be caught, and plays what catches them without a mutant too: then nothing may be violated.
func catchAll(t *testing.T) {
	assembly := filepath.Join(t.TempDir(), "cdk.out")
	if err := simulate.Synthesise(t.Context(), root, assembly); err != nil {
		t.Fatal(err)
	}
	scene, err := simulate.Open(t.Context(), assembly, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	clean := map[string]bool{}
	for _, m := range mutants() {
		if *search != "" && !strings.Contains(m.name, *search) {
			continue
		}
		t.Run(m.name, func(t *testing.T) {
			hunt := hunter{T: t, scene: scene, mutant: m}
			if len(m.seeds) == 0 && m.script == "" && *search == "" {
				t.Skip("no run is known that catches it; -search looks for one")
			}
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

// caughtBy is the first of some seeds that catches the mutant.
func (h hunter) caughtBy(seeds []uint64) (uint64, bool) {
	for _, seed := range seeds {
		if says, found := h.catches(h.play(h.plan(seed), h.off()...)); found {
			h.Logf("seed %d: %s", seed, says)
			return seed, true
		}
	}
	return 0, false
}

// clean says whether a run without the mutant violates nothing.
func (h hunter) clean(seed uint64, known map[string]bool) bool {
	key := fmt.Sprint(seed, h.faults, h.script)
	if !known[key] {
		known[key] = len(h.play(h.plan(seed)).Violations) == 0
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
