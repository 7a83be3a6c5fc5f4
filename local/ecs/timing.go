package ecs

import "time"

// How long things take on AWS. "Assumed" is our guess, fitted to two rollouts that were seen in the field with one task
// desired: an image that cannot be pulled failed at 2m34s, 4m46s and 11m00s; a container that exits at its start was
// rolled back after about 3 minutes, and the rollback was complete 74 s later.
const (
	// From UpdateService to the service deployment, and from there to its start: the times of the sample in
	// https://docs.aws.amazon.com/cli/latest/reference/ecs/describe-service-deployments.html
	openAfter  = 1600 * time.Millisecond
	beginAfter = 1600 * time.Millisecond
	// From STOP_REQUESTED to STOPPED; seen in the field: 0.3 s after the newer deployment began.
	stopAfter = 300 * time.Millisecond
	// From ROLLBACK_REQUESTED to ROLLBACK_IN_PROGRESS. Assumed.
	rollbackAfter = time.Second

	schedulerDelay = 5 * time.Second  // from a change to the scheduler's answer; assumed
	steadyAfter    = 10 * time.Second // from the last change to "steady state"; assumed
	// A task whose containers have no health check counts as healthy after 40 s of RUNNING, without a load balancer:
	// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
	healthyAfter = 40 * time.Second
	// How long a failed deployment is still listed after the rollback has begun. Assumed.
	failedListed = 60 * time.Second

	provisioning   = 10 * time.Second  // the network interface is attached; assumed
	pullBegins     = 5 * time.Second   // PENDING to the beginning of the pull; assumed
	pulling        = 12 * time.Second  // assumed
	pullRetries    = 110 * time.Second // a pull that fails is tried seven times; assumed
	initRetries    = 10 * time.Second  // what an initialisation that fails takes; assumed
	activating     = 2 * time.Second   // assumed
	startup        = time.Second       // a container without local.start; assumed
	exitsAfter     = time.Second       // a container with local.exit and without local.exitafter
	deactivating   = 2 * time.Second   // assumed
	noticing       = 10 * time.Second  // from a change of a target's health to ECS's answer; assumed
	stopping       = 10 * time.Second  // from SIGTERM to the containers' end; assumed (AWS allows 30 s)
	reaping        = time.Second       // as stopping, if the containers have exited before; assumed
	deprovisioning = 15 * time.Second  // the network interface is detached; assumed

	// Tasks that never reach RUNNING are started again after a growing pause of up to 15 minutes; the steps are assumed:
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html
	firstPause   = 4 * time.Minute
	longestPause = 15 * time.Minute

	stoppedListed = time.Hour           // stopped tasks are listed for at least an hour
	recordsKept   = 90 * 24 * time.Hour // service deployments are kept for 90 days
)
