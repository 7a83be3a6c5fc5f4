package iam

import (
	"encoding/json"
	"sync"
	"time"

	"fairlead/local/iam/policy"
	"fairlead/local/world"
)

// Service is IAM.
type Service struct {
	w      *world.World
	state  state
	parsed *Parsed // what the texts in state say; made anew when it is missing
	// observe is told of what is allowed; nil for nobody.
	observe func(Allowed)
}

// state is all that IAM remembers.
type state struct {
	Roles     map[string]*Role         `json:"roles"`     // by name
	Users     map[string]*User         `json:"users"`     // by name
	Managed   map[string]*Managed      `json:"managed"`   // by ARN
	Attached  map[string]*Attached     `json:"attached"`  // AWS::IAM::Policy, by the resource's id
	Providers map[string]*OIDCProvider `json:"providers"` // by ARN
	Keys      map[string]*key          `json:"keys"`      // by access key id
	Lag       time.Duration            `json:"lag"`       // how long a change of a role takes
	Past      map[string]*past         `json:"past"`      // roles that were changed, by name
	SweepAt   int                      `json:"sweepAt"`   // the number of keys at which expired ones are forgotten
}

// New makes an IAM without any role.
func New(w *world.World) *Service {
	return &Service{w: w, parsed: &Parsed{}, state: state{
		Roles: map[string]*Role{}, Users: map[string]*User{}, Managed: map[string]*Managed{},
		Attached: map[string]*Attached{}, Providers: map[string]*OIDCProvider{}, Keys: map[string]*key{},
	}}
}

// Name is "iam".
func (s *Service) Name() string { return "iam" }

// State points to all that the service remembers.
func (s *Service) State() any { return &s.state }

// Due does nothing: IAM plans nothing.
func (s *Service) Due(json.RawMessage) {}

// Operations are the operations that the embedded IAM serves.
func (s *Service) Operations() map[string]world.Operation {
	return map[string]world.Operation{
		"GetRole":                    world.Op(s.getRole),
		"ListRoles":                  world.Op(s.listRoles),
		"UpdateAssumeRolePolicy":     world.Op(s.updateAssumeRolePolicy),
		"GetRolePolicy":              world.Op(s.getRolePolicy),
		"ListRolePolicies":           world.Op(s.listRolePolicies),
		"PutRolePolicy":              world.Op(s.putRolePolicy),
		"DeleteRolePolicy":           world.Op(s.deleteRolePolicy),
		"SimulatePrincipalPolicy":    world.Op(s.simulatePrincipalPolicy),
		"ListOpenIDConnectProviders": world.Op(s.listOpenIDConnectProviders),
		"GetOpenIDConnectProvider":   world.Op(s.getOpenIDConnectProvider),
		"GetUser":                    world.Op(s.getUser),
	}
}

// Parsed are policies by their texts, as they were parsed once. Several worlds may share them.
type Parsed struct {
	mu        sync.Mutex
	documents map[parsedKey]policy.Document
}

type parsedKey struct {
	kind policy.Kind
	text string
}

// document parses a policy's text, once for all requests.
func (p *Parsed) document(text string, kind policy.Kind) (policy.Document, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	k := parsedKey{kind, text}
	if d, ok := p.documents[k]; ok {
		return d, nil
	}
	d, err := policy.Parse([]byte(text), kind)
	if err != nil {
		return d, world.Errorf("MalformedPolicyDocument", "%v", err)
	}
	if len(p.documents) > maxParsed || p.documents == nil {
		p.documents = map[parsedKey]policy.Document{}
	}
	p.documents[k] = d
	return d, nil
}

const maxParsed = 4096

func (s *Service) document(text string, kind policy.Kind) (policy.Document, error) {
	return s.parsed.document(text, kind)
}

// Share makes the service take what policies say from others that have parsed them.
func (s *Service) Share(p *Parsed) { s.parsed = p }
