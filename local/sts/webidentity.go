package sts

import (
	"net/http"

	"fairlead/local/iam"
	"fairlead/local/world"
)

type webIdentityInput struct {
	RoleArn          string
	RoleSessionName  string
	WebIdentityToken string
	DurationSeconds  *seconds
	Policy           string
	unserved
}

type webIdentityOutput struct {
	assumeRoleOutput
	Subject  string `xml:"SubjectFromWebIdentityToken"`
	Provider string
	Audience string
}

// assumeRoleWithWebIdentity needs no AWS credentials: the token is the caller's identity, and the role's trust policy
// decides on its claims.
func (s *Service) assumeRoleWithWebIdentity(c *world.Call, in webIdentityInput) (webIdentityOutput, error) {
	c.Unauthorized()
	if err := in.check(); err != nil {
		return webIdentityOutput{}, err
	}
	t, err := s.verify(in.WebIdentityToken)
	if err != nil {
		return webIdentityOutput{}, err
	}
	err = s.iam.MayAssume(iam.Assumption{Role: in.RoleArn, Action: "sts:AssumeRoleWithWebIdentity", Federated: t.provider.ARN,
		Session: in.RoleSessionName, Keys: t.keys()})
	if err != nil {
		return webIdentityOutput{}, denied(err)
	}
	opened, err := s.open(in.RoleArn, in.RoleSessionName, in.Policy, in.DurationSeconds, world.Principal{})
	return webIdentityOutput{assumeRoleOutput: opened, Subject: t.Subject, Provider: t.provider.ARN, Audience: t.audience()}, err
}

func (in webIdentityInput) check() error {
	if err := in.unserved.check(); err != nil {
		return err
	}
	if err := checkRoleARN(in.RoleArn); err != nil {
		return err
	}
	if err := iam.CheckSessionName(in.RoleSessionName); err != nil {
		return err
	}
	if n := len(in.WebIdentityToken); n < 4 || n > 20000 {
		return validation("1 validation error detected: Value at 'webIdentityToken' failed to satisfy constraint: Member must have length between 4 and 20000")
	}
	return nil
}

// refused is InvalidIdentityToken.
func refused(message string) error {
	return &world.Error{Code: "InvalidIdentityToken", Message: message, Status: http.StatusBadRequest}
}
