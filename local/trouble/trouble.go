// Package trouble makes the embedded AWS behave badly on request: calls that are throttled, denied, that fail, whose
// answers are lost after their effect, that take long, whose session has expired.
package trouble

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
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
	Deny     Kind = "deny"     // refused for want of a permission, as while a change of a policy is on its way
	Expire   Kind = "expire"   // refused because the caller's session has expired
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
	case !slices.Contains([]Kind{Throttle, Fail, Lose, Slow, Deny, Expire}, t.Kind):
		return fmt.Errorf("kind is %q: one of throttle, fail, lose, slow, deny, expire", t.Kind)
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
	case Throttle, Fail, Deny, Expire:
		return nil, t.Kind.refusal(request)
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

// refusal is how the service of a call refuses it. The services of the Query protocol have names of their own for it:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/CommonErrors.html
func (k Kind) refusal(r world.Request) error {
	query := slices.Contains([]string{"iam", "sts", "elasticloadbalancing"}, r.Service)
	throttled, expired, refused := "ThrottlingException", "ExpiredTokenException", http.StatusBadRequest
	if query {
		throttled, expired, refused = "Throttling", "ExpiredToken", http.StatusForbidden
	}
	switch k {
	case Throttle:
		return world.Errorf(throttled, "Rate exceeded")
	case Deny:
		action := r.Service + ":" + r.Operation
		return world.Errorf("AccessDeniedException", "User: %s is not authorized to perform: %s because no identity-based policy allows the %s action", r.Principal.ARN, action, action)
	case Expire:
		return &world.Error{Code: expired, Message: "The security token included in the request is expired", Status: refused}
	default:
		return &world.Error{Code: "ServerException", Message: "An internal error occurred.", Status: http.StatusInternalServerError}
	}
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
