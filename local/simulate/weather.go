package simulate

import (
	"math/rand/v2"
	"time"
)

// weather is how long things take in a run: most calls a few milliseconds, some seconds. So functions that are under way at
// once meet in any order.
type weather struct {
	*rand.Rand
	troubles *troubles
}

func newWeather(seed uint64, t *troubles) *weather {
	return &weather{Rand: rand.New(rand.NewPCG(seed, 0x57454154)), troubles: t}
}

// Start is a cold start or a warm one.
func (w *weather) Start(string) time.Duration {
	if w.IntN(5) == 0 {
		return w.upTo(2 * time.Second)
	}
	return w.upTo(30 * time.Millisecond)
}

// Call is how long a call takes to arrive.
func (w *weather) Call(operation string) time.Duration {
	if d := w.troubles.slow(operation); d > 0 {
		return d
	}
	if w.IntN(40) == 0 {
		return w.upTo(4 * time.Second)
	}
	return w.upTo(60 * time.Millisecond)
}

// Backoff is the SDK's: exponential with full jitter, 20 s at most.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
func (w *weather) Backoff(attempt int) time.Duration {
	return w.upTo(min(time.Second<<min(attempt, 5), 20*time.Second))
}

// Arrives is so for every second call.
func (w *weather) Arrives() bool {
	arrives := w.IntN(2) == 0
	if arrives {
		w.troubles.trail.late++
	}
	return arrives
}

func (w *weather) upTo(most time.Duration) time.Duration {
	return time.Duration(w.Int64N(int64(most))) + 1
}
