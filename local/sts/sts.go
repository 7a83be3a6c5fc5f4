// Package sts is the embedded AWS's Security Token Service: it turns one identity into a session of a role. The trust
// policies and the keys are package iam's.
package sts

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"fairlead/local/iam"
	"fairlead/local/world"
)

// Issuers fetches the public keys of OpenID Connect issuers, as AWS does over the Internet.
type Issuers interface {
	// Keys returns the keys of the issuer with this URL; false if it cannot be reached.
	Keys(issuer string) (jose.JSONWebKeySet, bool)
}

// Service is STS.
type Service struct {
	w       *world.World
	iam     *iam.Service
	issuers Issuers
}

// New makes an STS over the roles and keys of iam.
func New(w *world.World, roles *iam.Service, issuers Issuers) *Service {
	return &Service{w: w, iam: roles, issuers: issuers}
}

// Name is "sts".
func (s *Service) Name() string { return "sts" }

// State is empty: sessions are iam's.
func (s *Service) State() any { return &struct{}{} }

// Due does nothing: STS plans nothing.
func (s *Service) Due(json.RawMessage) {}

// Operations are the operations that the embedded STS serves.
func (s *Service) Operations() map[string]world.Operation {
	return map[string]world.Operation{
		"AssumeRole":                world.Op(s.assumeRole),
		"AssumeRoleWithWebIdentity": world.Op(s.assumeRoleWithWebIdentity),
		"GetCallerIdentity":         world.Op(s.getCallerIdentity),
	}
}

// Credentials are temporary credentials as STS's XML has them.
type Credentials struct {
	AccessKeyID     string `xml:"AccessKeyId"`
	SecretAccessKey string `xml:"SecretAccessKey"`
	SessionToken    string `xml:"SessionToken"`
	Expiration      string `xml:"Expiration"`
}

func credentials(c world.Credentials) Credentials {
	return Credentials{AccessKeyID: c.AccessKeyID, SecretAccessKey: c.SecretAccessKey, SessionToken: c.SessionToken,
		Expiration: c.Expiration.UTC().Format(time.RFC3339)}
}

// AssumedRoleUser names a session.
type AssumedRoleUser struct {
	AssumedRoleID string `xml:"AssumedRoleId"`
	ARN           string `xml:"Arn"`
}

func (s *Service) getCallerIdentity(c *world.Call, _ struct{}) (any, error) {
	c.Unauthorized() // "No permissions are required to perform this operation"
	if c.Principal.ARN == "" {
		return nil, missingToken()
	}
	return struct {
		ARN     string `xml:"Arn"`
		UserID  string `xml:"UserId"`
		Account string `xml:"Account"`
	}{c.Principal.ARN, c.Principal.UserID, c.Principal.Account}, nil
}

func missingToken() error {
	return &world.Error{Code: "MissingAuthenticationToken", Message: "Request is missing Authentication Token", Status: http.StatusForbidden}
}

func validation(format string, args ...any) error {
	return world.Errorf("ValidationError", format, args...)
}

// checkRoleARN: an ARN of something else, a secret that was empty or carries a newline.
func checkRoleARN(arn string) error {
	switch {
	case arn == "":
		return validation("1 validation error detected: Value null at 'roleArn' failed to satisfy constraint: Member must not be null")
	case len(arn) < 20:
		return validation("1 validation error detected: Value '%s' at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 20", arn)
	case !roleForm.MatchString(arn):
		return validation("Request ARN is invalid")
	}
	return nil
}

// denied is the reply to who may not act under a role. STS names the trust policy's refusal of a web identity without
// the caller, who has no ARN.
func denied(err error) error {
	var d *iam.Denial
	if !errors.As(err, &d) {
		return err
	}
	message := d.Error()
	if strings.HasSuffix(d.Action, "WithWebIdentity") {
		message = "Not authorized to perform " + d.Action
	}
	return &world.Error{Code: "AccessDenied", Message: message, Status: http.StatusForbidden}
}

var roleForm = regexp.MustCompile(`^arn:aws(-[a-z-]+)?:iam::\d{12}:role/[!-~]+$`)
