package diagnosis

import (
	"fmt"
	"strings"

	"fairlead/shared/fault"
)

// denialValues are the placeholders that a denial gives: what was denied to whom by what kind of policy, and what grants
// it. The roles are those of the user's own tasks, so that the grant is a statement for their policies.
func denialValues(d fault.Denial, values map[string]string) {
	who := "the caller"
	if d.Role != "" {
		who = "role " + d.Role
	}
	values["denial"] = ": " + what(d) + " is denied to " + who + by(d)
	switch {
	case d.Explicit:
		values["other policy"] = fmt.Sprintf("a Deny in the %s forbids %s to %s: no Allow helps, the Deny must change", or(d.Policy, "policy"), what(d), who)
	case d.Policy != "" && !strings.HasPrefix(d.Policy, "identity"):
		values["other policy"] = fmt.Sprintf("let the %s of %s allow %s", d.Policy, who, what(d))
	default:
		values["statement"] = statement(d)
		values["grant"] = "add to the policy of " + who + ": " + statement(d)
	}
}

func what(d fault.Denial) string {
	if d.Resource == "" {
		return d.Action
	}
	return d.Action + " on " + d.Resource
}

// by names the kind of policy that denies, where AWS says it.
func by(d fault.Denial) string {
	switch {
	case d.Explicit:
		return " by a Deny in the " + or(d.Policy, "policy")
	case d.Policy != "":
		return ", because no " + d.Policy + " allows it"
	default:
		return ""
	}
}

// statement is what grants the call, as it stands in a policy.
func statement(d fault.Denial) string {
	return fmt.Sprintf(`{"Effect":"Allow","Action":%q,"Resource":%q}`, d.Action, or(d.Resource, "*"))
}

func or(first, second string) string {
	if first != "" {
		return first
	}
	return second
}
