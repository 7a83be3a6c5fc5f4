package stories_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"fairlead/local/steps"
)

// wants are what can be asked of a story's end.
func (s *story) wants() map[string]func([]string) error {
	words := s.diagnosed()
	maps.Copy(words, s.scanned())
	maps.Copy(words, map[string]func([]string) error{
		"execution":   s.wantExecution,  // execution <n> <Outcome>[|<Outcome>] [<state> …]: and all the states that it went through
		"path":        s.wantPath,       // path <n> <state> …: all states of execution n but the choices, redriven where it was; … is any of them, or none
		"executions":  s.wantExecutions, // executions <count>
		"says":        s.wantSays,       // says <n> <words>
		"runs":        s.wantRuns,       // runs <word>|base
		"tasks":       s.wantTasks,      // tasks <word>: what the running tasks have pulled
		"updates":     func(a []string) error { return s.wantCalls("UpdateService", a[0]) },
		"stops":       func(a []string) error { return s.wantCalls("StopServiceDeployment", a[0]) },
		"registered":  func(a []string) error { return s.wantCalls("RegisterTaskDefinition", a[0]) },
		"honest":      s.wantHonest,      // honest: every execution has ended and says the truth about what the service runs
		"rollouts":    s.wantRollouts,    // rollouts <count>: service deployments, the sample's first included
		"failures":    s.wantFailures,    // failures <at most> <threshold>: of the newest service deployment, as the circuit breaker counts
		"revisions":   s.wantRevisions,   // revisions <word> <count>: revisions with the image of a word that were in service
		"memory":      s.wantMemory,      // memory <MiB>: of the revision that the service is pointed at
		"warns":       s.wantWarns,       // warns <n> <words>: in the warnings of CheckImage
		"events":      s.wantEvents,      // events <n> <count>: outcome events of execution n
		"outcomes":    s.wantOutcomes,    // outcomes <n> <Outcome> …: those of execution n, one for each of its ends, in order
		"tells":       s.wantTells,       // tells <n> <words>: the last outcome event of execution n
		"parameter":   s.wantParameter,   // parameter <word>|none: what the SSM parameter names
		"quarantined": s.wantQuarantined, // quarantined <word> yes|no: whether the image of a word is in quarantine
	})
	return words
}

func (s *story) wantExecution(args []string) error {
	r, err := s.run(args[0])
	if err != nil {
		return err
	}
	if got := r.Outcome(); !slices.Contains(strings.Split(args[1], "|"), got) {
		return fmt.Errorf("it ended %s", got)
	}
	if path := strings.Join(r.Path, " "); len(args) > 2 && path != strings.Join(args[2:], " ") {
		return fmt.Errorf("it went %s", path)
	}
	return nil
}

func (s *story) wantPath(args []string) error {
	r, err := s.run(args[0])
	if err == nil && !along(r.Steps, args[1:]) {
		err = fmt.Errorf("it went %s", strings.Join(r.Steps, " "))
	}
	return err
}

// along says whether states are those of a pattern.
func along(states, pattern []string) bool {
	switch {
	case len(pattern) == 0:
		return len(states) == 0
	case pattern[0] == "…":
		return along(states, pattern[1:]) || len(states) > 0 && along(states[1:], pattern)
	default:
		return len(states) > 0 && states[0] == pattern[0] && along(states[1:], pattern[1:])
	}
}

func (s *story) wantExecutions(args []string) error {
	runs, err := s.lab.Runs(s.Context())
	if err == nil && strconv.Itoa(len(runs)) != args[0] {
		err = fmt.Errorf("there are %d", len(runs))
	}
	return err
}

func (s *story) wantSays(args []string) error {
	r, err := s.run(args[0])
	if err != nil {
		return err
	}
	if words := s.fill(strings.Join(args[1:], " ")); !strings.Contains(r.Says(), words) {
		return fmt.Errorf("it says %s", r.Says())
	}
	return nil
}

func (s *story) wantRuns(args []string) error {
	image, err := s.lab.Image(s.Context(), cluster, service)
	if err != nil {
		return err
	}
	want := steps.Host + "/" + repository + "@" + s.digests[args[0]]
	if args[0] == "base" {
		if strings.HasPrefix(image, steps.Host) {
			return fmt.Errorf("the service runs %s", image)
		}
		return nil
	}
	if image != want {
		return fmt.Errorf("the service runs %s", image)
	}
	return nil
}

// wantCalls counts the calls of an operation by Fairlead that had an effect.
func (s *story) wantCalls(operation, count string) error {
	done := 0
	for _, call := range s.calls {
		if call.Request.Operation == operation && call.Code == "" {
			done++
		}
	}
	return within(done, count)
}
