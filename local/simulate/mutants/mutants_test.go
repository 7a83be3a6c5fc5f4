package mutants_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
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

// TestTheMutantsAreUpToDate wants each mutant's text in the code, invariants that there are, and a run that catches it.
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
		if m.script == "" && len(m.seeds) == 0 {
			t.Errorf("%s: no run is known that catches it: write a script, or look for seeds with -search", m.name)
		}
		seen[m.name] = true
	}
}

// TestEachInvariantCatchesAMutant that no other invariant may catch in its stead.
func TestEachInvariantCatchesAMutant(t *testing.T) {
	all := mutants()
	for _, i := range simulate.Invariants() {
		if !slices.ContainsFunc(all, func(m mutant) bool { return slices.Equal(m.caught, []string{i.Name}) }) {
			t.Errorf("there is no mutant that %s alone has to catch: what says that it can be violated?", i.Name)
		}
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
	args := []string{"test", "-trimpath", "-vet=off", "-timeout", "60m", "-v", "-run", "^TestEachMutantIsCaught$", ".", "-inside", "-search", *search, "-upto", fmt.Sprint(*upTo)}
	command := exec.CommandContext(context.WithoutCancel(t.Context()), "go", args...)
	command.Env = append(os.Environ(), "GOFLAGS="+strings.TrimSpace(os.Getenv("GOFLAGS")+" -overlay="+overlay(t))) // of the stacks too
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
