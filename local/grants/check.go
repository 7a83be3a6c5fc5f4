package grants

import (
	"flag"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Excuse is why grants stand in the templates that no run needs.
type Excuse struct {
	Of  *regexp.Regexp // over "role: action on resource"
	Why string
}

// Check says of the holders that are meant what was let through beyond their grants, which grants nothing has needed and no
// excuse names, and which excuses excuse nothing.
func (b *Book) Check(meant func(holder string) bool, excuses []Excuse) []string {
	faults, needed := b.Excess(meant), map[int]bool{}
	var unused []string
	for g, n := range b.Uses(meant) {
		if action, _, _ := strings.Cut(g.What, " "); strings.ContainsAny(action, "*?") {
			unused = append(unused, "more than one call is granted by "+g.String())
		}
		i := slices.IndexFunc(excuses, func(e Excuse) bool { return e.Of.MatchString(g.String()) })
		if n > 0 {
			continue
		}
		if i < 0 {
			unused = append(unused, "nothing has needed "+g.String())
		}
		needed[i] = true
	}
	slices.Sort(unused)
	faults = append(faults, unused...)
	for i, e := range excuses {
		if !needed[i] {
			faults = append(faults, fmt.Sprintf("the excuse %s excuses nothing: %s", e.Of, e.Why))
		}
	}
	return faults
}

// homes name the package whose tests need what a role may do, where that is not local/stories: the tests that run the very
// programs which people and CI use.
func homes() map[string]*regexp.Regexp {
	return map[string]*regexp.Regexp{
		"cmd/fairlead":       regexp.MustCompile("^fairlead-(quarantine|hold)$"),
		"local/pushworkflow": regexp.MustCompile("^fairlead-(push|watch)-"),
	}
}

// Of returns which holders a package's tests account for: each is accounted for in one package.
func Of(pkg string) func(holder string) bool {
	if own, ok := homes()[pkg]; ok {
		return own.MatchString
	}
	return func(holder string) bool {
		for _, own := range homes() {
			if own.MatchString(holder) {
				return false
			}
		}
		return true
	}
}

// Whole reports whether all tests of a package were run: a part of them needs a part of the grants.
func Whole() bool {
	for _, name := range []string{"test.run", "test.skip", "test.list"} {
		if f := flag.Lookup(name); f != nil && f.Value.String() != "" {
			return false
		}
	}
	f := flag.Lookup("test.short")
	return f == nil || f.Value.String() != "true"
}

// Tell writes how often each grant was needed.
func (b *Book) Tell(w io.Writer, meant func(holder string) bool) {
	uses := b.Uses(meant)
	for _, g := range slices.SortedFunc(maps.Keys(uses), func(x, y Grant) int { return strings.Compare(x.String(), y.String()) }) {
		_, _ = fmt.Fprintf(w, "%8d  %s\n", uses[g], g)
	}
}
