package iam

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"

	"fairlead/local/world"
)

// The resource types of CloudFormation that IAM provides.
const (
	typeRole    = "AWS::IAM::Role"
	typePolicy  = "AWS::IAM::Policy"
	typeManaged = "AWS::IAM::ManagedPolicy"
	typeOIDC    = "AWS::IAM::OIDCProvider"
)

// ResourceTypes are the CloudFormation types that the service provides.
func (s *Service) ResourceTypes() []string {
	return []string{typeRole, typePolicy, typeManaged, typeOIDC}
}

// Declare creates or updates a resource. Where CloudFormation would replace the resource, it is made anew beside the
// old one and the id differs from the declared one: the stack then withdraws the old.
func (s *Service) Declare(d world.Declared) (world.Resource, error) {
	switch d.Type {
	case typeRole:
		return s.declareRole(d)
	case typePolicy:
		return s.declarePolicy(d)
	case typeManaged:
		return s.declareManaged(d)
	case typeOIDC:
		return s.declareOIDC(d)
	}
	return world.Resource{}, fmt.Errorf("iam provides no %s", d.Type)
}

// Withdraw removes a resource; one that is gone already is no error.
func (s *Service) Withdraw(resourceType, id string) error {
	switch resourceType {
	case typeRole:
		return s.withdrawRole(id)
	case typePolicy:
		s.detach(id)
		delete(s.state.Attached, id)
	case typeManaged:
		delete(s.state.Managed, id) // a role that still names it gains nothing by it, and as a boundary it allows nothing
	case typeOIDC:
		delete(s.state.Providers, id)
	default:
		return fmt.Errorf("iam provides no %s", resourceType)
	}
	return nil
}

// properties reads a resource's properties. One that is not served is an error: it would have an effect on AWS.
func properties[T any](d world.Declared) (T, error) {
	var p T
	decoder := json.NewDecoder(bytes.NewReader(d.Properties))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&p); err != nil {
		return p, fmt.Errorf("%s %s: %w", d.Type, d.LogicalID, err)
	}
	return p, nil
}

// generated is the name that CloudFormation gives a resource without one: stack, logical id and twelve random
// characters, the first two cut to 24 characters where the whole would be too long.
func (s *Service) generated(d world.Declared, longest int) string {
	stack, logical, random := d.Stack, d.LogicalID, s.w.Alphanumeric(12)
	if len(stack)+len(logical)+len(random)+2 > longest {
		stack, logical = stack[:min(24, len(stack))], logical[:min(24, len(logical))]
	}
	return stack + "-" + logical + "-" + random
}

// compact is a document's text as it is kept.
func compact(raw json.RawMessage) string {
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return string(raw)
	}
	return b.String()
}

// custom reports whether the resource is to be replaced under a name of its own, which CloudFormation refuses.
func custom(d world.Declared, what string) error {
	return fmt.Errorf("CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename %s and update the stack again (%s, %s)", what, d.Type, d.LogicalID)
}

func checkThumbprint(t string) bool { return regexp.MustCompile(`^[0-9a-fA-F]{40}$`).MatchString(t) }
