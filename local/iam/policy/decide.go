package policy

// Policies are the documents that a request within one account is decided by. A nil boundary or session policy limits
// nothing.
type Policies struct {
	Identity []Document
	Boundary *Document
	Session  *Document
	Resource *Document // the resource's own policy or, for [DecideTrust], the role's trust policy
}

// The kinds of policies as AWS's denials name them.
const (
	identityBased = "identity-based policy"
	boundary      = "permissions boundary"
	sessionPolicy = "session policy"
	resourceBased = "resource-based policy"
	trustPolicy   = "role trust policy"
)

// Decision is what became of a request, and why.
type Decision struct {
	Allowed  bool
	Explicit bool   // it was denied by a Deny statement; otherwise nothing allowed it
	Policy   string // the kind of policy that denied it: "identity-based policy"
}

// Denial is the tail of AWS's message about a denial of action
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html).
func (d Decision) Denial(action string) string {
	if !d.Explicit {
		return "because no " + d.Policy + " allows the " + action + " action"
	}
	article := map[string]string{identityBased: "an", trustPolicy: "the"}[d.Policy]
	if article == "" {
		article = "a"
	}
	return "with an explicit deny in " + article + " " + d.Policy
}

// Name is the decision as policy simulation names it: allowed, explicitDeny or implicitDeny.
func (d Decision) Name() string {
	switch {
	case d.Allowed:
		return "allowed"
	case d.Explicit:
		return "explicitDeny"
	}
	return "implicitDeny"
}

func allowed() Decision                 { return Decision{Allowed: true} }
func implicit(policy string) Decision   { return Decision{Policy: policy} }
func explicitly(policy string) Decision { return Decision{Explicit: true, Policy: policy} }

// Decide decides a request to a resource of the caller's own account: an explicit deny anywhere wins; then the identity
// policies or the resource's policy must allow it, and the boundary and the session policy must not leave it out,
// unless the resource's policy names the caller itself. An AWS service is decided by the resource's policy alone.
func Decide(r Request, p Policies) Decision {
	if d, denied := p.denies(r, resourceBased); denied {
		return d
	}
	reach := p.Resource.allows(r)
	switch {
	case reach == Directly:
		return allowed()
	case r.Caller.Service != "":
		return implicit(resourceBased)
	case reach < ByRole && !anyAllows(p.Identity, r):
		return implicit(identityBased)
	}
	return p.limit(r)
}

// DecideTrust decides whether the caller may assume the role whose trust policy is p.Resource. The trust policy must
// always allow it. Where it names the caller's account (or everyone), the caller's identity policies must allow it too.
func DecideTrust(r Request, p Policies) Decision {
	if d, denied := p.denies(r, trustPolicy); denied {
		return d
	}
	reach := p.Resource.allows(r)
	switch {
	case reach == Nobody:
		return implicit(trustPolicy)
	case reach == Directly:
		return allowed()
	case reach == ByAccount && !anyAllows(p.Identity, r):
		return implicit(identityBased)
	}
	return p.limit(r)
}

// denies looks for an explicit deny in any of the policies.
func (p Policies) denies(r Request, resourceKind string) (Decision, bool) {
	for _, d := range p.Identity {
		if d.denies(r) {
			return explicitly(identityBased), true
		}
	}
	switch {
	case p.Boundary.denies(r):
		return explicitly(boundary), true
	case p.Session.denies(r):
		return explicitly(sessionPolicy), true
	case p.Resource.denies(r):
		return explicitly(resourceKind), true
	}
	return Decision{}, false
}

// limit applies what can only take away.
func (p Policies) limit(r Request) Decision {
	switch {
	case p.Boundary != nil && p.Boundary.allows(r) == Nobody:
		return implicit(boundary)
	case p.Session != nil && p.Session.allows(r) == Nobody:
		return implicit(sessionPolicy)
	}
	return allowed()
}

func anyAllows(documents []Document, r Request) bool {
	for _, d := range documents {
		if d.allows(r) != Nobody {
			return true
		}
	}
	return false
}

// denies reports whether a Deny statement of the document matches.
func (d *Document) denies(r Request) bool {
	if d == nil {
		return false
	}
	for _, s := range d.Statements {
		if s.Effect == Deny && s.matches(r, d.Kind) != Nobody {
			return true
		}
	}
	return false
}

// allows returns how far the document's Allow statements reach; for a document without principals, Directly or Nobody.
func (d *Document) allows(r Request) Reach {
	if d == nil {
		return Nobody
	}
	reach := Nobody
	for _, s := range d.Statements {
		if s.Effect == Allow {
			reach = max(reach, s.matches(r, d.Kind))
		}
	}
	return reach
}

// matches returns how far the statement reaches to the request: Nobody if it is about something else.
func (s Statement) matches(r Request, kind Kind) Reach {
	reach := Directly
	if kind == Resource || kind == Trust {
		reach = s.Principals.reach(r.Caller, kind == Trust && s.Effect == Allow)
	}
	if reach == Nobody || !s.Actions.matches(r.Action) || kind != Trust && !s.Resources.matches(r.Resource, r.Keys, s.Effect) {
		return Nobody
	}
	for _, c := range s.Conditions {
		if !c.holds(r.Keys, s.Effect) {
			return Nobody
		}
	}
	return reach
}
