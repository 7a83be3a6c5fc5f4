// Package diagnosis answers: why did the deployment fail, and what is to be done about it?
//
// It stands between rollout and rollback in the flow: DiagnoseFailure collects [Evidence] while ECS still remembers and adds
// the [Diagnosis] to the document; JudgeRollout asks [Hopeless] whether it is worth waiting on. The package is pure.
//
// Each piece of evidence is a line of text with a source: the reason of a stopped task, the end of a container, an event
// of the service, what a load balancer says of a target, the last lines of a log. A cause is a pattern over lines of
// certain sources, with a sentence and a fix: one table, see [Table]. AWS's wording may change and Fargate shortens it,
// so patterns are loose; what no pattern knows is shown as evidence and called [Unknown].
package diagnosis

import "time"

// Diagnosis is the document's key "diagnosis": why the deployment failed. Every field is always present, and fit to be
// shown: clean, bounded, without secrets as far as they can be told.
type Diagnosis struct {
	Cause Cause `json:"cause"`
	// What is one sentence: which container, how it ended, how often.
	What string `json:"what"`
	// Fix is the next thing to do.
	Fix string `json:"fix"`
	// Heals says that the cause may go away by itself: the same image may come up at another attempt.
	Heals bool `json:"heals"`
	// Occurrences is how many tasks show the cause or, where no task does, how many other lines.
	Occurrences int `json:"occurrences"`
	// Evidence is what the cause was read from, and what else was seen. It is never null.
	Evidence []string `json:"evidence"`
}

// Evidence is what is known of a deployment that failed. Everything in it may be empty.
type Evidence struct {
	// Tasks are the stopped tasks of our deployment.
	Tasks []Task
	// Events are the messages of the service since the deployment began, newest first.
	Events []string
	// Rollout is the reason of the verdict.
	Rollout string
	// Targets are the targets of the service's load balancers that are not healthy.
	Targets []Target
	// Log is the end of the log of the container LogOf.
	Log   []string
	LogOf string
	// Platform is what the task definition wants its images to run on: linux/arm64.
	Platform string
	// ExecutionRole is the name of the task definition's execution role.
	ExecutionRole string
	// Unread says what could not be read, a sentence each.
	Unread []string
}

// Task is a task of our deployment, a stopped one where nothing else is said.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html
type Task struct {
	ARN            string
	TaskDefinition string // its ARN
	StartedBy      string // "ecs-svc/N" of the deployment
	StopCode       string // EssentialContainerExited, TaskFailedToStart, …
	StoppedReason  string
	CreatedAt      time.Time
	StartedAt      time.Time // zero if it never ran
	StoppedAt      time.Time // when it ended or was told to; zero while ECS shows no time for that
	Health         string    // HEALTHY, UNHEALTHY, UNKNOWN
	Containers     []Container
}

// Container is a container of a task.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Container.html
type Container struct {
	Name     string
	Image    string
	ExitCode *int   // nil if it never ran
	Reason   string // "OutOfMemoryError: …", "CannotPullContainerError: …"
	Health   string // HEALTHY, UNHEALTHY, UNKNOWN
	// Optional says that the task goes on without this container. DescribeTasks does not tell; where the task definition
	// was not read it is false.
	Optional bool
}

// Target is what a load balancer says of a target that is not healthy.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html
type Target struct {
	Group       string // ARN of the target group
	Port        int
	State       string // unhealthy, initial, draining, …
	Reason      string // Target.Timeout, Target.ResponseCodeMismatch, Target.FailedHealthChecks, …
	Description string // "Health checks failed with these codes: [502]"
}
