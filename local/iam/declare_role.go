package iam

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"fairlead/local/iam/policy"
	"fairlead/local/world"
)

type roleProperties struct {
	RoleName                 string
	Path                     string
	Description              string
	AssumeRolePolicyDocument json.RawMessage
	Policies                 []inlineProperty
	ManagedPolicyArns        []string
	PermissionsBoundary      string
	MaxSessionDuration       json.Number
	Tags                     []Tag
}

type inlineProperty struct {
	PolicyName     string
	PolicyDocument json.RawMessage
}

// declareRole checks the whole of the declaration before it changes anything.
func (s *Service) declareRole(d world.Declared) (world.Resource, error) {
	p, err := properties[roleProperties](d)
	if err != nil {
		return world.Resource{}, err
	}
	r, err := s.roleToDeclare(d, p)
	if err != nil {
		return world.Resource{}, fmt.Errorf("%s %s: %w", d.Type, d.LogicalID, err)
	}
	if err := s.applyRole(r, p); err != nil {
		return world.Resource{}, fmt.Errorf("%s %s: %w", d.Type, d.LogicalID, err)
	}
	if old, stands := s.state.Roles[r.Name]; stands {
		s.remember(old)
	}
	s.state.Roles[r.Name] = r
	return world.Resource{ID: r.Name, Attributes: map[string]any{"Arn": r.ARN, "RoleId": r.ID}}, nil
}

// roleToDeclare returns a copy of the role that stands, or a new one.
func (s *Service) roleToDeclare(d world.Declared, p roleProperties) (*Role, error) {
	if p.Path == "" {
		p.Path = "/"
	}
	if d.ID != "" {
		old, stands := s.state.Roles[d.ID]
		named := p.RoleName == "" || p.RoleName == d.ID
		switch {
		case !stands:
			return nil, notFound("The role with name %s cannot be found.", d.ID)
		case named && p.Path == old.Path:
			return old.clone(), nil
		case p.RoleName == d.ID:
			return nil, custom(d, p.RoleName)
		}
	}
	if p.RoleName == "" {
		p.RoleName = s.generated(d, maxNameOfRole)
	}
	return s.newRole(p.RoleName, p.Path)
}

// clone is a copy that can be changed without the role.
func (r *Role) clone() *Role {
	c := *r
	c.Inline = maps.Clone(r.Inline)
	return &c
}

func (s *Service) newRole(name, path string) (*Role, error) {
	if err := checkName("roleName", name, maxNameOfRole); err != nil {
		return nil, err
	}
	if err := checkPath(path); err != nil {
		return nil, err
	}
	for other := range s.state.Roles { // names differ in more than their case
		if strings.EqualFold(other, name) {
			return nil, conflict("EntityAlreadyExists", "Role with name %s already exists.", name)
		}
	}
	return &Role{Name: name, ID: "AROA" + s.w.Alphanumeric(17), ARN: s.w.GlobalARN("iam", "role"+path+name), Path: path,
		Created: s.w.Now(), Inline: map[string]Inline{}, TrustIDs: map[string]string{}}, nil
}

func (s *Service) applyRole(r *Role, p roleProperties) error {
	r.Description, r.Tags, r.MaxSession = p.Description, p.Tags, 3600
	if p.MaxSessionDuration != "" {
		n, err := p.MaxSessionDuration.Int64()
		if err != nil || n < 3600 || n > 43200 {
			return world.Errorf("ValidationError", "MaxSessionDuration %s is not between 3600 and 43200", p.MaxSessionDuration)
		}
		r.MaxSession = int(n)
	}
	if err := s.setTrust(r, compact(p.AssumeRolePolicyDocument)); err != nil {
		return err
	}
	if err := s.setManaged(r, p); err != nil {
		return err
	}
	return s.setOwnInline(r, p.Policies)
}

func (s *Service) setManaged(r *Role, p roleProperties) error {
	arns := slices.Clone(p.ManagedPolicyArns)
	if p.PermissionsBoundary != "" {
		arns = append(arns, p.PermissionsBoundary)
	}
	for _, arn := range arns {
		if _, ok := s.state.Managed[arn]; !ok {
			return notFound("Policy %s does not exist or is not attachable. (The embedded AWS has the managed policies of its templates and none of AWS's.)", arn)
		}
	}
	if len(p.ManagedPolicyArns) > maxManagedOfRole {
		return conflict("LimitExceeded", "Cannot exceed quota for PoliciesPerRole: %d", maxManagedOfRole)
	}
	r.Managed, r.Boundary = p.ManagedPolicyArns, p.PermissionsBoundary
	return nil
}

// setOwnInline replaces the policies that the template declared within the role, and no others.
func (s *Service) setOwnInline(r *Role, policies []inlineProperty) error {
	maps.DeleteFunc(r.Inline, func(_ string, i Inline) bool { return i.Owner == ownRole })
	for _, p := range policies {
		if err := s.putInline(r, p.PolicyName, Inline{Document: compact(p.PolicyDocument), Owner: ownRole}); err != nil {
			return err
		}
	}
	return nil
}

// putInline checks an inline policy and puts it into the role.
func (s *Service) putInline(r *Role, name string, i Inline) error {
	if err := checkName("policyName", name, maxNameOfPolicy); err != nil {
		return err
	}
	if _, err := s.document(i.Document, policy.Identity); err != nil {
		return err
	}
	if old, ok := r.Inline[name]; ok && i.Owner != "" && old.Owner != i.Owner {
		return conflict("EntityAlreadyExists", "The role %s has an inline policy %s already", r.Name, name)
	}
	total := size(i.Document)
	for other, inline := range r.Inline {
		if other != name {
			total += size(inline.Document)
		}
	}
	if total > maxInlineOfRole {
		return conflict("LimitExceeded", "Maximum policy size of %d bytes exceeded for role %s", maxInlineOfRole, r.Name)
	}
	r.Inline[name] = i
	return nil
}

// withdrawRole deletes a role. A policy that somebody put into it by the API stands in the way, as in IAM; those of the
// stack's own resources go with it.
func (s *Service) withdrawRole(name string) error {
	r, ok := s.state.Roles[name]
	if !ok {
		return nil
	}
	for _, i := range r.Inline {
		if i.Owner == "" {
			return conflict("DeleteConflict", "Cannot delete entity, must delete policies first.")
		}
	}
	delete(s.state.Roles, name)
	return nil
}
