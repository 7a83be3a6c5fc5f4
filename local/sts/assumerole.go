package sts

import (
	"encoding/json"
	"regexp"
	"unicode/utf8"

	"fairlead/local/iam"
	"fairlead/local/world"
)

type assumeRoleInput struct {
	RoleArn         string
	RoleSessionName string
	DurationSeconds *seconds
	ExternalId      *string
	Policy          string
	unserved
}

// unserved are the members of the AssumeRole operations that the embedded STS refuses, rather than to act as if they
// had no effect.
type unserved struct {
	PolicyArns, Tags, TransitiveTagKeys, SerialNumber, TokenCode, SourceIdentity, ProvidedContexts, ProviderId json.RawMessage
}

func (u unserved) check() error {
	for _, m := range []struct {
		name string
		raw  json.RawMessage
	}{{"PolicyArns", u.PolicyArns}, {"Tags", u.Tags}, {"TransitiveTagKeys", u.TransitiveTagKeys}, {"SerialNumber", u.SerialNumber},
		{"TokenCode", u.TokenCode}, {"SourceIdentity", u.SourceIdentity}, {"ProvidedContexts", u.ProvidedContexts}, {"ProviderId", u.ProviderId}} {
		if len(m.raw) > 0 && string(m.raw) != `""` {
			return world.NotImplemented(m.name)
		}
	}
	return nil
}

type assumeRoleOutput struct {
	Credentials     Credentials
	AssumedRoleUser AssumedRoleUser
	PackedPolicy    *int `xml:"PackedPolicySize"`
}

func (s *Service) assumeRole(c *world.Call, in assumeRoleInput) (assumeRoleOutput, error) {
	c.Unauthorized() // the trust policy decides below, together with the caller's policies
	if c.Principal.ARN == "" {
		return assumeRoleOutput{}, missingToken()
	}
	if err := in.check(); err != nil {
		return assumeRoleOutput{}, err
	}
	keys := world.Keys{}
	if in.ExternalId != nil {
		keys["sts:ExternalId"] = []string{*in.ExternalId}
	}
	err := s.iam.MayAssume(iam.Assumption{Role: in.RoleArn, Action: "sts:AssumeRole", Who: c.Principal, Session: in.RoleSessionName, Keys: keys})
	if err != nil {
		return assumeRoleOutput{}, denied(err)
	}
	return s.open(in.RoleArn, in.RoleSessionName, in.Policy, in.DurationSeconds, c.Principal)
}

func (in assumeRoleInput) check() error {
	if err := in.unserved.check(); err != nil {
		return err
	}
	if err := checkRoleARN(in.RoleArn); err != nil {
		return err
	}
	if err := iam.CheckSessionName(in.RoleSessionName); err != nil {
		return err
	}
	if id := in.ExternalId; id != nil && (len(*id) < 2 || len(*id) > 1224 || !regexp.MustCompile(`^[\w+=,.@:/-]*$`).MatchString(*id)) {
		return validation("1 validation error detected: Value '%s' at 'externalId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@:\\/-]*", *id)
	}
	return nil
}

// maxSessionPolicy is the longest session policy, in characters.
const maxSessionPolicy = 2048

// open makes the session and its credentials for a caller who may have them.
func (s *Service) open(role, session, policy string, wanted *seconds, who world.Principal) (assumeRoleOutput, error) {
	r, _ := s.iam.Role(role)
	ttl, err := duration(wanted, r, who)
	if err != nil {
		return assumeRoleOutput{}, err
	}
	var out assumeRoleOutput
	if policy != "" {
		if out.PackedPolicy, err = s.packed(policy); err != nil {
			return assumeRoleOutput{}, err
		}
	}
	p := s.iam.Session(r, session)
	out.Credentials = credentials(s.iam.IssueLimited(p, ttl, policy))
	out.AssumedRoleUser = AssumedRoleUser{AssumedRoleID: p.UserID, ARN: p.ARN}
	return out, nil
}

// packed checks a session policy and returns how much of its space it takes, in per cent. AWS measures a packed binary
// form, whose size it does not tell; here it is the text.
func (s *Service) packed(policy string) (*int, error) {
	n := utf8.RuneCountInString(policy)
	if n > maxSessionPolicy {
		return nil, validation("1 validation error detected: Value at 'policy' failed to satisfy constraint: Member must have length less than or equal to %d", maxSessionPolicy)
	}
	if err := s.iam.CheckSessionPolicy(policy); err != nil {
		return nil, err
	}
	percent := (n*100 + maxSessionPolicy - 1) / maxSessionPolicy
	return &percent, nil
}
