package main

import (
	"maps"
	"slices"
)

// shrink makes a question smaller as long as still says that it is the same difference.
func shrink(q question, still func(question) bool) question {
	for smaller := true; smaller; {
		smaller = false
		for _, candidate := range simpler(q) {
			if still(candidate) {
				q, smaller = candidate, true
				break
			}
		}
	}
	return q
}

// simpler are questions with one thing less than q, the greatest first.
func simpler(q question) []question {
	var all []question
	edit := func(change func(*question)) {
		next := q.clone()
		change(&next)
		all = append(all, next)
	}
	for i := range q.Identity {
		edit(func(n *question) { n.Identity = slices.Delete(n.Identity, i, i+1) })
	}
	edit(func(n *question) { n.Boundary = nil })
	edit(func(n *question) { n.Session = nil })
	if q.Own != nil && !q.isTrust() {
		edit(func(n *question) { n.Own = nil })
	}
	for d, document := range q.documents() {
		for s := range document.Statement {
			if len(document.Statement) > 1 {
				edit(func(n *question) {
					n.documents()[d].Statement = slices.Delete(n.documents()[d].Statement, s, s+1)
				})
			}
			for _, change := range lessOf(document.Statement[s]) {
				edit(func(n *question) { change(&n.documents()[d].Statement[s]) })
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(q.Keys)) {
		edit(func(n *question) { delete(n.Keys, key) })
	}
	return slices.DeleteFunc(all, func(n question) bool { return n.size() >= q.size() })
}

// size is how much there is to read.
func (q question) size() int { return len(q.String()) }

// lessOf are the ways to take something from a statement.
func lessOf(s statement) []func(*statement) {
	ways := []func(*statement){
		func(s *statement) { s.Condition = nil },
		func(s *statement) { s.Sid = "" },
	}
	for _, list := range []func(*statement) *texts{
		func(s *statement) *texts { return &s.Action }, func(s *statement) *texts { return &s.NotAction },
		func(s *statement) *texts { return &s.Resource }, func(s *statement) *texts { return &s.NotResource },
	} {
		ways = append(ways, lessOfList(*list(&s), list)...)
		if len(*list(&s)) > 0 {
			ways = append(ways, func(s *statement) { *list(s) = texts{"*"} })
		}
	}
	for operator, keys := range s.Condition {
		for key, values := range keys {
			ways = append(ways, func(s *statement) { dropKey(s, operator, key) })
			for i := range values {
				if len(values) > 1 {
					ways = append(ways, func(s *statement) { s.Condition[operator][key] = slices.Delete(s.Condition[operator][key], i, i+1) })
				}
			}
		}
	}
	return ways
}

func lessOfList(values texts, list func(*statement) *texts) []func(*statement) {
	var ways []func(*statement)
	for i := range values {
		if len(values) > 1 {
			ways = append(ways, func(s *statement) { *list(s) = slices.Delete(*list(s), i, i+1) })
		}
	}
	return ways
}

func dropKey(s *statement, operator, key string) {
	delete(s.Condition[operator], key)
	if len(s.Condition[operator]) == 0 {
		delete(s.Condition, operator)
	}
}
