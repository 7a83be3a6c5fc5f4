package main

import (
	"slices"

	"fairlead/shared/config"
	"fairlead/shared/permission"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// deployerStack is the stack that deploys: the workflow with its functions, what starts and wakes it, the roles under
// which it acts, and the ledger.
const deployerStack = "Fairlead"

// eventBus is the bus that AWS's own events arrive on, and that the outcomes go to.
const eventBus = "default"

// deployer builds the deployer's stack.
type deployer struct {
	stack      awscdk.Stack
	config     config.Config
	assets     map[string]asset
	rules      []rule
	definition string // of the workflow
	reasons    *reasons
}

// newDeployer adds the deployer's stack to the app.
func newDeployer(app awscdk.App, in input, why *reasons) (awscdk.Stack, error) {
	d := &deployer{config: in.Config, assets: in.Assets, definition: in.Definition, reasons: why}
	pushes, err := pushRules(d.services())
	if err != nil {
		return nil, err
	}
	d.rules = slices.Concat(pushes, wakeRules(d.services()), scanRules(d.services()), []rule{endRule(d.stateMachineARN()), sweepRule()})
	d.stack = newStack(app, deployerStack, "Fairlead: brings an image that is pushed to ECR safely into service on ECS.", in)
	newLedger(d.stack)
	for _, f := range functions() {
		d.addFunction(f)
	}
	for _, s := range d.services() {
		for _, k := range kinds() {
			d.addServiceRole(s, k)
		}
	}
	d.addWorkflow()
	d.addTriggers()
	d.addAlarms()
	d.addOperatorRoles()
	d.addWatchRoles()
	newOutput(d.stack, "StateMachineArn", "The workflow: replay and redrive its executions.", d.stateMachineARN())
	newOutput(d.stack, "LedgerTable", "The ledger: claims, parked tokens, quarantines, holds, history.", "${"+ledgerID+"}")
	return d.stack, nil
}

// services lists the configured services by name.
func (d *deployer) services() []config.Service {
	services := make([]config.Service, 0, len(d.config.Services))
	for _, name := range d.config.Names() {
		services = append(services, d.config.Services[name])
	}
	return services
}

// place is where the stack is deployed.
func (d *deployer) place() config.Place {
	return config.Place{Partition: partition, Region: region, Account: account}
}

// permissionPlace is [deployer.place] with what the functions' policies speak of.
func (d *deployer) permissionPlace() permission.Place {
	parameters := make([]string, 0, len(d.config.Services))
	for _, s := range d.services() {
		parameters = append(parameters, arn("ssm", "parameter"+d.config.ParameterName(s.Name)))
	}
	return permission.Place{
		Partition: partition, Region: region, Account: account,
		TableARN:        attribute(ledgerID, "Arn"),
		StateMachineARN: d.stateMachineARN(),
		EventBusARN:     arn("events", "event-bus/"+eventBus),
		ParameterARNs:   parameters,
	}
}

// target is a service as the functions' policies speak of it.
func (d *deployer) target(s config.Service) permission.Target {
	return permission.Target{
		Place: d.permissionPlace(), Cluster: s.Cluster, Service: s.Service, Repository: s.Repository,
		TaskRoleARN: s.TaskRoleARN(d.place()), ExecutionRoleARN: s.ExecutionRoleARN(d.place()),
		ScanGate:        s.Gates.Scan != nil,
		Verified:        s.Gates.Verified(),
		Revocable:       revocable(s),
		RegisterRoleARN: d.config.StepRoleARN(d.place(), s.Name, config.Register), UpdateRoleARN: d.config.StepRoleARN(d.place(), s.Name, config.Update),
	}
}

// revocable are the ARNs of what AWS Signer may have revoked of a service's signatures, none where others sign.
func revocable(s config.Service) []string {
	if s.Gates.Signature == nil || s.Gates.Signature.Signer == nil {
		return nil
	}
	return s.Gates.Signature.Signer.Revocable()
}

// stateMachineARN is composed, not referred to: the functions' roles speak of the workflow, which refers to the
// functions.
func (d *deployer) stateMachineARN() string { return arn("states", "stateMachine:"+d.config.Prefix) }

// workflowARN refers to the workflow, for what is made after it.
func (d *deployer) workflowARN() string { return attribute(workflowID, "Arn") }

// legible is up to how many services a template is indented: with more, the blanks alone would cost it a third of the
// megabyte that CloudFormation takes.
const legible = 40

// newStack adds a stack that can be deployed to any account and region.
func newStack(app awscdk.App, name, description string, in input) awscdk.Stack {
	return awscdk.NewStack(app, jsii.String(name), &awscdk.StackProps{
		Description:                 jsii.String(description),
		SuppressTemplateIndentation: jsii.Bool(len(in.Config.Services) > legible),
		// The CDK CLI checks the bootstrap's version before it deploys; a template that checks it again needs a
		// parameter, and says nothing about the product.
		Synthesizer: awscdk.NewDefaultStackSynthesizer(&awscdk.DefaultStackSynthesizerProps{
			GenerateBootstrapVersionRule: jsii.Bool(false),
		}),
	})
}

// newOutput adds an output of a stack.
func newOutput(stack awscdk.Stack, id, description, value string) {
	awscdk.NewCfnOutput(stack, jsii.String(id), &awscdk.CfnOutputProps{
		Description: jsii.String(description), Value: text(value),
	})
}
