package stories_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestEachReplayHasItsStory holds the table of what happens in the console against the stories that play it.
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
			if _, err := os.Stat("testdata/" + name[1] + ".txtar"); err != nil {
				t.Errorf("%s: %v", strings.TrimSpace(cells[1]), err)
			}
		}
	}
	if rows < 20 {
		t.Errorf("docs/replays.md has %d rows: they are not read", rows)
	}
}
