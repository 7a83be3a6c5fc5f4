package policy

import (
	"regexp"
	"slices"
	"strings"
)

// Resources are the resources of a statement; Not says that they are those that it does not match.
type Resources struct {
	Not      bool
	patterns []pattern
}

// parse reads Resource or NotResource: "*" or ARNs, in which * and ? match across : and /.
func (r *Resources) parse(e member, d Document) error {
	if r.patterns != nil {
		return syntax("A statement has either Resource or NotResource")
	}
	names, err := texts(e.raw)
	if err != nil {
		return syntax("%s: %v", e.name, err)
	}
	r.Not = e.name == "NotResource"
	for _, name := range names {
		if err := checkResource(name, d.variables); err != nil {
			return err
		}
		p, err := compile(name, true, d.variables)
		if err != nil {
			return syntax("%v", err)
		}
		r.patterns = append(r.patterns, p)
	}
	return nil
}

// checkResource checks the form of an ARN. IAM completes an ARN with fewer than six parts by wildcards; here it is
// refused, because in practice it is a mistake.
func checkResource(name string, variables bool) error {
	if name == "*" {
		return nil
	}
	parts := strings.SplitN(name, ":", 6)
	switch {
	case parts[0] != "arn" || len(parts) < 3:
		return malformed("Resource %s must be in ARN format or \"*\".", name)
	case !partitionForm.MatchString(parts[1]):
		return malformed("Partition %q is not valid for resource %q.", parts[1], name)
	case !vendorForm.MatchString(parts[2]):
		return malformed("Vendor %s is not valid for resource %q", parts[2], name)
	case len(parts) < 6:
		return malformed("Resource %s is an incomplete ARN: the embedded AWS wants all six parts", name)
	case variables && strings.Contains(strings.Join(parts[:5], ":"), "${"):
		return malformed("Resource %s has a variable before its fifth colon", name)
	}
	return nil
}

// matches reports whether a statement with that effect is about this resource. A pattern whose variable has no value matches
// nothing. AWS says the same of NotResource, and leaves open whether the statement is then about every resource or about none
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-no-value): a Deny is about
// all that its other patterns do not match, an Allow about none.
func (r Resources) matches(resource string, keys Keys, effect Effect) bool {
	if r.Not && effect == Allow && slices.ContainsFunc(r.patterns, func(p pattern) bool { return !p.resolves(keys) }) {
		return false
	}
	matched := slices.ContainsFunc(r.patterns, func(p pattern) bool { return p.matches(resource, keys) })
	return matched != r.Not
}

var partitionForm = regexp.MustCompile(`^(aws[a-z-]*|\*)$`)

var vendorForm = regexp.MustCompile(`^[a-z0-9-]+$`)
