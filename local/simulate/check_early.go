package simulate

import (
	"slices"
	"time"
)

// timeout is that of the scene's configuration.
const timeout = 15 * time.Minute

func checkEarly(e *evidence) {
	for _, s := range e.trail.stops {
		x := e.bySession(s.session)
		if x == nil || s.at.Sub(s.began) > timeout {
			continue
		}
		switch {
		case slices.ContainsFunc(s.tasks, func(t witnessed) bool { return t.WasHealthy }):
			e.broken("%s ended a rollout of which a task was well", e.name(x))
		case !again(s.tasks):
			e.broken("%s ended a rollout after one try, %v after it had begun", e.name(x), s.at.Sub(s.began))
		}
	}
	if len(e.plan.faults()) == 0 {
		for _, x := range e.ended("RolledBack", "Stuck") {
			if word(e.words[x.Digest]).Hopeless && x.Stop.Sub(x.Start) > timeout {
				e.broken("%s waited %v for what crashes each time", e.name(x), x.Stop.Sub(x.Start).Round(time.Second))
			}
		}
	}
}

// again says whether a task was started after another had ended.
func again(tasks []witnessed) bool {
	return slices.ContainsFunc(tasks, func(later witnessed) bool {
		return slices.ContainsFunc(tasks, func(t witnessed) bool { return !t.StoppedAt.IsZero() && later.CreatedAt.After(t.StoppedAt) })
	})
}
