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
}

// keyLength is how many hexadecimal digits stand for a tag on a digest: with the 20,000 that a look reads at most, two
// would be taken for one in one of a billion repositories.
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

// Compare returns the tags that the look before has not seen on their digests, and the record of this look, in which none of
// them is decided. Where there was no look before, nothing is new: what is there already is nobody's lost push. What is owed is
// new however often it was seen, and the record does not keep it: the history does.
func (r Record) Compare(repository string, images []Image, owed map[Pushed]Owed, now time.Time) ([]New, Record) {
	next := Record{Repository: repository, At: now.UTC(), Waiting: map[string]Waiting{}}
	first := r.At.IsZero() || r.Repository != repository
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
		if first || seen[key] {
			known = append(known, key)
			continue
		}
		waiting, there := r.Waiting[key]
		if !there {
			waiting = Waiting{Since: since(image.PushedAt, r.At), Seen: next.At}
		}
		next.Waiting[key] = waiting
		fresh = append(fresh, New{Image: image, Waiting: waiting})
	}
	next.Seen = join(known)
	return fresh, next
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
