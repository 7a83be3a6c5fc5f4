package main

import (
	"maps"
	"slices"
	"strings"
)

// difference is a class of questions that the two answer differently, and why that stays so.
type difference struct {
	name string
	// ours and theirs are the answers, "" for any.
	ours, theirs string
	// is says whether a shrunk question is of the class.
	is func(q question) bool
}

// of says whether a question and its answers are of the class.
func (d difference) of(q question, ours, theirs answer) bool {
	return (d.ours == "" || d.ours == ours.Result) && (d.theirs == "" || d.theirs == theirs.Result) && d.is(q)
}

const docs = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"

// differences are those that are explained. "The oracle is wrong" is said by AWS's documentation, at the page named.
func differences() []difference {
	return slices.Concat(ofPrincipals(), ofVariables(), ofConditions())
}

func ofPrincipals() []difference {
	return []difference{
		{"everyone is trusted by a role: AWS leaves open whether a caller of the account needs a right of his own, and whether services are meant; we say yes and no, against the caller", implicit, allowed,
			func(q question) bool { return q.isTrust() && names(q, "*") }},
		{"a policy of the resource, or of a role, that names the session is not limited by the session policy: the oracle is wrong, " + docs + "access_policies.html#policies_session", allowed, implicit,
			func(q question) bool { return q.Session != nil && names(q, session) }},
		{"a policy of the resource that means everyone is not limited by the session policy: the oracle is wrong, " + docs + "reference_policies_elements_principal.html#principal-roles", allowed, implicit,
			func(q question) bool { return q.Session != nil && q.Kind == owned && names(q, "*") }},
		{"NotPrincipal spares nobody whose account, role and session are not all listed: the oracle is wrong, " + docs + "reference_policies_elements_notprincipal.html", explicit, "",
			func(q question) bool { return q.statements(func(s statement) bool { return s.NotPrincipal != nil }) }},
		{"an identity provider is not of the account that holds it: the oracle is wrong, who calls AssumeRoleWithWebIdentity is of none, https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html", "", explicit,
			func(q question) bool { return q.Caller == provider && (names(q, account) || names(q, root)) }},
	}
}

func ofVariables() []difference {
	return []difference{
		{"an inverted operator holds against a variable without a value, and so NotResource of a Deny spares nothing: the oracle is wrong, " + docs + "reference_policies_variables.html#policy-vars-no-value", "", "",
			func(q question) bool { return q.inverted(unresolved) }},
		{"a variable at the very start of the resource's own part: the oracle takes it for the type of the resource and never resolves it; AWS does, " + docs + "reference_policies_variables.html#policy-vars-resourceelement", "", "",
			func(q question) bool {
				return q.statements(func(s statement) bool {
					return slices.ContainsFunc(append(slices.Clone(s.Resource), s.NotResource...), beginsWithVariable)
				})
			}},
		{"a variable in a document of the old version is text: the oracle is wrong, " + docs + "reference_policies_variables.html#policy-vars-intro", "", "",
			func(q question) bool {
				return strings.Contains(q.String(), "2008-10-17") && strings.Contains(q.String(), "${")
			}},
		{"${*} and ${?} under an operator without wildcards: the oracle does not take them for the characters, " + docs + "reference_policies_variables.html#policy-vars-specialchars", "", "",
			func(q question) bool {
				return q.conditions(func(operator, _ string, values texts) bool {
					return !strings.Contains(operator, "Like") && (slices.Contains(values, "${*}") || slices.Contains(values, "x${?}"))
				})
			}},
		{"a variable with an empty value: AWS leaves open whether that is none; we take it as it is, the oracle for the variable's own text", "", "",
			func(q question) bool {
				return slices.ContainsFunc(slices.Collect(maps.Values(q.Keys)), func(v []string) bool { return slices.Equal(v, []string{""}) }) && strings.Contains(q.String(), "${")
			}},
	}
}

func ofConditions() []difference {
	return []difference{
		{"ForAnyValue with IfExists and a key that is missing: AWS leaves open which of the two counts; we decide against the caller, so a Deny holds", explicit, "",
			func(q question) bool {
				return q.conditions(func(operator, key string, _ texts) bool {
					return strings.HasPrefix(operator, "ForAnyValue:") && strings.HasSuffix(operator, "IfExists") && q.values(key) == nil
				})
			}},
		{"a key that may have several values under an operator for one: with one value we compare it, as AWS's own policies for events:source want it; " +
			"with several AWS leaves it open, and we decide against the caller. The oracle says no each time, https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-perms.html", "", "",
			func(q question) bool {
				return q.conditions(func(operator, key string, _ texts) bool {
					return !strings.Contains(operator, ":") && slices.Contains([]string{"aws:tagkeys", "events:source"}, strings.ToLower(key)) && q.values(key) != nil
				})
			}},
		{"the range 0.0.0.0/0: the oracle is wrong, no address is in it", "", "",
			func(q question) bool {
				return q.conditions(func(_, _ string, values texts) bool { return slices.Contains(values, "0.0.0.0/0") })
			}},
		{"a single address is another than one of the other family: the oracle is wrong under NotIpAddress, and says otherwise of ranges", "", "",
			func(q question) bool {
				return q.conditions(func(operator, _ string, _ texts) bool { return strings.Contains(operator, "NotIpAddress") })
			}},
	}
}
