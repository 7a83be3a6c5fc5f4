// Package signer is the embedded AWS Signer, as far as it signs container images: signing profiles of the platform
// Notation-OCI-SHA384-ECDSA, payloads that they sign, and what is revoked. What else it has answers NotImplemented.
//
// It signs below a root of its own, which nobody else trusts: [Service.Root] is its PEM.
package signer

import (
	"encoding/json"
	"regexp"
	"time"

	"fairlead/local/world"
)

// platform is the one that is served, with the name that AWS shows:
// https://docs.aws.amazon.com/signer/latest/developerguide/container-workflow.html
const (
	platform     = "Notation-OCI-SHA384-ECDSA"
	platformName = "Notation for Container Registries"
)

type profile struct {
	Name     string    `json:"name"`
	Version  string    `json:"version"`
	Validity validity  `json:"validity"` // of its signatures
	Revoked  *revoking `json:"revoked,omitempty"`
}

// revoking is that of a profile: signatures that are made after From do not count.
type revoking struct {
	From time.Time `json:"from"`
	At   time.Time `json:"at"`
	By   string    `json:"by"` // the ARN of who revoked it
}

type job struct {
	ID      string `json:"id"`
	Profile string `json:"profile"` // the ARN of the version
	Version string `json:"version"`
	Revoked bool   `json:"revoked"`
}

type state struct {
	Profiles  map[string]*profile `json:"profiles"` // by name
	Jobs      map[string]*job     `json:"jobs"`     // by id
	Authority authority           `json:"authority"`
}

// Service is the embedded AWS Signer.
type Service struct {
	w     *world.World
	state state
}

// New makes an AWS Signer without profiles.
func New(w *world.World) *Service {
	return &Service{w: w, state: state{Profiles: map[string]*profile{}, Jobs: map[string]*job{}}}
}

// Name is "signer".
func (s *Service) Name() string { return "signer" }

// State is what AWS Signer remembers.
func (s *Service) State() any { return &s.state }

// Due is never called: nothing of AWS Signer happens later.
func (s *Service) Due(json.RawMessage) {}

// Operations are those on profiles and their signatures.
func (s *Service) Operations() map[string]world.Operation {
	return map[string]world.Operation{
		"PutSigningProfile":    world.Op(s.putSigningProfile),
		"GetSigningProfile":    world.Op(s.getSigningProfile),
		"RevokeSigningProfile": world.Op(s.revokeSigningProfile),
		"SignPayload":          world.Op(s.signPayload),
		"RevokeSignature":      world.Op(s.revokeSignature),
		"GetRevocationStatus":  world.Op(s.getRevocationStatus),
	}
}

func (s *Service) profileARN(name string) string { return s.w.ARN("signer", "/signing-profiles/"+name) }

func (s *Service) versionARN(p *profile) string { return s.profileARN(p.Name) + "/" + p.Version }

func (s *Service) jobARN(id string) string { return s.w.ARN("signer", "/signing-jobs/"+id) }

// byVersion is the condition key of calls about a profile or its signatures.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssigner.html#awssigner-policy-keys
func byVersion(version string) world.Keys {
	if version == "" {
		return nil
	}
	return world.Keys{"signer:ProfileVersion": {version}}
}

// Forms of the service's API model.
var (
	nameForm    = regexp.MustCompile(`^[a-zA-Z0-9_]{2,64}$`)
	versionForm = regexp.MustCompile(`^[a-zA-Z0-9]{10}$`)
	accountForm = regexp.MustCompile(`^[0-9]{12}$`)
)

// constraint is a member of an input, and whether it is as the model has it.
type constraint struct {
	name, value string
	holds       bool
}

// check says which member of an input breaks the model, as AWS says it.
func check(all ...constraint) error {
	for _, c := range all {
		if !c.holds {
			return world.Errorf("ValidationException", "1 validation error detected: Value '%s' at '%s' failed to satisfy constraint", c.value, c.name)
		}
	}
	return nil
}

// reason is the constraint of why something is revoked.
func reason(text string) constraint {
	return constraint{"reason", text, len(text) >= 1 && len(text) <= 500}
}

// ours says that an owner, if one is named, is the account that the embedded AWS plays.
func (s *Service) ours(name, owner string) error {
	if err := check(constraint{name, owner, owner == "" || accountForm.MatchString(owner)}); err != nil {
		return err
	}
	if owner != "" && owner != s.w.Account {
		return world.NotImplemented("what belongs to another account")
	}
	return nil
}

func notFound(what string) error {
	return &world.Error{Code: "ResourceNotFoundException", Status: 404, Message: what + " is not found."}
}
