package policy

import (
	"encoding/json"
	"regexp"
)

// version2012 is the version of the policy language that knows variables. A document without a version is of 2008.
const (
	version2008 = "2008-10-17"
	version2012 = "2012-10-17"
)

// Parse reads a document of the given kind. The error is what IAM puts into MalformedPolicyDocument: its own words
// where they are known, and otherwise what is wrong and where.
func Parse(raw []byte, kind Kind) (Document, error) {
	top, err := members(raw)
	if err != nil {
		return Document{}, syntax("%v", err)
	}
	doc := Document{Kind: kind}
	var statements json.RawMessage
	for _, m := range top {
		if m.name == "Statement" {
			statements = m.raw
			continue
		}
		if err := doc.head(m); err != nil {
			return Document{}, err
		}
	}
	if statements == nil {
		return Document{}, syntax("Missing required field Statement")
	}
	return doc, doc.parseStatements(statements)
}

// head reads the elements beside Statement.
func (d *Document) head(m member) error {
	value, err := text(m.raw)
	switch {
	case m.name != "Version" && m.name != "Id":
		return syntax("Unknown field %s", m.name)
	case err != nil:
		return syntax("%s: %v", m.name, err)
	case m.name == "Version":
		d.variables = value == version2012
		if value != version2012 && value != version2008 {
			return syntax("There is no version %q of the policy language", value)
		}
	case d.Kind == Identity || d.Kind == Session:
		return malformed("Policy document should not specify an Id")
	default:
		d.ID = value
	}
	return nil
}

func (d *Document) parseStatements(raw json.RawMessage) error {
	values, err := list(raw)
	if err != nil {
		return syntax("Statement: %v", err)
	}
	sids := map[string]bool{}
	for i, v := range values {
		s, err := parseStatement(v, *d)
		if err != nil {
			return malformed("%v (statement %d)", err, i+1)
		}
		if s.Sid != "" && sids[s.Sid] {
			return malformed("Statement IDs (SID) in a single policy must be unique.")
		}
		sids[s.Sid] = true
		d.Statements = append(d.Statements, s)
	}
	return nil
}

func parseStatement(raw json.RawMessage, d Document) (Statement, error) {
	elements, err := members(raw)
	if err != nil {
		return Statement{}, syntax("%v", err)
	}
	var s Statement
	for _, e := range elements {
		if err := s.element(e, d); err != nil {
			return Statement{}, err
		}
	}
	return s, s.complete(d.Kind)
}

// element reads one element of a statement.
func (s *Statement) element(e member, d Document) (err error) {
	switch e.name {
	case "Sid":
		s.Sid, err = parseSid(e.raw, d.Kind)
	case "Effect":
		s.Effect, err = parseEffect(e.raw)
	case "Principal", "NotPrincipal":
		err = s.Principals.parse(e)
	case "Action", "NotAction":
		err = s.Actions.parse(e)
	case "Resource", "NotResource":
		err = s.Resources.parse(e, d)
	case "Condition":
		s.Conditions, err = parseConditions(e.raw, d.variables)
	default:
		return syntax("Unknown field %s", e.name)
	}
	return err
}

func parseEffect(raw json.RawMessage) (Effect, error) {
	value, err := text(raw)
	if err != nil || (Effect(value) != Allow && Effect(value) != Deny) {
		return "", syntax("Invalid effect: %s", raw)
	}
	return Effect(value), nil
}

func parseSid(raw json.RawMessage, kind Kind) (string, error) {
	sid, err := text(raw)
	if err != nil {
		return "", syntax("Sid: %v", err)
	}
	if kind != Resource && !sidForm.MatchString(sid) {
		return "", malformed("Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*")
	}
	return sid, nil
}

// complete checks which elements a statement of this kind of document must and must not have.
func (s *Statement) complete(kind Kind) error {
	switch {
	case s.Effect == "":
		return malformed("Missing required field Effect")
	case s.Actions.patterns == nil:
		return malformed("Policy statement must contain actions.")
	}
	if err := s.completePrincipal(kind); err != nil {
		return err
	}
	switch {
	case kind == Trust && s.Resources.patterns != nil:
		return malformed("Has prohibited field Resource")
	case kind == Trust:
		return s.Actions.onlyAssume()
	case s.Resources.patterns == nil:
		return malformed("Policy statement must contain resources.")
	}
	return nil
}

func (s *Statement) completePrincipal(kind Kind) error {
	p, wanted := s.Principals, kind == Resource || kind == Trust
	switch {
	case !wanted && !p.empty():
		return malformed("Policy document should not specify a principal.")
	case wanted && p.empty():
		return malformed("Missing required field Principal")
	case p.Not && kind == Trust:
		return malformed("Has prohibited field NotPrincipal")
	case p.Not && s.Effect == Allow:
		return malformed("NotPrincipal must be used with the effect Deny")
	}
	return nil
}

var sidForm = regexp.MustCompile(`^[0-9A-Za-z]*$`)
