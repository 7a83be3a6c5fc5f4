package world

import (
	"sync"
	"time"
)

// Clock tells what time it is for the world: the wall clock, or one that a test moves.
type Clock func() time.Time

// Tamper may change what becomes of a request: fail it before its effect, lose its answer after it, slow it down. It
// is called in place of serve and calls serve where the effect is to happen.
type Tamper func(request Request, serve func() (any, error)) (any, error)

// Record is one line of the trail: a call and how it ended.
type Record struct {
	At      time.Time
	Request Request
	Code    string // the error's code; empty if it succeeded
	Message string
}

// Core lets several goroutines use one world: one at a time, each at the clock's time.
type Core struct {
	mu      sync.Mutex
	world   *World
	clock   Clock
	changed chan struct{} // closed and replaced after each step
	tamper  Tamper
	observe func(Record)
}

// NewCore puts a lock and a clock around a world.
func NewCore(w *World, clock Clock) *Core {
	return &Core{world: w, clock: clock, changed: make(chan struct{})}
}

// Tamper sets what tampers with the calls from now on; nil for nothing.
func (c *Core) Tamper(t Tamper) { c.locked(func() { c.tamper = t }) }

// Observe sets who is told of every call; nil for nobody. The observer must not call the core.
func (c *Core) Observe(f func(Record)) { c.locked(func() { c.observe = f }) }

// Call lets happen what is due, then serves the request.
func (c *Core) Call(request Request) (out any, err error) {
	c.mu.Lock()
	tamper := c.tamper
	c.mu.Unlock()
	serve := func() (any, error) { return c.serve(request) }
	if tamper == nil {
		return serve()
	}
	return tamper(request, serve)
}

func (c *Core) serve(request Request) (out any, err error) {
	c.Do(func(w *World) {
		if out, err = w.Call(request); err == nil && request.Seal != nil {
			out = request.Seal(out)
		}
		if c.observe != nil {
			c.observe(record(w.Now(), request, err))
		}
	})
	return out, err
}

func record(at time.Time, request Request, err error) Record {
	r := Record{At: at, Request: request}
	if err != nil {
		r.Code, r.Message = AsError(err).Code, AsError(err).Message
	}
	return r
}

// Do lets happen what is due, then runs f alone in the world.
func (c *Core) Do(f func(*World)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.world.Advance(c.clock())
	f(c.world)
	close(c.changed)
	c.changed = make(chan struct{})
}

// Quietly runs f alone in the world without letting anything happen before, and tells nobody: for adapters that take
// work out of the world.
func (c *Core) Quietly(f func(*World)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(c.world)
}

// Next returns when the next later event is due, and a channel that is closed at the next step of the world.
func (c *Core) Next() (at time.Time, some bool, changed <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at, some = c.world.Next()
	return at, some, c.changed
}

func (c *Core) locked(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
}
