package diagnosis_test

import (
	"strings"
	"testing"
	"time"

	"fairlead/shared/diagnosis"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

const (
	image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web@sha256:28402db69fec7c17e179ea87882667f1e054391138f77ffaf0c3eb388efc3ffb"
	group = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/943f017f100becff"
	user  = "User: arn:aws:sts::123456789012:assumed-role/web-execution/6f1c2 is not authorized to perform: "
	unset = "ResourceInitializationError: unable to pull secrets or registry auth: "
)

// unstarted is a task that never ran.
func unstarted(reason string) diagnosis.Task {
	return diagnosis.Task{StopCode: "TaskFailedToStart", StoppedReason: reason, StoppedAt: noon,
		Containers: []diagnosis.Container{{Name: "app", Image: image}}}
}

// ended is a task whose container app ended with an exit code.
func ended(exit int, reason string) diagnosis.Task {
	return diagnosis.Task{StopCode: "EssentialContainerExited", StoppedReason: "Essential container in task exited", StartedAt: noon, StoppedAt: noon.Add(time.Minute),
		Containers: []diagnosis.Container{{Name: "app", Image: image, ExitCode: new(exit), Reason: reason}}}
}

// stopped is a task that ECS or someone stopped.
func stopped(stopCode, reason string) diagnosis.Task {
	return diagnosis.Task{StopCode: stopCode, StoppedReason: reason, StartedAt: noon, StoppedAt: noon.Add(time.Minute),
		Containers: []diagnosis.Container{{Name: "app", Image: image, ExitCode: new(143), Health: "UNHEALTHY"}}}
}

func tasks(list ...diagnosis.Task) diagnosis.Evidence { return diagnosis.Evidence{Tasks: list} }
func event(text string) diagnosis.Evidence            { return diagnosis.Evidence{Events: []string{text}} }
func verdict(text string) diagnosis.Evidence          { return diagnosis.Evidence{Rollout: text} }

type sample struct {
	name     string
	evidence diagnosis.Evidence
	want     diagnosis.Cause
	says     string // part of the sentence
	fix      string // part of the fix
}

// samples are texts as AWS writes them, at least one for each cause.
func samples() []sample {
	return append(startSamples(), append(runSamples(), aroundSamples()...)...)
}

func startSamples() []sample {
	return []sample{
		{"a digest that was deleted", tasks(unstarted("CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref " + image + ": " + image + ": not found")),
			diagnosis.ImageNotFound, "container app is not in the registry: " + image, "lifecycle policy"},
		{"a manifest that the daemon does not find", tasks(unstarted("CannotPullContainerError: Error response from daemon: manifest for " + image + " not found: manifest unknown: Requested image not found")),
			diagnosis.ImageNotFound, "once", "push the image again"},
		{"an image for another architecture", tasks(unstarted("CannotPullContainerError: pull image manifest has been retried 7 time(s): image Manifest does not contain descriptor matching platform 'linux/arm64'")),
			diagnosis.WrongArchitecture, "container app does not run on linux/arm64", "docker buildx build --platform linux/arm64"},
		{"a binary for another architecture, by its log", diagnosis.Evidence{Tasks: []diagnosis.Task{ended(255, ""), ended(255, "")}, LogOf: "app", Log: []string{"exec /app: exec format error"}, Platform: "linux/amd64"},
			diagnosis.WrongArchitecture, "does not run on linux/amd64 (twice)", "--platform linux/amd64"},
		{"no right to pull", tasks(unstarted("CannotPullContainerError: The task can’t pull the image. Check that the role has the permissions to pull images from the registry. " + user + "ecr:BatchGetImage on resource: arn:aws:ecr:eu-west-1:123456789012:repository/shop/web because no identity-based policy allows the ecr:BatchGetImage action")),
			diagnosis.PullDenied, "ecr:BatchGetImage on arn:aws:ecr:eu-west-1:123456789012:repository/shop/web is denied to role web-execution, because no identity-based policy allows it",
			`{"Effect":"Allow","Action":"ecr:BatchGetImage","Resource":"arn:aws:ecr:eu-west-1:123456789012:repository/shop/web"}`},
		{"a private repository elsewhere", tasks(unstarted("CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref docker.io/shop/web: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed")),
			diagnosis.PullDenied, "may not pull the image of container app", `"ecr:GetDownloadUrlForLayer"`},
		{"no right to log in to ECR", tasks(unstarted(unset + "execution resource retrieval failed: unable to retrieve ecr registry auth: service call has been retried 1 time(s): AccessDeniedException: " + user + "ecr:GetAuthorizationToken on resource: * because no identity-based policy allows the ecr:GetAuthorizationToken action")),
			diagnosis.PullDenied, "ecr:GetAuthorizationToken on *", `"Action":"ecr:GetAuthorizationToken","Resource":"*"`},
		{"too many pulls", tasks(unstarted("CannotPullContainerError: Error response from daemon: toomanyrequests: You have reached your pull rate limit.")),
			diagnosis.PullRateLimited, "limits how often", "pull through cache"},
		{"no way to the registry", tasks(unstarted(`CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref ` + image + `: failed to do request: Head "https://123456789012.dkr.ecr.eu-west-1.amazonaws.com/v2/": dial tcp 10.0.3.17:443: i/o timeout`)),
			diagnosis.RepositoryUnreachable, "do not reach the registry", "NAT gateway"},
		{"no way to ECR's API", tasks(unstarted(unset + "The task cannot pull registry auth from Amazon ECR: There is a connection issue between the task and Amazon ECR. Check your task network configuration. operation error ECR: GetAuthorizationToken, exceeded maximum number of attempts, 3")),
			diagnosis.RepositoryUnreachable, "do not reach the registry", "VPC endpoints for ecr.api"},
		{"a secret that does not exist", tasks(unstarted(unset + "execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf from secrets manager: ResourceNotFoundException: Secrets Manager can't find the specified secret.")),
			diagnosis.SecretMissing, "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf", "create arn:aws:secretsmanager"},
		{"a parameter that does not exist", tasks(unstarted(unset + "execution resource retrieval failed: unable to retrieve secrets from ssm: service call has been retried 1 time(s): invalid ssm parameters: /shop/web/dsn")),
			diagnosis.SecretMissing, "/shop/web/dsn", "valueFrom"},
		{"a secret that may not be read", tasks(unstarted(unset + "execution resource retrieval failed: unable to retrieve secrets from ssm: service call has been retried 1 time(s): AccessDeniedException: " + user + "ssm:GetParameters on resource: arn:aws:ssm:eu-west-1:123456789012:parameter/shop/web/dsn because no identity-based policy allows the ssm:GetParameters action")),
			diagnosis.SecretDenied, "ssm:GetParameters on arn:aws:ssm:eu-west-1:123456789012:parameter/shop/web/dsn is denied to role web-execution", `{"Effect":"Allow","Action":"ssm:GetParameters"`},
		{"a secret that a service control policy forbids", tasks(unstarted(unset + "unable to retrieve secret from asm: AccessDeniedException: " + user + "secretsmanager:GetSecretValue on resource: arn:aws:secretsmanager:eu-west-1:123456789012:secret:db with an explicit deny in a service control policy")),
			diagnosis.SecretDenied, "by a Deny in the service control policy", "no Allow helps"},
		{"a key that may not be used", tasks(unstarted(unset + "execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret arn:aws:secretsmanager:eu-west-1:123456789012:secret:db from secrets manager: AccessDeniedException: Access to KMS is not allowed status code: 400")),
			diagnosis.SecretDenied, "may not read arn:aws:secretsmanager", "kms:Decrypt"},
		{"no way to the secrets", tasks(unstarted(unset + "execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 5 time(s): failed to fetch secret arn:aws:secretsmanager:eu-west-1:123456789012:secret:db from secrets manager: RequestCanceled: request context canceled caused by: context deadline exceeded")),
			diagnosis.SecretUnreachable, "do not reach Secrets Manager", "VPC endpoints for secretsmanager"},
		{"a log group that does not exist", tasks(unstarted("ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. : exit status 1")),
			diagnosis.LogGroupMissing, "log group of container app does not exist", "awslogs-group"},
		{"a log that may not be written", tasks(unstarted("ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: AccessDeniedException: " + user + "logs:CreateLogStream on resource: arn:aws:logs:eu-west-1:123456789012:log-group:/shop/web:log-stream:app/app/1 because no identity-based policy allows the logs:CreateLogStream action : exit status 1")),
			diagnosis.LogsDenied, "may not write the log of container app", `"Action":"logs:CreateLogStream"`},
		{"no way to the logs", tasks(unstarted("ResourceInitializationError: failed to validate logger args: The task cannot find the Amazon CloudWatch log group defined in the task definition. There is a connection issue between the task and Amazon CloudWatch. Check your network configuration. : signal: killed")),
			diagnosis.LogsUnreachable, "do not reach CloudWatch Logs", "VPC endpoint for logs"},
		{"a role that does not trust ECS", tasks(unstarted("ECS was unable to assume the role 'arn:aws:iam::123456789012:role/web-task' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions.")),
			diagnosis.RoleNotAssumable, "cannot assume the role arn:aws:iam::123456789012:role/web-task", "ecs-tasks.amazonaws.com"},
		{"a start that only an event tells of", event("(service web) was unable to place a task. Reason: " + unset + "unable to retrieve secrets from ssm: invalid ssm parameters: /shop/web/dsn."),
			diagnosis.SecretMissing, "/shop/web/dsn", "valueFrom"},
		{"a volume that does not mount", tasks(unstarted("ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: mount.nfs4: Connection timed out")), diagnosis.VolumeFailed, "volume", "2049"},
		{"a command that is not there", tasks(unstarted(`CannotStartContainerError: Error response from daemon: OCI runtime create failed: exec: "/srv": stat /srv: no such file or directory`)), diagnosis.CommandNotFound, "command of container app", "ENTRYPOINT"},
		{"a container that cannot be started", tasks(unstarted("CannotStartContainerError: Error response from daemon: unable to find user web: no matching entries in passwd file")), diagnosis.CannotStart, "container app could not be started", "task definition"},
	}
}

func runSamples() []sample {
	return []sample{
		{"a crash", diagnosis.Evidence{Tasks: []diagnosis.Task{ended(1, ""), ended(1, ""), ended(1, "")}, LogOf: "app", Log: []string{"panic: no dsn"}}, diagnosis.Crashed, "container app ended by itself (exit code 1, 3 times); its log ends with: panic: no dsn", "the last lines of its log above"},
		{"a crash, and a balancer that gets no answer meanwhile", diagnosis.Evidence{
			Tasks:   []diagnosis.Task{ended(1, ""), ended(1, "")},
			Targets: []diagnosis.Target{{Group: group, Port: 8080, State: "unhealthy", Reason: "Target.FailedHealthChecks", Description: "Health checks failed"}},
			Events:  []string{"(service web) (task 1f) (port 8080) is unhealthy in (target-group " + group + ") due to (reason Health checks failed)."},
			LogOf:   "app", Log: []string{"panic: no dsn"}}, diagnosis.Crashed, "exit code 1, twice); its log ends with: panic: no dsn", "log above"},
		{"a crash by a signal", tasks(ended(139, "")), diagnosis.Crashed, "exit code 139, SIGSEGV", "log group that the task definition names"},
		{"an end without an error", tasks(ended(0, "")), diagnosis.Exited, "exit code 0", "foreground"},
		{"a kill without a reason", tasks(ended(137, "")), diagnosis.Killed, "exit code 137, SIGKILL", "memory"},
		{"a shell that does not find the command", tasks(ended(127, "")), diagnosis.CommandNotFound, "exit code 127", "ENTRYPOINT"},
		{"no memory left", tasks(ended(137, "OutOfMemoryError: Container killed due to memory usage"), ended(137, "OutOfMemoryError: Container killed due to memory usage")), diagnosis.OutOfMemory, "container app used more memory than it has and was killed (exit code 137, SIGKILL, twice)", "raise memory"},
		{"no disk left", diagnosis.Evidence{Tasks: []diagnosis.Task{ended(1, "")}, LogOf: "app", Log: []string{"write /tmp/x: no space left on device"}}, diagnosis.DiskFull, "disk of the task is full: container app", "ephemeralStorage"},
		{"a denied call of the application", diagnosis.Evidence{Tasks: []diagnosis.Task{ended(1, "")}, LogOf: "app", Log: []string{"AccessDenied: User: arn:aws:sts::123456789012:assumed-role/web-task/1 is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::shop/x because no identity-based policy allows the s3:GetObject action"}},
			diagnosis.PermissionDenied, "s3:GetObject on arn:aws:s3:::shop/x is denied to role web-task", `add to the policy of role web-task: {"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::shop/x"}`},
		{"a health check of the container", tasks(stopped("ServiceSchedulerInitiated", "Task failed container health checks")), diagnosis.ContainerUnhealthy, "health check of container app fails (once)", "healthCheck"},
		{"a health check of the balancer", tasks(stopped("ServiceSchedulerInitiated", "Task failed ELB health checks in (target-group "+group+")")), diagnosis.TargetUnhealthy, "finds container app unhealthy: it does not say why", group},
		{"a balancer that gets another code", diagnosis.Evidence{
			Tasks:  []diagnosis.Task{stopped("ServiceSchedulerInitiated", "Task failed ELB health checks in (target-group "+group+")")},
			Events: []string{"(service web) (port 8080) is unhealthy in (target-group " + group + ") due to (reason Health checks failed with these codes: [502])."}},
			diagnosis.TargetUnhealthy, "Health checks failed with these codes: [502]", "expected"},
		{"a balancer that waits in vain", diagnosis.Evidence{Targets: []diagnosis.Target{{Group: group, Port: 8080, State: "unhealthy", Reason: "Target.Timeout", Description: "Request timed out"}}}, diagnosis.TargetUnhealthy, "Request timed out", "healthCheckGracePeriodSeconds"},
		{"a port that nobody listens on", diagnosis.Evidence{
			Tasks:   []diagnosis.Task{stopped("ServiceSchedulerInitiated", "Task failed ELB health checks in (target-group "+group+")")},
			Targets: []diagnosis.Target{{Group: group, Port: 8080, State: "unhealthy", Reason: "Target.FailedHealthChecks", Description: "Health checks failed"}}},
			diagnosis.PortNotListening, "on port 8080", "containerPort 8080"},
		{"a port that nobody listens on, after the target has left", diagnosis.Evidence{
			Tasks:  []diagnosis.Task{stopped("ServiceSchedulerInitiated", "Task failed ELB health checks in (target-group "+group+")")},
			Events: []string{"(service web) (task 1f) (port 8080) is unhealthy in (target-group " + group + ") due to (reason Health checks failed)."}},
			diagnosis.PortNotListening, "on port 8080", group},
		{"the same in ECS's older form", event("service web (port 8080) is unhealthy in target-group web due to (reason Health checks failed)"),
			diagnosis.PortNotListening, "on port 8080", "target group web"},
	}
}

func aroundSamples() []sample {
	return []sample{
		{"a quota", event("(service web) was unable to place a task. Reason: You've reached the limit on the number of vCPUs you can run concurrently."), diagnosis.QuotaReached, "vCPUs", "Service Quotas"},
		{"no address", event("(service web) was unable to place a task. Reason: Insufficient free addresses in subnet subnet-1."), diagnosis.NoAddresses, "no free address", "subnets"},
		{"no capacity", event("(service web) was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a different availability zone."), diagnosis.NoCapacity, "no capacity", "Availability Zones"},
		{"no instance", event("(service web) was unable to place a task because no container instance met all of its requirements. Reason: No Container Instances were found in your cluster. For more information, see the Troubleshooting section."), diagnosis.NotPlaceable, "No Container Instances were found in your cluster", "capacity provider"},
		{"a throttled call", event("(service web) failed to register targets in (target-group " + group + ") with (error Rate exceeded)"), diagnosis.Throttled, "throttled", "later"},
		{"a call of ECS that is denied", event("(service web) failed to register targets in (target-group " + group + ") with (error User: arn:aws:sts::123456789012:assumed-role/ecsServiceRole/ecs is not authorized to perform: elasticloadbalancing:RegisterTargets on resource: " + group + " because no identity-based policy allows the elasticloadbalancing:RegisterTargets action)"), diagnosis.PermissionDenied, "elasticloadbalancing:RegisterTargets", "role ecsServiceRole"},
		{"Spot", tasks(stopped("SpotInterruption", "Your Spot Task was interrupted.")), diagnosis.Interrupted, "Spot", "FARGATE"},
		{"a broken host", tasks(stopped("InfrastructureHealth", "Infrastructure failure")), diagnosis.Infrastructure, "infrastructure", "Health Dashboard"},
		{"somebody's hand", tasks(stopped("UserInitiated", "Task stopped by user")), diagnosis.StoppedByHand, "StopTask", "CloudTrail"},
		{"no room", event("(service web) was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again."), diagnosis.NoRoom, "neither", "maximumPercent"},
		{"a hook", verdict("Service deployment rolled back because PRE_SCALE_UP lifecycle hook(s) failed. Lifecycle hook target arn:aws:lambda:eu-west-1:123456789012:function:smoke returned FAILED status."), diagnosis.HookFailed, "function:smoke", "log of the hook"},
		{"an alarm", verdict("Service deployment rolled back because of one or more active alarms. Alarms: web-5xx. ECS rolled it back"), diagnosis.AlarmFired, "web-5xx", "measures"},
		{"the circuit breaker", verdict("Service deployment rolled back because the circuit breaker threshold was exceeded."), diagnosis.CircuitBreaker, "circuit breaker", "stopped tasks"},
		{"a timeout", verdict("ECS has not finished the deployment, and there was no progress for 30m0s: ECS calls it IN_PROGRESS"), diagnosis.TimedOut, "no progress for 30m0s", "raise `timeout` of the service in context.fairlead, run make deploy"},
		{"nothing that is known", verdict("something new"), diagnosis.Unknown, "nothing that is known", "console"},
		{"nothing at all", diagnosis.Evidence{}, diagnosis.Unknown, "nothing that is known", "console"},
		{"an old task that makes room", tasks(stopped("ServiceSchedulerInitiated", "Scaling activity initiated by deployment ecs-svc/1")), diagnosis.Unknown, "nothing that is known", "console"},
	}
}

func TestClassify(t *testing.T) {
	shown := map[diagnosis.Cause]bool{}
	for _, tt := range samples() {
		t.Run(tt.name, func(t *testing.T) {
			got := diagnosis.Classify(tt.evidence)
			if got.Cause != tt.want {
				t.Fatalf("cause %s, want %s: %s", got.Cause, tt.want, got.What)
			}
			if !strings.Contains(got.What, tt.says) {
				t.Errorf("the sentence %q does not say %q", got.What, tt.says)
			}
			if !strings.Contains(got.Fix, tt.fix) {
				t.Errorf("the fix %q does not say %q", got.Fix, tt.fix)
			}
			if strings.ContainsAny(got.What, "{}|") || strings.Contains(got.Fix, "|") {
				t.Errorf("a placeholder was left: %q, %q", got.What, got.Fix)
			}
		})
		shown[tt.want] = true
	}
	for _, entry := range diagnosis.Table() {
		if !shown[entry.Cause] {
			t.Errorf("no sample shows %s", entry.Cause)
		}
	}
}

// TestWhatCouldNotBeReadIsSaidWhereNothingElseSaysWhy: what is denied to Fairlead may be what would have told.
func TestWhatCouldNotBeReadIsSaidWhereNothingElseSaysWhy(t *testing.T) {
	unread := []string{"could not read the stopped tasks: role fairlead-web-look is denied ecs:ListTasks", "could not read a", "could not read b"}
	const said = "; Fairlead could not read the stopped tasks: role fairlead-web-look is denied ecs:ListTasks, could not read a"
	for text, cause := range map[string]diagnosis.Cause{"the circuit breaker threshold was exceeded": diagnosis.CircuitBreaker, "it was stopped": diagnosis.Unknown} {
		if d := diagnosis.Classify(diagnosis.Evidence{Rollout: text, Unread: unread}); d.Cause != cause || !strings.HasSuffix(d.What, said) {
			t.Errorf("%s: %s", d.Cause, d.What)
		}
	}
	e := event("(service web) was unable to place a task. Reason: Capacity is unavailable at this time.")
	e.Unread = unread
	if d := diagnosis.Classify(e); strings.Contains(d.What, "Fairlead") {
		t.Errorf("%s: %s", d.Cause, d.What)
	}
}
