// Package world is the core of the embedded AWS: a clock, an agenda of what is to happen later, and the services that
// share them.
//
// It does no I/O, starts no goroutine and reads no clock: (call, now) → (reply, later events). Everything that
// happens, happens in one thread and in an order that the calls and the seed decide alone, so that the same world
// serves a person over HTTP and a simulation under a virtual clock. HTTP, the Lambda processes and the wall clock are
// adapters around it (local/server, local/lambda/runner).
package world

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"
)

// Place is the account and region that the embedded AWS plays.
type Place struct {
	Partition string `json:"partition"` // "aws"
	Region    string `json:"region"`    // "eu-west-1"
	Account   string `json:"account"`   // 12 digits
}

// ARN composes the ARN of a resource in this place: p.ARN("ecs", "service/prod/web").
func (p Place) ARN(service, resource string) string {
	return "arn:" + p.Partition + ":" + service + ":" + p.Region + ":" + p.Account + ":" + resource
}

// GlobalARN composes the ARN of a resource that has no region: p.GlobalARN("iam", "role/x").
func (p Place) GlobalARN(service, resource string) string {
	return "arn:" + p.Partition + ":" + service + "::" + p.Account + ":" + resource
}

// Service is one embedded AWS service: operations over a state that can be written down as JSON.
type Service interface {
	// Name is the service's signing name and IAM prefix: "ecs", "ecr", "states", "events".
	Name() string
	// Operations are the API operations that the service serves, by name. Any other answers NotImplemented.
	Operations() map[string]Operation
	// State points to all that the service remembers. It must survive a round trip through JSON.
	State() any
	// Due is called when an event is due that the service has put on the agenda.
	Due(what json.RawMessage)
}

// World is the state that the services share.
type World struct {
	Place
	now       time.Time
	until     time.Time // where the clock is being moved to
	agenda    agenda
	seed      uint64
	drawn     uint64 // how many random values were drawn
	services  map[string]Service
	authority Authority
}

// New makes an empty world whose random choices follow seed.
func New(place Place, seed uint64, start time.Time) *World {
	return &World{Place: place, seed: seed, now: start.UTC(), services: map[string]Service{}}
}

// Add makes services part of the world.
func (w *World) Add(services ...Service) {
	for _, s := range services {
		w.services[s.Name()] = s
	}
}

// Service returns the service of that name, or nil.
func (w *World) Service(name string) Service { return w.services[name] }

// Now is the time at which the present call or event happens, in UTC.
func (w *World) Now() time.Time { return w.now }

// Until is the time to which the clock is being moved while an event is due. It is later than Now where events of the past
// are made up for: a world that was read back has stood still.
func (w *World) Until() time.Time { return w.until }

// After puts an event on the agenda: in d from now, the service's Due is called with what, as JSON.
func (w *World) After(d time.Duration, service string, what any) {
	raw, err := json.Marshal(what)
	if err != nil {
		panic(fmt.Sprintf("world: an event of %s cannot be written down: %v", service, err))
	}
	w.agenda.add(w.now.Add(max(d, 0)), service, raw)
}

// Next returns when the next later event is due; false if there is none.
func (w *World) Next() (time.Time, bool) { return w.agenda.next() }

// Advance moves the clock to now, and on the way lets all that is due happen, each at its own time. The clock never
// goes back: an earlier now changes nothing.
func (w *World) Advance(now time.Time) {
	w.until = now
	for {
		item, ok := w.agenda.takeUntil(now)
		if !ok {
			break
		}
		w.moveTo(item.At)
		w.services[item.Service].Due(item.What)
	}
	w.moveTo(now)
}

func (w *World) moveTo(t time.Time) {
	if t.After(w.now) {
		w.now = t.UTC()
	}
}

// Random returns a source of randomness for one decision, drawn from the seed.
func (w *World) Random() *rand.Rand {
	w.drawn++
	return rand.New(rand.NewPCG(w.seed, w.drawn))
}

// Hex returns n hexadecimal digits (64 at most) that no earlier call has returned.
func (w *World) Hex(n int) string {
	w.drawn++
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], w.seed)
	binary.BigEndian.PutUint64(b[8:], w.drawn)
	return fmt.Sprintf("%x", sha256.Sum256(b[:]))[:n]
}

// UUID returns an identifier in the form of a version 4 UUID.
func (w *World) UUID() string { return FormatUUID(w.Hex(32)) }

// FormatUUID makes a version 4 UUID of 32 hexadecimal digits.
func FormatUUID(h string) string {
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-a" + h[17:20] + "-" + h[20:32]
}

// Alphanumeric returns n characters out of A-Z and 2-7, as AWS's access keys and unique ids are made.
func (w *World) Alphanumeric(n int) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	r, b := w.Random(), make([]byte, n)
	for i := range b {
		b[i] = letters[r.IntN(len(letters))]
	}
	return string(b)
}
