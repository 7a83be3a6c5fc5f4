package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// The exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// shell is what a verb works with.
type shell struct {
	out, err io.Writer
	now      func() time.Time
	getenv   func(string) string
	// open takes on the operators' role.
	open func(context.Context, target) (operator, error)
}

// verb is one thing that an operator does.
type verb struct {
	name     string // as it is typed after fairlead
	argument string // what stands behind the name before the flags, "" if nothing does
	what     string
	// prepare declares the verb's flags, and returns what the verb does once they are read.
	prepare func(*flag.FlagSet) func(ctx context.Context, s *shell, argument string) error
}

// verbs lists the verbs.
func verbs() []verb { return []verb{hold(), lift(), holds(), list(), release()} }

// errUsage is what the error of a verb wraps that was not called as its help says.
var errUsage = errors.New("wrong usage")

// misused is an error that wraps [errUsage].
func misused(format string, args ...any) error {
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), errUsage)
}

// run does what the arguments say, and returns the exit code.
func (s *shell) run(ctx context.Context, args []string) int {
	line := strings.Join(args, " ")
	switch strings.TrimPrefix(line, "quarantine ") {
	case "help", "-h", "-help", "--help":
		s.help(s.out)
		return exitDone
	}
	for _, v := range verbs() {
		if words := strings.Fields(v.name); len(args) >= len(words) && slices.Equal(args[:len(words)], words) {
			return s.do(ctx, v, args[len(words):])
		}
	}
	if line != "" {
		s.complain("there is no command %q", line)
	}
	s.help(s.err)
	return exitUsage
}

// do runs one verb.
func (s *shell) do(ctx context.Context, v verb, args []string) int {
	flags := flag.NewFlagSet("fairlead "+v.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard) // it would print what was typed as it is
	flags.Usage = func() {
		flags.SetOutput(s.err)
		_, _ = fmt.Fprintf(flags.Output(), "usage: fairlead %s [flags]\n\n%s\n\n", strings.TrimSpace(v.name+" "+v.argument), v.what)
		flags.PrintDefaults()
	}
	act := v.prepare(flags)
	argument, args := v.take(args)
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return exitDone
	case err != nil: // the usage is printed already
		s.complain("%v", err)
		return exitUsage
	case v.argument != "" && argument == "" && flags.NArg() == 1: // it stands behind the flags
		argument = flags.Arg(0)
	case flags.NArg() > 0:
		s.complain("%q is no flag", flags.Arg(0))
		flags.Usage()
		return exitUsage
	}
	if argument != clean(argument) { // it is printed, and part of a key of the ledger
		s.complain("%q is no name", argument)
		return exitUsage
	}
	return s.end(act(ctx, s, argument), flags)
}

// end says what went wrong with a verb, if anything did.
func (s *shell) end(err error, flags *flag.FlagSet) int {
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errUsage):
		s.complain("%s", strings.TrimSuffix(err.Error(), ": "+errUsage.Error()))
		flags.Usage()
		return exitUsage
	default:
		s.complain("%s", message(err))
		if fix := fixOf(err); fix != "" {
			_, _ = fmt.Fprintln(s.err, "Fix: "+clean(fix))
		}
		return exitFailed
	}
}

// take takes what stands behind the name of the verb, before the flags.
func (v verb) take(args []string) (argument string, rest []string) {
	if v.argument == "" || len(args) == 0 || strings.HasPrefix(args[0], "-") {
		return "", args
	}
	return args[0], args[1:]
}

// help says what there is.
func (s *shell) help(to io.Writer) {
	_, _ = fmt.Fprint(to, "usage: fairlead <command> [flags]\n\n"+
		"A service that is held is not deployed by pushes until the hold ends. An image that Fairlead has rolled back is in quarantine:\n"+
		"it is not deployed again until an operator releases it.\n\n")
	for _, v := range verbs() {
		_, _ = fmt.Fprintf(to, "  %-19s %s\n", strings.TrimSpace(v.name+" "+v.argument), v.what)
	}
	_, _ = fmt.Fprint(to, "\nAWS is found as the AWS CLI finds it (AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL), the ledger by FAIRLEAD_LEDGER.\n"+
		"`fairlead <command> -h` lists the flags.\n")
}

// complain says what is wrong, on one line.
func (s *shell) complain(format string, args ...any) {
	_, _ = fmt.Fprintln(s.err, "fairlead: "+clean(fmt.Sprintf(format, args...)))
}
