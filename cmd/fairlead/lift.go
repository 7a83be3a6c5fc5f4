package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"time"

	"fairlead/shared/edge/ledger"
)

// lifting is `fairlead release`.
type lifting struct {
	target
	reason string
}

func lift() verb {
	return verb{"release", "<service>", "Lifts the hold of a service: the newest push goes out within about 15 minutes.", func(flags *flag.FlagSet) func(context.Context, *shell, string) error {
		var l lifting
		flags.StringVar(&l.reason, "reason", "", "`why`, if it is worth a word; it is kept with your name")
		l.declare(flags, holdRole)
		return l.run
	}}
}

func (l *lifting) run(ctx context.Context, s *shell, service string) error {
	if service == "" {
		return misused("which service? (`fairlead holds` lists what is held)")
	}
	if problems := checkReason(l.reason); clean(l.reason) != "" && problems != nil {
		return misused("%s", problems[0])
	}
	if err := l.complete(s.getenv); err != nil {
		return err
	}
	op, err := s.open(ctx, l.target)
	if err != nil {
		return err
	}
	at := s.now().UTC()
	h, err := op.holds.LiftHold(ctx, service, op.name, clean(l.reason), at)
	if errors.Is(err, ledger.ErrNotHeld) {
		return advise(err, "look up what is held with `fairlead holds`; an image is released with `fairlead quarantine release`")
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(s.out, lifted(h, at))
	return err
}

// lifted says what became of a hold that was to be lifted now.
func lifted(h ledger.Hold, now time.Time) string {
	switch {
	case h.LiftedAt.IsZero():
		return fmt.Sprintf("The hold of %s has ended by itself at %s. Nothing was changed.\n", h.Service, h.Until.UTC().Format(time.RFC3339))
	case !h.LiftedAt.Equal(now):
		return fmt.Sprintf("The hold of %s was lifted before: at %s by %s. Nothing was changed.\n", h.Service, h.LiftedAt.UTC().Format(time.RFC3339), clean(h.LiftedBy))
	default:
		return fmt.Sprintf("Released %s. If pushes were skipped meanwhile, the newest that is fit goes out within about 15 minutes, once.\n"+
			"If it must not wait, start an execution with {\"service\":%q,\"tag\":\"…\"}.\n", h.Service, h.Service)
	}
}
