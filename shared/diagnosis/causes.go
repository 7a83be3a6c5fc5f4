package diagnosis

// Cause names why a deployment failed.
type Cause string

// The causes. [Table] says what each one means, and docs/causes.md shows it to operators.
const (
	ImageNotFound         Cause = "image.not-found"
	PullDenied            Cause = "image.pull-denied"
	WrongArchitecture     Cause = "image.wrong-architecture"
	PullRateLimited       Cause = "image.pull-rate-limited"
	RepositoryUnreachable Cause = "repository.unreachable"
	SecretMissing         Cause = "secret.missing"
	SecretDenied          Cause = "secret.denied"
	SecretUnreachable     Cause = "secret.unreachable"
	LogGroupMissing       Cause = "log-group.missing"
	LogsDenied            Cause = "log-group.denied"
	LogsUnreachable       Cause = "log-group.unreachable"
	RoleNotAssumable      Cause = "role.not-assumable"
	PermissionDenied      Cause = "permission.denied"
	OutOfMemory           Cause = "container.out-of-memory"
	CommandNotFound       Cause = "container.command-not-found"
	DiskFull              Cause = "container.disk-full"
	CannotStart           Cause = "container.cannot-start"
	VolumeFailed          Cause = "volume.failed"
	PortNotListening      Cause = "port.not-listening"
	ContainerUnhealthy    Cause = "health.container"
	TargetUnhealthy       Cause = "health.load-balancer"
	Killed                Cause = "container.killed"
	Crashed               Cause = "container.crashed"
	Exited                Cause = "container.exited"
	QuotaReached          Cause = "quota.reached"
	NoAddresses           Cause = "capacity.no-addresses"
	NoCapacity            Cause = "capacity.unavailable"
	NotPlaceable          Cause = "placement.impossible"
	Throttled             Cause = "aws.throttled"
	Interrupted           Cause = "task.interrupted"
	Infrastructure        Cause = "task.infrastructure"
	StoppedByHand         Cause = "task.stopped-by-hand"
	NoRoom                Cause = "deployment.no-room"
	HookFailed            Cause = "deployment.hook-failed"
	AlarmFired            Cause = "deployment.alarm"
	CircuitBreaker        Cause = "deployment.circuit-breaker"
	TimedOut              Cause = "deployment.timeout"
	Unknown               Cause = "unknown"
)

// tier is how much a cause explains. A lower one is believed first.
type tier int

const (
	decisive tier = iota // AWS names the very thing that is wrong, and it stays wrong
	symptom              // how the tasks ended: something is wrong with them
	around               // what stood in the way of tasks
	general              // that the deployment failed, not why
)

// hope is whether waiting can help once a cause has shown itself twice.
type hope int

const (
	waits         hope = iota // it may: ECS goes on, its circuit breaker counts
	endsAlways                // it cannot
	endsUnhealthy             // it cannot, unless a task of ours was healthy once
)

// Entry is a row of the table of causes.
type Entry struct {
	Cause Cause
	// What and Fix are the texts, with placeholders in braces; {a|b} is a or, where a is not known, the text b.
	What, Fix string
	Heals     bool

	tier tier
	hope hope
	// spreads says that what mends it may have been done already: a change in IAM takes a while to be in effect.
	spreads bool
	when    []when
}

// EndsEarly says whether the second occurrence of the cause may end the wait, as docs/causes.md has it.
func (e Entry) EndsEarly() bool { return e.hope != waits }

// Table is every cause that is known, in the order in which they are believed where all else is equal. The last one is
// [Unknown].
//
// The texts of ECS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html,
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/resource-initialization-error.html,
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html and
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html.
func Table() []Entry { return table }

//nolint:gochecknoglobals // patterns, compiled once
var table = join(startTable(), runTable(), aroundTable(), generalTable(), []Entry{{
	Cause: Unknown, tier: general,
	What: "nothing that is known explains why the deployment failed",
	Fix:  "read `diagnosis.evidence` in the document of the execution, and the stopped tasks and the events of the service in the ECS console: ECS shows a stopped task for about an hour",
}})

func join(parts ...[]Entry) (all []Entry) {
	for _, part := range parts {
		all = append(all, part...)
	}
	return all
}
