package world

import (
	"container/heap"
	"encoding/json"
	"time"
)

// later is an event that is to happen: data, so that a world can be written down and read back.
type later struct {
	At      time.Time       `json:"at"`
	Order   uint64          `json:"order"` // of two at one time, the one that was added first comes first
	Service string          `json:"service"`
	What    json.RawMessage `json:"what"`
}

// agenda is the heap of what is to happen, earliest first.
type agenda struct {
	items laters
	added uint64
}

func (a *agenda) add(at time.Time, service string, what json.RawMessage) {
	a.added++
	heap.Push(&a.items, later{At: at.UTC(), Order: a.added, Service: service, What: what})
}

func (a *agenda) next() (time.Time, bool) {
	if len(a.items) == 0 {
		return time.Time{}, false
	}
	return a.items[0].At, true
}

func (a *agenda) takeUntil(now time.Time) (later, bool) {
	if len(a.items) == 0 || a.items[0].At.After(now) {
		return later{}, false
	}
	return heap.Pop(&a.items).(later), true
}

type laters []later

func (l laters) Len() int { return len(l) }
func (l laters) Less(i, j int) bool {
	if l[i].At.Equal(l[j].At) {
		return l[i].Order < l[j].Order
	}
	return l[i].At.Before(l[j].At)
}
func (l laters) Swap(i, j int) { l[i], l[j] = l[j], l[i] }
func (l *laters) Push(x any)   { *l = append(*l, x.(later)) }
func (l *laters) Pop() any {
	old := *l
	last := old[len(old)-1]
	*l = old[:len(old)-1]
	return last
}
