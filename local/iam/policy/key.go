package policy

import (
	"slices"
	"strings"
)

// checkKey refuses a condition key without a service's prefix, and a global key that the embedded AWS does not know or
// that AWS would set and it cannot: a condition on it would be decided otherwise than on AWS. Keys of services are not
// checked: the service says which it has.
func checkKey(key string) error {
	vendor, name, ok := strings.Cut(strings.ToLower(key), ":")
	if !ok || vendor == "" || name == "" {
		return malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc. (%q)", key)
	}
	if vendor != "aws" {
		return nil
	}
	name, tag, tagged := strings.Cut(name, "/")
	if tagged && tag != "" && slices.Contains([]string{"requesttag", "resourcetag", "principaltag"}, name) {
		return nil
	}
	if tagged || !slices.Contains(globalKeys(), name) {
		return malformed("the embedded AWS does not serve the global condition key %q", key)
	}
	return nil
}

// globalKeys are the global condition keys that are set on each request as AWS sets them, and those that AWS would not
// set on any request here either (no organisation, no VPC endpoint, no forwarded calls).
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func globalKeys() []string {
	return strings.Fields(`calledvia calledviafirst calledvialast currenttime epochtime federatedprovider
		multifactorauthage multifactorauthpresent principalaccount principalarn principalisawsservice principalorgid
		principalorgpaths principalservicename principaltype requestedregion resourceaccount resourceorgid
		resourceorgpaths securetransport sourceaccount sourcearn sourceidentity sourceorgid sourceorgpaths sourcevpc
		sourcevpce tagkeys tokenissuetime userid username viaawsservice vpcsourceip`)
}

// NewKeys puts several sets of keys into one. Names are compared without regard to case; of one name, the last set
// counts.
func NewKeys(sets ...map[string][]string) Keys {
	size := 0
	for _, set := range sets {
		size += len(set)
	}
	keys := make(Keys, size)
	for _, set := range sets {
		for name, values := range set {
			keys[strings.ToLower(name)] = values
		}
	}
	return keys
}
