package simulate

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Seeds are the seeds from From to To, both included.
type Seeds struct{ From, To uint64 }

// Report is what became of many runs.
type Report struct {
	Runs       int
	Pushes     int
	Executions int
	Calls      int
	Checked    int // invariants, over all runs
	Faults     map[Kind]int
	Outcomes   map[string]int
	Failed     []Run // those that broke an invariant, by their seeds
	Took       time.Duration
}

// Simulate plays the plans of many seeds, several at once, until one cannot be played or enough have broken an invariant.
func (s *Scene) Simulate(ctx context.Context, seeds Seeds, faults []Kind, workers, enough int) (Report, error) {
	report, began := Report{Faults: map[Kind]int{}, Outcomes: map[string]int{}}, time.Now()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var mu sync.Mutex
	next := seeds.From
	take := func() (uint64, bool) {
		mu.Lock()
		defer mu.Unlock()
		seed := next
		next++
		return seed, seed <= seeds.To && len(report.Failed) < enough && ctx.Err() == nil
	}
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for seed, more := take(); more; seed, more = take() {
				run, err := s.Play(ctx, Generate(seed, faults))
				if err != nil {
					cancel(fmt.Errorf("seed %d: %w", seed, err))
					return
				}
				mu.Lock()
				report.add(run)
				mu.Unlock()
			}
		})
	}
	group.Wait()
	report.Took = time.Since(began)
	slices.SortFunc(report.Failed, func(a, b Run) int { return int(a.Plan.Seed) - int(b.Plan.Seed) })
	return report, context.Cause(ctx)
}

func (r *Report) add(run Run) {
	r.Runs++
	for _, made := range run.trail.calls {
		r.Calls += made.times
	}
	r.Checked += run.Checked
	r.Executions += len(run.truth.Executions)
	for _, x := range run.truth.Executions {
		r.Outcomes[x.Outcome]++
	}
	for _, a := range run.Plan.Acts {
		if a.Kind == Push {
			r.Pushes++
		}
	}
	for kind, n := range run.trail.injected {
		r.Faults[kind] += n
	}
	if len(run.Violations) > 0 {
		r.Failed = append(r.Failed, run)
	}
}

// String is the report in a few lines.
func (r Report) String() string {
	violations := 0
	for _, run := range r.Failed {
		violations += len(run.Violations)
	}
	faults := 0
	for _, n := range r.Faults {
		faults += n
	}
	lines := []string{
		fmt.Sprintf("runs        %d in %v, %.0f a minute", r.Runs, r.Took.Round(time.Second), float64(r.Runs)/r.Took.Minutes()),
		fmt.Sprintf("pushes      %d", r.Pushes),
		fmt.Sprintf("executions  %d: %s", r.Executions, counted(r.Outcomes)),
		fmt.Sprintf("calls       %d", r.Calls),
		fmt.Sprintf("faults      %d: %s", faults, counted(r.Faults)),
		fmt.Sprintf("invariants  %d checked", r.Checked),
		fmt.Sprintf("violations  %d", violations),
	}
	return strings.Join(lines, "\n")
}

func counted[K ~string](of map[K]int) string {
	var words []string
	for _, k := range slices.Sorted(maps.Keys(of)) {
		words = append(words, fmt.Sprintf("%s %d", k, of[k]))
	}
	return strings.Join(words, ", ")
}
