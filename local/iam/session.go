package iam

import (
	"fmt"
	"maps"
	"regexp"
	"strings"
	"time"

	"fairlead/local/sigv4"
	"fairlead/local/world"
)

// key is an access key: a user's, or a session's temporary one.
type key struct {
	Secret    string          `json:"secret"`
	Token     string          `json:"token,omitempty"`  // a session's
	Expires   time.Time       `json:"expires,omitzero"` // zero: never
	Issued    time.Time       `json:"issued"`           //
	Policy    string          `json:"policy,omitempty"` // the session policy's text
	Principal world.Principal `json:"principal"`
}

// remembered is how long an expired key is still known as such. Later it is any unknown key.
const remembered = time.Hour

// Secret returns the secret behind an access key, for the check of a signature. Whether a key has expired is a matter
// of the world's clock, so it is said here.
func (s *Service) Secret(accessKeyID string) (sigv4.Secret, bool) {
	k, ok := s.state.Keys[accessKeyID]
	if !ok || !s.alive(k.Principal) {
		return sigv4.Secret{}, false
	}
	return sigv4.Secret{Key: k.Secret, Token: k.Token, Principal: k.Principal, Expired: s.expired(k)}, true
}

func (s *Service) expired(k *key) bool { return !k.Expires.IsZero() && !s.w.Now().Before(k.Expires) }

// alive reports whether the role or user behind a principal still exists, and is not another of the same name.
func (s *Service) alive(p world.Principal) bool {
	if p.RoleARN == "" {
		u, ok := s.state.Users[p.UserName]
		return ok && u.ID == p.UserID
	}
	r, ok := s.Role(p.RoleARN)
	id, _, _ := strings.Cut(p.UserID, ":")
	return ok && r.ID == id
}

// Session is the principal of a session of the role. It does not ask whether anyone may have it.
func (s *Service) Session(r *Role, name string) world.Principal {
	return world.Principal{Account: s.w.Account, RoleARN: r.ARN, UserID: r.ID + ":" + name,
		ARN: s.w.GlobalARN("sts", "assumed-role/"+r.Name+"/"+name)}
}

// Issue makes temporary credentials of a session, that live for ttl.
func (s *Service) Issue(p world.Principal, ttl time.Duration) world.Credentials {
	return s.IssueLimited(p, ttl, "")
}

// IssueLimited is Issue with a session policy (a document's text, checked before), which limits what the session may.
func (s *Service) IssueLimited(p world.Principal, ttl time.Duration, sessionPolicy string) world.Credentials {
	s.sweep()
	id := "ASIA" + s.w.Alphanumeric(16)
	p.AccessKey = id
	k := &key{Secret: s.w.Hex(40), Token: "IQoJb3JpZ2luX2Vj" + s.w.Hex(64) + s.w.Hex(64), Issued: s.w.Now(),
		Expires: s.w.Now().Add(ttl), Policy: sessionPolicy, Principal: p}
	s.state.Keys[id] = k
	return world.Credentials{AccessKeyID: id, SecretAccessKey: k.Secret, SessionToken: k.Token, Expiration: k.Expires}
}

// sweep forgets keys that expired long ago, each time their number has doubled.
func (s *Service) sweep() {
	if len(s.state.Keys) < s.state.SweepAt {
		return
	}
	before := s.w.Now().Add(-remembered)
	maps.DeleteFunc(s.state.Keys, func(_ string, k *key) bool { return !k.Expires.IsZero() && k.Expires.Before(before) })
	s.state.SweepAt = 2*len(s.state.Keys) + 64
}

// CheckSessionName reports why AWS would refuse a role session name, or nil.
func CheckSessionName(name string) error {
	switch {
	case len(name) > 64:
		return invalid("roleSessionName", name, "Member must have length less than or equal to 64")
	case len(name) < 2:
		return invalid("roleSessionName", name, "Member must have length greater than or equal to 2")
	case !sessionNameForm.MatchString(name):
		return invalid("roleSessionName", name, `Member must satisfy regular expression pattern: [\w+=,.@-]*`)
	}
	return nil
}

// ServiceSession assumes role as an AWS service does, on behalf of source. The role's trust policy decides.
func (s *Service) ServiceSession(role, service, source, session string) (world.Principal, error) {
	if err := CheckSessionName(session); err != nil {
		return world.Principal{}, fmt.Errorf("%s cannot assume %s: %w", service, role, err)
	}
	who := world.Principal{Service: service, SourceARN: source}
	if err := s.MayAssume(Assumption{Role: role, Action: "sts:AssumeRole", Who: who, Session: session}); err != nil {
		return world.Principal{}, err
	}
	r, _ := s.Role(role)
	return s.Session(r, session), nil
}

var sessionNameForm = regexp.MustCompile(`^[\w+=,.@-]*$`)
