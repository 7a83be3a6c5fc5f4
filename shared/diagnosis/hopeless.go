package diagnosis

import (
	"slices"
	"time"
)

// spreading is how long a change in IAM is given to be in effect everywhere.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
const spreading = time.Minute

// Hopeless says whether waiting for a deployment has lost its sense: a cause that cannot heal has shown itself again, in
// a task that was created after the first one that shows it had ended. Tasks that were started side by side are one
// attempt, whatever ended them all.
//
// A crash counts if it is the same container with the same exit code, and if no task of ours was ever healthy: what has
// worked once may work again. With earlyStop false no crash counts; ECS's circuit breaker decides. What keeps tasks from
// starting does not count where one of ours has started: then it may be the instance's or the subnet's, and no fault of the
// revision.
func Hopeless(stopped, running []Task, earlyStop, healthy bool) (Diagnosis, bool) {
	groups := map[string]group{}
	started := slices.ContainsFunc(running, Task.started) || slices.ContainsFunc(stopped, Task.started)
	var worst []Task
	for _, t := range stopped {
		cause, ok := t.hopeless(healthy || !earlyStop)
		if !ok {
			continue
		}
		g := groups[cause.key]
		g.end, g.tasks = cause, append(g.tasks, t)
		groups[cause.key] = g
		if len(g.tasks) > len(worst) && g.again() && (g.end.crash || !started) {
			worst = g.tasks
		}
	}
	if worst == nil {
		return Diagnosis{}, false
	}
	return Classify(Evidence{Tasks: worst}), true
}

// end is what ended a task and cannot heal.
type end struct {
	key     string // the same for the same end
	crash   bool   // the task had started
	spreads bool
}

// group is the tasks that ended alike.
type group struct {
	end   end
	tasks []Task
}

// again says whether one of the tasks was tried after another had ended, and after what may have mended it in between
// has had the time to be in effect.
func (g group) again() bool {
	var pause time.Duration
	if g.end.spreads {
		pause = spreading
	}
	first := slices.MinFunc(g.tasks, byEnd).StoppedAt
	return slices.ContainsFunc(g.tasks, func(t Task) bool {
		return t.CreatedAt.After(first) && t.StoppedAt.Sub(first) >= pause
	})
}

func byEnd(a, b Task) int { return a.StoppedAt.Compare(b.StoppedAt) }

// started says whether all of a task was there to run: its images, its secrets, its log group.
func (t Task) started() bool { return !t.StartedAt.IsZero() && t.StopCode != failedToStart }

// failedToStart is the stop code of a task that never came to run.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html#ECS-Type-Task-stopCode
const failedToStart = "TaskFailedToStart"

// hopeless says whether what ended a task cannot heal, and what that is. A task of which no end is known yet does not
// count.
func (t Task) hopeless(healthy bool) (end, bool) {
	found := find(t.clues(0))
	if len(found) == 0 || t.StoppedAt.IsZero() {
		return end{}, false
	}
	f := slices.MinFunc(found, compare)
	switch hope := f.hope(); {
	case hope == waits, hope == endsUnhealthy && (healthy || t.Health == "HEALTHY"):
		return end{}, false
	case hope == endsAlways:
		return end{key: string(f.entry.Cause), spreads: f.entry.spreads}, true
	default:
		about := f.about()
		return end{key: string(f.entry.Cause) + "/" + about.container + "/" + exitOf(about.exit), crash: t.StopCode != failedToStart}, true
	}
}

// hope is that of the cause, unless an exit code alone shows it: any process can end with any code, so that this is a
// crash like others.
func (f finding) hope() hope {
	told := slices.ContainsFunc(f.clues, func(c clue) bool { return c.from != exits })
	if f.entry.hope == endsAlways && !told {
		return endsUnhealthy
	}
	return f.entry.hope
}
