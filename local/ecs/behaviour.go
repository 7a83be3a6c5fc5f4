package ecs

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// behaviour is how a container behaves, as the labels of its image say.
type behaviour struct {
	Start     time.Duration  `json:"start,omitempty"`     // local.start
	Exit      *int           `json:"exit,omitempty"`      // local.exit
	ExitAfter *time.Duration `json:"exitAfter,omitempty"` // local.exitafter
	OOM       bool           `json:"oom,omitempty"`       // local.oom
	Unhealthy bool           `json:"unhealthy,omitempty"` // local.unhealthy
	Log       []string       `json:"log,omitempty"`       // local.log
}

// parseBehaviour reads the labels that begin with "local.". One that it does not know, or cannot read, is an error: a
// misspelt behaviour would be a made-up success.
func parseBehaviour(labels map[string]string) (behaviour, error) {
	var b behaviour
	for label, value := range labels {
		name, ok := strings.CutPrefix(label, "local.")
		if !ok {
			continue
		}
		if err := b.set(name, value); err != nil {
			return behaviour{}, fmt.Errorf("the label %s=%s: %w", label, value, err)
		}
	}
	return b, nil
}

// CheckBehaviour says what is wrong with the labels that begin with "local."; nil if a container can behave so.
func CheckBehaviour(labels map[string]string) error {
	_, err := parseBehaviour(labels)
	return err
}

func (b *behaviour) set(name, value string) (err error) {
	switch name {
	case "start":
		b.Start, err = duration(value)
	case "exit":
		b.Exit, err = exitCode(value)
	case "exitafter":
		var after time.Duration
		after, err = duration(value)
		b.ExitAfter = &after
	case "oom":
		b.OOM, err = strconv.ParseBool(value)
	case "unhealthy":
		b.Unhealthy, err = strconv.ParseBool(value)
	case "log":
		b.Log = strings.Split(value, "\n")
	default:
		err = fmt.Errorf("it is not one of local.start, exit, exitafter, oom, unhealthy, log")
	}
	return err
}

func exitCode(value string) (*int, error) {
	code, err := strconv.Atoi(value)
	if err != nil || code < 0 || code > 255 {
		return nil, fmt.Errorf("an exit code is a number between 0 and 255")
	}
	return &code, nil
}

func duration(value string) (time.Duration, error) {
	d, err := time.ParseDuration(value)
	if err == nil && d < 0 {
		err = fmt.Errorf("a duration is not negative")
	}
	return d, err
}

// exits says whether the container exits by itself, and when.
func (b behaviour) exits() (time.Duration, bool) {
	switch {
	case b.ExitAfter != nil:
		return *b.ExitAfter, true
	case b.Exit != nil || b.OOM:
		return exitsAfter, true
	default:
		return 0, false
	}
}

// end is the exit code of a container that exits by itself, and the reason that it then has.
func (b behaviour) end() (code int, reason string) {
	if b.OOM {
		return 137, "OutOfMemoryError: Container killed due to memory usage"
	}
	if b.Exit != nil {
		return *b.Exit, ""
	}
	return 0, ""
}
