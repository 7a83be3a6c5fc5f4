// Package trouble makes the embedded AWS behave badly on request: calls that are throttled, that fail, whose answers are
// lost after their effect, that take long.
package trouble

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"fairlead/local/world"
)

// Kind is how a call goes wrong.
type Kind string

// The kinds.
const (
	Throttle Kind = "throttle" // refused as throttled, without effect
	Fail     Kind = "fail"     // an internal error of AWS, without effect
	Lose     Kind = "lose"     // the effect takes place and the connection breaks
	Slow     Kind = "slow"     // served after Delay
)

// Trouble is what happens to some calls.
type Trouble struct {
	Service   string        `json:"service"`   // "ecs"
	Operation string        `json:"operation"` // "UpdateService"; empty: any of the service
	Caller    string        `json:"caller"`    // a part of the caller's ARN; empty: any
	Kind      Kind          `json:"kind"`
	Times     int           `json:"times"` // how many of the next such calls
	Delay     time.Duration `json:"delay"` // nanoseconds
}

func (t Trouble) check() error {
	switch {
	case t.Service == "":
		return fmt.Errorf("service is missing: which AWS service is in trouble, such as ecs")
	case t.Times < 1:
		return fmt.Errorf("times is %d: say for how many calls, 1 or more", t.Times)
	case t.Kind != Throttle && t.Kind != Fail && t.Kind != Lose && t.Kind != Slow:
		return fmt.Errorf("kind is %q: one of throttle, fail, lose, slow", t.Kind)
	}
	return nil
}

func (t Trouble) meets(r world.Request) bool {
	return t.Times > 0 && t.Service == r.Service && (t.Operation == "" || t.Operation == r.Operation) &&
		strings.Contains(r.Principal.ARN, t.Caller)
}

// Maker keeps the troubles that are still to come. Its Tamper belongs into the core.
type Maker struct {
	mu       sync.Mutex
	troubles []Trouble
}

// Make adds a trouble.
func (m *Maker) Make(t Trouble) error {
	if err := t.check(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.troubles = append(m.troubles, t)
	return nil
}

// Tamper is the [world.Tamper].
func (m *Maker) Tamper(request world.Request, serve func() (any, error)) (any, error) {
	t := m.next(request)
	switch t.Kind {
	case Throttle:
		return nil, world.Errorf("ThrottlingException", "Rate exceeded")
	case Fail:
		return nil, &world.Error{Code: "ServerException", Message: "An internal error occurred.", Status: http.StatusInternalServerError}
	case Lose:
		if _, err := serve(); err != nil {
			return nil, err
		}
		return nil, world.ErrAnswerLost
	case Slow:
		<-time.After(t.Delay)
	}
	return serve()
}

// next takes the trouble that the call meets, if there is one.
func (m *Maker) next(request world.Request) Trouble {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range m.troubles {
		if m.troubles[i].meets(request) {
			m.troubles[i].Times--
			return m.troubles[i]
		}
	}
	return Trouble{}
}

// ServeHTTP takes a Trouble as JSON by POST.
func (m *Maker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var t Trouble
	err := json.NewDecoder(r.Body).Decode(&t)
	if err == nil {
		err = m.Make(t)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
