package iam

import (
	"slices"
	"strings"

	"fairlead/local/iam/policy"
	"fairlead/local/world"
)

// github is the host of the issuer of GitHub Actions' tokens.
const github = "token.actions.githubusercontent.com"

// checkGitHub refuses a trust policy that lets every repository on GitHub in: IAM wants a condition on the token's sub
// whose value is more than wildcards
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html).
func checkGitHub(d policy.Document) error {
	for _, s := range d.Statements {
		trusted := slices.ContainsFunc(s.Principals.Federated, func(arn string) bool { return strings.HasSuffix(arn, "/"+github) })
		if s.Effect == policy.Allow && trusted && !slices.ContainsFunc(s.Conditions, limitsSubject) {
			return world.Errorf("MalformedPolicyDocument", "The trust policy must evaluate the condition key %s:sub, with a value that is not solely a wildcard", github)
		}
	}
	return nil
}

func limitsSubject(c policy.Condition) bool {
	positive := strings.HasPrefix(c.Operator, "String") && !strings.Contains(c.Operator, "Not")
	return c.Key == github+":sub" && positive &&
		!slices.ContainsFunc(c.Values, func(v string) bool { return strings.Trim(v, "*?") == "" })
}
