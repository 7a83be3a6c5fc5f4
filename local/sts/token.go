package sts

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"fairlead/local/iam"
	"fairlead/local/world"
)

// skew is how far the issuer's clock may be from AWS's. AWS does not tell its own.
const skew = 5 * time.Minute

// token is a web identity token whose signature, audience and times were found right.
type token struct {
	jwt.Claims
	AuthorizedParty string   `json:"azp"`
	AMR             []string `json:"amr"`
	provider        iam.OIDCProvider
	all             map[string]json.RawMessage
}

// verify reads a token and checks it against its registered provider and the issuer's keys.
func (s *Service) verify(raw string) (token, error) {
	signed, err := jwt.ParseSigned(raw, []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.ES256, jose.ES384, jose.ES512})
	if err != nil {
		return token{}, refused("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)")
	}
	var t token
	if err := signed.UnsafeClaimsWithoutVerification(&t, &t.all); err != nil {
		return token{}, refused("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)")
	}
	provider, ok := s.iam.Provider(t.Issuer)
	if !ok || !strings.HasPrefix(t.Issuer, "https://") {
		return token{}, refused("No OpenIDConnect provider found in your account for " + t.Issuer)
	}
	t.provider = provider
	if err := s.checkSignature(signed, t.Issuer); err != nil {
		return token{}, err
	}
	if !provider.Knows(t.audiences()) {
		return token{}, refused("Incorrect token audience")
	}
	return t, t.checkTimes(s.w.Now())
}

func (s *Service) checkSignature(signed *jwt.JSONWebToken, issuer string) error {
	keys, ok := s.issuers.Keys(issuer)
	if !ok {
		return refused("Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements")
	}
	for _, key := range keys.Keys {
		if key.KeyID == signed.Headers[0].KeyID && signed.Claims(key.Key) == nil {
			return nil
		}
	}
	return refused("Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements")
}

// checkTimes: exp and iat must be there, and the token must be in force.
func (t token) checkTimes(now time.Time) error {
	switch {
	case t.Expiry == nil || t.IssuedAt == nil:
		return refused("Missing a required claim: exp, iat")
	case !now.Before(t.Expiry.Time()):
		return &world.Error{Code: "ExpiredTokenException", Status: http.StatusBadRequest, Message: fmt.Sprintf(
			"Token expired: current date/time %d must be before the expiration date/time %d", now.Unix(), t.Expiry.Time().Unix())}
	case t.NotBefore != nil && t.NotBefore.Time().After(now.Add(skew)), t.IssuedAt.Time().After(now.Add(skew)):
		return refused("The ID Token provided is not in force yet")
	}
	return nil
}

// audiences are what the provider's client ids are compared with: azp, where the token has it, else aud.
func (t token) audiences() []string {
	if t.AuthorizedParty != "" {
		return []string{t.AuthorizedParty}
	}
	return t.Audience
}

func (t token) audience() string { return strings.Join(t.audiences(), ",") }

// keys are the token's claims as condition keys under the issuer's name: sub, aud, oaud and amr of any issuer, and of
// GitHub's those claims that AWS makes keys of
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif).
// Other claims are no keys on AWS, and so they are none here.
func (t token) keys() world.Keys {
	prefix := t.provider.URL + ":"
	keys := world.Keys{prefix + "sub": {t.Subject}, prefix + "aud": t.audiences()}
	if t.AuthorizedParty != "" {
		keys[prefix+"oaud"] = t.Audience
	}
	if len(t.AMR) > 0 {
		keys[prefix+"amr"] = t.AMR
	}
	for name, raw := range t.all {
		var value string
		if slices.Contains(claimsOf(t.provider.URL), name) && json.Unmarshal(raw, &value) == nil {
			keys[prefix+name] = []string{value}
		}
	}
	return keys
}

func claimsOf(issuer string) []string {
	if issuer != "token.actions.githubusercontent.com" {
		return nil
	}
	return strings.Fields("actor actor_id enterprise_id environment job_workflow_ref ref repository repository_id repository_owner_id workflow")
}
