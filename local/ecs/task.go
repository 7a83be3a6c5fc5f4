package ecs

import (
	"slices"
	"time"
)

// task is one task of a service.
type task struct {
	ID         string          `json:"id"`
	Cluster    string          `json:"cluster"`
	Service    string          `json:"service"`    // the service's key
	Deployment string          `json:"deployment"` // the deployment's number
	StartedBy  string          `json:"startedBy"`  // "ecs-svc/N"
	Definition string          `json:"definition"` // ARN
	Tags       []tag           `json:"tags"`
	Last       string          `json:"last"`    // lastStatus
	Desired    string          `json:"desired"` // desiredStatus
	Turn       int             `json:"turn"`    // of the step that comes next; an event with an older turn is void
	Version    int             `json:"version"` // counts the events of this task
	Containers []taskContainer `json:"containers"`
	Health     string          `json:"health"`    // of the container health checks
	HealthyAt  time.Time       `json:"healthyAt"` // from then on the scheduler counts it as healthy; zero if not yet known
	WasHealthy bool            `json:"wasHealthy"`
	Targeted   bool            `json:"targeted"` // the load balancer found it healthy
	Failed     bool            `json:"failed"`   // its end is a failure of the deployment
	Failure    *startFailure   `json:"failure,omitempty"`
	StopCode   string          `json:"stopCode"`
	Reason     string          `json:"reason"`
	Zone       string          `json:"zone"`
	Address    string          `json:"address"`
	Interface  string          `json:"interface"`

	CreatedAt, PullStarted, PullStopped, StartedAt, StoppingAt, ExecutionStopped, StoppedAt time.Time
}

// taskContainer is a container of a task.
type taskContainer struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Image    string    `json:"image"`
	Digest   string    `json:"digest"`
	Runtime  string    `json:"runtime"`
	Last     string    `json:"last"`
	ExitCode *int      `json:"exitCode"`
	Reason   string    `json:"reason"`
	Health   string    `json:"health"`
	Behaves  behaviour `json:"behaves"`
}

// startFailure is why a task does not start.
type startFailure struct {
	Reason    string `json:"reason"`
	Container string `json:"container,omitempty"` // the container that it is about
	Own       string `json:"own,omitempty"`       // the reason that this container has
}

// The statuses of tasks, in order. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
const (
	taskProvisioning   = "PROVISIONING"
	taskPending        = "PENDING"
	taskActivating     = "ACTIVATING"
	taskRunning        = "RUNNING"
	taskDeactivating   = "DEACTIVATING"
	taskStopping       = "STOPPING"
	taskDeprovisioning = "DEPROVISIONING"
	taskStopped        = "STOPPED"
)

// The stop codes of tasks.
const (
	failedToStart      = "TaskFailedToStart"
	essentialExited    = "EssentialContainerExited"
	userInitiated      = "UserInitiated"
	schedulerInitiated = "ServiceSchedulerInitiated"
)

const (
	healthy   = "HEALTHY"
	unhealthy = "UNHEALTHY"
	unknown   = "UNKNOWN"
)

// stopping says whether the task is to stop, or has stopped.
func (t *task) stopping() bool { return t.Desired == taskStopped }

// running says whether the task is RUNNING and is to go on.
func (t *task) running() bool { return t.Last == taskRunning && !t.stopping() }

// healthy says whether the scheduler counts the task towards minimumHealthyPercent.
func (s *Service) healthy(t *task) bool {
	return t.running() && !t.HealthyAt.IsZero() && !s.w.Now().Before(t.HealthyAt)
}

// container finds a container by name; nil if there is none.
func (t *task) container(name string) *taskContainer {
	i := slices.IndexFunc(t.Containers, func(c taskContainer) bool { return c.Name == name })
	if i < 0 {
		return nil
	}
	return &t.Containers[i]
}

// tasksOf are the tasks of a service that are not STOPPED, oldest first.
func (s *Service) tasksOf(v *service) []*task {
	tasks := make([]*task, 0, len(v.Live))
	for _, id := range v.Live {
		tasks = append(tasks, s.state.Tasks[id])
	}
	return tasks
}

// count counts tasks as ECS does: those that run, and those that are about to.
func count(tasks []*task) (running, pending int) {
	for _, t := range tasks {
		switch t.Last {
		case taskRunning:
			running++
		case taskProvisioning, taskPending, taskActivating:
			pending += one(!t.stopping())
		}
	}
	return running, pending
}

func (s *Service) taskARN(t *task) string { return s.arn("task", t.Cluster, t.ID) }

// owner is the service of a task, and its deployment; false if either is gone.
func (s *Service) owner(t *task) (*service, *deployment, bool) {
	v, ok := s.state.Services[t.Service]
	if !ok {
		return nil, nil, false
	}
	d := v.deployment(t.Deployment)
	return v, d, d != nil
}

// definitionOf is the task definition of a task. A revision is never removed.
func (s *Service) definitionOf(t *task) definition {
	d, err := s.definition(t.Definition)
	if err != nil {
		panic("ecs: the task definition of a task is gone: " + t.Definition)
	}
	return d.read()
}
