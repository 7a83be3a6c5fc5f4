package simulate_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"fairlead/local/simulate"
)

var mutate = flag.Bool("mutants", false, "build each mutant and let it be caught; it takes minutes")

// mutant is the product with one safeguard switched off.
type mutant struct {
	name     string
	file     string // from the module's root
	old, new string // the text that is replaced; it must be there exactly once
	faults   string // that bring it to light
	seeds    string
	caught   []string // the invariants of which one must be violated
}

// TestEveryInvariantCatchesItsMutants builds the product with one safeguard switched off after the other, and wants a run
// that violates what the safeguard is for.
func TestEveryInvariantCatchesItsMutants(t *testing.T) {
	if !*mutate {
		t.Skip("make mutants runs it")
	}
	for _, m := range mutants() {
		t.Run(m.name, func(t *testing.T) { m.mustBeCaught(t) })
	}
}

// TestTheMutantsAreUpToDate wants each mutant's text in the code, and each mutant to be caught by invariants that there are.
func TestTheMutantsAreUpToDate(t *testing.T) {
	var names []string
	for _, i := range simulate.Invariants() {
		names = append(names, i.Name)
	}
	for _, m := range mutants() {
		if _, err := m.changed(); err != nil {
			t.Errorf("%s: %v", m.name, err)
		}
		for _, name := range m.caught {
			if !slices.Contains(names, name) {
				t.Errorf("%s: there is no invariant %s", m.name, name)
			}
		}
	}
}

// changed is the file with the mutation.
func (m mutant) changed() (string, error) {
	raw, err := os.ReadFile(filepath.Join("../..", m.file))
	if err != nil {
		return "", err
	}
	if n := strings.Count(string(raw), m.old); n != 1 {
		return "", fmt.Errorf("%s holds this text %d times, not once: bring the mutant up to date\n%s", m.file, n, m.old)
	}
	return strings.Replace(string(raw), m.old, m.new, 1), nil
}

func (m mutant) mustBeCaught(t *testing.T) {
	t.Helper()
	binary := m.build(t)
	command := exec.CommandContext(t.Context(), binary, "-assembly", assembly, "-seeds", m.seeds, "-faults", m.faults, "-enough", "4", "-shrink=false",
		"-workers", fmt.Sprint(runtime.NumCPU()))
	out, err := command.CombinedOutput()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	for _, found := range regexp.MustCompile(`seed (\d+) violates ([a-z-]+): (.*)`).FindAllStringSubmatch(string(out), -1) {
		if slices.Contains(m.caught, found[2]) {
			t.Logf("seed %s: %s: %s", found[1], found[2], found[3])
			return
		}
	}
	t.Errorf("it was not caught by %v:\n%s", m.caught, out)
}

// build builds the simulator with the mutation laid over the file.
func (m mutant) build(t *testing.T) string {
	t.Helper()
	text, err := m.changed()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	original, err := filepath.Abs(filepath.Join("../..", m.file))
	if err != nil {
		t.Fatal(err)
	}
	mutated, overlay, binary := filepath.Join(dir, "mutant.go"), filepath.Join(dir, "overlay.json"), filepath.Join(dir, "simulate")
	raw, err := json.Marshal(map[string]any{"Replace": map[string]string{original: mutated}})
	if err == nil {
		err = errors.Join(os.WriteFile(mutated, []byte(text), 0o600), os.WriteFile(overlay, raw, 0o600))
	}
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(context.WithoutCancel(t.Context()), "go", "build", "-trimpath", "-ldflags=-s -w", "-overlay", overlay, "-o", binary, "./cmd/fairlead-simulate")
	command.Dir = "../.."
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return binary
}
