package simulate

import "slices"

// HoldTo is the scene with one more invariant: that no execution ends in one of two outcomes where another has ended in the other.
// It is as true as any of a product that never fails, and a plan in which a push is deployed and another rolled back violates it.
func (s *Scene) HoldTo(name, one, other string) *Scene {
	more := *s
	more.held = append(slices.Clone(s.held), Invariant{Name: name, check: func(e *evidence) {
		for _, x := range e.ended(one) {
			for _, y := range e.ended(other) {
				e.broken("%s ended as %s, and %s as %s", e.name(x), one, e.name(y), other)
			}
		}
	}})
	return &more
}
