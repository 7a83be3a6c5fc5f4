package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// What a change to the stacks must not lose, whatever else it does.
func TestTheStacksKeepTheirShape(t *testing.T) {
	for _, fault := range shapeFaults(templates(t)) {
		t.Error(fault)
	}
}

// shapeFaults says what is wrong with the resources of the templates.
func shapeFaults(all map[string]template) []string {
	checks := map[string]func(resource) []string{
		"AWS::Events::Rule":                   ruleFaults,
		"AWS::StepFunctions::StateMachine":    workflowFaults,
		"AWS::ECR::Repository":                repositoryFaults,
		"AWS::SQS::QueuePolicy":               queueFaults,
		"AWS::SQS::Queue":                     wants(map[string]string{"SqsManagedSseEnabled": "true"}),
		"AWS::Logs::LogGroup":                 set("RetentionInDays"),
		"AWS::CloudWatch::Alarm":              wants(map[string]string{"TreatMissingData": "notBreaching", "Threshold": "0"}),
		"AWS::CloudFormation::CustomResource": refuse,
		"AWS::Lambda::Function": wants(map[string]string{
			"Runtime": "provided.al2023", "Architectures": "[arm64]", "TracingConfig": "map[Mode:Active]",
		}),
		"AWS::DynamoDB::Table": wants(map[string]string{
			"PointInTimeRecoverySpecification": "map[PointInTimeRecoveryEnabled:true]", "DeletionProtectionEnabled": "true",
		}),
		"AWS::ECS::Service": wants(map[string]string{
			"DeploymentConfiguration": "map[DeploymentCircuitBreaker:map[Enable:true Rollback:true] MaximumPercent:200 MinimumHealthyPercent:100]",
		}),
	}
	var faults []string
	for _, stack := range slices.Sorted(maps.Keys(all)) {
		for _, id := range slices.Sorted(maps.Keys(all[stack].Resources)) {
			r := all[stack].Resources[id]
			if strings.HasPrefix(r.Type, "Custom::") {
				faults = append(faults, fmt.Sprintf("%s/%s: a custom resource", stack, id))
			}
			if check := checks[r.Type]; check != nil {
				for _, fault := range check(r) {
					faults = append(faults, fmt.Sprintf("%s/%s: %s", stack, id, fault))
				}
			}
		}
	}
	return faults
}

// refuse refuses a kind of resource.
func refuse(r resource) []string { return []string{r.Type} }

// wants checks properties against their values, as fmt prints them.
func wants(properties map[string]string) func(resource) []string {
	return func(r resource) []string {
		var faults []string
		for name, want := range properties {
			if got := fmt.Sprint(r.Properties[name]); got != want {
				faults = append(faults, fmt.Sprintf("%s is %s, not %s", name, got, want))
			}
		}
		return faults
	}
}

// set checks that a property is there.
func set(name string) func(resource) []string {
	return func(r resource) []string {
		if r.Properties[name] == nil {
			return []string{name + " is not set"}
		}
		return nil
	}
}

// ruleFaults says what is wrong with a rule: its pattern is pinned to one kind of event of one AWS service, and no event
// is lost for want of a dead-letter queue.
func ruleFaults(rule resource) []string {
	var faults []string
	pattern, _ := rule.Properties["EventPattern"].(map[string]any)
	if rule.Properties["ScheduleExpression"] == "rate(15 minutes)" && pattern == nil {
		return targetFaults(rule)
	}
	detail, _ := pattern["detail"].(map[string]any)
	pinned := map[string]any{"source": pattern["source"], "detail-type": pattern["detail-type"], "account": pattern["account"]}
	switch source := strings.Join(list(pattern["source"]), " "); source {
	case "aws.ecr":
		for _, key := range []string{"action-type", "result", "repository-name", "image-tag"} {
			pinned[key] = detail[key]
		}
	case "aws.ecs":
		pinned["our services"] = pattern["resources"]
		if detail != nil {
			pinned["our services"] = detail["group"]
		}
	case "aws.states":
		pinned["stateMachineArn"] = detail["stateMachineArn"]
	default:
		faults = append(faults, "it listens to "+source)
	}
	for key, value := range pinned {
		if len(list(value)) == 0 {
			faults = append(faults, "the pattern is not pinned on "+key)
		}
	}
	return append(faults, targetFaults(rule)...)
}

