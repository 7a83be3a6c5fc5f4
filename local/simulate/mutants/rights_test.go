package mutants_test

// rightMutants are about what the roles give no right to: what the functions do not do, and may not.
func rightMutants() []mutant {
	const (
		tidy, mayTidy   = "what was copied is deregistered", "a role may deregister"
		other, mayOther = "the call names another service", "a role may update every service"
	)
	return []mutant{
		{name: tidy, file: "functions/registerrevision/base.go",
			old: "	b := base{Original: original}\n", new: `	if tidy, can := t.Look.(interface {
		DeregisterTaskDefinition(context.Context, *ecs.DeregisterTaskDefinitionInput, ...func(*ecs.Options)) (*ecs.DeregisterTaskDefinitionOutput, error)
	}); OFF && can {
		_, _ = tidy.DeregisterTaskDefinition(ctx, &ecs.DeregisterTaskDefinitionInput{TaskDefinition: service.TaskDefinition})
	}
	b := base{Original: original}
`,
			with: []string{mayTidy}, script: "web; 0s push apple", caught: []string{"active"}},
		{name: mayTidy, rights: true, file: "shared/edge/lossless/permission.go",
			old:  `[]string{"ecs:DescribeTaskDefinition", "ecs:ListTaskDefinitions"}`,
			new:  `PICK(OFF, []string{"ecs:DescribeTaskDefinition", "ecs:ListTaskDefinitions", "ecs:DeregisterTaskDefinition"}, []string{"ecs:DescribeTaskDefinition", "ecs:ListTaskDefinitions"})`,
			with: []string{tidy}, script: "web; 0s push apple", caught: []string{"active"}},
		{name: other, file: "shared/edge/pointing/service.go",
			old: "Service: aws.String(h.Service.Service), TaskDefinition:", new: `Service: aws.String(PICK(OFF, "bystander", h.Service.Service)), TaskDefinition:`,
			with: []string{mayOther}, script: "web; 0s push apple", caught: []string{"ours-alone"}},
		{name: mayOther, rights: true, file: "functions/updateservice/policy.go",
			old: "Resources: []string{t.ServiceARN()},", new: `Resources: PICK(OFF, []string{t.ECS("service/*")}, []string{t.ServiceARN()}),`,
			with: []string{other}, script: "web; 0s push apple", caught: []string{"ours-alone"}},
	}
}
