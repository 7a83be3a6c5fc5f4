package lossless

import (
	"fairlead/shared/permission"
	"fairlead/shared/revision"
)

// ReadPermissions are the statements of a function that uses a [Reader], as part of the service's look role.
func ReadPermissions(t permission.Target) []permission.Statement {
	return []permission.Statement{
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

// RegisterPermissions are the statements of a function that uses a [Registrar], as the service's register role.
//
// No statement names the family: it is that of whatever the service runs, and the configuration does not know it. What
// the role may register is bound by its tags and by its roles instead. A condition on all tag keys is out of the
// question, for the copy has the tags that the user's revision has.
func RegisterPermissions(t permission.Target) []permission.Statement {
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
