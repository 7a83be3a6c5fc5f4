package iam

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"fairlead/local/world"
)

// check refuses what IAM refuses before it looks at anything, and what is not served.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
func (in simulateInput) check() error {
	for _, check := range []func() error{in.checkSource, in.checkActions, in.checkResources, in.checkContext, in.checkServed} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

var entityForm = regexp.MustCompile(`^arn:[a-z-]+:iam::[0-9]{12}:(user|role|group)/.+$`)

func (in simulateInput) checkSource() error {
	switch {
	case in.PolicySourceArn == "":
		return null("policySourceArn")
	case len(in.PolicySourceArn) < 20:
		return invalid("policySourceArn", in.PolicySourceArn, "Member must have length greater than or equal to 20")
	case !entityForm.MatchString(in.PolicySourceArn):
		return world.Errorf("InvalidInput", "Invalid Entity Arn: %s does not clearly define entity type and name.", in.PolicySourceArn)
	}
	return nil
}

func (in simulateInput) checkActions() error {
	if len(in.ActionNames) == 0 {
		return null("actionNames")
	}
	for _, action := range in.ActionNames {
		if !strings.Contains(action, ":") || strings.ContainsAny(action, "*?") {
			return world.Errorf("InvalidInput", "Invalid Action(s): %s", action)
		}
	}
	return nil
}

func (in simulateInput) checkResources() error {
	for _, arn := range in.ResourceArns {
		if arn != "*" && (!strings.HasPrefix(arn, "arn:") || strings.Count(arn, ":") < 5) {
			return world.Errorf("InvalidInput", "ResourceNames are not in a valid ARN format: %s.", arn)
		}
	}
	return nil
}

func (in simulateInput) checkContext() error {
	kinds := []string{"string", "stringList", "numeric", "numericList", "boolean", "booleanList", "ip", "ipList", "binary", "binaryList", "date", "dateList"}
	for i, e := range in.ContextEntries {
		at := "contextEntries." + strconv.Itoa(i+1) + ".member."
		switch {
		case len(e.ContextKeyName) < 5:
			return invalid(at+"contextKeyName", e.ContextKeyName, "Member must have length greater than or equal to 5")
		case e.ContextKeyType != "" && !slices.Contains(kinds, e.ContextKeyType):
			return invalid(at+"contextKeyType", e.ContextKeyType, "Member must satisfy enum value set: [%s]", strings.Join(kinds, ", "))
		}
	}
	return nil
}

func (in simulateInput) checkServed() error {
	for name, raw := range map[string]json.RawMessage{"PermissionsBoundaryPolicyInputList": in.PermissionsBoundaryPolicyInputList,
		"ResourcePolicy": in.ResourcePolicy, "ResourceOwner": in.ResourceOwner, "CallerArn": in.CallerArn, "ResourceHandlingOption": in.ResourceHandlingOption} {
		if len(raw) > 0 {
			return world.NotImplemented("SimulatePrincipalPolicy with " + name)
		}
	}
	return nil
}

// simulated is the role whose policies are simulated.
func (s *Service) simulated(arn string) (*Role, error) {
	if r, ok := s.Role(arn); ok {
		return r, nil
	}
	kind, name := entityForm.FindStringSubmatch(arn)[1], arn[strings.LastIndex(arn, "/")+1:]
	if u, ok := s.state.Users[name]; ok && u.ARN == arn {
		return nil, world.NotImplemented("SimulatePrincipalPolicy of a user")
	}
	return nil, notFound("The %s with name %s cannot be found.", kind, name)
}

// null is AWS's error about a member that is missing.
func null(member string) error {
	return world.Errorf("ValidationError", "1 validation error detected: Value null at '%s' failed to satisfy constraint: Member must not be null", member)
}
