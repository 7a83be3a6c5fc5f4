package asl

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// Retrier says which errors of a task are tried again, when and how often.
// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
type Retrier struct {
	Errors      []string
	Interval    int // seconds
	MaxAttempts int
	BackoffRate float64
	MaxDelay    int // seconds; 0: no limit
	Jitter      bool
}

// Catcher says where an execution goes on after an error.
type Catcher struct {
	Errors     []string
	Next       string
	ResultPath DataPath
}

// Matches says whether a list of error names covers the fault.
//
// States.ALL covers neither States.DataLimitExceeded (which its own name covers) nor States.Runtime (which nothing
// covers: it always fails the execution); States.TaskFailed covers what States.ALL does, except for timeouts. A missing
// heartbeat is reported as States.Timeout and covered by States.HeartbeatTimeout too.
//
// AWS was recorded, in 2024, to let States.ALL catch a function's too large reply. The documentation says that it does
// not, and is followed: it is the stricter of the two.
func Matches(names []string, f *Fault) bool {
	return f.Name != ErrorRuntime && slices.ContainsFunc(names, func(name string) bool { return covers(name, f) })
}

func covers(name string, f *Fault) bool {
	switch name {
	case ErrorAll:
		return f.Name != ErrorDataLimitExceeded
	case ErrorTaskFailed:
		return f.Name != ErrorDataLimitExceeded && f.Name != ErrorTimeout
	case ErrorHeartbeatTimeout:
		return f.Heartbeat || f.Name == ErrorHeartbeatTimeout
	default:
		return name == f.Name && !f.NoName
	}
}

// RetrierFor returns the index of the first retrier that covers the fault; -1 if none does.
func (s *State) RetrierFor(f *Fault) int {
	return slices.IndexFunc(s.Retry, func(r Retrier) bool { return Matches(r.Errors, f) })
}

// CatcherFor returns the first catcher that covers the fault; nil if none does.
func (s *State) CatcherFor(f *Fault) *Catcher {
	i := slices.IndexFunc(s.Catch, func(c Catcher) bool { return Matches(c.Errors, f) })
	if i < 0 {
		return nil
	}
	return &s.Catch[i]
}

// Delay returns how long to wait before the next attempt, when this retrier has caused retried of them before. With
// full jitter it is a random part of that; random is asked only then.
func (r Retrier) Delay(retried int, random func() *rand.Rand) time.Duration {
	seconds := float64(r.Interval) * math.Pow(r.BackoffRate, float64(retried))
	limit := float64(maxSeconds)
	if r.MaxDelay > 0 {
		limit = float64(r.MaxDelay)
	}
	seconds = min(seconds, limit)
	if r.Jitter {
		seconds *= random().Float64()
	}
	return time.Duration(seconds * float64(time.Second))
}
