package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"time"

	"fairlead/local"
	"fairlead/local/world"
)

// held holds the service with the operators' command line, pushes twice, and lifts the hold.
func held(ctx context.Context, s *stage) ([]end, error) {
	if err := s.operate(ctx, "hold", "web", "-reason", "the database moves", "-for", "2h"); err != nil {
		return nil, err
	}
	var ends []end
	for n, content := range []string{"the eighth", "the ninth"} {
		skipped, err := onePush(commit(8+n)+"-1", content, "start=3s")(ctx, s)
		if err != nil {
			return nil, err
		}
		ends = append(ends, skipped...)
	}
	if err := s.operate(ctx, "release", "web"); err != nil {
		return nil, err
	}
	s.say("  the sweep runs, which it does every 15 minutes")
	s.instance.Core.Do(func(*world.World) { s.instance.Events.RunSchedules() })
	execution, err := startedBy(ctx, s.states, s.instance.Outputs()["Fairlead"]["StateMachineArn"], `"held":true`, 30*time.Second)
	if err != nil {
		return nil, err
	}
	s.say("  execution %s", execution)
	e, err := s.follow(ctx, execution)
	return append(ends, e), err
}

// operate runs the operators' command line against the embedded AWS.
func (s *stage) operate(ctx context.Context, args ...string) error {
	keys := s.instance.Administrator()
	command := exec.CommandContext(ctx, buildsDir+"/fairlead", args...) //nolint:gosec // our own build, and words of this file
	command.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+s.instance.endpoint(), "AWS_REGION="+local.Place().Region,
		"AWS_ACCESS_KEY_ID="+keys.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+keys.SecretAccessKey, "AWS_SESSION_TOKEN="+keys.SessionToken,
		"FAIRLEAD_LEDGER="+s.instance.Outputs()["Fairlead"]["LedgerTable"])
	said, err := command.CombinedOutput()
	s.say("  $ fairlead %s\n%s", args[0]+" "+args[1], indent(string(bytes.TrimSpace(said))))
	if err != nil {
		return fmt.Errorf("fairlead %s: %w", args[0], err)
	}
	return nil
}
