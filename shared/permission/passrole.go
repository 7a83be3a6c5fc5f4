package permission

// PassRoles returns the statement that lets a role pass exactly the service's two task roles to ECS tasks, and none for
// a service whose tasks have no roles. RegisterTaskDefinition and UpdateService are both checked for it:
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_ecs.html
func (t Target) PassRoles(why string) []Statement {
	var roles []string
	for _, role := range []string{t.TaskRoleARN, t.ExecutionRoleARN} {
		if role != "" && (len(roles) == 0 || roles[0] != role) {
			roles = append(roles, role)
		}
	}
	if len(roles) == 0 {
		return nil
	}
	return []Statement{{
		Sid: "PassTaskRoles", Actions: []string{"iam:PassRole"}, Resources: roles, Why: why,
		Conditions: map[string]map[string][]string{"StringEquals": {"iam:PassedToService": {"ecs-tasks.amazonaws.com"}}},
	}}
}
