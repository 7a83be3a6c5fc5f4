package diagnosis

// runTable is how a task that has started ends.
func runTable() []Entry { return join(namedTable(), endTable()) }

// namedTable is what is named by AWS, by the load balancer or by the container itself.
func namedTable() []Entry {
	return []Entry{
		{
			Cause: PermissionDenied, tier: decisive,
			when: []when{on(starts|logs|events, `not authorized to perform: (?P<action>[a-zA-Z0-9-]+:[a-zA-Z0-9]+)`)},
			What: "a call that {container} or its service makes is denied ({times}){denial}",
			Fix:  "{grant|read `diagnosis.evidence` of the execution's document: it names the action and who was denied}",
		},
		{
			Cause: OutOfMemory, tier: decisive, hope: endsUnhealthy,
			when: []when{on(starts, `OutOfMemory`)},
			What: "{container} used more memory than it has and was killed ({exit}, {times})",
			Fix:  "raise memory of the task definition (and of the container, where it has a limit of its own), or make the image need less; a runtime with a heap of its own (JVM, Node.js) must be told its limit",
		},
		{
			Cause: PortNotListening, tier: decisive,
			when: []when{
				on(targets, `port (?P<port>[0-9]+): .*(?:Target\.FailedHealthChecks|connection refused)`),
				on(events, `\(port (?P<port>[0-9]+)\) is unhealthy in \(?target-group (?P<group>[^)\s]+)\)? due to \(reason Health checks failed\)`), // without codes
			},
			What: "the load balancer gets no answer from {container} on port {port|of the target group}: nothing listens there, or what answers is not what the target group speaks ({times})",
			Fix:  "let the process listen on 0.0.0.0 and on containerPort {port|of the service's load balancer}, with the protocol of target group {group|of the service}, and let the security group of the tasks take in the load balancer; if the process only needs longer to start, raise healthCheckGracePeriodSeconds of the service",
		},
		{
			Cause: ContainerUnhealthy, tier: symptom,
			when: []when{on(starts|events, `failed container health checks`)},
			What: "the health check of {container} fails ({times})",
			Fix:  "run the healthCheck command of the task definition inside of the image: it must exist there (a curl that the image does not have fails too) and succeed within startPeriod and retries",
		},
		{
			Cause: TargetUnhealthy, tier: symptom,
			when: []when{
				on(starts, `failed ELB health checks in \(target-group (?P<group>[^)\s]+)`),
				on(events, `is unhealthy in \(target-group (?P<group>[^)\s]+?)\) due to \(reason (?P<reason>[^)]+)\)`),
				on(events, `is unhealthy in \(target-group (?P<group>[^)\s]+)`),
				on(targets, `(?P<group>\S+), port (?P<port>[0-9]+): unhealthy, Target\.[A-Za-z]+: (?P<reason>.+)`),
			},
			What: "the load balancer finds {container} unhealthy: {reason|it does not say why} ({times})",
			Fix:  "ask the health check path of target group {group|of the service} by hand and let it answer with the code that is expected, within the timeout; if the process only needs longer to start, raise healthCheckGracePeriodSeconds of the service",
		},
	}
}

// endTable is how a container ended, where nothing else is known of it.
func endTable() []Entry {
	return []Entry{
		{
			Cause: Killed, tier: symptom, hope: endsUnhealthy,
			when: []when{on(exits, `exit code 137\b`)},
			What: "{container} was killed ({exit}, {times})",
			Fix:  "look for memory first: the kernel kills a process that needs more than the task has, and ECS does not always say so; then for what else may send SIGKILL",
		},
		{
			Cause: Exited, tier: symptom, hope: endsUnhealthy,
			when: []when{on(exits, `exit code 0\b`)},
			What: "{container} ended by itself without an error ({exit}, {times}): a service's process must not end",
			Fix:  "let the command of the image stay in the foreground; a container that is meant to end must have essential false",
		},
		{
			Cause: Crashed, tier: symptom, hope: endsUnhealthy,
			when: []when{on(exits, `exit code [0-9]+`)},
			What: "{container} ended by itself ({exit}, {times})",
			Fix:  "read {log}, and mend the image; to see it at home: docker run with the image's digest",
		},
	}
}
