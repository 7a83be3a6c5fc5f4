package iam

import (
	"maps"
	"slices"

	"fairlead/local/world"
)

type rolePolicyInput struct {
	RoleName       string
	PolicyName     string
	PolicyDocument string
}

type rolePolicyOutput struct {
	RoleName       string
	PolicyName     string
	PolicyDocument string
}

func (s *Service) getRolePolicy(c *world.Call, in rolePolicyInput) (rolePolicyOutput, error) {
	r, err := s.may(c, "iam:GetRolePolicy", in.RoleName)
	if err != nil {
		return rolePolicyOutput{}, err
	}
	i, ok := r.Inline[in.PolicyName]
	if !ok {
		return rolePolicyOutput{}, notFound("The role policy with name %s cannot be found.", in.PolicyName)
	}
	return rolePolicyOutput{r.Name, in.PolicyName, encoded(i.Document)}, nil
}

type listRolePoliciesInput struct {
	RoleName string
	paging
}

type listRolePoliciesOutput struct {
	PolicyNames members[string]
	IsTruncated bool
	Marker      string `xml:",omitempty"`
}

func (s *Service) listRolePolicies(c *world.Call, in listRolePoliciesInput) (listRolePoliciesOutput, error) {
	r, err := s.may(c, "iam:ListRolePolicies", in.RoleName)
	if err != nil {
		return listRolePoliciesOutput{}, err
	}
	var out listRolePoliciesOutput
	out.PolicyNames.Members, out.Marker, err = in.page(slices.Sorted(maps.Keys(r.Inline)))
	out.IsTruncated = out.Marker != ""
	return out, err
}

// putRolePolicy adds an inline policy or replaces its document; one that a template declared stays the template's.
func (s *Service) putRolePolicy(c *world.Call, in rolePolicyInput) (struct{}, error) {
	r, err := s.may(c, "iam:PutRolePolicy", in.RoleName)
	if err != nil {
		return struct{}{}, err
	}
	s.remember(r)
	return struct{}{}, s.putInline(r, in.PolicyName, Inline{Document: in.PolicyDocument, Owner: r.Inline[in.PolicyName].Owner})
}

func (s *Service) deleteRolePolicy(c *world.Call, in rolePolicyInput) (struct{}, error) {
	r, err := s.may(c, "iam:DeleteRolePolicy", in.RoleName)
	if err != nil {
		return struct{}{}, err
	}
	if _, ok := r.Inline[in.PolicyName]; !ok {
		return struct{}{}, notFound("The role policy with name %s cannot be found.", in.PolicyName)
	}
	s.remember(r)
	delete(r.Inline, in.PolicyName)
	return struct{}{}, nil
}
