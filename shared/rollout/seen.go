package rollout

import (
	"strings"
	"time"

	"fairlead/shared/diagnosis"
)

// Aim is what an execution wants of a service.
type Aim struct {
	// TaskDefinition is the ARN of our revision.
	TaskDefinition string
	// Base is the ARN of the revision that the service ran before, or "" where the asker does not know it.
	Base string
	// Since is when the service was pointed at our revision, as far as is known.
	Since time.Time
	// Accepted says that ECS is known to have taken the new revision: UpdateService was answered.
	Accepted bool
	// Running, Stage and Deadline are what the look before this one found; zero before the first.
	Running  int
	Stage    string
	Deadline time.Time
	// Failed is the ARN of our revision once the service goes back from it, else "". TaskDefinition is then the revision
	// whose deployment tells how that ends: ours, or the one that the service was pointed at again.
	Failed string
	// BackSince is when the service began to go back.
	BackSince time.Time
}

// Budget is how long a rollout may take.
type Budget struct {
	// Timeout is the time without progress after which the wait ends; 0 means that it never does.
	Timeout time.Duration
	// EarlyStop lets the same crash end the wait as a cause does that cannot heal: when a second task shows it.
	EarlyStop bool
}

// Seen is what one look at ECS showed of a service. The two lists may lag behind each other: ECS does not say how soon
// a new service deployment is listed.
type Seen struct {
	// Status is ACTIVE, DRAINING or INACTIVE, and "" if the service was not found.
	Status string
	// TaskDefinition is what the service is pointed at.
	TaskDefinition string
	// CreatedAt is when the service was created: one that was deleted and created anew has its name, and nothing else of it.
	CreatedAt time.Time
	// DesiredCount is how many tasks the service asks for; for a Daemon, which asks for none, on how many instances it runs.
	DesiredCount int
	Daemon       bool
	// At is the newest time that ECS shows, or zero: the look was not before it.
	At time.Time
	// Entries is the service's own list of deployments.
	// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html
	Entries []Entry
	// Deployments are the service deployments, in any order.
	// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html
	Deployments []Deployment
	// Stopped and Running are the tasks of our revision that have stopped, and those that have started and go on. They are
	// looked at only while our deployment is [Failing], and Unread is why they could not be. Partly says that more tasks of the
	// service run than were looked at.
	Stopped, Running []diagnosis.Task
	Unread           string
	Partly           bool
}

// Entry is one of the service's own deployments.
type Entry struct {
	ID             string // "ecs-svc/N"
	Status         string // PRIMARY, ACTIVE, INACTIVE, DRAINING
	TaskDefinition string
	State          string // rolloutState: IN_PROGRESS, COMPLETED, FAILED, or "" where ECS tells none
	Reason         string // rolloutStateReason
	CreatedAt      time.Time
	Desired        int // tasks that ECS asks for of it now
	Running        int
	FailedTasks    int
}

// Deployment is one service deployment.
type Deployment struct {
	ARN    string
	Status string
	Reason string // statusReason
	// TaskDefinition is the task definition of the target revision, and "" if the revision could not be read.
	TaskDefinition string
	Revision       string // ARN of the target service revision
	Requested      int    // tasks asked for of the target revision
	Running        int    // tasks running of the target revision

	CreatedAt, StartedAt, FinishedAt time.Time

	// RollbackReason, RollbackRevision and RollbackAt are set once ECS rolls back.
	RollbackReason, RollbackRevision string
	RollbackAt                       time.Time

	// Images are those of the target revision's containers.
	Images []Image

	// Alarms are the names of the alarms that have fired.
	Alarms []string
	// Watched says that ECS watches the alarms of the deployment.
	Watched bool
	// Breaker is the circuit breaker's status, "" where ECS tells none; Failures and Threshold are its count.
	Breaker             string
	Failures, Threshold int
	// Keeps says that the circuit breaker goes on counting when a task has become healthy.
	Keeps bool
	// Idle says that ECS shows no task that was asked for, and none that runs, of a deployment that was read in full.
	Idle bool
	// Early says that the deployment succeeds before all of its tasks run: its early success criteria are on.
	Early bool

	// Stage is the lifecycle stage of a deployment that shifts traffic, "" of any other.
	Stage string
	// Declared is the time that the deployment takes by its own configuration before it shows progress again: bake times,
	// and the functions that are hooks of its stage.
	Declared time.Duration
	// Hook is the lifecycle hook that ECS waits for, zero if for none.
	Hook Hook
}

// Image is what a container of a service revision runs.
type Image struct {
	Container string
	Name      string // as the task definition has it
	// Digest is what ECS has resolved the name to with the first task; "" where it tells none.
	Digest string
}

// Hook is a lifecycle hook that ECS waits for.
type Hook struct {
	ID string
	// Pause says that the hook waits for a person, and not for a function.
	Pause bool
	// Until is when ECS waits no longer, and what it does then: ROLLBACK or CONTINUE.
	Until  time.Time
	Action string
}

// The statuses of a service deployment.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
const (
	pending            = "PENDING"
	inProgress         = "IN_PROGRESS"
	successful         = "SUCCESSFUL"
	stopRequested      = "STOP_REQUESTED"
	stopped            = "STOPPED"
	rollbackRequested  = "ROLLBACK_REQUESTED"
	rollbackInProgress = "ROLLBACK_IN_PROGRESS"
	rollbackSuccessful = "ROLLBACK_SUCCESSFUL"
	rollbackFailed     = "ROLLBACK_FAILED"
)

// The statuses of what watches a deployment: its circuit breaker and its alarms.
const (
	triggered = "TRIGGERED"
	disabled  = "DISABLED"
)

// The words of the service's own list.
const (
	active    = "ACTIVE"
	primary   = "PRIMARY"
	completed = "COMPLETED"
	failed    = "FAILED"
)

// RolledBack says whether ECS takes the service back from the deployment, or has tried to.
func (d Deployment) RolledBack() bool {
	switch d.Status {
	case rollbackRequested, rollbackInProgress, rollbackSuccessful, rollbackFailed:
		return true
	default:
		return false
	}
}

// over says whether ECS has finished with the deployment.
func (d Deployment) over() bool {
	switch d.Status {
	case successful, stopped, rollbackSuccessful, rollbackFailed:
		return true
	default:
		return false
	}
}

// number is the last part of an ARN or of "ecs-svc/N".
func number(id string) string { return id[strings.LastIndexByte(id, '/')+1:] }
