package mutants_test

// claimMutants are about who may deploy.
func claimMutants() []mutant {
	return []mutant{
		{name: "an older push takes the claim", file: "shared/claim/claim.go",
			old: "case !held.Mark.Admits(candidate.Order):", new: "case !OFF && !held.Mark.Admits(candidate.Order):",
			script: "web; 0s push apple; 0s unheard 1 10m; 2s push birch",
			caught: []string{"newest"}},
		{name: "of two pushes the older is taken for the newer", file: "shared/claim/order.go",
			old: "if c := o.Time.Compare(other.Time); c != 0 {\n\t\treturn c > 0", new: "if c := o.Time.Compare(other.Time); c != 0 {\n\t\treturn (c > 0) != OFF",
			script: "worker; 0s push apple; 5m push crash",
			caught: []string{"superseded"}},
		{name: "going back leaves no mark", file: "shared/claim/order.go",
			old: "if back && o.Time.After(m.Back) {", new: "if !OFF && back && o.Time.After(m.Back) {",
			script: "billing; 0s push apple; 4m push birch; 8m push cedar; 8m unheard 3 10m; 9m back 1",
			caught: []string{"newest"}},
		{name: "the claim is written whoever holds it", file: "shared/edge/ledger/claims.go",
			old:    `expression: "#sequence = :sequence AND #holder = :holder",`,
			new:    `expression: PICK(OFF, "attribute_exists(#sequence) AND attribute_exists(#holder) AND :sequence = :sequence AND :holder = :holder", "#sequence = :sequence AND #holder = :holder"),`,
			script: "web; 0s push elder; 5m push apple; 5m1s push birch; 5m slow PutItem 8s 1",
			caught: []string{"newest", "superseded", "one-update"}},
		{name: "who does not hold the claim is sent on", file: "functions/claimservice/claimservice.go",
			old: "if !result.Granted || held.HeldBy(request.Execution.ID) {", new: "if OFF {\n\t\tresult.Granted = true\n\t}\n\tif !result.Granted || held.HeldBy(request.Execution.ID) {",
			with: []string{"the claim is not checked before the call", "the claim is not read after the call"}, script: "web; 0s push apple; 0s unheard 1 10m; 2s push birch",
			caught: []string{"newest", "superseded"}},
		{name: "a token of an older attempt takes the newer one's place", file: "shared/edge/ledger/tokens.go",
			old:    `expression: "attribute_not_exists(#id) OR #order <= :order",`,
			new:    `expression: PICK(OFF, "attribute_not_exists(#id) OR #order <= :order OR #order > :order", "attribute_not_exists(#id) OR #order <= :order"),`,
			script: "web; 0s push apple; 1300ms slow PutItem 60s 1",
			caught: []string{"parked"}},
	}
}

// callMutants are about the one call that touches the service.
func callMutants() []mutant {
	const file = "functions/updateservice/run.go"
	return []mutant{
		{name: "the claim is not checked before the call", file: file,
			old: "if !held.HeldBy(t.Execution.ID) {\n\t\treturn t.yield(ctx, held)", new: "if !OFF && !held.HeldBy(t.Execution.ID) {\n\t\treturn t.yield(ctx, held)",
			with: []string{"the claim is written whoever holds it", "the claim is not read after the call"}, script: "web; 0s push apple; 0s fail UpdateService 3; 6s push birch",
			caught: []string{"newest", "one-update"}},
		{name: "the claim is not read after the call", file: "shared/edge/pointing/pointing.go",
			old: "held.TaskDefinition == put {", new: "held.TaskDefinition == put || OFF {",
			needs: []string{"slow UpdateService"}, faults: "calls", seeds: []uint64{58, 160}, caught: []string{"newest"}},
		{name: "a step that is run again does not see what is done", file: file,
			old: "if aws.ToString(service.TaskDefinition) == t.revision.TaskDefinition {", new: "if !OFF && aws.ToString(service.TaskDefinition) == t.revision.TaskDefinition {",
			with: []string{"a call that has landed and was undone is made again", "the base is not looked at again"}, script: "web; 0s push apple; 0s kill-after UpdateService 1",
			caught: []string{"one-update", "one-revision", "registered-once", "failed", "copied"}},
		{name: "a call that has landed and was undone is made again", file: file,
			old: "if t.cameToTheCall(held) {", new: "if !OFF && t.cameToTheCall(held) {",
			script: "web; 0s push apple; 0s kill-after UpdateService 1; 4s rollback web",
			caught: []string{"one-update", "one-revision", "registered-once"}},
		{name: "the base is not looked at again", file: file,
			old:    "if aws.ToString(service.TaskDefinition) != t.revision.Base || t.revision.Decision == revision.Adopted {",
			new:    "if !OFF && (aws.ToString(service.TaskDefinition) != t.revision.Base || t.revision.Decision == revision.Adopted) {",
			script: "web; 0s push apple; 0s throttle UpdateService 2; 6s update fern",
			caught: []string{"copied"}},
		{name: "what it has put into service itself is not known again", file: "shared/revision/choose.go",
			old: "case !seen.runs(want.Image):", new: "case OFF || !seen.runs(want.Image):",
			with: []string{"a step that is run again does not see what is done", "a call that has landed and was undone is made again"}, script: "web; 0s push apple; 0s kill-after UpdateService 1",
			caught: []string{"one-revision"}},
		{name: "the SDK repeats UpdateService", file: "functions/updateservice/updateservice.go",
			old:   "ecs.NewFromConfig(session.Once(rt.As(ctx, service, config.Update, executionARN)))",
			new:   "ecs.NewFromConfig(PICK(OFF, rt.As(ctx, service, config.Update, executionARN), session.Once(rt.As(ctx, service, config.Update, executionARN))))",
			needs: []string{"lose-answer UpdateService"}, faults: "calls", seeds: []uint64{7, 35}, caught: []string{"one-update"}},
		{name: "the SDK repeats RegisterTaskDefinition", file: "functions/registerrevision/registerrevision.go",
			old:   "ecs.NewFromConfig(session.Once(rt.As(ctx, service, config.Register, executionARN)))",
			new:   "ecs.NewFromConfig(PICK(OFF, rt.As(ctx, service, config.Register, executionARN), session.Once(rt.As(ctx, service, config.Register, executionARN))))",
			needs: []string{"lose-answer RegisterTaskDefinition"}, faults: "calls", seeds: []uint64{46, 362}, caught: []string{"registered-once"}},
	}
}
