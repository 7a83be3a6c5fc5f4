package steps

import "time"

// Weather is how long things take in a lab. What takes time lets other functions go on meanwhile, so the weather decides in
// which order the calls of several functions come.
type Weather interface {
	// Start is how long a function takes to start.
	Start(function string) time.Duration
	// Call is how long a call of an operation takes to arrive.
	Call(operation string) time.Duration
	// Backoff is how long the SDK waits before it makes a call for the attempt-th time again.
	Backoff(attempt int) time.Duration
	// Arrives says whether a call arrives although its function was stopped while it was on its way.
	Arrives() bool
}

// Calm is the weather in which nothing takes time: a function runs to its end before the next one begins.
type Calm struct{}

// Start is at once.
func (Calm) Start(string) time.Duration { return 0 }

// Call is at once.
func (Calm) Call(string) time.Duration { return 0 }

// Backoff is at once.
func (Calm) Backoff(int) time.Duration { return 0 }

// Arrives is never asked: no call is on its way.
func (Calm) Arrives() bool { return false }

// SetWeather makes it the weather from now on.
func (l *Lab) SetWeather(w Weather) { l.weather = w }
