package simulate

import (
	"context"
	"slices"
)

// Shrink leaves acts of a plan out as long as the run still breaks the same invariant, and returns the smallest run that it
// finds.
func (s *Scene) Shrink(ctx context.Context, failed Run) (Run, error) {
	invariant, best := failed.Violations[0].Invariant, failed
	for size := max(1, len(best.Plan.Acts)/2); ; {
		smaller, err := s.without(ctx, best, size, invariant)
		switch {
		case err != nil:
			return best, err
		case smaller != nil:
			best, size = *smaller, min(size, max(1, len(smaller.Plan.Acts)/2))
		case size == 1:
			return best, nil
		default:
			size /= 2
		}
	}
}

// without leaves out some acts that follow each other, and returns the first run that still breaks the invariant; nil if
// none does.
func (s *Scene) without(ctx context.Context, run Run, size int, invariant string) (*Run, error) {
	acts := run.Plan.Acts
	for from := 0; from < len(acts); from += size {
		left := slices.Delete(slices.Clone(acts), from, min(from+size, len(acts)))
		tried, err := s.Play(ctx, Plan{Seed: run.Plan.Seed, Acts: left})
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(tried.Violations, func(v Violation) bool { return v.Invariant == invariant }) {
			return &tried, nil
		}
	}
	return nil, nil //nolint:nilnil // no run is no error
}
