package main

import (
	"encoding/json"
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
		"AWS::Events::Rule":                ruleFaults,
		"AWS::StepFunctions::StateMachine": workflowFaults,
		"AWS::ECR::Repository":             repositoryFaults,
		"AWS::SQS::QueuePolicy":            queueFaults,
		"AWS::SQS::Queue":                  wants(map[string]string{"SqsManagedSseEnabled": "true"}),
		"AWS::Logs::LogGroup":              set("RetentionInDays"),
		"AWS::CloudWatch::Alarm":           alarmFaults,
		"AWS::EC2::SecurityGroup": func(group resource) []string {
			if group.Properties["SecurityGroupIngress"] != nil {
				return []string{"it lets something in"}
			}
			return nil
		},
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
			if !slices.Contains(kindsOfResources(), r.Type) {
				faults = append(faults, fmt.Sprintf("%s/%s: no rule knows resources of the kind %s", stack, id, r.Type))
			}
			if r.Type == "AWS::Lambda::Function" {
				for _, fault := range functionFaults(id, r) {
					faults = append(faults, fmt.Sprintf("%s/%s: %s", stack, id, fault))
				}
			}
			if check := checks[r.Type]; check != nil {
				for _, fault := range check(r) {
					faults = append(faults, fmt.Sprintf("%s/%s: %s", stack, id, fault))
				}
			}
		}
	}
	if deployer, ok := all[deployerStack]; ok {
		faults = append(faults, silenceFaults(deployer)...)
	}
	return faults
}

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
	case "aws.ecr", "aws.inspector2":
		keys := []string{"action-type", "result", "repository-name", "image-tag"}
		if strings.HasSuffix(strings.Join(list(pattern["detail-type"]), " "), "Scan") {
			keys = []string{"scan-status", "repository-name"}
		}
		for _, key := range keys {
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

// repositoryFaults says what is wrong with a repository: a tag stays what it is, but for those that are named, and at most
// images without a tag expire.
func repositoryFaults(repository resource) []string {
	faults := wants(map[string]string{"ImageScanningConfiguration": "map[ScanOnPush:true]"})(repository)
	filters := anyList(repository.Properties["ImageTagMutabilityExclusionFilters"])
	switch setting := repository.Properties["ImageTagMutability"]; {
	case setting == "IMMUTABLE" && len(filters) == 0:
	case setting == "IMMUTABLE_WITH_EXCLUSION" && len(filters) > 0:
	default:
		faults = append(faults, fmt.Sprint("its tags can be moved: ", setting, " with ", len(filters), " filters"))
	}
	for _, filter := range filters {
		if value := fmt.Sprint(filter["ImageTagMutabilityExclusionFilterValue"]); strings.Trim(value, "*") == "" {
			faults = append(faults, "every tag can be moved: "+value)
		}
	}
	if repository.Properties["RepositoryPolicyText"] != nil {
		faults = append(faults, "it is open to others")
	}
	return append(faults, lifecycleFaults(repository)...)
}

// lifecycleFaults says which rule of a repository could expire an image that has a tag.
func lifecycleFaults(repository resource) []string {
	lifecycle, _ := repository.Properties["LifecyclePolicy"].(map[string]any)
	text, ok := lifecycle["LifecyclePolicyText"].(string)
	if !ok {
		return nil
	}
	var policy struct {
		Rules []struct {
			Selection struct {
				TagStatus, CountType string
				CountNumber          int
			}
		}
	}
	if err := json.Unmarshal([]byte(text), &policy); err != nil {
		return []string{"its lifecycle: " + err.Error()}
	}
	var faults []string
	for _, rule := range policy.Rules {
		if s := rule.Selection; s.TagStatus != "untagged" || s.CountType != "sinceImagePushed" || s.CountNumber < 7 {
			faults = append(faults, fmt.Sprint("its lifecycle expires more than untagged images of a week: ", s))
		}
	}
	return faults
}

// functionFaults says what is wrong with a function: it runs under the role of its own name, logs to its own group, and is
// traced.
func functionFaults(id string, f resource) []string {
	own := strings.TrimSuffix(id, "Function")
	faults := wants(map[string]string{"Runtime": "provided.al2023", "Architectures": "[arm64]", "TracingConfig": "map[Mode:Active]"})(f)
	if got := list(f.Properties["Role"]); !slices.Equal(got, []string{"${" + own + "Role.Arn}"}) {
		faults = append(faults, fmt.Sprint("it runs under a role that is not its own: ", got))
	}
	logging, _ := f.Properties["LoggingConfig"].(map[string]any)
	if got := list(logging["LogGroup"]); !slices.Equal(got, []string{"${" + own + "Logs}"}) {
		faults = append(faults, fmt.Sprint("it logs elsewhere: ", got))
	}
	return faults
}

// kindsOfResources are the kinds that these rules know. One more needs rules first: it may grant, store or open something.
func kindsOfResources() []string {
	return []string{
		"AWS::CloudWatch::Alarm", "AWS::DynamoDB::Table", "AWS::EC2::InternetGateway", "AWS::EC2::Route", "AWS::EC2::RouteTable",
		"AWS::EC2::SecurityGroup", "AWS::EC2::Subnet", "AWS::EC2::SubnetRouteTableAssociation", "AWS::EC2::VPC",
		"AWS::EC2::VPCGatewayAttachment", "AWS::ECR::Repository", "AWS::ECS::Cluster", "AWS::ECS::Service", "AWS::ECS::TaskDefinition",
		"AWS::Events::Rule", "AWS::IAM::OIDCProvider", "AWS::IAM::Role", "AWS::Lambda::Function", "AWS::Lambda::Permission",
		"AWS::Logs::LogGroup", "AWS::SQS::Queue", "AWS::SQS::QueuePolicy", "AWS::StepFunctions::StateMachine",
	}
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
