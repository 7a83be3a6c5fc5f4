package asl

import (
	"maps"
	"slices"
)

// transitions refuses targets that do not exist, states that nothing reaches and a machine that can never end.
func (p *parser) transitions(m *Machine) {
	if m.States[m.StartAt] == nil {
		p.add(Problem{Code: MissingTransition, Message: "Missing 'Next' target: " + m.StartAt, Location: "/StartAt"})
		return
	}
	reached := map[string]bool{}
	p.reach(m, m.StartAt, reached)
	for _, name := range slices.Sorted(maps.Keys(m.States)) {
		if !reached[name] {
			p.add(Problem{Code: MissingTransition, Message: `State "` + name + `" is not reachable.`, Location: "/States/" + name})
		}
	}
	if !slices.ContainsFunc(slices.Collect(maps.Values(m.States)), func(s *State) bool { return s.End }) {
		p.add(Problem{Code: MissingEnd, Message: "No terminal state: the state machine can never end", Location: "/States"})
	}
}

// reach marks the states that can be reached from one, without recursion: a definition may hold thousands.
func (p *parser) reach(m *Machine, from string, reached map[string]bool) {
	reached[from] = true
	open := []string{from}
	for len(open) > 0 {
		s := m.States[open[len(open)-1]]
		open = open[:len(open)-1]
		for _, target := range s.targets() {
			switch {
			case m.States[target] == nil:
				p.add(Problem{Code: MissingTransition, Message: "Missing 'Next' target: " + target, Location: "/States/" + s.Name + "/Next"})
			case !reached[target]:
				reached[target] = true
				open = append(open, target)
			}
		}
	}
}

func (s *State) targets() []string {
	var targets []string
	for _, rule := range s.Choices {
		targets = append(targets, rule.Next)
	}
	for _, catcher := range s.Catch {
		targets = append(targets, catcher.Next)
	}
	for _, target := range []string{s.Next, s.Default} {
		if target != "" {
			targets = append(targets, target)
		}
	}
	return targets
}
