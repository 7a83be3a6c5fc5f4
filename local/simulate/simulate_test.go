package simulate_test

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fairlead/local/simulate"
)

var seeds = flag.Uint64("seeds", 60, "how many seeds TestSimulate plays")

// scene is set once for all tests.
var scene *simulate.Scene

// assembly is the scene's cloud assembly.
var assembly string

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "fairlead-scene-")
	if err == nil {
		defer os.RemoveAll(dir)
		assembly = filepath.Join(dir, "cdk.out")
		err = simulate.Synthesise(context.Background(), "../..", assembly)
	}
	if err == nil {
		scene, err = simulate.Open(context.Background(), assembly, slog.New(slog.DiscardHandler))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// all are all faults.
func all(t *testing.T) []simulate.Kind {
	t.Helper()
	faults, err := simulate.ParseFaults("")
	if err != nil {
		t.Fatal(err)
	}
	return faults
}

// fewer is a smaller number under -race.
func fewer(n uint64) uint64 {
	if raceDetector {
		return n / 6
	}
	return n
}

func TestSimulate(t *testing.T) {
	report, err := scene.Simulate(t.Context(), simulate.Seeds{From: 1, To: fewer(*seeds)}, all(t), runtime.NumCPU(), 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, failed := range report.Failed {
		small, err := scene.Shrink(t.Context(), failed)
		if err != nil {
			t.Fatal(err)
		}
		t.Errorf("%s\ngo run ./cmd/fairlead-simulate -seed %d -acts %s", small.Story(), small.Plan.Seed, small.Acts())
	}
	t.Logf("\n%v", report)
}

func TestASeedPlaysTheSameEachTime(t *testing.T) {
	for seed := uint64(1000); seed < 1000+fewer(12); seed++ {
		var stories []string
		for range 2 {
			run, err := scene.Play(t.Context(), simulate.Generate(seed, all(t)))
			if err != nil {
				t.Fatal(err)
			}
			stories = append(stories, run.Story())
		}
		if diff := cmp.Diff(strings.Split(stories[0], "\n"), strings.Split(stories[1], "\n")); diff != "" {
			t.Errorf("seed %d went two ways: %s", seed, diff)
		}
	}
}

func TestNoFunctionOutlivesItsRun(t *testing.T) {
	before := runtime.NumGoroutine()
	if _, err := scene.Simulate(t.Context(), simulate.Seeds{From: 2000, To: 2000 + fewer(30)}, all(t), 2, 1000); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond) // a goroutine that has ended is counted a moment longer
	}
	t.Errorf("%d goroutines, %d before the runs", runtime.NumGoroutine(), before)
}

// TestTheDocumentationListsTheInvariants holds docs/invariants.md to the code.
func TestTheDocumentationListsTheInvariants(t *testing.T) {
	raw, err := os.ReadFile("../../docs/invariants.md")
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, i := range simulate.Invariants() {
		rows = append(rows, fmt.Sprintf("| `%s` | %s |", i.Name, i.Promise))
	}
	if want := strings.Join(rows, "\n"); !strings.Contains(string(raw), want) {
		t.Errorf("docs/invariants.md lacks this table:\n%s", want)
	}
}
