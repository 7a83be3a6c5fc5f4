package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"fairlead/shared/permission"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
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
	d.reasons.addRole(d.stack, identity{
		id: starterRoleID, name: d.config.Prefix + "-starter", what: "Under this role EventBridge starts the workflow.",
		trust: trusted{kind: "Service", who: "events.amazonaws.com", when: fromThisAccount(),
			why: "EventBridge, for rules of this account and not for another customer's"},
		grants: grants{"start": by("EventBridge", permission.Statement{
			Sid: "StartWorkflow", Actions: []string{"states:StartExecution"}, Resources: []string{d.stateMachineARN()},
			Why: "starts an execution when an image was pushed",
		})},
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
		if f.Package() == r.Function {
			d.addPermission(r.ID, f)
		}
	}
}

// addPermission lets a rule invoke a function. Lambda writes the rule's ARN into the condition of the function's policy:
// https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
func (d *deployer) addPermission(ruleID string, f function) {
	const action, principal = "lambda:InvokeFunction", "events.amazonaws.com"
	id, from := ruleID+"Permission", attribute(ruleID, "Arn")
	awslambda.NewCfnPermission(d.stack, jsii.String(id), &awslambda.CfnPermissionProps{
		Action: jsii.String(action), FunctionName: text(f.arn()), Principal: jsii.String(principal), SourceArn: text(from),
	})
	d.reasons.note(d.stack, id, reason{kind: resourcePolicy, principal: "Service " + principal, by: principal, effect: "Allow",
		Statement: permission.Statement{Actions: []string{action}, Resources: []string{f.arn()},
			Conditions: conditions{"ArnLike": {"aws:SourceArn": {from}}}, Why: "the rule invokes its function, and no other rule does"}})
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
	queue, policy := []string{attribute(id, "Arn")}, id+"Policy"
	statements := []policyStatement{
		{effect: "Allow", kind: "Service", who: "events.amazonaws.com", Statement: permission.Statement{
			Sid: "RulesMaySend", Actions: []string{"sqs:SendMessage"}, Resources: queue,
			Conditions: conditions{"ArnEquals": {"aws:SourceArn": arns}},
			Why:        "what cannot be delivered to a target waits here; each rule is named",
		}},
		{effect: "Deny", who: "*", Statement: permission.Statement{
			Sid: "NobodyWithoutTls", Actions: []string{"sqs:*"}, Resources: queue,
			Conditions: conditions{"Bool": {"aws:SecureTransport": {"false"}}},
			Why:        "nothing is read or written in clear; a denial for everybody and everything takes a *",
		}},
	}
	awssqs.NewCfnQueuePolicy(d.stack, jsii.String(policy), &awssqs.CfnQueuePolicyProps{
		Queues: &[]*string{text("${" + id + "}")}, PolicyDocument: policyDocument(statements...),
	})
	for _, s := range statements {
		d.reasons.note(d.stack, policy, reason{kind: resourcePolicy, principal: strings.TrimSpace(s.kind + " " + s.who),
			by: s.who, effect: s.effect, Statement: s.Statement})
	}
}
