package policy

import (
	"regexp"
	"slices"
	"strings"
)

// Actions are the actions of a statement; Not says that they are those that it does not match.
type Actions struct {
	Not      bool
	patterns []pattern
}

// parse reads Action or NotAction: "*", or a service's prefix and a name with wildcards.
func (a *Actions) parse(e member) error {
	if a.patterns != nil {
		return syntax("A statement has either Action or NotAction")
	}
	names, err := texts(e.raw)
	if err != nil {
		return syntax("%s: %v", e.name, err)
	}
	a.Not = e.name == "NotAction"
	for _, name := range names {
		if !strings.Contains(name, ":") && name != "*" {
			return malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
		}
		if !actionForm.MatchString(name) {
			return malformed("the action %q is not of the form service:Name", name)
		}
		p, _ := compile(name, true, false)
		a.patterns = append(a.patterns, p)
	}
	return nil
}

func (a Actions) matches(action string) bool {
	matched := slices.ContainsFunc(a.patterns, func(p pattern) bool { return p.matchesFolded(action, nil) })
	return matched != a.Not
}

// onlyAssume checks that a trust policy names nothing but what it may.
func (a Actions) onlyAssume() error {
	for _, p := range a.patterns {
		if a.Not || !assumeForm.MatchString(p.source) {
			return malformed("AssumeRole policy may only specify STS AssumeRole actions.")
		}
	}
	return nil
}

var actionForm = regexp.MustCompile(`^([a-zA-Z0-9-]+:[a-zA-Z0-9*?]+|\*)$`)

var assumeForm = regexp.MustCompile(`(?i)^sts:(\*|AssumeRole[a-z*]*|TagSession|SetSourceIdentity)$`)
