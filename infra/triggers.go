package main

import (
	"encoding/json"
	"fmt"
	"strconv"

	"fairlead/shared/permission"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
)

// starterRoleID is the role under which EventBridge starts the workflow.
const starterRoleID = "StarterRole"

// rulesPerQueue is how many rules one dead-letter queue names in its policy, which has 8 KiB.
const rulesPerQueue = 50

// queueID names the dead-letter queue of the i-th rule.
func queueID(i int) string {
	if n := i / rulesPerQueue; n > 0 {
		return "DeadLetters" + strconv.Itoa(n+1)
	}
	return "DeadLetters"
}

// addTriggers adds the rules, each target with a dead-letter queue.
func (d *deployer) addTriggers() {
	d.addStarterRole()
	for i, r := range d.rules {
		d.addRule(r, queueID(i))
	}
	for i := 0; i < len(d.rules); i += rulesPerQueue {
		d.addQueue(queueID(i), d.rules[i:min(i+rulesPerQueue, len(d.rules))])
	}
}

// addStarterRole adds the role that may start the workflow and do nothing else.
func (d *deployer) addStarterRole() {
	awsiam.NewCfnRole(d.stack, jsii.String(starterRoleID), &awsiam.CfnRoleProps{
		RoleName:                 jsii.String(d.config.Prefix + "-starter"),
		Description:              jsii.String("Under this role EventBridge starts the workflow."),
		AssumeRolePolicyDocument: trustService("events.amazonaws.com", fromThisAccount()),
		Policies: inline(map[string][]permission.Statement{"start": {{
			Sid: "StartWorkflow", Actions: []string{"states:StartExecution"}, Resources: []string{d.stateMachineARN()},
		}}}),
	})
}

// addRule adds a rule with its targets.
func (d *deployer) addRule(r rule, queue string) {
	props := &awsevents.CfnRuleProps{Description: jsii.String(r.What), State: jsii.String("ENABLED"), Targets: d.targets(r, queue)}
	if r.Schedule != "" {
		props.ScheduleExpression = jsii.String(r.Schedule)
	} else {
		props.EventPattern = r.Pattern
	}
	awsevents.NewCfnRule(d.stack, jsii.String(r.ID), props)
	for _, f := range functions() {
		if f.Package() != r.Function {
			continue
		}
		awslambda.NewCfnPermission(d.stack, jsii.String(r.ID+"Permission"), &awslambda.CfnPermissionProps{
			Action: jsii.String("lambda:InvokeFunction"), FunctionName: text(f.arn()),
			Principal: jsii.String("events.amazonaws.com"), SourceArn: text(attribute(r.ID, "Arn")),
		})
	}
}

// targets lists what a rule starts: the workflow once for each service, or the function.
func (d *deployer) targets(r rule, queue string) []any {
	var targets []any
	for _, name := range r.Services {
		start := newTarget(r, name, d.workflowARN(), queue)
		start.RoleArn = text(attribute(starterRoleID, "Arn"))
		start.InputTransformer = &awsevents.CfnRule_InputTransformerProperty{InputTemplate: jsii.String(startInput(name))}
		targets = append(targets, start)
	}
	for _, f := range functions() {
		if f.Package() == r.Function {
			targets = append(targets, newTarget(r, f.Package(), f.arn(), queue))
		}
	}
	return targets
}

// newTarget is what all targets have: an event that cannot be delivered ends in the dead-letter queue, never nowhere.
func newTarget(r rule, id, arn, queue string) *awsevents.CfnRule_TargetProperty {
	return &awsevents.CfnRule_TargetProperty{
		Id: jsii.String(id), Arn: text(arn),
		DeadLetterConfig: &awsevents.CfnRule_DeadLetterConfigProperty{Arn: text(attribute(queue, "Arn"))},
		RetryPolicy: &awsevents.CfnRule_RetryPolicyProperty{
			MaximumEventAgeInSeconds: jsii.Number(r.Late), MaximumRetryAttempts: jsii.Number(185),
		},
	}
}

// startInput is the input of an execution that a rule starts. EventBridge puts the event, which is an object, in the
// place of its name: hence no quotes around it.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
func startInput(service string) string {
	name, err := json.Marshal(service)
	if err != nil { // a string always has a JSON form
		panic(err)
	}
	return fmt.Sprintf(`{"service":%s,"event":<aws.events.event.json>}`, name)
}

// addQueue adds a dead-letter queue: encrypted, reached over TLS only, and written to by its rules only.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
func (d *deployer) addQueue(id string, rules []rule) {
	awssqs.NewCfnQueue(d.stack, jsii.String(id), &awssqs.CfnQueueProps{
		SqsManagedSseEnabled:   true,
		MessageRetentionPeriod: jsii.Number(14 * 24 * 60 * 60), // as long as SQS keeps a message at all
	})
	var arns []string
	for _, r := range rules {
		arns = append(arns, attribute(r.ID, "Arn"))
	}
	queue := sub(attribute(id, "Arn"))
	awssqs.NewCfnQueuePolicy(d.stack, jsii.String(id+"Policy"), &awssqs.CfnQueuePolicyProps{
		Queues: &[]*string{text("${" + id + "}")},
		PolicyDocument: map[string]any{"Version": policyVersion, "Statement": []any{
			map[string]any{"Sid": "RulesMaySend", "Effect": "Allow", "Principal": map[string]any{"Service": "events.amazonaws.com"},
				"Action": "sqs:SendMessage", "Resource": queue,
				"Condition": condition(conditions{"ArnEquals": {"aws:SourceArn": arns}})},
			map[string]any{"Sid": "NobodyWithoutTls", "Effect": "Deny", "Principal": "*",
				"Action": "sqs:*", "Resource": queue,
				"Condition": condition(conditions{"Bool": {"aws:SecureTransport": {"false"}}})},
		}},
	})
}
