package iam

import (
	"maps"
	"slices"
	"time"
)

// Managed is a customer managed policy. AWS's own managed policies do not exist here.
type Managed struct {
	Name     string    `json:"name"`
	ID       string    `json:"id"` // ANPA…
	ARN      string    `json:"arn"`
	Path     string    `json:"path"`
	Created  time.Time `json:"created"`
	Document string    `json:"document"`
	Roles    []string  `json:"roles"` // the names that the policy's own resource attaches it to
}

// Attached is an AWS::IAM::Policy: an inline policy that stands in several roles.
type Attached struct {
	Name  string   `json:"name"`
	Roles []string `json:"roles"`
}

// managedOf are the ARNs of the policies that are attached to the role, from either side, and that exist.
func (s *Service) managedOf(r *Role) []string {
	arns := slices.DeleteFunc(slices.Clone(r.Managed), func(arn string) bool { return s.state.Managed[arn] == nil })
	for _, arn := range slices.Sorted(maps.Keys(s.state.Managed)) {
		if slices.Contains(s.state.Managed[arn].Roles, r.Name) && !slices.Contains(arns, arn) {
			arns = append(arns, arn)
		}
	}
	return arns
}
