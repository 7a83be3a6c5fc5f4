package main

import (
	"errors"
	"flag"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"fairlead/local/simulate"
)

// options are what the command line asks for.
type options struct {
	seeds    simulate.Seeds
	faults   []simulate.Kind
	list     string // the faults as they were given
	seed     uint64
	acts     []int
	assembly string
	workers  int
	enough   int
	verbose  bool
	shrink   bool
}

func parse(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("fairlead-simulate", flag.ContinueOnError)
	seeds := flags.String("seeds", "2000", "how many seeds, or from-to")
	flags.StringVar(&o.list, "faults", "", "which faults: some of calls,events,kills,operators,outages,people; none; empty for all")
	flags.Uint64Var(&o.seed, "seed", 0, "tell the story of one seed")
	acts := flags.String("acts", "", "with -seed: these of its acts alone")
	flags.StringVar(&o.assembly, "assembly", "", "where the scene's cloud assembly is, or is to be kept; empty to synthesise it anew")
	flags.IntVar(&o.workers, "workers", runtime.NumCPU(), "how many runs at once")
	flags.IntVar(&o.enough, "enough", 3, "stop after this many runs that break an invariant")
	flags.BoolVar(&o.shrink, "shrink", true, "tell the story of what breaks an invariant, as short as it can be told")
	flags.BoolVar(&o.verbose, "log", false, "print what the functions log")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	var errs []error
	if flags.NArg() > 0 {
		errs = append(errs, fmt.Errorf("%q belongs to no flag: say -seeds %s for many seeds, -seed %s for one", flags.Arg(0), flags.Arg(0), flags.Arg(0)))
	}
	var err error
	if o.seeds, err = parseSeeds(*seeds); err != nil {
		errs = append(errs, err)
	}
	if o.faults, err = simulate.ParseFaults(o.list); err != nil {
		errs = append(errs, fmt.Errorf("-faults: %w", err))
	}
	if o.acts, err = parseActs(*acts, o.seed); err != nil {
		errs = append(errs, err)
	}
	if o.workers < 1 || o.enough < 1 {
		errs = append(errs, fmt.Errorf("-workers %d, -enough %d: each is 1 at least, or nothing is played", o.workers, o.enough))
	}
	return o, errors.Join(errs...)
}

// parseSeeds reads "2000" or "5000-6000".
func parseSeeds(text string) (simulate.Seeds, error) {
	from, to, isRange := strings.Cut(text, "-")
	if !isRange {
		from, to = "1", text
	}
	first, errFrom := strconv.ParseUint(from, 10, 64)
	last, errTo := strconv.ParseUint(to, 10, 64)
	if errFrom != nil || errTo != nil || first < 1 || last < first {
		return simulate.Seeds{}, fmt.Errorf("-seeds %q: say how many, as 2000, or the first and the last, as 5000-6000; the first that there is is 1", text)
	}
	return simulate.Seeds{From: first, To: last}, nil
}

// parseActs reads "1,3,4", the acts of one seed.
func parseActs(text string, seed uint64) (acts []int, err error) {
	if text == "" {
		return nil, nil
	}
	if seed == 0 {
		return nil, fmt.Errorf("-acts %s: say with -seed whose acts they are", text)
	}
	for number := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(number)
		if err != nil {
			return nil, fmt.Errorf("-acts %q: %q is no number of an act: say 1,3,4", text, number)
		}
		acts = append(acts, n)
	}
	return acts, nil
}

// plan is the plan of the one seed, with the acts that are asked for; of no use where many are.
func (o options) plan() (simulate.Plan, error) {
	plan := simulate.Generate(o.seed, o.faults)
	if len(o.acts) == 0 {
		return plan, nil
	}
	kept := plan.Only(o.acts)
	for _, n := range o.acts {
		if !slices.ContainsFunc(kept.Acts, func(a simulate.Act) bool { return a.N == n }) {
			return plan, fmt.Errorf("-acts: seed %d has no act %d: with these -faults it has the acts 1 to %d; say the -faults with which it was found", o.seed, n, len(plan.Acts))
		}
	}
	return kept, nil
}
