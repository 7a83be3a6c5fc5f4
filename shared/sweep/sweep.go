// Package sweep answers: what went by unnoticed?
//
// EventBridge delivers at least once, as a rule, and AWS promises no more: an event can be lost. The function sweep looks at
// intervals for what events should have told. A push is found by comparing the tags of a repository with those of the look
// before ([Record.Compare]); which of them is to be deployed, [Choose] says. A rollout is found by what the service is
// pointed at; whether an execution still follows it, [Abandoned] says. The package is pure.
package sweep

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"fairlead/shared/claim"
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

// New is a tag that the look before has not seen on its digest.
type New struct {
	Image
	Waiting
	// Version is the tag's semantic version under a semver policy. Not says why the push is not to be deployed, in a sentence;
	// "" if it may be. Whoever has compared sets both.
	Version string
	Not     string
	// Owed says that a hold kept the push back; nil for one that nobody has started.
	Owed *Owed
}

// Order is where the push stands among the others. It is never newer than it was: it was pushed at that time at the
// earliest, and an execution that an event of the same second has started is the newer.
func (n New) Order() claim.Order {
	if n.Owed != nil {
		return n.Owed.order(n.Version)
	}
	return claim.Order{Version: n.Version, Time: n.Since, Start: n.Since}
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

// Grace is how long a push is left to its event: EventBridge delivers within seconds, and tries again for longer only where
// the workflow cannot be started, which the dead-letter queue tells.
const Grace = 5 * time.Minute

// ripe says whether the event had its time: since the push, where its time is known, and since the first look in any case.
func (n New) ripe(now time.Time) bool {
	if n.Owed != nil {
		return true // its event has come
	}
	since := n.Seen
	if n.Since.Equal(n.PushedAt.UTC().Truncate(time.Second)) {
		since = n.Since
	}
	return !now.Before(since.Add(Grace))
}

// Decision is what is to be done about a new tag.
type Decision string

// The decisions.
const (
	Start Decision = "start" // start an execution for it
	Wait  Decision = "wait"  // look again next time
	Leave Decision = "leave" // it needs no further look
)

// Chosen is a decision about one tag.
type Chosen struct {
	New      New
	Decision Decision
	Reason   string
}

// Choose decides about the new tags, the newest first. One is started at most: the newest that may be deployed and that is
// newer than everything that was ever claimed. Those older than it wait: should its image be unfit, they are the newest. While
// the newest is left to its event, nothing older is started. While the service is held nothing is: hold says so in a sentence,
// and is "" if it is not.
func Choose(fresh []New, held claim.Claim, hold string, now time.Time) []Chosen {
	fresh = slices.SortedFunc(slices.Values(fresh), newestFirst)
	var chosen []Chosen
	taken := ""
	for _, n := range fresh {
		c := Chosen{New: n, Decision: Leave, Reason: n.Not}
		switch {
		case n.Not != "":
		case !n.admitted(held):
			c.Reason = fmt.Sprintf("%s is not newer than what execution %s has claimed", n.Order(), held.Holder)
		case hold != "":
			c.Decision, c.Reason = Wait, hold
		case taken != "":
			c.Decision, c.Reason = Wait, taken
		case !n.ripe(now):
			c.Decision, c.Reason = Wait, "its event may still come"
			taken = fmt.Sprintf("tag %s is newer, and its event may still come", n.Tag)
		default:
			c.Decision, c.Reason = Start, n.why()
			taken = fmt.Sprintf("tag %s is newer", n.Tag)
		}
		chosen = append(chosen, c)
	}
	return chosen
}

// admitted says whether the push is newer than what was claimed.
func (n New) admitted(held claim.Claim) bool {
	if n.Owed != nil {
		return n.Owed.Stands(n.Version, held)
	}
	return !held.Exists() || held.Mark.Admits(n.Order())
}

// why says why an execution is started.
func (n New) why() string {
	if n.Owed != nil {
		return fmt.Sprintf("a hold kept execution %s from deploying it, and nothing newer was claimed since", n.Owed.Executions[0])
	}
	return "no execution has claimed it, and nothing newer"
}

// newestFirst orders by what the claim goes by, and then by what ECR tells.
func newestFirst(a, b New) int {
	switch {
	case a.Order().Newer(b.Order()):
		return -1
	case b.Order().Newer(a.Order()):
		return 1
	default:
		return cmp.Or(b.PushedAt.Compare(a.PushedAt), cmp.Compare(a.Tag, b.Tag))
	}
}
