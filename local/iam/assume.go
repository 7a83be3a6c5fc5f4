package iam

import (
	"fairlead/local/iam/policy"
	"fairlead/local/world"
)

// Assumption is the wish to act under a role.
type Assumption struct {
	Role      string // ARN
	Action    string // sts:AssumeRole, sts:AssumeRoleWithWebIdentity
	Who       world.Principal
	Federated string // the ARN of the identity provider that vouches for an anonymous caller
	Session   string // the session's name
	Keys      world.Keys
}

// MayAssume returns nil if the caller may act under the role: its trust policy decides and, where that names the
// account, the caller's policies. The error is a [*Denial]; for a role that does not exist it is the same, without a
// reason.
func (s *Service) MayAssume(a Assumption) error {
	denial := &Denial{Who: name(a.Who), Action: a.Action, Resource: a.Role}
	r, ok := s.Role(a.Role)
	if !ok {
		return denial
	}
	r = s.effective(r)
	policies, err := s.policies(a.Who)
	if err != nil {
		return err
	}
	if policies.Resource, err = s.pointed(r.Trust, policy.Trust); err != nil {
		return err
	}
	own := world.Keys{"sts:RoleSessionName": {a.Session}}
	if a.Federated != "" {
		own["aws:FederatedProvider"] = []string{a.Federated}
	}
	request := policy.Request{Action: a.Action, Resource: a.Role, Caller: s.trusted(r, a),
		Keys: policy.NewKeys(resourceTags(r), a.Keys, own, s.globalKeys(a.Who, a.Action, a.Role))}
	if denial.Decision = policy.DecideTrust(request, policies); denial.Decision.Allowed {
		s.decided(request, policies)
		return nil
	}
	return denial
}

// trusted is the caller as the trust policy may name it: not by the ARN of a role or user that has been made anew since
// the policy was saved.
func (s *Service) trusted(r *Role, a Assumption) policy.Caller {
	c := s.caller(a.Who)
	c.Federated = a.Federated
	if id, ok := r.TrustIDs[c.RoleARN]; ok && id != s.uniqueID(c.RoleARN) {
		c.RoleARN = ""
	}
	if id, ok := r.TrustIDs[c.ARN]; ok && id != c.UserID {
		c.ARN = c.UserID
	}
	return c
}

// resourceTags are the condition keys of a role's tags.
func resourceTags(r *Role) world.Keys {
	keys := world.Keys{}
	for _, tag := range r.Tags {
		keys["aws:ResourceTag/"+tag.Key] = []string{tag.Value}
		keys["iam:ResourceTag/"+tag.Key] = []string{tag.Value}
	}
	return keys
}
