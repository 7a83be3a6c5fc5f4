package policy

import (
	"slices"
	"strings"
)

// Grant is the least that a statement which allows something consists of: one principal, one action, one resource and,
// of each condition that compares one value, one value.
type Grant struct {
	statement Statement
	kind      Kind
}

// Grants takes the statements of a document that allow something apart. What is left out by a Not stays whole.
func (d *Document) Grants() []Grant {
	if d == nil {
		return nil
	}
	var grants []Grant
	for _, s := range d.Statements {
		if s.Effect == Allow {
			for _, part := range s.apart() {
				grants = append(grants, Grant{part, d.Kind})
			}
		}
	}
	return grants
}

// Covers reports whether the grant alone lets a request in, and the request has each key that its conditions compare: some
// operators hold where there is nothing to compare.
func (g Grant) Covers(r Request) bool {
	compared := func(c Condition) bool { return c.null || len(r.Keys[c.Key]) > 0 }
	return g.statement.matches(r, g.kind) != Nobody && !slices.ContainsFunc(g.statement.Conditions, func(c Condition) bool { return !compared(c) })
}

// Names reports whether the grant is one of an action.
func (g Grant) Names(action string) bool { return g.statement.Actions.matches(action) }

// String is the grant in a line: "ecs:ListTasks on * when ArnEquals ecs:cluster = arn:…".
func (g Grant) String() string {
	s := g.statement
	line := strings.Join(sources(s.Actions.patterns, s.Actions.Not), ", ")
	if g.kind == Trust || g.kind == Resource {
		line += " by " + strings.Join(slices.Concat(s.Principals.AWS, s.Principals.Services, s.Principals.Federated), ", ")
	}
	if g.kind != Trust {
		line += " on " + strings.Join(sources(s.Resources.patterns, s.Resources.Not), ", ")
	}
	var conditions []string
	for _, c := range s.Conditions {
		conditions = append(conditions, c.Operator+" "+c.Name+" = "+strings.Join(c.Values, " or "))
	}
	if slices.Sort(conditions); len(conditions) > 0 {
		line += " when " + strings.Join(conditions, " and ")
	}
	return line
}

func sources(patterns []pattern, not bool) []string {
	var list []string
	for _, p := range patterns {
		list = append(list, p.source)
	}
	if not {
		return append([]string{"all but"}, list...)
	}
	return list
}

// apart is the statement for each principal, action, resource and value alone.
func (s Statement) apart() []Statement {
	parts := each([]Statement{s}, len(s.Actions.patterns), s.Actions.Not, func(s *Statement, i int) {
		s.Actions.patterns = s.Actions.patterns[i : i+1]
	})
	parts = each(parts, len(s.Resources.patterns), s.Resources.Not, func(s *Statement, i int) {
		s.Resources.patterns = s.Resources.patterns[i : i+1]
	})
	principals := s.Principals.apart()
	parts = each(parts, len(principals), s.Principals.Not, func(s *Statement, i int) { s.Principals = principals[i] })
	for n, c := range s.Conditions {
		parts = each(parts, len(c.values), c.negated || c.null || c.set != single, func(s *Statement, i int) {
			s.Conditions = slices.Clone(s.Conditions)
			s.Conditions[n].Values, s.Conditions[n].values = c.Values[i:i+1], c.values[i:i+1]
		})
	}
	return parts
}

// each makes of every part one for each of n choices; the parts stay as they are where there is nothing to choose.
func each(parts []Statement, n int, whole bool, choose func(s *Statement, i int)) []Statement {
	if n < 2 || whole {
		return parts
	}
	var chosen []Statement
	for _, part := range parts {
		for i := range n {
			next := part
			choose(&next, i)
			chosen = append(chosen, next)
		}
	}
	return chosen
}

// apart is each principal alone.
func (p Principals) apart() []Principals {
	var list []Principals
	for _, name := range p.AWS {
		list = append(list, Principals{AWS: []string{name}})
	}
	for _, name := range p.Services {
		list = append(list, Principals{Services: []string{name}})
	}
	for _, name := range p.Federated {
		list = append(list, Principals{Federated: []string{name}})
	}
	return list
}
