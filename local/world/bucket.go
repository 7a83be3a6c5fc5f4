package world

import "time"

// Bucket is a token bucket, as AWS's request throttling uses it: full it holds Burst calls, and it refills at Rate
// calls a second. It starts full.
type Bucket struct {
	Burst float64   `json:"burst"`
	Rate  float64   `json:"rate"`
	Used  float64   `json:"used"` // tokens that are missing, as of At
	At    time.Time `json:"at"`
}

// Take takes one token at now; false means that the call is throttled.
func (b *Bucket) Take(now time.Time) bool {
	if elapsed := now.Sub(b.At).Seconds(); elapsed > 0 {
		b.Used, b.At = max(0, b.Used-elapsed*b.Rate), now
	}
	if b.Used+1 > b.Burst {
		return false
	}
	b.Used++
	return true
}
