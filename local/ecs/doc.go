// Package ecs is the embedded Amazon ECS: clusters, task definitions, and services that roll out as ECS rolls them out,
// with deployments, service deployments, service revisions, tasks, the circuit breaker and the events of all of these.
//
// [Service] is ECS; a service in the sense of ECS is the type service, a deployment ("ecs-svc/N") the type deployment,
// and a service deployment (the record that ListServiceDeployments gives) the type rollout. A deployment and its service
// revision share their number. The scheduler (scheduler.go) wakes up some seconds after anything changed, looks at the
// tasks, and starts and stops as many as minimumHealthyPercent and maximumPercent allow; breaker.go decides when a
// deployment has failed and what follows.
//
// # How an image behaves
//
// An image in the embedded ECR is really looked up, with the execution role, and its labels say how its container behaves:
//
//	local.start=3s        it needs 3 s: without a health check the task is RUNNING after that time, with one the checks
//	                      fail for that time
//	local.exit=1          it exits with code 1
//	local.exitafter=2s    it exits after 2 s of running (1 s if only local.exit is given; code 0 if only this is given)
//	local.oom=true        it exits with code 137, killed for its memory
//	local.unhealthy=true  no health check ever passes. Where neither the container nor a load balancer checks, nobody
//	                      notices, as on AWS
//	local.unhealthyafter=1m
//	                      from 1 minute after its start on no health check passes any more
//	local.elb=503         the health checks of a load balancer get this status, or timeout, or refused: always, or from
//	                      local.unhealthyafter on
//	local.noexec=/app     its program, /app, is not in the image: it cannot be started
//	local.log=line        it writes the line to its log when it starts. A program for another architecture than its image
//	                      says is local.log="exec /app: exec format error" with local.exit=1
//
// An image of any other registry cannot be pulled here: it is taken to start and to stay up.
//
// # What else makes tasks fail
//
// What follows from the account, follows: an image that was deleted, an execution role that may not pull, log or read a
// secret, a log group or a parameter that is missing, a role that cannot be assumed. What follows from nothing in the
// account is made to happen with [Service.Strike]: Fargate without room, the account at its quota, a task without a
// network, a registry that is slow.
//
// # What differs from AWS
//
// Only Fargate has capacity; a service for EC2 is told that its cluster has no container instances. There is
// no Secrets Manager: a task that wants a secret of it does not start. dependsOn does not delay a container. CloudWatch
// alarms go into ALARM where they are made to, and nothing else measures. Services under CODE_DEPLOY or EXTERNAL can be
// created and run nothing.
// Deployment strategies other than ROLLING, lifecycle hooks and early success criteria answer NotImplemented. The steady
// state of a service is announced when it is reached and not every six hours after. currentServiceDeployment and
// currentServiceRevisions are left out, because it is not known when ECS fills them.
package ecs
