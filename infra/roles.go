package main

import (
	"fairlead/shared/config"
	"fairlead/shared/permission"
)

// addFunctionRole adds the role that a function runs under: its own statements, its log group, its traces, and the
// service roles of the kinds that it needs, each by name.
func (d *deployer) addFunctionRole(f function) {
	needed := grants{"logs-and-traces": by(f.Title(), writeLogs(f), writeTraces())}
	if f.policy.Own != nil {
		needed["own"] = by(f.Title(), f.policy.Own(d.permissionPlace())...)
	}
	if roles := d.assumedRoles(f); len(roles) > 0 {
		needed["service-roles"] = by(f.Title(), permission.Statement{
			Sid: "ActForOneService", Actions: []string{"sts:AssumeRole"}, Resources: roles,
			Why: "acts for the one service of its execution: it can do nothing at any service without that service's role",
		})
	}
	d.reasons.addRole(d.stack, identity{
		id: f.roleID(), name: f.Name(d.config.Prefix), what: "What the function " + f.Name(d.config.Prefix) + " runs under.",
		trust: trusted{kind: "Service", who: "lambda.amazonaws.com", why: "Lambda takes only roles of the function's own account, " +
			"and no AWS page says that it names function or account when it assumes one: hence no condition"},
		grants: needed,
	})
}

// writeLogs allows a function to write to its own log group. The attribute's ARN ends in :*, which stands for the
// group's streams.
func writeLogs(f function) permission.Statement {
	return permission.Statement{
		Sid: "WriteOwnLogs", Actions: []string{"logs:CreateLogStream", "logs:PutLogEvents"},
		Resources: []string{attribute(f.logsID(), "Arn")}, Why: "writes its own log",
	}
}

// writeTraces allows to send traces. X-Ray knows no resources.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
func writeTraces() permission.Statement {
	return permission.Statement{
		Sid: "WriteTraces", Actions: []string{"xray:PutTelemetryRecords", "xray:PutTraceSegments"}, Resources: []string{"*"},
		Why: "sends its traces to X-Ray, which knows no resources",
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

// does lists what a function does for a service under this kind of role: nothing, if what it does is off there.
func (d *deployer) does(f function, s config.Service, k kind) []permission.Statement {
	if of := k.of(f.policy); of != nil {
		return of(d.target(s))
	}
	return nil
}

// assumedRoles lists the service roles that a function may take on, by name.
func (d *deployer) assumedRoles(f function) []string {
	var roles []string
	for _, s := range d.services() {
		for _, k := range kinds() {
			if len(d.does(f, s, k)) > 0 {
				roles = append(roles, d.config.StepRoleARN(d.place(), s.Name, k.name))
			}
		}
	}
	return roles
}

// addServiceRole adds one of the three roles of a service. It holds what the functions that need it do together, and
// trusts exactly their roles: the principal stands for the account, the condition names who in it.
func (d *deployer) addServiceRole(s config.Service, k kind) {
	var needed []grant
	var trusting []string
	for _, f := range functions() {
		if statements := d.does(f, s, k); len(statements) > 0 {
			needed = append(needed, by(f.Title(), statements...)...)
			trusting = append(trusting, attribute(f.roleID(), "Arn"))
		}
	}
	if len(trusting) == 0 {
		return // no function needs it
	}
	d.reasons.addRole(d.stack, identity{
		id: title(s.Name) + title(string(k.name)) + "Role", name: config.StepRoleName(d.config.Prefix, s.Name, k.name),
		what: k.what + " the service " + s.Name + ", for one execution at a time.",
		trust: trusted{kind: "AWS", who: accountRoot, when: conditions{"ArnEquals": {"aws:PrincipalArn": trusting}},
			why: "exactly the functions that act under it: the principal stands for the account, the condition says who in it"},
		grants: grants{string(k.name): needed},
	})
}
