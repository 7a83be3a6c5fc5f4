package stories_test

import (
	"flag"
	"fmt"
	"log/slog"
	"os"
	"regexp"

	"fairlead/local/grants"
	"fairlead/local/steps"
)

// book is what all stories together need of what the stacks grant.
var book = grants.New()

var tellGrants = flag.Bool("grants", false, "print how often each grant of the stacks was needed")

// excuses are the grants that no story needs.
func excuses() []grants.Excuse {
	return []grants.Excuse{
		{Of: regexp.MustCompile(`^fairlead-[a-z-]+: logs:(CreateLogStream|PutLogEvents) on arn:aws:logs:[a-z0-9-]+:[0-9]+:log-group:/aws/lambda/`),
			Why: "Lambda writes a function's log under the function's role; the functions of the stories run in process"},
		{Of: regexp.MustCompile(`^fairlead-[a-z-]+: xray:(PutTelemetryRecords|PutTraceSegments|GetSamplingRules|GetSamplingTargets) on \*$`),
			Why: "Lambda and Step Functions send traces under these roles; the embedded AWS has no X-Ray"},
	}
}

// granted enters what the stacks grant as they were synthesised.
func granted(dir string) error {
	lab := steps.New(start, 1, slog.New(slog.DiscardHandler))
	if _, err := lab.Deploy(dir); err != nil {
		return err
	}
	return book.Enter(lab.AWS)
}

// accounts holds what the stories needed against what is granted, after all of them were told. It returns the exit code.
func accounts() int {
	ours := grants.Of("local/stories")
	if *tellGrants {
		book.Tell(os.Stdout, ours)
	}
	if !grants.Whole() && !*tellGrants {
		return 0
	}
	faults := book.Check(ours, excuses())
	for _, fault := range faults {
		fmt.Fprintln(os.Stderr, "grants:", fault)
	}
	return min(len(faults), 1)
}
