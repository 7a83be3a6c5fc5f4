package sweep_test

import (
	"fmt"
	"testing"
	"time"

	"fairlead/shared/sweep"
)

func TestTheFirstLookFindsNothingNew(t *testing.T) {
	images := []sweep.Image{image("v1", "a", 1), image("v2", "b", 14)}
	for name, before := range map[string]sweep.Record{"never looked at": {}, "another repository": {Repository: "shop/old", At: at(10)},
		"more than a week ago": {Repository: "shop/web", At: at(14).AddDate(0, 0, -7)}} {
		fresh, record := before.Compare("shop/web", images, nil, at(15))
		if len(fresh) != 0 || len(record.Waiting) != 0 {
			t.Errorf("%s: %v is new", name, fresh)
		}
		if again, _ := record.Compare("shop/web", images, nil, at(30)); len(again) != 0 {
			t.Errorf("%s: the second look finds %v", name, again)
		}
	}
}

func TestWhatIsNewIsFoundUntilItIsDecided(t *testing.T) {
	images := []sweep.Image{image("v1", "a", 1), image("v2", "b", 20)}
	fresh, record := look(at(30), images...)
	if len(fresh) != 1 || fresh[0].Tag != "v2" {
		t.Fatalf("new is %v", fresh)
	}
	again, _ := record.Compare("shop/web", images, nil, at(45))
	if len(again) != 1 || !again[0].Since.Equal(at(20)) || !again[0].Seen.Equal(at(30)) {
		t.Errorf("a second look finds %+v, want the times of the first", again)
	}
	record.Decide(fresh[0])
	if decided, _ := record.Compare("shop/web", images, nil, at(45)); len(decided) != 0 {
		t.Errorf("decided, and found again: %v", decided)
	}
}

func TestATagIsNewOnEachDigest(t *testing.T) {
	moved, record := look(at(30), image("v1", "b", 20))
	if len(moved) != 1 {
		t.Fatalf("a tag that was moved: %v", moved)
	}
	record.Decide(moved[0])
	back, _ := record.Compare("shop/web", []sweep.Image{image("v1", "a", 1)}, nil, at(45))
	if len(back) != 1 || !back[0].Since.Equal(at(30)) {
		t.Errorf("a tag that was moved back: %+v, want it new since the look before", back)
	}
}

// TestSinceIsNeverTooLate holds the order of a push against when it can have been at the earliest.
func TestSinceIsNeverTooLate(t *testing.T) {
	for name, test := range map[string]struct {
		image sweep.Image
		want  time.Time
	}{
		"a new image":                 {image("v2", "b", 20), at(20)},
		"a new tag of an old image":   {image("again", "a", 1), at(15)},
		"an image of the second half": {sweep.Image{Tag: "v2", Digest: "b", PushedAt: at(20).Add(900 * time.Millisecond)}, at(20)},
	} {
		fresh, _ := look(at(30), test.image)
		if len(fresh) != 1 || !fresh[0].Since.Equal(test.want) {
			t.Errorf("%s: %+v, want it since %s", name, fresh, test.want)
		}
	}
}

// TestARepositoryFitsIntoAnItem has more tags than the record of a look has room for, those of 12,000 images.
func TestARepositoryFitsIntoAnItem(t *testing.T) {
	var images []sweep.Image
	for i := range 12_000 {
		for _, name := range []string{"v", "main-", "sha-"} {
			images = append(images, sweep.Image{Tag: fmt.Sprint(name, i), Digest: fmt.Sprint("sha256:", i), PushedAt: at(1).Add(-time.Duration(i) * time.Hour)})
		}
	}
	_, record := sweep.Record{}.Compare("shop/web", images, nil, at(15))
	if left := record.Fit(images, false); left != 6_000 || len(record.Seen) > 12*sweep.MostSeen {
		t.Errorf("%d are left out, and the others take %d bytes; an item of DynamoDB has 400 KB at most", left, len(record.Seen))
	}
	if fresh, _ := record.Compare("shop/web", images, nil, at(30)); len(fresh) != 0 {
		t.Errorf("%d are new", len(fresh))
	}
	old, lost, again := image("old", "b", 1), image("v2", "c", 20), image("again", "sha256:0", 1)
	old.PushedAt = at(1).Add(-10_000 * time.Hour) // as far as the record reaches
	fresh, _ := record.Compare("shop/web", append(images, old, lost), nil, at(30))
	if len(fresh) != 1 || fresh[0].Image != lost {
		t.Errorf("new is %v, want the lost push", fresh)
	}
	if fresh, _ = record.Compare("shop/web", append(images, again), nil, at(30)); len(fresh) != 1 || fresh[0].Image != again {
		t.Errorf("new is %v, want the new tag on an image that the record knows", fresh)
	}
}

func TestALookInPartIsBelievedOnlyForWhatWasPushedSince(t *testing.T) {
	before := []sweep.Image{image("v1", "a", 1)}
	_, record := sweep.Record{}.Compare("shop/web", before, nil, at(15).Add(400*time.Millisecond))
	record.Fit(before, true)
	for name, test := range map[string]struct {
		image sweep.Image
		fresh bool
	}{
		"an image that it did not reach":         {image("v0", "b", 14), false},
		"a new tag on an image that it has seen": {image("again", "a", 1), false},
		"an image of the second of the look":     {image("v2", "b", 15), true},
		"an image that was pushed since":         {image("v2", "b", 20), true},
	} {
		fresh, next := record.Compare("shop/web", append(before, test.image), nil, at(30))
		if len(fresh) == 1 != test.fresh {
			t.Errorf("%s: new is %v", name, fresh)
		}
		next.Fit(append(before, test.image), false)
		if again, _ := next.Compare("shop/web", append(before, test.image, image("more", "a", 1)), nil, at(45)); len(again) != len(fresh)+1 {
			t.Errorf("%s: after a whole look new is %v, want a new tag on an old image too", name, again)
		}
	}
}

func TestWhatCameBackFromTheArchiveIsNotNew(t *testing.T) {
	for name, test := range map[string]struct {
		restored time.Time
		fresh    bool
	}{
		"never":                   {time.Time{}, true},
		"since the look before":   {at(20), false},
		"shortly before the look": {at(-44), false},
		"long before the look":    {at(-46), true},
	} {
		old := image("again", "a", 1)
		old.RestoredAt = test.restored
		if fresh, _ := look(at(30), old); len(fresh) == 1 != test.fresh {
			t.Errorf("%s: new is %v", name, fresh)
		}
	}
}
