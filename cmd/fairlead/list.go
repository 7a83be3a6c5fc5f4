package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"time"

	"fairlead/shared/edge/ledger"
)

// listing is `fairlead quarantine list`.
type listing struct {
	target
	services
	all, json bool
}

func list() verb {
	return verb{"quarantine list", "", "Lists the images that are in quarantine, the latest first.", func(flags *flag.FlagSet) func(context.Context, *shell, string) error {
		var l listing
		l.services.declare(flags)
		flags.BoolVar(&l.all, "all", false, "list those that were released too")
		flags.BoolVar(&l.json, "json", false, "print JSON: one array")
		l.target.declare(flags, quarantineRole)
		return l.run
	}}
}

func (l *listing) run(ctx context.Context, s *shell, _ string) error {
	entries := []entry{}
	err := s.each(ctx, l.target, l.services, func(op operator, service string) error {
		found, err := op.quarantines.Quarantines(ctx, service)
		for _, q := range found {
			if l.all || q.InForce() {
				entries = append(entries, newEntry(q))
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	if l.json {
		return encode(s.out, entries)
	}
	return write(s.out, entries)
}

// entry is a quarantine as it is listed. All of its texts are clean.
type entry struct {
	Service       string     `json:"service"`
	Digest        string     `json:"digest"`
	Tag           string     `json:"tag"`
	At            time.Time  `json:"at"`
	Execution     string     `json:"execution"`
	Reason        string     `json:"reason"`
	ReleasedAt    *time.Time `json:"releasedAt"` // null while it is in force
	ReleasedBy    string     `json:"releasedBy"`
	ReleaseReason string     `json:"releaseReason"`
}

func newEntry(q ledger.Quarantine) entry {
	e := entry{
		Service: clean(q.Service), Digest: clean(q.Digest), Tag: clean(q.Tag), At: q.At.UTC(), Execution: clean(q.Execution),
		Reason: clean(q.Reason), ReleasedBy: clean(q.ReleasedBy), ReleaseReason: clean(q.ReleaseReason),
	}
	if at := q.ReleasedAt.UTC(); !q.InForce() {
		e.ReleasedAt = &at
	}
	return e
}

// write lists the entries for a person.
func write(to io.Writer, entries []entry) error {
	if len(entries) == 0 {
		_, err := fmt.Fprintln(to, "Nothing is in quarantine.")
		return err
	}
	for i, e := range entries {
		gap := ""
		if i > 0 {
			gap = "\n"
		}
		_, err := fmt.Fprintf(to, "%s%s %s%s\n  since    %s\n  by       %s\n  because  %s\n%s", gap, e.Service, e.Digest, e.tagged(),
			e.At.Format(time.RFC3339), e.Execution, e.Reason, e.end())
		if err != nil {
			return err
		}
	}
	return nil
}

func (e entry) tagged() string {
	if e.Tag == "" {
		return ""
	}
	return " (tag " + e.Tag + ")"
}

// end is how the quarantine was released, or how it is.
func (e entry) end() string {
	if e.ReleasedAt == nil {
		return fmt.Sprintf("  release  fairlead quarantine release -service %s -digest %s -reason \"…\"\n", e.Service, e.Digest)
	}
	return fmt.Sprintf("  released %s by %s: %s\n", e.ReleasedAt.Format(time.RFC3339), e.ReleasedBy, e.ReleaseReason)
}