// targetFaults says what is wrong with a rule's targets.
func targetFaults(rule resource) []string {
	var faults []string
	for _, target := range anyList(rule.Properties["Targets"]) {
		queue, _ := target["DeadLetterConfig"].(map[string]any)
		if got := list(queue["Arn"]); len(got) != 1 || got[0] != "${DeadLetters.Arn}" {
			faults = append(faults, fmt.Sprint("the dead-letter queue of a target is ", got))
		}
		if target["RetryPolicy"] == nil {
			faults = append(faults, "a target without a retry policy")
		}
	}
	if n := len(anyList(rule.Properties["Targets"])); n == 0 || n > maxTargets {
		faults = append(faults, fmt.Sprint(n, " targets"))
	}
	return faults
}

// workflowFaults says what is wrong with the state machine: it logs what happens and no data.
func workflowFaults(machine resource) []string {
	logging, _ := machine.Properties["LoggingConfiguration"].(map[string]any)
	var faults []string
	if logging["Level"] != "ALL" || len(anyList(logging["Destinations"])) != 1 {
		faults = append(faults, fmt.Sprint("it does not log everything: ", logging))
	}
	if logging["IncludeExecutionData"] != false {
		faults = append(faults, "it logs execution data, and with them what may be secret")
	}
	return append(faults, wants(map[string]string{"StateMachineType": "STANDARD", "TracingConfiguration": "map[Enabled:true]"})(machine)...)
}

// repositoryFaults says what is wrong with a repository: a tag stays what it is, and only images without one expire.
func repositoryFaults(repository resource) []string {
	faults := wants(map[string]string{"ImageTagMutability": "IMMUTABLE", "ImageScanningConfiguration": "map[ScanOnPush:true]"})(repository)
	policy := fmt.Sprint(repository.Properties["LifecyclePolicy"])
	if strings.Count(policy, `"tagStatus"`) != 1 || !strings.Contains(policy, `"tagStatus":"untagged"`) {
		faults = append(faults, "its lifecycle expires more than untagged images: "+policy)
	}
	if repository.Properties["RepositoryPolicyText"] != nil {
		faults = append(faults, "it is open to others")
	}
	return faults
}

// queueFaults says what is wrong with a dead-letter queue's policy: its rules send, and nobody does anything without
// TLS.
func queueFaults(policy resource) []string {
	document, _ := policy.Properties["PolicyDocument"].(map[string]any)
	var faults []string
	written := anyList(document["Statement"])
	if len(written) != 2 {
		return []string{fmt.Sprint(len(written), " statements")}
	}
	send, deny := written[0], written[1]
	condition, _ := send["Condition"].(map[string]any)
	equals, _ := condition["ArnEquals"].(map[string]any)
	sources := list(equals["aws:SourceArn"])
	if fmt.Sprint(send["Principal"]) != "map[Service:events.amazonaws.com]" || send["Action"] != "sqs:SendMessage" || len(sources) == 0 {
		faults = append(faults, fmt.Sprint("it lets in more than its rules: ", send))
	}
	for _, source := range sources {
		if !strings.HasPrefix(source, "${") || strings.Contains(source, "*") {
			faults = append(faults, source+" is no rule of this stack")
		}
	}
	if deny["Effect"] != "Deny" || fmt.Sprint(deny["Condition"]) != "map[Bool:map[aws:SecureTransport:false]]" {
		faults = append(faults, fmt.Sprint("it does not insist on TLS: ", deny))
	}
	return faults
}

// Each rule may write to the queue that its targets name, or EventBridge would drop what it cannot deliver.
func TestEachRuleMayWriteToItsDeadLetterQueue(t *testing.T) {
	deployer := templates(t)[deployerStack]
	policy := fmt.Sprint(deployer.Resources["DeadLettersPolicy"].Properties)
	for id, r := range deployer.Resources {
		if r.Type == "AWS::Events::Rule" && !strings.Contains(policy, "map[Fn::GetAtt:["+id+" Arn]]") {
			t.Errorf("the policy of the dead-letter queue does not name the rule %s", id)
		}
	}
}

// EventBridge puts the event in without quotes: with them the input would be a text, not a document.
func TestThePushRuleGivesTheWorkflowItsServiceAndTheWholeEvent(t *testing.T) {
	const want = `{"service":"web","event":<aws.events.event.json>}`
	found := 0
	for _, r := range templates(t)[deployerStack].Resources {
		for _, target := range anyList(r.Properties["Targets"]) {
			transformer, ok := target["InputTransformer"].(map[string]any)
			if !ok {
				continue
			}
			found++
			if transformer["InputTemplate"] != want || transformer["InputPathsMap"] != nil {
				t.Errorf("the input is made by %v, want %s", transformer, want)
			}
			if got := list(target["Arn"]); got[0] != "${Workflow.Arn}" {
				t.Errorf("it starts %s", got)
			}
		}
	}
	if found != 1 {
		t.Errorf("%d targets start the workflow, want 1", found)
	}
}
