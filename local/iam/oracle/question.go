package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"fairlead/local/iam/policy"
)

// account is the one in which everything stands.
const account = "123456789012"

// question is a request and the policies that decide it.
type question struct {
	Kind     string              `json:"kind"`
	Caller   string              `json:"principal"` // as the oracle names him: see callerOf
	Action   string              `json:"action"`
	Resource string              `json:"resource"`
	Account  string              `json:"account"`
	Keys     map[string][]string `json:"keys"`
	Identity []document          `json:"identity"`
	Boundary *document           `json:"boundary,omitempty"`
	Session  *document           `json:"session,omitempty"`
	Own      *document           `json:"own,omitempty"` // the resource's policy, or the role's trust policy
}

// document is a policy document; what stands in it is written as it is, also what neither of the two takes.
type document struct {
	Version   string      `json:",omitempty"`
	Statement []statement `json:""`
}

type statement struct {
	Sid                   string `json:",omitempty"`
	Effect                string
	Principal             any                         `json:",omitempty"` // "*" or by kind
	NotPrincipal          any                         `json:",omitempty"`
	Action, NotAction     texts                       `json:",omitempty"`
	Resource, NotResource texts                       `json:",omitempty"`
	Condition             map[string]map[string]texts `json:",omitempty"`
}

// texts are one or several: read in both forms, written as a list.
type texts []string

// UnmarshalJSON implements [json.Unmarshaler].
func (t *texts) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*t = texts{one}
		return nil
	}
	return json.Unmarshal(raw, (*[]string)(t))
}

// answer is what became of a question: one of the three results, or why there is none.
type answer struct {
	Result  string   `json:"result"`
	Error   string   `json:"error"`
	Ignored []string `json:"ignored"` // keys that the action does not have, in the oracle's opinion
}

// The results, in the oracle's words.
const (
	allowed  = "Allowed"
	explicit = "ExplicitlyDenied"
	implicit = "ImplicitlyDenied"
)

// callerOf is who asks, by the name under which the oracle knows him.
func callerOf(name string) policy.Caller {
	kind, rest, _ := strings.Cut(name[strings.LastIndexByte(name, ':')+1:], "/")
	switch kind {
	case "assumed-role":
		of, _, _ := strings.Cut(rest, "/")
		return policy.Caller{ARN: name, Account: account, RoleARN: "arn:aws:iam::" + account + ":role/" + of, UserID: "AROAEXAMPLEEXAMPLE123:s1"}
	case "user":
		return policy.Caller{ARN: name, Account: account, UserID: "AIDAEXAMPLEEXAMPLE123"}
	case "oidc-provider":
		return policy.Caller{Federated: name}
	default:
		return policy.Caller{Service: name}
	}
}

// sessionOf is the ARN of a session of a role without a path.
func sessionOf(roleName string) string {
	return "arn:aws:sts::" + account + ":assumed-role/" + roleName + "/s1"
}

const (
	role     = "arn:aws:iam::" + account + ":role/web"
	root     = "arn:aws:iam::" + account + ":root"
	session  = "arn:aws:sts::" + account + ":assumed-role/web/s1"
	user     = "arn:aws:iam::" + account + ":user/ann"
	service  = "events.amazonaws.com"
	provider = "arn:aws:iam::" + account + ":oidc-provider/token.example.com"
)

// ask asks the embedded AWS.
func (q question) ask() answer {
	var p policy.Policies
	var err error
	for _, d := range q.Identity {
		var read *policy.Document
		if read, err = parse(&d, policy.Identity); err != nil {
			return answer{Error: err.Error()}
		}
		p.Identity = append(p.Identity, *read)
	}
	own := policy.Resource
	if q.isTrust() {
		own = policy.Trust
	}
	for _, d := range []struct {
		into *(*policy.Document)
		from *document
		kind policy.Kind
	}{{&p.Boundary, q.Boundary, policy.Identity}, {&p.Session, q.Session, policy.Session}, {&p.Resource, q.Own, own}} {
		if *d.into, err = parse(d.from, d.kind); err != nil {
			return answer{Error: err.Error()}
		}
	}
	caller := callerOf(q.Caller)
	caller.Bounded = q.Boundary != nil
	request := policy.Request{Action: q.Action, Resource: q.Resource, Caller: caller, Keys: policy.NewKeys(q.Keys)}
	decide := policy.Decide
	if q.isTrust() {
		decide = policy.DecideTrust
	}
	return answer{Result: map[string]string{"allowed": allowed, "explicitDeny": explicit, "implicitDeny": implicit}[decide(request, p).Name()]}
}

// isTrust says that the question is whether a role may be assumed.
func (q question) isTrust() bool { return q.Kind == trusting || q.Kind == trusted }

// parse reads a document, nil for none.
func parse(d *document, kind policy.Kind) (*policy.Document, error) {
	if d == nil {
		return nil, nil //nolint:nilnil // no document is no document
	}
	raw, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("write a policy: %w", err)
	}
	read, err := policy.Parse(raw, kind)
	if err != nil {
		return nil, fmt.Errorf("read a policy: %w", err)
	}
	return &read, nil
}

// clone copies the question whole.
func (q question) clone() question {
	var out question
	raw, err := json.Marshal(q)
	if err == nil {
		err = json.Unmarshal(raw, &out)
	}
	if err != nil {
		panic("a question that cannot be written: " + err.Error())
	}
	return out
}

// documents are all of the question's.
func (q *question) documents() []*document {
	var all []*document
	for i := range q.Identity {
		all = append(all, &q.Identity[i])
	}
	for _, d := range []*document{q.Boundary, q.Session, q.Own} {
		if d != nil {
			all = append(all, d)
		}
	}
	return all
}
