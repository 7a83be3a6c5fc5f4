package diagnosis

// startTable is what keeps a task from starting. ECS says it as the reason of the task or of a container, and newer
// platforms as an event of the service too ("was unable to place a task. Reason: ResourceInitializationError: …").
func startTable() []Entry {
	return join(imageTable(), secretTable(), logTable(), roleTable())
}

func imageTable() []Entry {
	return []Entry{
		{
			Cause: WrongArchitecture, tier: decisive, hope: endsAlways,
			when: []when{
				on(starts, `does not contain descriptor matching platform '?(?P<platform>[a-z0-9]+/[a-z0-9/]+)`),
				on(starts, `no matching manifest for (?P<platform>[a-z0-9]+/[a-z0-9/]+)`),
				on(starts|logs, `exec format error`),
			},
			What: "the image of {container} does not run on {platform|the architecture of the task definition} ({times})",
			Fix:  "build it for {platform|the platform that runtimePlatform of the task definition names}: docker buildx build --platform {platform|linux/arm64} --push; or change runtimePlatform of the task definition to what the image is built for",
		},
		{
			Cause: PullRateLimited, Heals: true, tier: symptom,
			when: []when{on(starts, `toomanyrequests|pull rate limit|TooManyRequests`)},
			What: "the registry limits how often images are pulled, and refused the image of {container} ({times})",
			Fix:  "deploy again later; to be rid of it, pull through an ECR pull through cache or log in to the registry (repositoryCredentials of the container)",
		},
		{
			Cause: RepositoryUnreachable, Heals: true, tier: symptom,
			when: []when{
				on(starts, `CannotPull\w*: .*(?:i/o timeout|deadline exceeded|connection (?:refused|reset|issue)|no such host|request canceled|TLS handshake timeout|dial tcp)`),
				on(starts, `(?:retrieve ecr registry auth|pull registry auth|registry auth from).*`+network),
			},
			What: "the tasks do not reach the registry of the image of {container} ({times})",
			Fix:  "give the service's subnets a way to ECR: a NAT gateway, a public IP (assignPublicIp ENABLED) or VPC endpoints for ecr.api, ecr.dkr and s3, and let the security group send to port 443",
		},
		{
			Cause: PullDenied, tier: decisive, hope: endsAlways, spreads: true,
			when: []when{
				on(starts, `CannotPull\w*: .*(?:pull access denied|insufficient_scope|authorization failed|no basic auth credentials|403 Forbidden|not authorized to perform)`),
				on(starts, `can.t pull the image.*permissions`),
				on(starts, `(?:retrieve ecr registry auth|pull registry auth|registry auth from).*(?:AccessDenied|not authorized)`),
			},
			What: "the {execution role} may not pull the image of {container} ({times}){denial}",
			Fix:  `allow the {execution role} to pull, in its policy: {statement|{"Effect":"Allow","Action":"ecr:GetAuthorizationToken","Resource":"*"} and {"Effect":"Allow","Action":["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"],"Resource":"<ARN of the repository>"}}; for a repository of another account its repository policy must allow it too`,
		},
		{
			Cause: ImageNotFound, tier: decisive, hope: endsAlways,
			when: []when{on(starts, `CannotPull\w*: (?:.*failed to resolve ref (?P<image>\S+?):? )?.*(?:not found|manifest unknown|does not exist|Check whether the image exists)`)},
			What: "the image of {container} is not in the registry: {image|what the task definition names} ({times})",
			Fix:  "push the image again; if it was there, look at the repository's lifecycle policy, which must keep what is in service",
		},
	}
}

// network is how the lack of a way to AWS shows itself.
const network = `(?:connection issue|i/o timeout|deadline|RequestError|request send failed|no such host|dial tcp|signal: killed)`

// fetching is how ECS begins to speak of a secret or a parameter.
const fetching = `(?:retrieve secrets?\b|get registry auth from asm|cannot pull secrets|fetch secret)`

