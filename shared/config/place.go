package config

import (
	"fmt"
	"strings"
)

// Place is where a deployer runs. For infra/ its fields may be CDK tokens.
type Place struct {
	Partition, Region, Account string
}

// PlaceOf reads the place from the ARN under which a Lambda function was invoked:
// arn:aws:lambda:eu-west-1:123456789012:function:name, with or without a qualifier.
func PlaceOf(functionARN string) (Place, error) {
	parts := strings.Split(functionARN, ":")
	if len(parts) < 7 || len(parts) > 8 || parts[0] != "arn" || parts[2] != "lambda" || parts[5] != "function" || parts[6] == "" {
		return Place{}, fmt.Errorf("%q is not the ARN of a Lambda function", functionARN)
	}
	place := Place{Partition: parts[1], Region: parts[3], Account: parts[4]}
	if place.Partition == "" || place.Region == "" || !accountForm.MatchString(place.Account) {
		return Place{}, fmt.Errorf("%q is not the ARN of a Lambda function", functionARN)
	}
	return place, nil
}

// RoleARN returns the ARN of a role that the configuration names: an ARN as it stands, a name as a role without a path
// in this account.
func (p Place) RoleARN(role string) string {
	if role == "" || strings.HasPrefix(role, "arn:") {
		return role
	}
	return "arn:" + p.Partition + ":iam::" + p.Account + ":role/" + role
}

// TaskRoleARN returns the ARN of the service's task role, "" if it has none.
func (s Service) TaskRoleARN(place Place) string { return place.RoleARN(s.TaskRole) }

// ExecutionRoleARN returns the ARN of the service's execution role, "" if it has none.
func (s Service) ExecutionRoleARN(place Place) string { return place.RoleARN(s.ExecutionRole) }

// RoleKind is one of the three roles that a service has.
type RoleKind string

// The roles of a service.
const (
	Look     RoleKind = "look"     // reads
	Register RoleKind = "register" // registers revisions
	Update   RoleKind = "update"   // points the service at a revision
)

// StepRoleName returns the name of a service's role: <prefix>-<service>-<kind>, 64 characters at most.
func StepRoleName(prefix, service string, kind RoleKind) string {
	return prefix + "-" + service + "-" + string(kind)
}

// ParameterName returns the name of the SSM parameter that holds the digest which a service was deployed with.
func (c Config) ParameterName(service string) string {
	return "/" + c.Prefix + "/" + service + "/deployed-digest"
}

// StepRoleARN returns the ARN of a service's role.
func (c Config) StepRoleARN(place Place, service string, kind RoleKind) string {
	return place.RoleARN(StepRoleName(c.Prefix, service, kind))
}
