package sweep_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fairlead/shared/claim"
	"fairlead/shared/sweep"
)

func at(minute int) time.Time { return time.Date(2026, 11, 23, 8, minute, 0, 0, time.UTC) }

func image(tag string, digest string, minute int) sweep.Image {
	return sweep.Image{Tag: tag, Digest: digest, PushedAt: at(minute)}
}

// look is a look after one at 8:15 that has seen tag v1 on digest a.
func look(now time.Time, images ...sweep.Image) ([]sweep.New, sweep.Record) {
	_, before := sweep.Record{}.Compare("shop/web", []sweep.Image{image("v1", "a", 1)}, nil, at(15))
	return before.Compare("shop/web", images, nil, now)
}

func held(minute int, back int) claim.Claim {
	c := claim.Claim{Sequence: 3, Holder: "execution:holder", Mark: claim.Mark{Order: claim.Order{Time: at(minute), Start: at(minute).Add(time.Second)}}}
	if back > 0 {
		c.Mark.Back = at(back)
	}
	return c
}

// many are images under one tag, pushed at a minute.
func many(n, minute int) []sweep.Image {
	images := make([]sweep.Image, n)
	for i := range images {
		images[i] = image("v2", fmt.Sprint("sha256:", i), minute)
	}
	return images
}

func TestChoose(t *testing.T) {
	unfit := func(n sweep.New) sweep.New { n.Not = "it is in quarantine"; return n }
	version := func(n sweep.New, v string) sweep.New { n.Version = v; return n }
	found := func(now int, images ...sweep.Image) []sweep.New { fresh, _ := look(at(now), images...); return fresh }
	tests := []struct {
		name  string
		fresh []sweep.New
		held  claim.Claim
		want  string // tag:decision, the newest first
		says  string
	}{
		{"nothing is new", nil, held(1, 0), "", ""},
		{"a lost push", found(30, image("v2", "b", 20)), held(1, 0), "v2:start", "no execution has claimed it"},
		{"a lost push where the ledger knows no claim", found(30, image("v2", "b", 20)), claim.Claim{}, "v2:start", ""},
		{"a push that was claimed", found(30, image("v2", "b", 20)), held(20, 0), "v2:leave", "is not newer than what execution execution:holder"},
		{"something newer was claimed", found(30, image("v2", "b", 20)), held(21, 0), "v2:leave", ""},
		{"an operator went back since", found(30, image("v2", "b", 20)), held(1, 21), "v2:leave", ""},
		{"a push of the last minutes is left to its event", found(30, image("v2", "b", 26)), held(1, 0), "v2:wait", "its event may still come"},
		{"a push of five minutes ago is not", found(30, image("v2", "b", 25)), held(1, 0), "v2:start", ""},
		{"a new tag of an old image is left to its event for a look", found(30, image("again", "a", 1)), held(1, 0), "again:wait", ""},
		{"of two the newest, and the other waits", found(30, image("v2", "b", 20), image("v3", "c", 21)), held(1, 0), "v3:start v2:wait", ""},
		{"nothing older is started while the newest is left to its event", found(30, image("v2", "b", 20), image("v3", "c", 29)), held(1, 0), "v3:wait v2:wait", ""},
		{"one that is not to be deployed stands in nobody's way", []sweep.New{unfit(found(30, image("v3", "c", 21))[0]), found(30, image("v2", "b", 20))[0]}, held(1, 0), "v3:leave v2:start", ""},
		{"the higher version is the newer", []sweep.New{version(found(30, image("v3", "c", 21))[0], "1.0.0"), version(found(30, image("v2", "b", 20))[0], "2.0.0")}, held(1, 0), "v2:start v3:wait", ""},
		{"no more wait than a record keeps", found(30, many(sweep.MostWaiting+1, 29)...), held(1, 0),
			strings.TrimSpace(strings.Repeat("v2:wait ", sweep.MostWaiting)) + " v2:leave", ""},
		{"two of one second by what ECR tells", found(30, sweep.Image{Tag: "v2", Digest: "b", PushedAt: at(20).Add(100)}, sweep.Image{Tag: "v3", Digest: "c", PushedAt: at(20).Add(200)}), held(1, 0), "v3:start v2:wait", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, c := range sweep.Choose(test.fresh, test.held, "", at(30)) {
				got = append(got, fmt.Sprintf("%s:%s", c.New.Tag, c.Decision))
				if c.Reason == "" {
					t.Errorf("%s has no reason", c.New.Tag)
				}
				if len(got) == 1 && !strings.Contains(c.Reason, test.says) {
					t.Errorf("it says %q, want %q", c.Reason, test.says)
				}
			}
			if said := strings.Join(got, " "); said != test.want {
				t.Errorf("chose %s, want %s", said, test.want)
			}
		})
	}
}

// TestWhatTheSweepStartsLosesAgainstItsOwnSecond lets an event of the very second be claimed before and after.
func TestWhatTheSweepStartsLosesAgainstItsOwnSecond(t *testing.T) {
	fresh, _ := look(at(30), sweep.Image{Tag: "v2", Digest: "b", PushedAt: at(20).Add(700 * time.Millisecond)})
	swept := fresh[0].Order()
	event := claim.Order{Time: at(20), Start: at(20).Add(80 * time.Millisecond)}
	if swept.Newer(event) || !event.Newer(swept) {
		t.Errorf("the sweep's order %v stands above the event's %v", swept, event)
	}
}
