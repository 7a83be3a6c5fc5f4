package main

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"
	"time"

	"fairlead/shared/edge/ledger"
)

// holding is `fairlead hold`.
type holding struct {
	target
	reason, until, config string
	lasts                 time.Duration
	unlisted              bool
}

func hold() verb {
	return verb{"hold", "<service>", "Holds a service: pushes do not deploy it until the hold ends.", func(flags *flag.FlagSet) func(context.Context, *shell, string) error {
		var h holding
		flags.StringVar(&h.reason, "reason", "", "`why`; whoever pushes meanwhile reads it, with your name")
		flags.StringVar(&h.until, "until", "", "the `time` at which the hold ends by itself: 2026-12-01T08:00:00Z (default: when somebody lifts it)")
		flags.DurationVar(&h.lasts, "for", 0, "how `long` the hold lasts: 90m, 2h")
		flags.StringVar(&h.config, "config", "cdk.json", "the `file` that names the services: one that it does not name is not held")
		flags.BoolVar(&h.unlisted, "unlisted", false, "hold the service although -config does not name it, or cannot be read")
		h.declare(flags, holdRole)
		return h.run
	}}
}

func (h *holding) run(ctx context.Context, s *shell, service string) error {
	at := s.now().UTC()
	end, err := h.check(service, at)
	if err != nil {
		return err
	}
	if err := h.complete(s.getenv); err != nil {
		return err
	}
	op, err := s.open(ctx, h.target)
	if err != nil {
		return err
	}
	next := ledger.Hold{Service: service, Reason: clean(h.reason), By: op.name, At: at, Until: end}
	before, err := op.holds.SetHold(ctx, next)
	if err != nil {
		return err
	}
	instead := ""
	if before.InForce(at) {
		instead = fmt.Sprintf("It takes the place of the hold by %s since %s, %s: %s\n",
			clean(before.By), before.At.UTC().Format(time.RFC3339), before.End(), clean(before.Reason))
	}
	_, err = fmt.Fprintf(s.out, "Held %s %s. A rollout that is under way goes on; pushes are skipped from now on.\n%sLift it with: fairlead release %s\n",
		service, next.End(), instead, service)
	return err
}

// check refuses what was forgotten or mistyped, and returns the end of the hold: zero for none.
func (h *holding) check(service string, now time.Time) (end time.Time, err error) {
	var problems []string
	if service == "" {
		problems = append(problems, "which service? (`fairlead holds` lists what is held)")
	}
	problems = append(problems, checkReason(h.reason)...)
	switch {
	case h.until != "" && h.lasts != 0:
		problems = append(problems, "-until or -for, not both")
	case h.until != "":
		if end, err = time.Parse(time.RFC3339, h.until); err != nil {
			problems = append(problems, "-until: want a time like 2026-12-01T08:00:00Z")
		} else if !end.After(now) {
			problems = append(problems, "-until: that time has passed")
		}
	case h.lasts < 0:
		problems = append(problems, "-for: a hold lasts longer than that")
	case h.lasts > 0:
		end = now.Add(h.lasts).Truncate(time.Second)
	}
	if len(problems) > 0 {
		return time.Time{}, misused("%s", strings.Join(problems, "; "))
	}
	return end.UTC(), h.known(service)
}

// known refuses a service that the configuration does not name: a hold under a name that was mistyped holds nothing.
func (h *holding) known(service string) error {
	if h.unlisted {
		return nil
	}
	names, err := configured(h.config)
	switch {
	case err != nil:
		return misused("whether there is a service %s cannot be told: say -config with the cdk.json that names it, or -unlisted (%v)", service, err)
	case !slices.Contains(names, service):
		return misused("%s names no service %s, but %s; say -unlisted to hold it all the same", h.config, service, strings.Join(names, ", "))
	default:
		return nil
	}
}
