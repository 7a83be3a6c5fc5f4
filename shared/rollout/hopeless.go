package rollout

import (
	"strings"
	"time"

	"fairlead/shared/diagnosis"
)

// Failing says whether ECS is at our deployment still and counts failures of its tasks: only then is it worth a look at
// why they stopped. On the way back it is not: there is no further way that giving up early would lead to.
func Failing(aim Aim, seen Seen) bool { return newCase(aim, seen, time.Time{}).failing() }

func (c inquiry) failing() bool {
	underway := c.ours.Status == inProgress
	if !c.listed {
		underway = c.entry.Status == primary && c.entry.State == inProgress
	}
	return underway && c.aim.Failed == "" && c.newer == nil && !c.lost() && c.failures() > 0
}

// failures is how many failures of our tasks ECS counts. Without a circuit breaker the service's own list alone counts
// them. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html
func (c inquiry) failures() int { return max(c.entry.FailedTasks, c.ours.Failures) }

// hopeless ends the wait for a deployment that ECS goes on with although its tasks end, for the second time, in a way that
// does not heal.
func (c inquiry) hopeless(budget Budget) (finding, bool) {
	if !c.failing() {
		return finding{}, false
	}
	why, ok := diagnosis.Hopeless(c.seen.Stopped, budget.EarlyStop, c.wasHealthy())
	return finding{Failed, false, c.say("%s. To wait longer cannot help, though ECS still tries", why.What) + c.setbacks()}, ok
}

// wasHealthy says whether a task of ours may have been healthy at some time. A healthy task sets the count of failures
// back, unless the circuit breaker is set to keep it: then more tasks have failed than are counted. One may be missing
// because ECS has not counted it yet.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
func (c inquiry) wasHealthy() bool {
	stopped := 0
	for _, task := range c.seen.Stopped {
		if task.Health == "HEALTHY" {
			return true
		}
		if task.StopCode != "ServiceSchedulerInitiated" || strings.HasPrefix(task.StoppedReason, "Task failed") {
			stopped++
		}
	}
	return c.ours.Keeps || stopped > c.failures()+1
}
