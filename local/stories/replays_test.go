package stories_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// asksOneWhole says whether a want asks of one of the executions both the path and the text.
func asksOneWhole(want map[string]asks) bool {
	return slices.ContainsFunc(slices.Collect(maps.Values(want)), asks.whole)
}

// TestEachReplayHasItsStory holds the table of what happens in the console against the stories that play it, each of which
// asks which way an execution went and what it told.
func TestEachReplayHasItsStory(t *testing.T) {
	page, err := os.ReadFile("../../docs/replays.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) != 5 || strings.HasPrefix(cells[1], "---") || strings.TrimSpace(cells[3]) == "story" {
			continue
		}
		rows++
		names := regexp.MustCompile("`([a-z0-9-]+)`").FindAllStringSubmatch(cells[3], -1)
		if len(names) == 0 {
			t.Errorf("no story plays %s", line)
		}
		for _, name := range names {
			if !slices.ContainsFunc(asked(t, name[1]), asksOneWhole) {
				t.Errorf("%s: %s asks of no execution both the path and the text", strings.TrimSpace(cells[1]), name[1])
			}
		}
	}
	if rows < 20 {
		t.Errorf("docs/replays.md has %d rows: they are not read", rows)
	}
}
