package simulate_test

// mutants are the safeguards, each switched off.
func mutants() []mutant {
	return slicesOf(claimMutants(), revisionMutants(), verdictMutants(), outcomeMutants(), backMutants())
}

func slicesOf(groups ...[]mutant) (all []mutant) {
	for _, group := range groups {
		all = append(all, group...)
	}
	return all
}

// claimMutants are about who may deploy.
func claimMutants() []mutant {
	return []mutant{
		{name: "an older push takes the claim", file: "shared/claim/claim.go",
			old: "case !held.Mark.Admits(candidate.Order):", new: "case false:",
			faults: "events", seeds: "1-400", caught: []string{"newest"}},
		{name: "going back leaves no mark", file: "shared/claim/order.go",
			old: "if back && o.Time.After(m.Back) {", new: "if false {",
			faults: "events,operators", seeds: "1-800", caught: []string{"newest"}},
		{name: "the claim is written whoever holds it", file: "shared/edge/ledger/claims.go",
			old: `expression: "#sequence = :sequence AND #holder = :holder",`, new: `expression: "attribute_exists(#sequence) AND attribute_exists(#holder) AND :sequence = :sequence AND :holder = :holder",`,
			faults: "calls", seeds: "1-800", caught: []string{"newest", "superseded", "one-update"}},
		{name: "the claim is not checked before the call", file: "functions/updateservice/run.go",
			old: "if !held.HeldBy(t.Execution.ID) {\n\t\treturn t.yield(ctx, held)", new: "if false {\n\t\treturn t.yield(ctx, held)",
			faults: "calls,kills", seeds: "1-800", caught: []string{"newest", "one-update"}},
		{name: "the claim is not read after the call", file: "shared/edge/pointing/pointing.go",
			old: "held.TaskDefinition == put {", new: "held.TaskDefinition == put || true {",
			faults: "calls", seeds: "1-800", caught: []string{"newest"}},
		{name: "a step that is run again does not see what is done", file: "functions/updateservice/run.go",
			old: "if aws.ToString(service.TaskDefinition) == t.revision.TaskDefinition {", new: "if false {",
			faults: "kills,calls", seeds: "1-800", caught: []string{"one-update", "one-revision", "registered-once", "failed", "copied"}},
		{name: "the base is not looked at again", file: "functions/updateservice/run.go",
			old: "if aws.ToString(service.TaskDefinition) != t.revision.Base || t.revision.Decision == revision.Adopted {", new: "if false {",
			faults: "calls,people", seeds: "1-800", caught: []string{"copied", "one-update"}},
		{name: "the SDK repeats UpdateService", file: "functions/updateservice/updateservice.go",
			old: "session.Once(", new: "(", faults: "calls", seeds: "1-800", caught: []string{"one-update"}},
	}
}

// revisionMutants are about what goes into service.
func revisionMutants() []mutant {
	return []mutant{
		{name: "the image is not pinned", file: "functions/registerrevision/registerrevision.go",
			old: "Image: image.Pin(d.Image.RepositoryURI, d.Image.Digest)", new: "Image: image.Reference{Name: d.Image.RepositoryURI, Tag: d.Image.Tag}",
			faults: "none", seeds: "1-50", caught: []string{"pinned"}},
		{name: "what an earlier attempt registered is not found", file: "functions/registerrevision/make.go",
			old: "if err != nil || earlier != \"\" {", new: "if err != nil || earlier == \"never\" {",
			faults: "calls,kills", seeds: "1-800", caught: []string{"registered-once"}},
		{name: "what runs already is deployed again", file: "shared/revision/choose.go",
			old: "case seen.Rollout == completed:", new: "case false:",
			faults: "events", seeds: "1-800", caught: []string{"needed"}},
		{name: "the platform is not looked at", file: "functions/checkimage/platform.go",
			old: "return p.Runs(want) }) {\n\t\treturn nil\n", new: "return true }) {\n\t\treturn nil\n",
			faults: "none", seeds: "1-400", caught: []string{"needed"}},
		{name: "a field is lost", file: "shared/revision/next.go",
			old: "		RuntimePlatform:         base.RuntimePlatform,\n", new: "",
			faults: "none", seeds: "1-50", caught: []string{"lossless", "failed"}},
		{name: "the tags of the base are lost", file: "shared/revision/next.go",
			old: "return !carried(aws.ToString(tag.Key))", new: "return true",
			faults: "none", seeds: "1-50", caught: []string{"lossless"}},
	}
}

