package iam

import (
	"fmt"
	"maps"
	"slices"

	"fairlead/local/iam/policy"
	"fairlead/local/world"
)

// Denial is why a call was refused, in AWS's words.
type Denial struct {
	Who      string // the principal's ARN
	Action   string
	Resource string
	Decision policy.Decision
}

func (d *Denial) Error() string {
	s := fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s", d.Who, d.Action, d.Resource)
	if d.Decision.Policy == "" {
		return s
	}
	return s + " " + d.Decision.Denial(d.Action)
}

// Authorize decides a call by the caller's own policies. The error is a [*Denial].
func (s *Service) Authorize(who world.Principal, action, resource string, keys world.Keys) error {
	return s.authorize(who, action, resource, keys, nil)
}

// AuthorizeWithResource decides a call to a resource that has a policy of its own (empty: it has none): within the
// account, the caller's policies or the resource's must allow it. The error is a [*Denial], or a *world.Error
// MalformedPolicyDocument.
func (s *Service) AuthorizeWithResource(who world.Principal, action, resource string, keys world.Keys, resourcePolicy string) error {
	if resourcePolicy == "" {
		return s.authorize(who, action, resource, keys, nil)
	}
	d, err := s.document(resourcePolicy, policy.Resource)
	if err != nil {
		return err
	}
	return s.authorize(who, action, resource, keys, &d)
}

// CheckResourcePolicy reports why a resource's policy cannot be had: a *world.Error MalformedPolicyDocument, or nil.
func (s *Service) CheckResourcePolicy(text string) error {
	_, err := s.document(text, policy.Resource)
	return err
}

// CheckSessionPolicy is CheckResourcePolicy for a session policy.
func (s *Service) CheckSessionPolicy(text string) error {
	_, err := s.document(text, policy.Session)
	return err
}

func (s *Service) authorize(who world.Principal, action, resource string, keys world.Keys, own *policy.Document) error {
	request := policy.Request{Action: action, Resource: resource, Caller: s.caller(who),
		Keys: policy.NewKeys(keys, s.globalKeys(who, action, resource))}
	policies, err := s.policies(who)
	if err != nil {
		return err
	}
	policies.Resource = own
	decision := policy.Decide(request, policies)
	if decision.Allowed {
		s.decided(request, policies)
		return nil
	}
	return &Denial{Who: name(who), Action: action, Resource: resource, Decision: decision}
}

func name(who world.Principal) string {
	if who.ARN == "" {
		return who.Service
	}
	return who.ARN
}

// caller is the principal in the terms of a policy.
func (s *Service) caller(who world.Principal) policy.Caller {
	if who.Service != "" {
		return policy.Caller{Service: who.Service}
	}
	c := policy.Caller{ARN: who.ARN, Account: who.Account, RoleARN: who.RoleARN, UserID: who.UserID}
	if r, ok := s.Role(who.RoleARN); ok {
		c.Bounded = r.Boundary != ""
	}
	return c
}

// policies are those of the caller. A service has none, and neither has a session whose role or credentials are gone.
func (s *Service) policies(who world.Principal) (policy.Policies, error) {
	if who.Service != "" || !s.alive(who) {
		return policy.Policies{}, nil
	}
	k, ok := s.state.Keys[who.AccessKey]
	if who.AccessKey != "" && !ok {
		return policy.Policies{}, nil
	}
	if who.RoleARN == "" {
		identity, err := s.documents(slices.Sorted(maps.Values(s.state.Users[who.UserName].Inline)))
		return policy.Policies{Identity: identity}, err
	}
	r, _ := s.Role(who.RoleARN)
	p, err := s.rolePolicies(s.effective(r))
	if err == nil && ok && k.Policy != "" {
		p.Session, err = s.pointed(k.Policy, policy.Session)
	}
	return p, err
}

// rolePolicies are the role's identity policies and its boundary.
func (s *Service) rolePolicies(r *Role) (policy.Policies, error) {
	var texts []string
	for _, name := range slices.Sorted(maps.Keys(r.Inline)) {
		texts = append(texts, r.Inline[name].Document)
	}
	for _, arn := range s.managedOf(r) {
		texts = append(texts, s.state.Managed[arn].Document)
	}
	identity, err := s.documents(texts)
	p := policy.Policies{Identity: identity}
	if err == nil && r.Boundary != "" {
		p.Boundary, err = s.boundary(r.Boundary)
	}
	return p, err
}

// boundary is the policy of that ARN; one that is gone allows nothing.
func (s *Service) boundary(arn string) (*policy.Document, error) {
	m, ok := s.state.Managed[arn]
	if !ok {
		return &policy.Document{}, nil
	}
	return s.pointed(m.Document, policy.Identity)
}

func (s *Service) documents(texts []string) ([]policy.Document, error) {
	documents := make([]policy.Document, 0, len(texts))
	for _, text := range texts {
		d, err := s.document(text, policy.Identity)
		if err != nil {
			return nil, err
		}
		documents = append(documents, d)
	}
	return documents, nil
}

func (s *Service) pointed(text string, kind policy.Kind) (*policy.Document, error) {
	d, err := s.document(text, kind)
	return &d, err
}
