package mutants_test

import (
	"log/slog"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"fairlead/local/simulate"
)

// scenes are set once each: one whose stacks give the rights that they should, and one for each set of rights that they should not
// give.
type scenes struct {
	dir  string
	open map[string]*simulate.Scene
}

// of is the scene whose stacks give too many rights by these mutants.
func (s scenes) of(t *testing.T, rights []string) *simulate.Scene {
	t.Helper()
	off := strings.Join(rights, ",")
	if scene := s.open[off]; scene != nil {
		return scene
	}
	t.Setenv("FAIRLEAD_MUTANTS", off)
	t.Setenv("FAIRLEAD_WITHOUT_FUNCTIONS", "yes") // they run in process
	assembly := filepath.Join(s.dir, strconv.Itoa(len(s.open)))
	if err := simulate.Synthesise(t.Context(), root, assembly); err != nil {
		t.Fatal(err)
	}
	scene, err := simulate.Open(t.Context(), assembly, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s.open[off] = scene
	return scene
}
