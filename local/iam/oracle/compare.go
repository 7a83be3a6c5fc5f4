package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// comparison is what came of the questions so far.
type comparison struct {
	oracle  *oracle
	kinds   map[string]*count
	classes map[string]int // explained differences
	open    []string       // those that are not, smallest form
}

// count is what came of the questions of one kind.
type count struct {
	results map[string]int // compared, by our answer
	refused int            // by the embedded AWS
	unasked int            // by the oracle alone
	differ  int
}

func (c *comparison) compared() int {
	all := 0
	for _, k := range c.kinds {
		for _, n := range k.results {
			all += n
		}
	}
	return all
}

// compare asks both.
func (c *comparison) compare(q question) error {
	k := c.kinds[q.Kind]
	if k == nil {
		k = &count{results: map[string]int{}}
		c.kinds[q.Kind] = k
	}
	ours := q.ask()
	if ours.Error != "" {
		k.refused++
		return nil
	}
	theirs, err := c.oracle.ask(q)
	switch {
	case err != nil:
		return err
	case slices.ContainsFunc(notForIt(), func(said string) bool { return strings.Contains(theirs.Error, said) }):
		k.unasked++
		return nil
	case theirs.Error != "":
		k.unasked++
		return c.note(q, ours, theirs)
	case len(theirs.Ignored) > 0: // AWS does not set them for the action
		for _, key := range theirs.Ignored {
			delete(q.Keys, key)
		}
		ours = q.ask()
	}
	k.results[ours.Result]++
	if ours.Result == theirs.Result {
		return nil
	}
	k.differ++
	return c.note(q, ours, theirs)
}

// notForIt is how the oracle says that an action is not for such a resource.
func notForIt() []string {
	return []string{"no.resource.types", "must.use.wildcard", "multiple.resource.types", "wildcard"}
}

// note shrinks a difference and finds its class.
func (c *comparison) note(q question, ours, theirs answer) error {
	var failed error
	q = shrink(q, func(n question) bool {
		same, err := c.answered(n, ours, theirs)
		failed = errors.Join(failed, err)
		return same
	})
	for _, d := range differences() {
		if d.of(q, ours, theirs) {
			c.classes[d.name]++
			return failed
		}
	}
	if said := fmt.Sprintf("ours %s, theirs %s%s: %s", ours.Result, theirs.Result, theirs.Error, q); !slices.Contains(c.open, said) {
		c.open = append(c.open, said)
	}
	return failed
}

// answered says whether both answer a question so.
func (c *comparison) answered(q question, ours, theirs answer) (bool, error) {
	if q.ask().Result != ours.Result {
		return false, nil
	}
	again, err := c.oracle.ask(q)
	return err == nil && again.Result == theirs.Result && (again.Error == "") == (theirs.Error == ""), err
}

// String writes the question on a line.
func (q question) String() string {
	raw, err := json.Marshal(q)
	if err != nil {
		return err.Error()
	}
	return string(raw)
}

// shown bounds how many differences are printed.
const shown = 20

// print prints the counts; it is an error if a difference is not explained.
func (c *comparison) print(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "kind\tcompared\tallowed\texplicit deny\timplicit deny\tdifferent\tnot read by us\tby the oracle")
	for _, kind := range slices.Sorted(maps.Keys(c.kinds)) {
		k := c.kinds[kind]
		a, e, i := k.results[allowed], k.results[explicit], k.results[implicit]
		_, _ = fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\n", kind, a+e+i, a, e, i, k.differ, k.refused, k.unasked)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(c.classes)) {
		_, _ = fmt.Fprintf(out, "%6d × %s\n", c.classes[name], name)
	}
	if len(c.open) == 0 {
		return nil
	}
	return fmt.Errorf("%d differences that nobody has explained:\n%s", len(c.open), strings.Join(c.open[:min(shown, len(c.open))], "\n"))
}
