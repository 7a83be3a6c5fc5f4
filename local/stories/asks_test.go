package stories_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// asks is what a want of a story asks of one of its executions.
type asks struct {
	outcomes []string // one of them
	causes   []string
	path     bool // the states that it went through
	text     bool // a sentence that a person reads
}

// whole says whether the want would notice that the execution went another way, and that it told another thing.
func (a asks) whole() bool { return a.path && a.text }

// sentence is the fewest words that are one: a single word may stand anywhere in a text.
const sentence = 4

// asked are the wants of a story, each by the number of an execution.
func asked(t *testing.T, name string) (wants []map[string]asks) {
	t.Helper()
	archive, err := txtar.ParseFile(filepath.Join("testdata", name+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range archive.Files {
		if file.Name != "want" {
			continue
		}
		want := map[string]asks{}
		for line := range strings.Lines(string(file.Data)) {
			line, _, _ = strings.Cut(line, " #")
			if words := strings.Fields(line); len(words) > 2 {
				want[words[1]] = want[words[1]].and(words[0], words[2:])
			}
		}
		wants = append(wants, want)
	}
	return wants
}

// and adds a line of a want.
func (a asks) and(word string, rest []string) asks {
	switch word {
	case "execution":
		a.outcomes = append(a.outcomes, strings.Split(rest[0], "|")...)
		a.path = a.path || len(rest) > 1
	case "path":
		a.path = a.path || slices.ContainsFunc(rest, func(state string) bool { return state != "…" })
	case "says", "tells":
		a.text = a.text || len(rest) >= sentence
	case "cause":
		a.causes = append(a.causes, rest[0])
	}
	return a
}

// TestAnyPathIsNoneThatIsAsked wants that a path is asked by a state of it.
func TestAnyPathIsNoneThatIsAsked(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]bool{"…": false, "… …": false, "… RollBack": true, "CheckImage …": true} {
		if got := (asks{}).and("path", strings.Fields(path)); got.path != want {
			t.Errorf("path 1 %s asks the path: %v, want %v", path, got.path, want)
		}
	}
}

// stories are the names of all.
func stories(t *testing.T) (names []string) {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no stories", err)
	}
	for _, file := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(file), ".txtar"))
	}
	return names
}

// TestEachOutcomeHasAStory wants of each outcome a story that asks the path of an execution that ends in it, and its text.
func TestEachOutcomeHasAStory(t *testing.T) {
	t.Parallel()
	told := map[string]bool{}
	for _, name := range stories(t) {
		for _, want := range asked(t, name) {
			for _, a := range want {
				if len(a.outcomes) == 1 && a.whole() {
					told[a.outcomes[0]] = true
				}
			}
		}
	}
	names := outcomes(t)
	for _, name := range names {
		if !told[name] {
			t.Errorf("no story asks the path and the text of an execution that ends as %s", name)
		}
		delete(told, name)
	}
	if len(told) > 0 || len(names) < 2 {
		t.Errorf("stories end as %v, which package outcome does not know: it knows %v", told, names)
	}
}

// outcomes are the constants of outcome.Name.
func outcomes(t *testing.T) (names []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../shared/outcome/outcome.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if of, ok := spec.Type.(*ast.Ident); ok && of.Name == "Name" {
			for _, value := range spec.Values {
				name, err := strconv.Unquote(value.(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				names = append(names, name)
			}
		}
		return false
	})
	return slices.Compact(names)
}

// TestAPathIsHeldAgainstItsStates has a word that would take any path for the right one fail.
func TestAPathIsHeldAgainstItsStates(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]bool{
		"A B redriven C": true, "… C": true, "A … C": true, "A B … redriven C": true, "…": true, "A … B … C": true,
		"A B C": false, "A B redriven": false, "B redriven C": false, "… B": false, "A … D": false, "A … C …C": false, "": false,
	} {
		if got := along([]string{"A", "B", "redriven", "C"}, strings.Fields(pattern)); got != want {
			t.Errorf("A B redriven C along %q: %v", pattern, got)
		}
	}
}
