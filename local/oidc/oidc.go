package oidc

import (
	"encoding/json"
	"time"

	"github.com/go-jose/go-jose/v4"

	"fairlead/local/world"
)

// Issuer is the URL of GitHub Actions' issuer.
const Issuer = "https://token.actions.githubusercontent.com"

// Service is the issuer. It is a service of the world, so that its key and its jobs are kept, but it has no operations:
// it is not AWS's.
type Service struct {
	w     *world.World
	state state
}

type state struct {
	Key  []byte             `json:"key,omitempty"` // PKCS #1; made when it is first needed
	Jobs map[string]running `json:"jobs"`          // by request token
}

// running is a job that has begun, and when its request token is good no more.
type running struct {
	Job   Job       `json:"job"`
	Until time.Time `json:"until"`
}

// New makes an issuer.
func New(w *world.World) *Service { return &Service{w: w, state: state{Jobs: map[string]running{}}} }

// Name is "oidc".
func (s *Service) Name() string { return "oidc" }

// Operations are none.
func (s *Service) Operations() map[string]world.Operation { return nil }

// State points to the key and the jobs.
func (s *Service) State() any { return &s.state }

// Due does nothing: the issuer plans nothing.
func (s *Service) Due(json.RawMessage) {}

// Keys returns the public keys of the issuer with this URL; false if it is not this one.
func (s *Service) Keys(issuer string) (jose.JSONWebKeySet, bool) {
	if issuer != Issuer {
		return jose.JSONWebKeySet{}, false
	}
	key := s.key()
	return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{key.Public()}}, true
}
