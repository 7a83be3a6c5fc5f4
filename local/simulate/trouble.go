package simulate

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"fairlead/local/steps"
	"fairlead/local/world"
)

// troubles are what goes wrong with Fairlead's own calls at present.
type troubles struct {
	lab   *steps.Lab
	acts  []trouble
	trail *trail
}

// trouble is an act that is not over yet.
type trouble struct {
	Act
	left  int
	until time.Time
}

func (t *troubles) begin(a Act) {
	t.acts = append(t.acts, trouble{Act: a, left: a.Times, until: t.lab.Now().Add(a.For)})
}

// end ends all of them.
func (t *troubles) end() { t.acts = nil }

// slow is how long a call of an operation takes if it is troubled so; 0 if not.
func (t *troubles) slow(operation string) time.Duration {
	for i := range t.acts {
		a := &t.acts[i]
		if a.Kind == Slow && a.left > 0 && (a.Call == "" || a.Call == operation) {
			a.left--
			t.trail.fault(t.lab.Now(), a.Act, operation)
			return a.For
		}
	}
	return 0
}

// ours tells whether a call is made by one of Fairlead's functions.
func ours(r world.Request) bool {
	return strings.Contains(r.Principal.RoleARN, ":role/fairlead-") && !strings.Contains(r.Principal.RoleARN, ":role/"+cluster+"-")
}

// next takes the trouble that a call meets; a trouble without kind if it meets none.
func (t *troubles) next(r world.Request) trouble {
	for i := range t.acts {
		a := &t.acts[i]
		if a.meets(r, t.lab.Now()) {
			a.left--
			t.trail.fault(t.lab.Now(), a.Act, r.Operation)
			return *a
		}
	}
	return trouble{}
}

func (a *trouble) meets(r world.Request, now time.Time) bool {
	switch a.Kind {
	case Outage:
		return a.Call == r.Service && now.Before(a.until)
	case Deny:
		return (a.Call == "" || a.Call == r.Operation) && now.Before(a.until)
	case Throttle, Fail, LoseAnswer, Expire, KillBefore, KillAfter:
		return a.left > 0 && (a.Call == "" || a.Call == r.Operation)
	default:
		return false
	}
}

// tamper is the [world.Tamper] of a run.
func (t *troubles) tamper(r world.Request, serve func() (any, error)) (any, error) {
	if !ours(r) {
		return serve()
	}
	t.trail.call(sessionOf(r), t.lab.Now())
	switch met := t.next(r); met.Kind {
	case "":
		return serve()
	case LoseAnswer:
		if _, err := serve(); err != nil {
			return nil, err
		}
		return nil, world.ErrAnswerLost
	case KillBefore:
		t.lab.Kill()
		return nil, world.ErrAnswerLost
	case KillAfter:
		t.lab.Kill()
		return serve()
	default:
		return nil, refusal(met.Kind, r)
	}
}

// refusal is how AWS refuses a call in trouble.
func refusal(kind Kind, r world.Request) error {
	switch kind {
	case Throttle:
		return world.Errorf("ThrottlingException", "Rate exceeded")
	case Expire:
		return world.Errorf("ExpiredTokenException", "The security token included in the request is expired")
	case Deny:
		return world.Errorf("AccessDeniedException", "User: %s is not authorized to perform: %s:%s because no identity-based policy allows the %s:%s action",
			r.Principal.ARN, r.Service, r.Operation, r.Service, r.Operation)
	case Outage:
		return &world.Error{Code: "ServiceUnavailableException", Message: "Service Unavailable", Status: http.StatusServiceUnavailable}
	default:
		return &world.Error{Code: "ServerException", Message: "An internal error occurred.", Status: http.StatusInternalServerError}
	}
}

// spent says whether all troubles that meet a number of calls have met them.
func (t *troubles) spent() bool {
	return !slices.ContainsFunc(t.acts, func(a trouble) bool { return a.left > 0 && a.Kind != Deny && a.Kind != Outage })
}

// longest is how long it takes until the last trouble that lasts is over.
func (t *troubles) longest() time.Duration {
	var last time.Duration
	for _, a := range t.acts {
		if a.Kind == Deny || a.Kind == Outage {
			last = max(last, a.until.Sub(t.lab.Now()))
		}
	}
	return last
}