func secretTable() []Entry {
	return []Entry{
		{
			Cause: SecretMissing, tier: decisive, hope: endsAlways,
			when: []when{
				on(starts, fetching+`.*invalid ssm parameters?: (?P<secret>[^\s,]+)`),
				on(starts, fetching+`(?:.*?(?P<secret>arn:[^:\s]+:(?:secretsmanager|ssm):[^\s,']+))?.*(?:ResourceNotFoundException|can.t find the specified secret|ParameterNotFound|did not contain json key)`),
			},
			What: "a secret or parameter that the task definition names does not exist: {secret|ECS does not say which} ({times})",
			Fix:  "create {secret|it}, or correct valueFrom of the container's secrets in the task definition (the whole ARN, and behind it the JSON key if one is used)",
		},
		{
			Cause: SecretDenied, tier: decisive, hope: endsAlways, spreads: true,
			when: []when{on(starts, fetching+`(?:.*?(?P<secret>arn:[^:\s]+:(?:secretsmanager|ssm):[^\s,']+))?.*(?:AccessDenied|not authorized|Access to KMS is not allowed)`)},
			What: "the {execution role} may not read {secret|a secret or parameter of the task definition} ({times}){denial}",
			Fix:  `allow it in the policy of the {execution role}: {statement|{"Effect":"Allow","Action":["secretsmanager:GetSecretValue","ssm:GetParameters"],"Resource":"<ARN of the secret>"}}; a secret under a key of your own needs kms:Decrypt on that key as well`,
		},
		{
			Cause: SecretUnreachable, Heals: true, tier: symptom,
			when: []when{on(starts, fetching+`.*`+network)},
			What: "the tasks do not reach Secrets Manager or the Parameter Store ({times})",
			Fix:  "give the service's subnets a way there: a NAT gateway, a public IP (assignPublicIp ENABLED) or VPC endpoints for secretsmanager, ssm and kms, and let the security group send to port 443",
		},
	}
}

func logTable() []Entry {
	return []Entry{
		{
			Cause: LogsUnreachable, Heals: true, tier: symptom,
			when: []when{on(starts, `(?:logger args|logging driver|log stream|log group).*`+network)},
			What: "the tasks do not reach CloudWatch Logs ({times})",
			Fix:  "give the service's subnets a way there: a NAT gateway, a public IP (assignPublicIp ENABLED) or a VPC endpoint for logs, and let the security group send to port 443",
		},
		{
			Cause: LogsDenied, tier: decisive, hope: endsAlways, spreads: true,
			when: []when{on(starts, `(?:logger args|logging driver|log stream|log group).*(?:AccessDenied|not authorized)`)},
			What: "the {execution role} may not write the log of {container} ({times}){denial}",
			Fix:  `allow it in the policy of the {execution role}: {statement|{"Effect":"Allow","Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":"<ARN of the log group>:*"}}`,
		},
		{
			Cause: LogGroupMissing, tier: decisive, hope: endsAlways,
			when: []when{on(starts, `(?:log stream|log group).*(?:ResourceNotFoundException|does not exist)|cannot find the Amazon CloudWatch log group`)},
			What: "the log group of {container} does not exist ({times})",
			Fix:  "create the log group that awslogs-group of the task definition names, in the Region of awslogs-region",
		},
	}
}

func roleTable() []Entry {
	return []Entry{
		{
			Cause: RoleNotAssumable, tier: decisive, hope: endsAlways, spreads: true,
			when: []when{on(starts, `unable to assume (?:the )?role '?(?P<assumed>[^'\s]+)`)},
			What: "ECS cannot assume the role {assumed|of the task definition} ({times})",
			Fix:  `let the role exist and trust ECS, in its trust policy: {"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}`,
		},
		{
			Cause: CommandNotFound, tier: decisive, hope: endsAlways,
			when: []when{
				on(starts, `CannotStart\w*: .*(?:executable file not found|no such file or directory|permission denied)`),
				on(exits, `exit code 12[67]\b`),
			},
			What: "the command of {container} is not in its image, or cannot be executed ({exit}, {times})",
			Fix:  "correct ENTRYPOINT and CMD of the image, or entryPoint and command of the task definition: the file must exist in the image, be executable and have its interpreter and libraries beside it",
		},
		{
			Cause: DiskFull, tier: decisive, hope: waits,
			when: []when{on(starts|logs, `no space left on device`)},
			What: "the disk of the task is full: {container} ({times})",
			Fix:  "make the image smaller, write less, or raise ephemeralStorage of the task definition (the disk of the container instance on EC2)",
		},
		{
			Cause: VolumeFailed, tier: symptom,
			when: []when{on(starts, `CannotCreateVolume|failed to invoke EFS utils|mount.*(?:failed|timeout)|EBS volume`)},
			What: "a volume of the task cannot be mounted ({times})",
			Fix:  "read ECS's words in `diagnosis.evidence` of the execution's document; for EFS the file system's security group must let the tasks in at port 2049, and the task role must be allowed elasticfilesystem:ClientMount",
		},
		{
			Cause: CannotStart, tier: symptom, hope: endsUnhealthy,
			when: []when{on(starts, `CannotStartContainer|CannotCreateContainer|ContainerRuntimeError`)},
			What: "{container} could not be started ({times})",
			Fix:  "read ECS's words in `diagnosis.evidence` of the execution's document; most often a setting of the container in the task definition is wrong (command, user, mount, port)",
		},
	}
}
