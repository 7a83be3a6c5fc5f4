package iam

import (
	"fairlead/local/iam/policy"
)

// Allowed is a request that was allowed, with the documents that it was decided by: the caller's, and the resource's own,
// which is the trust policy of a role that is assumed.
type Allowed struct {
	Request  policy.Request
	Policies policy.Policies
}

// Observe sets who is told of every request that is allowed; nil for nobody. The observer must not call IAM.
func (s *Service) Observe(f func(Allowed)) { s.observe = f }

// decided tells the observer of a request that was allowed.
func (s *Service) decided(r policy.Request, p policy.Policies) {
	if s.observe != nil {
		s.observe(Allowed{r, p})
	}
}

// Grants are what the policies and the trust of each role allow, by the ARN of the role.
func (s *Service) Grants() (map[string][]policy.Grant, error) {
	grants := map[string][]policy.Grant{}
	for _, r := range s.state.Roles {
		p, err := s.rolePolicies(r)
		if err != nil {
			return nil, err
		}
		trust, err := s.document(r.Trust, policy.Trust)
		if err != nil {
			return nil, err
		}
		for _, d := range append(p.Identity, trust) {
			grants[r.ARN] = append(grants[r.ARN], d.Grants()...)
		}
	}
	return grants, nil
}

// GrantsOf are what a resource's policy allows.
func (s *Service) GrantsOf(text string) ([]policy.Grant, error) {
	if text == "" {
		return nil, nil
	}
	d, err := s.document(text, policy.Resource)
	return d.Grants(), err
}
