package sweep

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"
)

// Image is a tag, and the image that it names.
type Image struct {
	Tag, Digest string
	// PushedAt belongs to the digest: a tag that was put on it later is younger than that.
	// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageDetail.html
	PushedAt time.Time
	// RestoredAt is when the image came back from ECR's archive; zero if it never did. While it is there, and on its way back, it
	// is not listed: https://docs.aws.amazon.com/AmazonECR/latest/userguide/restore-image.html
	RestoredAt time.Time
}

// keyLength is how many hexadecimal digits stand for a tag on a digest: with the [MostSeen] that a record keeps, one new tag of
// some billions would be taken for one that was seen.
const keyLength = 12

func (i Image) key() string {
	sum := sha256.Sum256([]byte(i.Tag + "@" + i.Digest))
	return hex.EncodeToString(sum[:])[:keyLength]
}

// Record is what a look at a repository leaves for the next. The zero Record is that of a service that was never looked at,
// or whose ledger was lost.
type Record struct {
	Repository string
	// At is when the repository was looked at.
	At time.Time
	// From is when the images were pushed, or later, of which the record names every tag that was there; zero if it does of all. Of
	// what was pushed before, a tag that it does not name may have been there as well.
	From time.Time
	// Seen are the keys of the tags that need no further look, sorted, without a separator: of so many, one text is the
	// smallest.
	Seen string
	// Waiting are the tags that were new and are not decided yet, by their keys.
	Waiting map[string]Waiting
}

// Waiting is a tag that is not decided yet.
type Waiting struct {
	// Since is the time by which the push is ordered: it was not pushed before.
	Since time.Time
	// Seen is when it was seen first.
	Seen time.Time
}

// Bounds of what a record is believed.
const (
	memory = 7 * 24 * time.Hour // longer than a sweep fails, or is kept from running, with nobody caring
	thaw   = time.Hour          // three times what an image takes back from the archive
)

// First says whether a look is the first: the service was not looked at before, or in another repository, or so long ago that
// it was no service meanwhile.
func (r Record) First(repository string, now time.Time) bool {
	return r.Repository != repository || now.Sub(r.At) > memory
}

// Compare returns the tags that were put on their images since the look before, and the record of this look, in which none of
// them is decided. On the first look nothing is new: what is there already is nobody's lost push. What is owed is new however
// often it was seen, and the record does not keep it: the history does.
func (r Record) Compare(repository string, images []Image, owed map[Pushed]Owed, now time.Time) ([]New, Record) {
	next := Record{Repository: repository, At: now.UTC(), Waiting: map[string]Waiting{}}
	first := r.First(repository, now)
	seen := map[string]bool{}
	for _, key := range split(r.Seen) {
		seen[key] = true
	}
	var fresh []New
	var known []string
	for _, image := range images {
		key := image.key()
		if kept, held := owed[Pushed{image.Tag, image.Digest}]; held {
			known = append(known, key)
			fresh = append(fresh, New{Image: image, Waiting: Waiting{Since: kept.Since, Seen: kept.Since}, Owed: &kept})
			continue
		}
		waiting, there := r.Waiting[key]
		switch {
		case first, !there && (seen[key] || r.overlooked(image)):
			known = append(known, key)
			continue
		case !there:
			waiting = Waiting{Since: since(image.PushedAt, r.At), Seen: next.At}
		}
		next.Waiting[key] = waiting
		fresh = append(fresh, New{Image: image, Waiting: waiting})
	}
	next.Seen = join(known)
	return fresh, next
}

// overlooked says whether a tag that the record does not name may have been there all the same: its image was not listed, or
// the record had no room for it.
func (r Record) overlooked(i Image) bool {
	return i.PushedAt.Before(r.From) || !i.RestoredAt.Before(r.At.Add(-thaw))
}

// since is when a new tag was put on its image at the earliest: when the image was pushed, or when the tag was not there
// yet. Events tell whole seconds, and so does this.
func since(pushedAt, before time.Time) time.Time {
	if pushedAt.Before(before) {
		pushedAt = before
	}
	return pushedAt.UTC().Truncate(time.Second)
}

// Decide notes that a tag needs no further look.
func (r *Record) Decide(n New) {
	delete(r.Waiting, n.key())
	r.Seen = join(append(split(r.Seen), n.key()))
}

// Bounds of what a record keeps. DynamoDB takes 400 KB in an item, of which a key takes its length and a tag that waits some 120 bytes.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
const (
	MostSeen    = 30_000
	MostWaiting = 100
)

// Fit notes what the record does not name, given the images that were compared: in part says that the repository has more, and
// nobody knows which. Beyond [MostSeen] it leaves out the tags of the images that were pushed first, and returns how many.
func (r *Record) Fit(images []Image, inPart bool) (left int) {
	if inPart {
		r.From = r.At.Truncate(time.Second) // ECR tells whole seconds
	}
	keys := split(r.Seen)
	if len(keys) <= MostSeen {
		return 0
	}
	pushed := make(map[string]time.Time, len(images))
	for _, image := range images {
		pushed[image.key()] = image.PushedAt
	}
	slices.SortFunc(keys, func(a, b string) int { return pushed[b].Compare(pushed[a]) })
	if after := pushed[keys[MostSeen]].Add(1); after.After(r.From) {
		r.From = after.UTC()
	}
	r.Seen = join(keys[:MostSeen])
	return len(keys) - MostSeen
}

// split takes the keys out of the text in which a record keeps them; join makes that text.
func split(seen string) []string {
	keys := make([]string, 0, len(seen)/keyLength)
	for len(seen) >= keyLength {
		keys, seen = append(keys, seen[:keyLength]), seen[keyLength:]
	}
	return keys
}

func join(keys []string) string {
	slices.Sort(keys)
	return strings.Join(slices.Compact(keys), "")
}
