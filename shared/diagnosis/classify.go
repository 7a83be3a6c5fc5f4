package diagnosis

import (
	"cmp"
	"slices"
	"time"
)

// finding is a cause with the clues that show it.
type finding struct {
	entry    Entry
	rank     int // the row of the table
	clues    []clue
	captured map[string]string // what the patterns have caught, by name
}

// Classify says why a deployment failed. It is total: what it does not know is [Unknown], with the evidence.
//
// Where several causes show themselves the one that explains most is believed; then the one that more tasks show, then
// the one that was seen last.
func Classify(e Evidence) Diagnosis {
	e.Log = withoutKeys(e.Log)
	found := find(e.clues())
	if len(found) == 0 {
		return e.render(finding{entry: table[len(table)-1]})
	}
	return e.render(slices.MinFunc(found, compare))
}

// compare orders findings: the one to believe comes first.
func compare(a, b finding) int {
	return cmp.Or(
		cmp.Compare(a.entry.tier, b.entry.tier),
		-cmp.Compare(a.tasks(), b.tasks()),
		-a.last().Compare(b.last()),
		cmp.Compare(a.rank, b.rank),
	)
}

// find sorts clues by cause: each goes to the first cause that it fits. The exit code of a task that says itself what is
// wrong, or whose log does, is only how that showed.
func find(all []clue) []finding {
	var found []finding
	for i, entry := range table {
		f := finding{entry: entry, rank: i, captured: map[string]string{}}
		all = slices.DeleteFunc(slices.Clone(all), f.takes)
		if len(f.clues) > 0 {
			found = append(found, f)
		}
	}
	return explained(found)
}

// takes says whether a clue shows the cause, and keeps it if so.
func (f *finding) takes(c clue) bool {
	for _, w := range f.entry.when {
		if w.from&c.from == 0 {
			continue
		}
		match := w.says.FindStringSubmatch(clip(c.text))
		if match == nil {
			continue
		}
		for i, name := range w.says.SubexpNames() {
			if name != "" && match[i] != "" && f.captured[name] == "" {
				f.captured[name] = match[i]
			}
		}
		f.clues = append(f.clues, c)
		return true
	}
	return false
}

// explained gives the clues of exits to the causes that explain them: a log that says what is wrong speaks for every
// task that ended like the one it is from.
func explained(found []finding) []finding {
	for i := range found {
		f := &found[i]
		if f.tasks() > 0 || !slices.ContainsFunc(f.clues, func(c clue) bool { return c.from == logs }) {
			continue
		}
		for _, other := range found {
			for _, c := range other.clues {
				if c.from == exits && c.container == f.clues[0].container {
					f.clues = append(f.clues, c)
				}
			}
		}
	}
	return found
}

// tasks is how many tasks show the cause.
func (f finding) tasks() int {
	seen := map[int]bool{}
	for _, c := range f.clues {
		if c.task >= 0 {
			seen[c.task] = true
		}
	}
	return len(seen)
}

// occurrences is how many tasks show the cause or, where none does, how many lines.
func (f finding) occurrences() int {
	if n := f.tasks(); n > 0 {
		return n
	}
	return len(f.clues)
}

// last is when the cause was seen last; zero if no task shows it.
func (f finding) last() (at time.Time) {
	for _, c := range f.clues {
		if c.at.After(at) {
			at = c.at
		}
	}
	return at
}

// about is the clue that says most about a container: one that names it and its exit code before others.
func (f finding) about() (best clue) {
	score := func(c clue) (n int) {
		if c.container != "" {
			n += 2
		}
		if c.exit != nil {
			n++
		}
		return n
	}
	for _, c := range f.clues {
		if score(c) > score(best) {
			best = c
		}
	}
	return best
}
