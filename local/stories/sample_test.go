package stories_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
)

// every is how many moments there are to one that a sample takes: what the race detector is to see, a part of them shows.
func every() int {
	if raceDetector {
		return sparse
	}
	return 1
}

const sparse = 12

// sampled says whether moment n is in a sample, of which each of some courses begins one moment later than the one before, by
// their names.
func sampled[T any](courses map[string]T, name string, n, every int) bool {
	return (n+turn(courses, name, every))%every == 0
}

func turn[T any](courses map[string]T, name string, every int) int {
	return slices.Index(slices.Sorted(maps.Keys(courses)), name) * (every + 1)
}

// lot is the fault that meets call n of a path, counted among the calls that are the first or the last of their names; drawn is
// false if none does. The calls that are met meet one kind of fault after the other, and each path begins with another kind.
func lot(path string, n, every int) (k int, drawn bool) {
	all := paths()
	return (n + turn(all, path, every)) / every % len(faults()), sampled(all, path, n, every)
}

// fewest is how many calls of a path are the first or the last of their names, at least: a replay of what is in quarantine ends
// after so many.
const fewest = 9

// TestEveryKindOfFaultIsMet counts what the samples of all paths meet, with the race detector and without: CI runs with it alone.
func TestEveryKindOfFaultIsMet(t *testing.T) {
	t.Parallel()
	for _, every := range []int{1, sparse} {
		t.Run(fmt.Sprintf("one call of %d", every), func(t *testing.T) {
			t.Parallel()
			met, at := map[string]int{}, map[int]bool{}
			for name := range paths() {
				for n := range fewest {
					if k, drawn := lot(name, n, every); drawn {
						met[faults()[k].kind]++
						at[n] = true
					}
				}
			}
			for _, f := range faults() {
				if met[f.kind] == 0 {
					t.Errorf("no call %s", f.kind)
				}
			}
			if len(at) < fewest {
				t.Errorf("of the first %d calls only %v are met", fewest, slices.Sorted(maps.Keys(at)))
			}
		})
	}
}
