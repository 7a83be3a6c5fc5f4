package fault

import (
	"regexp"
	"strings"
)

// Denial is what AWS says when it denies a call. Fields that the text does not hold are empty.
type Denial struct {
	Role     string // the name of the role that was denied
	Action   string // iam:PassRole
	Resource string // an ARN, or *
	Policy   string // the kind of policy that stands in the way, in AWS's words: "a service control policy"
	Explicit bool   // a Deny statement, not the lack of an Allow
}

var (
	denialForm = regexp.MustCompile(`User: (\S+) is not authorized to perform: (\S+)(?: on resource: (\S+))?(.*)`)
	roleForm   = regexp.MustCompile(`^arn:[^:]*:(?:sts|iam)::[0-9]*:(?:assumed-)?role/([^/]+)`)
	policyForm = regexp.MustCompile(`(?:no|an explicit deny in an?) ([a-zA-Z -]+? (?:policy|boundary))\b`)
)

// DenialOf reads AWS's text of a denial. The forms are in
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html; other text gives a zero Denial.
func DenialOf(text string) Denial {
	parts := denialForm.FindStringSubmatch(strings.ReplaceAll(text, "\n", " "))
	if parts == nil {
		return Denial{}
	}
	d := Denial{Action: parts[2], Resource: strings.TrimRight(parts[3], `."`), Explicit: strings.Contains(parts[4], "explicit deny")}
	if role := roleForm.FindStringSubmatch(parts[1]); role != nil {
		d.Role = role[1]
	}
	if policy := policyForm.FindStringSubmatch(parts[4]); policy != nil {
		d.Policy = policy[1]
	}
	return d
}

// Fix says what grants the right that was denied.
func (d Denial) Fix() string {
	const then = "; a change in IAM takes a while to be in effect; then redrive the execution"
	switch {
	case d.Action == "":
		return "grant what AWS names" + then
	case d.Explicit:
		return "a Deny in the " + or(d.Policy, "policy") + " forbids " + d.what() + " to " + d.who() + ": no Allow helps, the Deny must change" + then
	case d.Policy != "" && !strings.HasPrefix(d.Policy, "identity"):
		return "let the " + d.Policy + " of " + d.who() + " allow " + d.what() + then
	case d.Action == "iam:PassRole":
		return d.who() + " may pass the roles that context.fairlead names alone: set taskRole or executionRole of the service to " +
			d.Resource + " if that is right, run make deploy" + then
	case d.Action == "sts:AssumeRole":
		return "role " + d.Resource + " is missing or does not trust " + d.who() + ": run make deploy, which makes it" + then
	default:
		return "allow " + d.what() + " to " + d.who() + ": run make deploy, which grants it" + then
	}
}

// who names the role that was denied.
func (d Denial) who() string {
	if d.Role == "" {
		return "the caller"
	}
	return "role " + d.Role
}

// what names the action and the resource.
func (d Denial) what() string {
	if d.Resource == "" {
		return d.Action
	}
	return d.Action + " on " + d.Resource
}

func or(first, second string) string {
	if first != "" {
		return first
	}
	return second
}
