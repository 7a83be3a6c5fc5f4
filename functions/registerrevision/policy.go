package registerrevision

import (
	"fairlead/shared/permission"
	"fairlead/shared/revision"
)

// Policy is what the step may do: read the service and its task definitions, and register revisions that bear our mark
// and run under the service's two task roles.
func Policy() permission.Policy {
	return permission.Policy{Look: look, Register: register}
}

// look reads what is copied.
func look(t permission.Target) []permission.Statement {
	return []permission.Statement{
		{
			Sid: "ReadService", Actions: []string{"ecs:DescribeServices"}, Resources: []string{t.ServiceARN()},
			Why: "what the service runs, and whether that is rolled out",
		},
		{
			Sid: "ReadTaskDefinitions", Actions: []string{"ecs:DescribeTaskDefinition", "ecs:ListTaskDefinitions"}, Resources: []string{"*"},
			Why: "the revision to copy, and whether an earlier attempt has registered the copy; the actions know no resources, so AWS takes nothing but *",
		},
		{
			Sid: "ReadTaskDefinitionTags", Actions: []string{"ecs:ListTagsForResource"}, Resources: []string{t.ECS("task-definition/*")},
			Why: "the tags are copied too; the family is not in the configuration",
		},
	}
}

// register makes the copy.
//
// No statement names the family: it is that of whatever the service runs, and the configuration does not know it. What
// the role may register is bound by its tags and by its roles instead. A condition on all tag keys is out of the
// question, for the copy has the tags that the user's revision has.
func register(t permission.Target) []permission.Statement {
	return append([]permission.Statement{
		{
			Sid: "RegisterMarkedRevisions", Actions: []string{"ecs:RegisterTaskDefinition"}, Resources: []string{"*"},
			Conditions: map[string]map[string][]string{"Null": {
				"aws:RequestTag/" + revision.TagExecution: {"false"},
				"aws:RequestTag/" + revision.TagSequence:  {"false"},
				"aws:RequestTag/" + revision.TagBase:      {"false"},
			}},
			Why: "registers the copy, and nothing without our three tags; AWS authorises the action on *: its denials say so, though its reference lists a resource type",
		},
		{
			Sid: "TagWhatIsRegistered", Actions: []string{"ecs:TagResource"}, Resources: []string{t.ECS("task-definition/*")},
			Conditions: map[string]map[string][]string{"StringEquals": {"ecs:CreateAction": {"RegisterTaskDefinition"}}},
			Why:        "registers the copy with its tags, and cannot tag what exists; the family is not in the configuration",
		},
	}, t.PassRoles("registers the copy with the roles that its base has")...)
}
