// Command oracle asks an independent simulator of IAM policies, @cloud-copilot/iam-simulate, what it makes of thousands of
// made-up policies and requests, and of the roles of the stacks, and holds local/iam's evaluator against its answers.
//
// Each difference is made as small as it goes, and is of a class that is explained in explained.go, or fails. What the
// embedded AWS says that it does not read is counted, not compared. The same seed asks the same questions.
//
// The simulator is under the AGPL: it is installed beside the project for this alone, runs as a process of its own, and is
// never linked or shipped. `make oracle` installs it, pinned, and runs this.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
)

type options struct {
	dir, assembly string
	seed          uint64
	cases         int
}

func main() {
	var o options
	flag.StringVar(&o.dir, "dir", ".local/tools/oracle", "where the simulator is installed")
	flag.StringVar(&o.assembly, "assembly", "", "a cloud assembly, the roles of which are asked about too")
	flag.Uint64Var(&o.seed, "seed", 1, "which questions")
	flag.IntVar(&o.cases, "cases", 10000, "how many of the made-up ones are to be compared")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, o); err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(1)
	}
}

// run asks all, prints what came of it, and is an error if a difference is not explained.
func run(ctx context.Context, out io.Writer, o options) (err error) {
	theirs, err := start(ctx, o.dir)
	if err != nil {
		return err
	}
	c := comparison{oracle: theirs, kinds: map[string]*count{}, classes: map[string]int{}}
	defer func() {
		if stopped := theirs.stop(); err == nil {
			err = stopped
		}
	}()
	if o.assembly != "" {
		if err := c.roles(o.assembly, newGenerator(o.seed)); err != nil {
			return err
		}
	}
	for g, asked := newGenerator(o.seed), c.compared()+o.cases; c.compared() < asked; {
		if err := c.compare(g.question()); err != nil {
			return err
		}
	}
	return c.print(out)
}
