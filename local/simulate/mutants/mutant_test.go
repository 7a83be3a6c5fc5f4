// Package mutants_test switches the product's safeguards off, one after the other, and wants a simulated run that fails for it:
// an invariant that catches no mutant proves nothing, and a safeguard whose mutant no run catches is not proven to be needed.
//
// All mutants are built into one program (go build's overlay), each behind a switch, so that the whole table takes one build
// and a few runs: "make mutants", and CI.
package mutants_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// mutant is the product with one safeguard switched off.
type mutant struct {
	name     string
	file     string // from the module's root
	old, new string // the text that is replaced; it must be there exactly once. OFF in the new one is the switch
	// with are the mutants that are switched on together with this one, because their safeguards are behind it: then no run can
	// catch this one alone.
	with   []string
	rights bool     // it is a right too many that the stacks give: they are made with it, for a scene of its own
	faults string   // that bring it to light
	needs  []string // acts without which a run cannot: the kind, and its call, word or service where that matters
	script string   // a plan that brings it to light, where made-up ones seldom do: see [script]
	seeds  []uint64 // that catch it: one of them is enough
	caught []string // the invariants of which one must be violated
}

// root is the module's.
const root = "../../.."

// switches is the package that the mutants ask whether they are on. It exists in the overlay alone.
const switches = `// Package mutation says which safeguards are switched off.
package mutation

import (
	"os"
	"slices"
	"strings"
)

// Off says whether a safeguard is switched off.
func Off(name string) bool { return slices.Contains(strings.Split(os.Getenv("FAIRLEAD_MUTANTS"), ","), name) }

// Pick is one value where the safeguard is off, and the other where it is on.
func Pick[T any](off bool, one, other T) T {
	if off {
		return one
	}
	return other
}
`

// overlaid are the files of the overlay by their names from the module's root: the mutated ones, and the switches.
func overlaid(all []mutant) (map[string]string, error) {
	files, stale := map[string]string{"shared/mutation/mutation.go": switches}, error(nil)
	for _, m := range all {
		text, known := files[m.file]
		if !known {
			raw, err := os.ReadFile(filepath.Join(root, m.file))
			if err != nil {
				return nil, err
			}
			text = imported.ReplaceAllString(string(raw), "$0\n\nimport \"fairlead/shared/mutation\"\n")
		}
		if n := strings.Count(text, m.old); n != 1 {
			stale = errors.Join(stale, fmt.Errorf("%s: %s holds this text %d times, not once: bring the mutant up to date\n%s", m.name, m.file, n, m.old))
			continue
		}
		on := strings.ReplaceAll(m.new, "OFF", fmt.Sprintf("mutation.Off(%q)", m.name))
		files[m.file] = strings.Replace(text, m.old, strings.ReplaceAll(on, "PICK(", "mutation.Pick("), 1)
	}
	return files, stale
}

var imported = regexp.MustCompile(`(?m)^package \w+$`)
