package diagnosis

// aroundTable is what stands in the way of tasks without being their fault.
func aroundTable() []Entry { return join(capacityTable(), accidentTable()) }

func capacityTable() []Entry {
	return []Entry{
		{
			Cause: QuotaReached, tier: around,
			when: []when{on(starts|events, `reached the limit on the number of (?P<quota>[a-zA-Z]+)|LimitExceeded|(?:limit|quota) exceeded`)},
			What: "a quota of the account is used up, so that no task can be started: {quota|see diagnosis.evidence} ({times})",
			Fix:  "stop what is not needed, or raise the quota in Service Quotas (AWS Fargate: On-Demand vCPU resource count)",
		},
		{
			Cause: NoAddresses, tier: around,
			when: []when{on(starts|events, `(?:insufficient|not enough|no) (?:free )?(?:ip )?addresses|InsufficientFreeAddresses|RESOURCE:ENI`)},
			What: "the service's subnets have no free address for another task ({times})",
			Fix:  "give the service further or larger subnets, or free network interfaces",
		},
		{
			Cause: NoCapacity, Heals: true, tier: around,
			when: []when{on(starts|events, `Capacity is unavailable|RESOURCE:FARGATE|InsufficientInstanceCapacity`)},
			What: "AWS has no capacity for the tasks at this time ({times})",
			Fix:  "deploy again later; subnets in more Availability Zones, and FARGATE beside FARGATE_SPOT, make it rarer",
		},
		{
			Cause: NotPlaceable, tier: around,
			when: []when{
				on(events, `no container instance met all of its requirements\.?(?: Reason: (?P<reason>[^.]+))?`),
				on(events, `RESOURCE:(?:CPU|MEMORY|PORTS)|unable to place a task because`),
			},
			What: "no container instance of the cluster can take the task: {reason|none meets its requirements} ({times})",
			Fix:  "add instances to the cluster, or let its capacity provider do so; or ask for less cpu, memory and fixed ports, and for placement constraints that an instance meets",
		},
	}
}

func accidentTable() []Entry {
	return []Entry{
		{
			Cause: Throttled, Heals: true, tier: around,
			when: []when{on(starts|events, `Rate exceeded|Throttling|RequestLimitExceeded`)},
			What: "AWS throttled a call that ECS made for the service ({times})",
			Fix:  "deploy again later; if it comes back, find what else calls that API so often",
		},
		{
			Cause: Interrupted, Heals: true, tier: around,
			when: []when{on(starts, `^(?:SpotInterruption|TerminationNotice)`)},
			What: "AWS took back the Spot capacity of the tasks ({times})",
			Fix:  "deploy again; a service that must not be interrupted needs a base on FARGATE or on On-Demand instances",
		},
		{
			Cause: Infrastructure, Heals: true, tier: around,
			when: []when{on(starts, `^InfrastructureHealth|InternalError|ContainerRuntimeTimeout|Timeout waiting for network interface provisioning`)},
			What: "AWS's own infrastructure failed under the tasks ({times})",
			Fix:  "deploy again; if it comes back, look at the AWS Health Dashboard",
		},
		{
			Cause: StoppedByHand, Heals: true, tier: around,
			when: []when{on(starts, `^UserInitiated`)},
			What: "somebody or something stopped the tasks with StopTask ({times})",
			Fix:  "find in CloudTrail who called StopTask, then deploy again",
		},
		{
			Cause: NoRoom, tier: around,
			when: []when{on(events, `unable to stop or start tasks during a deployment because of the service deployment configuration`)},
			What: "the deployment configuration lets ECS neither start a task nor stop one",
			Fix:  "raise maximumPercent or lower minimumHealthyPercent of the service, so that one task can be exchanged",
		},
	}
}

// generalTable is how ECS ends a deployment. It does not say why, and is believed where nothing else is known.
func generalTable() []Entry {
	return []Entry{
		{
			Cause: HookFailed, tier: general,
			when: []when{on(verdicts|events, `lifecycle hook\(?s?\)? failed(?:\. Lifecycle hook target (?P<hook>\S+))?`)},
			What: "a lifecycle hook of the deployment failed: {hook|see diagnosis.evidence}",
			Fix:  "read the log of the hook's function for the time of the deployment: it returned FAILED, or could not be called",
		},
		{
			Cause: AlarmFired, tier: general,
			when: []when{
				on(verdicts, `\bAlarms: (?P<alarms>[^.]+)`),
				on(verdicts|events, `active alarms?\b|alarm detected`),
			},
			What: "an alarm of the deployment fired: {alarms|see the deployment in the ECS console}",
			Fix:  "look at what the alarm measures for the time of the deployment: the tasks came up, and behaved badly",
		},
		{
			Cause: CircuitBreaker, tier: general,
			when: []when{on(verdicts|events, `circuit breaker|tasks? failed to start|unable to consistently start tasks`)},
			What: "ECS's circuit breaker ended the deployment: its tasks failed one after the other, and nothing that is still shown says why",
			Fix:  "look at the stopped tasks of the service in the ECS console: ECS shows them for about an hour",
		},
		{
			Cause: TimedOut, tier: general,
			when: []when{on(verdicts, `no progress for (?P<time>[0-9a-z.]+)`)},
			What: "the deployment made no progress for {time|its timeout}, and no task of it failed",
			Fix:  "see in the events of the service what ECS waits for; if the tasks only need longer, raise `timeout` of the service in context.fairlead, run make deploy, and push again",
		},
	}
}