// verdictMutants are about what became of a rollout.
func verdictMutants() []mutant {
	return []mutant{
		{name: "running is taken for healthy", file: "shared/rollout/judge.go",
			old: "return c.unlessNewer(finding{Progressing, false, c.underway()})", new: "return c.unlessNewer(finding{Healthy, false, c.underway()})",
			faults: "none", seeds: "1-50", caught: []string{"deployed"}},
		{name: "overtaken is taken for failed", file: "shared/rollout/judge.go",
			old: "return finding{Superseded, false, fmt.Sprintf(\"a newer service deployment of", new: "return finding{Failed, false, fmt.Sprintf(\"a newer service deployment of",
			faults: "none", seeds: "1-200", caught: []string{"blameless", "rolled-back", "stuck"}},
		{name: "overtaken is taken for deployed", file: "shared/rollout/judge.go",
			old: "return finding{Superseded, false, fmt.Sprintf(\"a newer service deployment of", new: "return finding{Healthy, false, fmt.Sprintf(\"a newer service deployment of",
			faults: "none", seeds: "1-200", caught: []string{"deployed"}},
		{name: "no task is taken for healthy", file: "shared/rollout/judge.go",
			old: "case c.empty(c.ours.Requested), c.ours.Early && c.running() == 0:", new: "case false:",
			faults: "none", seeds: "1-400", caught: []string{"deployed"}},
		{name: "a rollout has no deadline", file: "shared/rollout/judge.go",
			old: "judged.Verdict == Progressing && !judged.Deadline.IsZero()", new: "judged.Verdict == Progressing && false",
			faults: "none", seeds: "1-400", caught: []string{"ends"}},
	}
}

// outcomeMutants are about what is said of the end.
func outcomeMutants() []mutant {
	return []mutant{
		{name: "rolled back is called deployed", file: "shared/rollout/judge.go",
			old: "return finding{Failed, true, c.say(\"ECS rolled it back: the service", new: "return finding{Healthy, true, c.say(\"ECS rolled it back: the service",
			faults: "none", seeds: "1-200", caught: []string{"deployed"}},
		{name: "the outcome is not sent", file: "shared/edge/announce/announce.go",
			old: "if err := a.send(ctx, event); err != nil {", new: "if err := a.send(ctx, event); false {",
			faults: "calls", seeds: "1-800", caught: []string{"told"}},
		{name: "nobody is woken", file: "functions/wakeexecution/wakeexecution.go",
			old: "if judged.Verdict == rollout.Progressing {", new: "if true {",
			faults: "none", seeds: "1-200", caught: []string{"prompt"}},
		{name: "who does not hold the claim is sent on", file: "functions/claimservice/claimservice.go",
			old: "if !result.Granted || held.HeldBy(request.Execution.ID) {", new: "if result.Granted = true; held.HeldBy(request.Execution.ID) {",
			faults: "events", seeds: "1-400", caught: []string{"newest", "superseded"}},
	}
}

// backMutants are about the way back.
func backMutants() []mutant {
	return []mutant{
		{name: "the way back leads to the base", file: "shared/rollback/choose.go",
			old: "return c.Before[i].TaskDefinition\n	case len", new: "return c.Aim.Base\n	case len",
			faults: "none", seeds: "1-800", caught: []string{"rolled-back", "one-update"}},
		{name: "what failed is not put into quarantine", file: "functions/rollback/run.go",
			old: "if !decision.Blames() {", new: "if true {",
			faults: "events,operators", seeds: "1-400", caught: []string{"quarantined"}},
		{name: "nobody asks for a quarantine", file: "functions/checkimage/checkimage.go",
			old: "if err != nil || !inForce {", new: "if err != nil || !inForce || true {",
			faults: "events,operators", seeds: "1-400", caught: []string{"quarantined"}},
		{name: "the way back is taken from what is newer", file: "shared/rollback/choose.go",
			old: "case judged.Verdict == rollout.Superseded:", new: "case false:",
			faults: "people", seeds: "1-800", caught: []string{"newest", "one-update"}},
		{name: "the way back is taken twice", file: "shared/rollback/choose.go",
			old: "if c.Earlier == \"\" || c.Earlier == c.Aim.TaskDefinition {", new: "if true {",
			faults: "kills,calls", seeds: "1-800", caught: []string{"one-update"}},
		{name: "nothing is taken back", file: "shared/rollback/choose.go",
			old: "	target := c.Target()\n", new: "	target := \"\"\n",
			faults: "none", seeds: "1-200", caught: []string{"restored"}},
	}
}
