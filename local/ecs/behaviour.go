package ecs

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"fairlead/local/elb"
)

// behaviour is how a container behaves, as the labels of its image say.
type behaviour struct {
	Start     time.Duration  `json:"start,omitempty"`     // local.start
	Exit      *int           `json:"exit,omitempty"`      // local.exit
	ExitAfter *time.Duration `json:"exitAfter,omitempty"` // local.exitafter
	OOM       bool           `json:"oom,omitempty"`       // local.oom
	Unhealthy bool           `json:"unhealthy,omitempty"` // local.unhealthy
	Log       []string       `json:"log,omitempty"`       // local.log
	Sickens   time.Duration  `json:"sickens,omitempty"`   // local.unhealthyafter; 0: never
	NoExec    string         `json:"noExec,omitempty"`    // local.noexec
	ELB       string         `json:"elb,omitempty"`       // local.elb
}

// parseBehaviour reads the labels that begin with "local.". One that it does not know, or cannot read, is an error: a
// misspelt behaviour would be a made-up success.
func parseBehaviour(labels map[string]string) (behaviour, error) {
	var b behaviour
	for label, value := range labels {
		name, ok := strings.CutPrefix(label, "local.")
		if !ok || name == "findings" || name == "scan" { // those are ECR's
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

// labelled are the labels that a container can have, without "local.".
const labelled = "start, exit, exitafter, oom, unhealthy, unhealthyafter, elb, noexec, log"

func (b *behaviour) set(name, value string) error {
	if known, err := b.setEnd(name, value); known {
		return err
	}
	return b.setHealth(name, value)
}

// setEnd reads the labels of how a container starts and ends.
func (b *behaviour) setEnd(name, value string) (known bool, err error) {
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
	case "noexec":
		b.NoExec, err = path(value)
	case "log":
		b.Log = strings.Split(value, "\n")
	default:
		return false, nil
	}
	return true, err
}

// setHealth reads the labels of how a container answers health checks.
func (b *behaviour) setHealth(name, value string) (err error) {
	switch name {
	case "unhealthy":
		b.Unhealthy, err = strconv.ParseBool(value)
	case "unhealthyafter":
		b.Sickens, err = positive(value)
	case "elb":
		b.ELB, err = value, elb.CheckBadly(value)
	default:
		err = errors.New("it is not one of local." + labelled)
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

// positive is a duration that is not 0.
func positive(value string) (time.Duration, error) {
	d, err := duration(value)
	if err == nil && d == 0 {
		err = errors.New("a time after which something happens is more than 0")
	}
	return d, err
}

// path is that of a program.
func path(value string) (string, error) {
	if value == "" {
		return "", errors.New("say which program the image lacks, such as /app")
	}
	return value, nil
}

// lacks is why a container cannot be started whose program is not in its image; empty if it is. It is ECS's beginning
// with runc's words, as both were seen in the field: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cannot-start-container.html
func (b behaviour) lacks() string {
	if b.NoExec == "" {
		return ""
	}
	return fmt.Sprintf("CannotStartContainerError: ResourceInitializationError: failed to create new container runtime task: failed to create shim task: "+
		"OCI runtime create failed: runc create failed: unable to start container process: exec: %q: stat %s: no such file or directory: unknown", b.NoExec, b.NoExec)
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
