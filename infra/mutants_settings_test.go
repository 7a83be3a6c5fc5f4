package main

// settingMutants switch off what protects or tells.
func settingMutants() []mutant {
	deployer := func(id string, change func(map[string]any)) func(map[string]template) {
		return inProperties(deployerStack, id, change)
	}
	repository := func(change func(map[string]any)) func(map[string]template) {
		return inProperties(registryStack, "ShopWebRepository", change)
	}
	without := func(key string) func(map[string]any) { return func(p map[string]any) { delete(p, key) } }
	lifecycle := func(selection string) func(map[string]any) {
		return func(p map[string]any) {
			p["LifecyclePolicy"] = map[string]any{"LifecyclePolicyText": `{"rules":[{"selection":` + selection + `}]}`}
		}
	}
	return []mutant{
		{"a function under another's role", deployer("CheckImageFunction", func(p map[string]any) {
			p["Role"] = map[string]any{"Fn::GetAtt": []any{"UpdateServiceRole", "Arn"}}
		}), "CheckImageFunction: it runs under a role that is not its own"},
		{"a function that logs elsewhere", deployer("CheckImageFunction", without("LoggingConfig")), "it logs elsewhere"},
		{"a function that is not traced", deployer("RollBackFunction", without("TracingConfig")), "TracingConfig is <nil>"},
		{"a function on another runtime", deployer("SweepFunction", func(p map[string]any) { p["Runtime"] = "go1.x" }), "Runtime is go1.x"},
		{"a log that is kept for ever", deployer("WorkflowLogs", without("RetentionInDays")), "RetentionInDays is not set"},
		{"a workflow that is not traced", deployer("Workflow", without("TracingConfiguration")), "TracingConfiguration is <nil>"},
		{"a workflow that logs errors alone", deployer("Workflow", func(p map[string]any) {
			p["LoggingConfiguration"].(map[string]any)["Level"] = "ERROR"
		}), "it does not log everything"},
		{"a workflow that runs a state more than once", deployer("Workflow", func(p map[string]any) { p["StateMachineType"] = "EXPRESS" }), "StateMachineType is EXPRESS"},
		{"a ledger that is lost by mistake", deployer("Ledger", func(p map[string]any) { p["DeletionProtectionEnabled"] = false }), "DeletionProtectionEnabled is false"},
		{"a ledger without a way back", deployer("Ledger", without("PointInTimeRecoverySpecification")), "PointInTimeRecoverySpecification is <nil>"},
		{"dead letters in clear", deployer("DeadLetters", without("SqsManagedSseEnabled")), "SqsManagedSseEnabled is <nil>"},
		{"dead letters over plain HTTP", deployer("DeadLettersPolicy", func(p map[string]any) {
			document := p["PolicyDocument"].(map[string]any)
			document["Statement"] = document["Statement"].([]any)[:1]
		}), "DeadLettersPolicy: 1 statements"},
		{"dead letters for any rule", deployer("DeadLettersPolicy", func(p map[string]any) {
			s := anyList(p["PolicyDocument"].(map[string]any)["Statement"])[0]
			s["Condition"] = map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": "arn:aws:events:*:*:rule/*"}}
		}), "is no rule of this stack"},
		{"dead letters that nobody hears of", deployer("DeadLettersAlarm", func(p map[string]any) { p["Threshold"] = 1000 }), "Threshold is 1000"},
		{"a sweep that nobody misses", func(all map[string]template) { delete(all[deployerStack].Resources, "SweepSilentAlarm") }, "no alarm goes off when the sweep does not run"},
		{"a sweep that is missed when it reports nothing", deployer("SweepSilentAlarm", func(p map[string]any) { p["TreatMissingData"] = "notBreaching" }), "TreatMissingData is notBreaching"},
		{"a sweep whose runs are an alarm", deployer("SweepSilentAlarm", func(p map[string]any) { p["ComparisonOperator"] = "GreaterThanThreshold" }), "ComparisonOperator is GreaterThanThreshold"},
		{"lost events of one rule that nobody hears of", deployer("LostEventsAlarm", func(p map[string]any) { p["Metrics"] = p["Metrics"].([]any)[:2] }), "when events of the rule SweepDue are lost"},
		{"an event that is tried once", inRules(func(p map[string]any) { delete(p["Targets"].([]any)[0].(map[string]any), "RetryPolicy") }), "a target without a retry policy"},
		{"a function for the whole internet", func(all map[string]template) {
			all[deployerStack].Resources["Url"] = resource{Type: "AWS::Lambda::Url", Properties: map[string]any{"AuthType": "NONE"}}
		}, "no rule knows resources of the kind AWS::Lambda::Url"},
		{"a custom resource", func(all map[string]template) {
			all[registryStack].Resources["More"] = resource{Type: "Custom::Seed", Properties: map[string]any{}}
		}, "no rule knows resources of the kind Custom::Seed"},
		{"images are not scanned", repository(without("ImageScanningConfiguration")), "ImageScanningConfiguration is <nil>"},
		{"every tag may be moved", repository(func(p map[string]any) {
			p["ImageTagMutability"] = "IMMUTABLE_WITH_EXCLUSION"
			p["ImageTagMutabilityExclusionFilters"] = []any{map[string]any{"ImageTagMutabilityExclusionFilterType": "WILDCARD", "ImageTagMutabilityExclusionFilterValue": "*"}}
		}), "every tag can be moved"},
		{"every tag but some may be moved", repository(func(p map[string]any) { p["ImageTagMutability"] = "MUTABLE_WITH_EXCLUSION" }), "its tags can be moved"},
		{"tagged images expire", repository(lifecycle(`{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":100}`)), "more than untagged"},
		{"images with some tags expire", repository(lifecycle(`{"tagStatus":"tagged","countType":"sinceImagePushed","countNumber":90}`)), "more than untagged"},
		{"images expire before they are tagged", repository(lifecycle(`{"tagStatus":"untagged","countType":"sinceImagePushed","countNumber":1}`)), "more than untagged"},
		{"a repository for others", repository(func(p map[string]any) { p["RepositoryPolicyText"] = map[string]any{"Statement": []any{}} }), "it is open to others"},
		{"tasks that the internet reaches", inProperties(sampleStack, "TasksGroup", func(p map[string]any) {
			p["SecurityGroupIngress"] = []any{map[string]any{"CidrIp": "0.0.0.0/0", "IpProtocol": "-1"}}
		}), "it lets something in"},
		{"a rollout without a circuit breaker", inProperties(sampleStack, "Service", without("DeploymentConfiguration")), "DeploymentConfiguration is <nil>"},
	}
}
