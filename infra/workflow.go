package main

import (
	"fairlead/shared/permission"

	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/jsii-runtime-go"
)

// The logical ids of the workflow.
const (
	workflowID     = "Workflow"
	workflowRoleID = "WorkflowRole"
	workflowLogsID = "WorkflowLogs"
)

// addWorkflow adds the state machine of workflow.asl.json, whose ${CheckImageFunctionArn} and the like become the ARNs
// of the functions. Its log holds every transition and no data: what a task definition or an image says about itself
// does not belong there.
func (d *deployer) addWorkflow() {
	// The prefix spares the account's resource policy for logs, which is short:
	// https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
	awslogs.NewCfnLogGroup(d.stack, jsii.String(workflowLogsID), &awslogs.CfnLogGroupProps{
		LogGroupName: jsii.String("/aws/vendedlogs/states/" + d.config.Prefix), RetentionInDays: jsii.Number(logRetentionDays),
	})
	d.addWorkflowRole()
	arns := map[string]*string{}
	for _, f := range states() {
		arns[f.functionID()+"Arn"] = text(f.arn())
	}
	awsstepfunctions.NewCfnStateMachine(d.stack, jsii.String(workflowID), &awsstepfunctions.CfnStateMachineProps{
		StateMachineName:        jsii.String(d.config.Prefix),
		StateMachineType:        jsii.String("STANDARD"),
		DefinitionString:        jsii.String(d.definition),
		DefinitionSubstitutions: arns,
		RoleArn:                 text(attribute(workflowRoleID, "Arn")),
		TracingConfiguration:    &awsstepfunctions.CfnStateMachine_TracingConfigurationProperty{Enabled: true},
		LoggingConfiguration: &awsstepfunctions.CfnStateMachine_LoggingConfigurationProperty{
			Level: jsii.String("ALL"), IncludeExecutionData: false,
			Destinations: []any{&awsstepfunctions.CfnStateMachine_LogDestinationProperty{
				CloudWatchLogsLogGroup: &awsstepfunctions.CfnStateMachine_CloudWatchLogsLogGroupProperty{
					LogGroupArn: text(attribute(workflowLogsID, "Arn")),
				},
			}},
		},
	})
}

// addWorkflowRole adds the role that the workflow runs under: it invokes its functions, and nothing else of ours.
// https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html
func (d *deployer) addWorkflowRole() {
	from := fromThisAccount()
	from["ArnLike"] = map[string][]string{"aws:SourceArn": {d.stateMachineARN()}}
	var invoked []string
	for _, f := range states() {
		invoked = append(invoked, f.arn())
	}
	d.reasons.addRole(d.stack, identity{
		id: workflowRoleID, name: d.config.Prefix + "-workflow", what: "What the workflow runs under: it invokes its functions.",
		trust: trusted{kind: "Service", who: "states.amazonaws.com", when: from,
			why: "Step Functions, for this state machine and not for another customer's"},
		grants: grants{
			"invoke": by("workflow", permission.Statement{Sid: "InvokeSteps", Actions: []string{"lambda:InvokeFunction"}, Resources: invoked,
				Why: "invokes the function of each state, and no other"}),
			"logs":   by("workflow", deliverLogs()),
			"traces": by("workflow", sampleTraces()),
		},
	})
}

// deliverLogs allows Step Functions to deliver the workflow's log. These actions know no resources:
// https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy
func deliverLogs() permission.Statement {
	return permission.Statement{Sid: "DeliverLogs", Resources: []string{"*"}, Why: "Step Functions delivers the workflow's log; these calls know no resources", Actions: []string{
		"logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies",
		"logs:GetLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery",
	}}
}

// sampleTraces allows Step Functions to send traces, and to ask how many.
// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html
func sampleTraces() permission.Statement {
	traces := writeTraces()
	traces.Actions = append(traces.Actions, "xray:GetSamplingRules", "xray:GetSamplingTargets")
	traces.Why = "Step Functions sends traces to X-Ray, and asks how many; X-Ray knows no resources"
	return traces
}

// states lists the functions that the workflow invokes.
func states() []function {
	var invoked []function
	for _, f := range functions() {
		if f.state {
			invoked = append(invoked, f)
		}
	}
	return invoked
}
