package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"
	"time"

	"fairlead/shared/edge/ledger"
	"fairlead/shared/image"
)

// releasing is `fairlead quarantine release`.
type releasing struct {
	target
	service, digest, reason string
}

func release() verb {
	return verb{"quarantine release", "", "Releases an image, so that it is deployed again by whoever asks for it next.", func(flags *flag.FlagSet) func(context.Context, *shell, string) error {
		var r releasing
		flags.StringVar(&r.service, "service", "", "the `service`, by its name in the configuration")
		flags.StringVar(&r.digest, "digest", "", "the image's `digest`, as list prints it: sha256:…")
		flags.StringVar(&r.reason, "reason", "", "`why` it may be deployed again; it is kept with your name")
		r.declare(flags, quarantineRole)
		return r.run
	}}
}

func (r *releasing) run(ctx context.Context, s *shell, _ string) error {
	if err := r.check(); err != nil {
		return err
	}
	if err := r.complete(s.getenv); err != nil {
		return err
	}
	op, err := s.open(ctx, r.target)
	if err != nil {
		return err
	}
	at := s.now().UTC()
	q, err := op.quarantines.Release(ctx, r.service, r.digest, op.name, clean(r.reason), at)
	if errors.Is(err, ledger.ErrNotQuarantined) {
		return advise(err, "look up service and digest with `fairlead quarantine list`")
	}
	if err != nil {
		return err
	}
	if !q.ReleasedAt.Equal(at) {
		_, err = fmt.Fprintf(s.out, "%s at service %s was released before: at %s by %s: %s. Nothing was changed.\n", r.digest, clean(r.service),
			q.ReleasedAt.UTC().Format(time.RFC3339), clean(q.ReleasedBy), clean(q.ReleaseReason))
		return err
	}
	_, err = fmt.Fprintf(s.out, "Released %s at service %s. Nothing is deployed by that: start a new execution with\n  {\"service\":%q,\"digest\":%q}\n",
		r.digest, clean(r.service), r.service, r.digest)
	return err
}

// maxReason bounds the reason, in bytes: it is a sentence, and it is kept for good.
const maxReason = 1000

// check refuses what was forgotten or mistyped.
func (r *releasing) check() error {
	var problems []string
	if r.service == "" {
		problems = append(problems, "-service is wanted")
	}
	if r.digest == "" {
		problems = append(problems, "-digest is wanted")
	} else if _, err := image.ParseDigest(r.digest); err != nil {
		problems = append(problems, "-digest: "+err.Error())
	}
	problems = append(problems, checkReason(r.reason)...)
	if len(problems) > 0 {
		return misused("%s", strings.Join(problems, "; "))
	}
	return nil
}

// checkReason says what is wrong with a reason.
func checkReason(said string) []string {
	switch reason := clean(said); {
	case reason == "":
		return []string{"-reason is wanted: it is kept with your name"}
	case len(reason) > maxReason:
		return []string{fmt.Sprintf("-reason has %d bytes, at most %d are kept", len(reason), maxReason)}
	default:
		return nil
	}
}
