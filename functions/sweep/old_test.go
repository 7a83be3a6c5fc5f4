package sweep_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"fairlead/shared/edge/ledger"
)

// fresh forgets what calm has seen, and looks at what is there now as at what nobody ever looked at.
func (w *world) fresh(t *testing.T) {
	t.Helper()
	w.ledger = ledger.NewMemory()
	w.claim(t, 4, "a", "a", at(1))
	w.deployed(t, 4, "a", definition)
	w.sweep(t)
	w.now = w.now.Add(15 * time.Minute)
}

// TestAnOldImageThatTurnsUpIsNoPush has an image v0 that was there long before the look at 8:15. Nobody has pushed it since.
func TestAnOldImageThatTurnsUpIsNoPush(t *testing.T) {
	tests := map[string]func(*testing.T, *world){
		"it comes back from the archive": func(_ *testing.T, w *world) {
			w.push("v0", "b", at(-600))
			w.images[1].LastActivatedAt = aws.Time(at(20))
		},
		"its way back from the archive began before the look": func(_ *testing.T, w *world) {
			w.push("v0", "b", at(-600))
			w.images[1].LastActivatedAt = aws.Time(at(0))
		},
		"ECR calls what comes back from the archive pushed": func(_ *testing.T, w *world) {
			w.push("v0", "b", at(21))
			w.images[1].LastActivatedAt = aws.Time(at(20))
		},
		"its tag was ignored, and is not any more": func(t *testing.T, w *world) {
			w.ignore = []string{"v0"}
			w.push("v0", "b", at(-600))
			w.fresh(t)
			w.ignore = nil
		},
		"its tag was ignored when it was pushed, and is not any more": func(t *testing.T, w *world) {
			w.ignore = []string{"v0"}
			w.push("v0", "b", at(20))
			w.sweep(t)
			w.now, w.ignore = at(45), nil
		},
		"the ledger was lost":       func(_ *testing.T, w *world) { w.push("v0", "b", at(-600)); w.ledger = ledger.NewMemory() },
		"the service has a new key": func(_ *testing.T, w *world) { w.push("v0", "b", at(20)); w.names = []string{"shop"} },
		"the service comes back to the configuration after a month": func(_ *testing.T, w *world) {
			w.push("v0", "b", at(20))
			w.now = at(30 * 24 * 60)
		},
		"a listing broke off before it": func(t *testing.T, w *world) {
			w.push("v0", "b", at(-600))
			w.fresh(t)
			w.fails["DescribeImages x"] = errors.New("throttled")
			if _, err := w.try(t); err == nil {
				t.Error("no error")
			}
			clear(w.fails)
		},
		"a listing did not reach it": func(t *testing.T, w *world) {
			for i := range 24 {
				letter := string(rune('b' + i))
				w.push("v0-"+letter, letter, at(i-600))
			}
			w.fresh(t)
			w.images = w.images[5:] // a lifecycle policy
		},
	}
	for name, turnsUp := range tests {
		t.Run(name, func(t *testing.T) {
			w := calm(t)
			turnsUp(t, w)
			for range 4 {
				w.sweep(t)
				w.now = w.now.Add(15 * time.Minute)
			}
			if len(w.started) != 0 {
				t.Errorf("started %v", w.inputs())
			}
			w.images = slices.Insert(w.images, 0, w.images[0])
			w.images[0].ImageTags, w.images[0].ImageDigest, w.images[0].ImagePushedAt = []string{"v2"}, aws.String(digest("z")), aws.Time(w.now.Add(-10*time.Minute))
			if w.sweep(t); len(w.started) != 1 || !strings.Contains(w.inputs()[0], `"tag":"v2"`) {
				t.Errorf("of a push that is lost it has started %v", w.inputs())
			}
		})
	}
}
