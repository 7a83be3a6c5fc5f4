// Package policy reads IAM policy documents and decides requests by them, as AWS does.
//
// [Parse] is strict: an element, operator, condition key or principal that it does not know is an error and never
// ignored, because a statement that is read as less than it says would let through, or refuse, what AWS does not.
// [Decide] and [DecideTrust] put the documents together by the rules of one account
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html);
// a [Decision] says which kind of policy decided, and words the denial as AWS does.
//
// Where AWS's documentation leaves the result open, it is decided against the caller.
package policy

// Kind is what a document is attached to; it says which elements the document must and must not have.
type Kind int

// The kinds of documents. A permissions boundary is an Identity document.
const (
	Identity Kind = iota // attached to a role or user
	Session              // passed when a role is assumed
	Resource             // attached to a resource: a queue, a function
	Trust                // a role's AssumeRolePolicyDocument
)

// Effect is what a statement does to the requests that it matches.
type Effect string

// The effects.
const (
	Allow Effect = "Allow"
	Deny  Effect = "Deny"
)

// Document is a policy document.
type Document struct {
	Kind       Kind
	ID         string
	Statements []Statement
	variables  bool // the document's version has policy variables
}

// Statement is one statement of a document.
type Statement struct {
	Sid        string
	Effect     Effect
	Principals Principals
	Actions    Actions
	Resources  Resources
	Conditions []Condition
}

// Keys are the condition keys of a request, by lower-case name.
type Keys map[string][]string

// Request is what is to be decided.
type Request struct {
	Action   string // "ecs:UpdateService"
	Resource string // an ARN, or "*" for an action without resources
	Caller   Caller
	Keys     Keys
}

// ContextKeys returns the condition keys that the document asks for, in its conditions and its variables, as they are
// written there.
func (d Document) ContextKeys() []string {
	var keys []string
	for _, s := range d.Statements {
		for _, p := range s.Resources.patterns {
			keys = append(keys, p.variables()...)
		}
		for _, c := range s.Conditions {
			keys = append(keys, c.Name)
			for _, v := range c.values {
				keys = append(keys, v.pattern.variables()...)
			}
		}
	}
	return keys
}
