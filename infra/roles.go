package main

import (
	"fairlead/shared/config"
	"fairlead/shared/permission"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
)

// addFunctionRole adds the role that a function runs under: its own statements, its log group, its traces, and the
// service roles of the kinds that it needs, each by name.
//
// Lambda is trusted without conditions: it takes only roles of the function's own account, and no AWS page says that it
// names the function or the account when it assumes one.
func (d *deployer) addFunctionRole(f function) {
	policies := map[string][]permission.Statement{"logs-and-traces": {writeLogs(f), writeTraces()}}
	if f.policy.Own != nil {
		policies["own"] = f.policy.Own(d.permissionPlace())
	}
	if roles := d.assumedRoles(f); len(roles) > 0 {
		policies["service-roles"] = []permission.Statement{{
			Sid: "ActForOneService", Actions: []string{"sts:AssumeRole"}, Resources: roles,
		}}
	}
	awsiam.NewCfnRole(d.stack, jsii.String(f.roleID()), &awsiam.CfnRoleProps{
		RoleName:                 jsii.String(f.Name(d.config.Prefix)),
		Description:              jsii.String("What the function " + f.Name(d.config.Prefix) + " runs under."),
		AssumeRolePolicyDocument: trustService("lambda.amazonaws.com", nil),
		Policies:                 inline(policies),
	})
}

// writeLogs allows a function to write to its own log group. The attribute's ARN ends in :*, which stands for the
// group's streams.
func writeLogs(f function) permission.Statement {
	return permission.Statement{
		Sid: "WriteOwnLogs", Actions: []string{"logs:CreateLogStream", "logs:PutLogEvents"},
		Resources: []string{attribute(f.logsID(), "Arn")},
	}
}

// writeTraces allows to send traces. X-Ray knows no resources.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
func writeTraces() permission.Statement {
	return permission.Statement{
		Sid: "WriteTraces", Actions: []string{"xray:PutTelemetryRecords", "xray:PutTraceSegments"}, Resources: []string{"*"},
	}
}

// kind is one of a service's three roles.
type kind struct {
	name config.RoleKind
	what string
}

// kinds lists the roles of a service.
func kinds() []kind {
	return []kind{{config.Look, "Reads"}, {config.Register, "Registers revisions of"}, {config.Update, "Updates"}}
}

// of returns what a function does under this kind of role, nil for nothing.
func (k kind) of(p permission.Policy) func(permission.Target) []permission.Statement {
	switch k.name {
	case config.Look:
		return p.Look
	case config.Register:
		return p.Register
	case config.Update:
		return p.Update
	default:
		return nil
	}
}

// assumedRoles lists the service roles that a function may take on, by name.
func (d *deployer) assumedRoles(f function) []string {
	var roles []string
	for _, s := range d.services() {
		for _, k := range kinds() {
			if k.of(f.policy) != nil {
				roles = append(roles, d.config.StepRoleARN(d.place(), s.Name, k.name))
			}
		}
	}
	return roles
}

// addServiceRole adds one of the three roles of a service. It holds what the functions that need it do together, and
// trusts exactly their roles: the principal stands for the account, the condition names who in it.
func (d *deployer) addServiceRole(s config.Service, k kind) {
	var allowed []permission.Statement
	var trusted []string
	for _, f := range functions() {
		if statements := k.of(f.policy); statements != nil {
			allowed = append(allowed, statements(d.target(s))...)
			trusted = append(trusted, attribute(f.roleID(), "Arn"))
		}
	}
	if len(trusted) == 0 {
		return // no function needs it
	}
	awsiam.NewCfnRole(d.stack, jsii.String(title(s.Name)+title(string(k.name))+"Role"), &awsiam.CfnRoleProps{
		RoleName:    jsii.String(config.StepRoleName(d.config.Prefix, s.Name, k.name)),
		Description: jsii.String(k.what + " the service " + s.Name + ", for one execution at a time."),
		AssumeRolePolicyDocument: trust(map[string]any{"AWS": sub(accountRoot)}, "sts:AssumeRole",
			conditions{"ArnEquals": {"aws:PrincipalArn": trusted}}),
		Policies: inline(map[string][]permission.Statement{string(k.name): merge(allowed)}),
	})
}
