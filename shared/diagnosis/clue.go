package diagnosis

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// source is where a line of evidence comes from. Sources can be joined: starts|logs.
type source int

const (
	starts   source = 1 << iota // the reason of a stopped task or of one of its containers
	exits                       // the exit code of the container that ended a task
	events                      // an event of the service
	targets                     // what a load balancer says of a target
	logs                        // a line of the failing container's log
	verdicts                    // the reason of the verdict
)

// when is one pattern of a cause.
type when struct {
	from source
	says *regexp.Regexp
}

// on is a pattern over lines of some sources: any case, and . is any character.
func on(from source, says string) when {
	return when{from, regexp.MustCompile(`(?is)` + says)}
}

// clue is one line of evidence.
type clue struct {
	from      source
	text      string
	task      int // the index of the task that it is about, -1 if it is about none
	container string
	image     string
	exit      *int
	at        time.Time
}

// clues are the lines of the evidence. A log speaks only where a container ended by itself: what a healthy process
// complains about explains nothing. A load balancer does not speak there: that it gets no answer of a process which ends is how
// that shows.
func (e Evidence) clues() []clue {
	var all []clue
	for i, task := range e.Tasks {
		all = append(all, task.clues(i)...)
	}
	ended := slices.ContainsFunc(all, func(c clue) bool { return c.from == exits })
	crashed := ended && !slices.ContainsFunc(e.Tasks, Task.unhealthy)
	for _, text := range e.Events { // newer platforms tell there why a task did not start
		if crashed && strings.Contains(text, "is unhealthy in") {
			continue
		}
		all = append(all, clue{from: events | starts, text: text, task: -1})
	}
	for _, t := range e.Targets {
		if crashed {
			break
		}
		all = append(all, clue{from: targets, text: t.String(), task: -1})
	}
	for _, text := range e.Log {
		if ended {
			all = append(all, clue{from: logs, text: text, task: -1, container: e.LogOf})
		}
	}
	return append(all, clue{from: verdicts, text: e.Rollout, task: -1})
}

// String is a target on one line.
func (t Target) String() string {
	reason := t.Reason
	if reason == "" {
		reason = "no reason given"
	}
	return fmt.Sprintf("%s, port %d: %s, %s: %s", t.Group, t.Port, t.State, reason, t.Description)
}

// normal says whether the task was stopped without being at fault: ECS scales in, or replaces it. What fails its health
// checks has the same stop code.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html#ECS-Type-Task-stopCode
func (t Task) normal() bool {
	return t.StopCode == "ServiceSchedulerInitiated" && !t.unhealthy()
}

// unhealthy says whether ECS has stopped the task for its health checks.
func (t Task) unhealthy() bool {
	return t.StopCode == "ServiceSchedulerInitiated" && strings.HasPrefix(t.StoppedReason, "Task failed")
}

// clues are the lines that one task gives.
func (t Task) clues(index int) []clue {
	if t.normal() {
		return nil
	}
	at := t.StoppedAt
	var all []clue
	for _, c := range t.Containers {
		if c.Reason != "" {
			all = append(all, clue{starts, c.Reason, index, c.Name, c.Image, c.ExitCode, at})
		}
	}
	if c, ok := t.failing(); ok && t.StopCode == "EssentialContainerExited" && c.ExitCode != nil {
		all = append(all, clue{exits, fmt.Sprintf("exit code %d", *c.ExitCode), index, c.Name, c.Image, c.ExitCode, at})
	}
	own := clue{from: starts, text: t.reason(), task: index, at: at}
	if c, ok := t.blamed(); ok {
		own.container, own.image, own.exit = c.Name, c.Image, c.ExitCode
	}
	return append(all, own)
}

// reason is why the task was stopped, with the stop code first.
func (t Task) reason() string {
	if strings.HasPrefix(t.StoppedReason, t.StopCode) {
		return t.StoppedReason
	}
	return t.StopCode + ": " + t.StoppedReason
}

// blamed is the container that the reason of the task is about, where that is plain: the only one that is not optional,
// the only one with a reason of its own, or the only unhealthy one.
func (t Task) blamed() (Container, bool) {
	for _, counts := range []func(Container) bool{
		func(c Container) bool { return c.Health == "UNHEALTHY" },
		func(c Container) bool { return c.Reason != "" },
		func(c Container) bool { return !c.Optional },
	} {
		if only := slices.DeleteFunc(slices.Clone(t.Containers), func(c Container) bool { return !counts(c) }); len(only) == 1 {
			return only[0], true
		}
	}
	return Container{}, false
}

// failing is the container whose end ended the task. ECS does not name it. Once one has ended the others are told to
// end by SIGTERM (143) and, if they do not, by SIGKILL (137): they are guilty last.
func (t Task) failing() (Container, bool) {
	var worst Container
	found := false
	for _, c := range t.Containers {
		if c.ExitCode == nil && c.Reason == "" {
			continue
		}
		if !found || c.guilt() > worst.guilt() {
			worst, found = c, true
		}
	}
	return worst, found
}

func (c Container) guilt() int {
	switch {
	case c.Optional:
		return 0
	case c.Reason != "":
		return 5
	case c.ExitCode == nil || *c.ExitCode == 143:
		return 1
	case *c.ExitCode == 0:
		return 2
	case *c.ExitCode == 137:
		return 3
	default:
		return 4
	}
}

// Failing is the container of a task whose log is worth reading: the one that ended it, or the one that is unhealthy.
// It is false for a task that never started or that was stopped without being at fault.
func (t Task) Failing() (Container, bool) {
	if t.StartedAt.IsZero() || t.normal() {
		return Container{}, false
	}
	if t.StopCode == "EssentialContainerExited" {
		return t.failing()
	}
	return t.blamed()
}
