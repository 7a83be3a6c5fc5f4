package iam

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"fairlead/local/iam/policy"
	"fairlead/local/world"
)

type policyProperties struct {
	PolicyName     string
	PolicyDocument json.RawMessage
	Roles          []string
}

// declarePolicy puts an AWS::IAM::Policy, an inline policy, into each of its roles.
func (s *Service) declarePolicy(d world.Declared) (world.Resource, error) {
	p, err := properties[policyProperties](d)
	if err != nil {
		return world.Resource{}, err
	}
	if len(p.Roles) == 0 {
		return world.Resource{}, fmt.Errorf("%s %s: at least one of Roles must be there", d.Type, d.LogicalID)
	}
	id := d.ID
	if id == "" {
		id = s.generated(d, maxNameOfPolicy)
	}
	if err := s.attach(id, p); err != nil {
		return world.Resource{}, fmt.Errorf("%s %s: %w", d.Type, d.LogicalID, err)
	}
	return world.Resource{ID: id, Attributes: map[string]any{"Id": id}}, nil
}

// attach changes all roles or, where one refuses, none.
func (s *Service) attach(id string, p policyProperties) error {
	roles := map[string]*Role{}
	for _, name := range s.rolesOf(id, p.Roles) {
		r, ok := s.state.Roles[name]
		if !ok {
			return notFound("The role with name %s cannot be found.", name)
		}
		roles[name] = r.clone()
		maps.DeleteFunc(roles[name].Inline, func(_ string, i Inline) bool { return i.Owner == id })
	}
	for _, name := range p.Roles {
		if err := s.putInline(roles[name], p.PolicyName, Inline{Document: compact(p.PolicyDocument), Owner: id}); err != nil {
			return err
		}
	}
	maps.Copy(s.state.Roles, roles)
	s.state.Attached[id] = &Attached{Name: p.PolicyName, Roles: p.Roles}
	return nil
}

// rolesOf are the roles that the policy is to stand in, and those that it stood in and that still exist.
func (s *Service) rolesOf(id string, wanted []string) []string {
	names := slices.Clone(wanted)
	if old, ok := s.state.Attached[id]; ok {
		for _, name := range old.Roles {
			if _, exists := s.state.Roles[name]; exists && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

func (s *Service) detach(id string) {
	for _, r := range s.state.Roles {
		maps.DeleteFunc(r.Inline, func(_ string, i Inline) bool { return i.Owner == id })
	}
}

type managedProperties struct {
	ManagedPolicyName string
	Path              string
	Description       string
	PolicyDocument    json.RawMessage
	Roles             []string
}

// declareManaged makes a customer managed policy; its name and path cannot be changed later.
func (s *Service) declareManaged(d world.Declared) (world.Resource, error) {
	p, err := properties[managedProperties](d)
	if err != nil {
		return world.Resource{}, err
	}
	m, err := s.managedToDeclare(d, p)
	if err != nil {
		return world.Resource{}, fmt.Errorf("%s %s: %w", d.Type, d.LogicalID, err)
	}
	s.state.Managed[m.ARN] = m
	return world.Resource{ID: m.ARN, Attributes: map[string]any{"PolicyArn": m.ARN, "PolicyId": m.ID}}, nil
}

func (s *Service) managedToDeclare(d world.Declared, p managedProperties) (*Managed, error) {
	text := compact(p.PolicyDocument)
	if _, err := s.document(text, policy.Identity); err != nil {
		return nil, err
	}
	if size(text) > maxManaged {
		return nil, conflict("LimitExceeded", "Cannot exceed quota for PolicySize: %d", maxManaged)
	}
	for _, name := range p.Roles {
		if _, ok := s.state.Roles[name]; !ok {
			return nil, notFound("The role with name %s cannot be found.", name)
		}
	}
	m, err := s.namedManaged(d, p)
	if err != nil {
		return nil, err
	}
	m.Document, m.Roles = text, p.Roles
	return m, nil
}

// namedManaged is a copy of the policy that stands, or a new one.
func (s *Service) namedManaged(d world.Declared, p managedProperties) (*Managed, error) {
	if p.Path == "" {
		p.Path = "/"
	}
	if old, ok := s.state.Managed[d.ID]; ok && p.Path == old.Path && (p.ManagedPolicyName == "" || p.ManagedPolicyName == old.Name) {
		m := *old
		return &m, nil
	}
	if p.ManagedPolicyName == "" {
		p.ManagedPolicyName = s.generated(d, maxNameOfPolicy)
	}
	if err := checkName("policyName", p.ManagedPolicyName, maxNameOfPolicy); err != nil {
		return nil, err
	}
	if err := checkPath(p.Path); err != nil {
		return nil, err
	}
	arn := s.w.GlobalARN("iam", "policy"+p.Path+p.ManagedPolicyName)
	if _, taken := s.state.Managed[arn]; taken {
		return nil, conflict("EntityAlreadyExists", "A policy called %s already exists. Duplicate names are not allowed.", p.ManagedPolicyName)
	}
	return &Managed{Name: p.ManagedPolicyName, ID: "ANPA" + s.w.Alphanumeric(17), ARN: arn, Path: p.Path, Created: s.w.Now()}, nil
}
