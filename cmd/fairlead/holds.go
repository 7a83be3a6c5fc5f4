package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"time"

	"fairlead/shared/edge/ledger"
)

// holdings is `fairlead holds`.
type holdings struct {
	target
	services
	json bool
}

func holds() verb {
	return verb{"holds", "", "Lists the services that are held.", func(flags *flag.FlagSet) func(context.Context, *shell, string) error {
		var h holdings
		h.services.declare(flags)
		flags.BoolVar(&h.json, "json", false, "print JSON: one array")
		h.target.declare(flags, holdRole)
		return h.run
	}}
}

// held is a hold as it is listed. All of its texts are clean.
type held struct {
	Service string     `json:"service"`
	At      time.Time  `json:"at"`
	By      string     `json:"by"`
	Until   *time.Time `json:"until"` // null for one that lasts until it is lifted
	Reason  string     `json:"reason"`
}

func (h *holdings) run(ctx context.Context, s *shell, _ string) error {
	all := []held{}
	err := s.each(ctx, h.target, h.services, func(op operator, service string) error {
		found, err := op.holds.Hold(ctx, service)
		if err == nil && found.InForce(s.now()) {
			all = append(all, newHeld(found))
		}
		return err
	})
	if err != nil {
		return err
	}
	if h.json {
		return encode(s.out, all)
	}
	return writeHeld(s.out, all)
}

func newHeld(h ledger.Hold) held {
	out := held{Service: clean(h.Service), At: h.At.UTC(), By: clean(h.By), Reason: clean(h.Reason)}
	if end := h.Until.UTC(); !h.Until.IsZero() {
		out.Until = &end
	}
	return out
}

// writeHeld lists holds for a person.
func writeHeld(to io.Writer, all []held) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(to, "Nothing is held.")
		return err
	}
	for _, h := range all {
		end := "somebody lifts it"
		if h.Until != nil {
			end = h.Until.Format(time.RFC3339)
		}
		_, err := fmt.Fprintf(to, "%s\n  since    %s\n  by       %s\n  until    %s\n  because  %s\n  lift     fairlead release %s\n",
			h.Service, h.At.Format(time.RFC3339), h.By, end, h.Reason, h.Service)
		if err != nil {
			return err
		}
	}
	return nil
}
