package mutants_test

// outcomeMutants are about what is said of the end.
func outcomeMutants() []mutant {
	return []mutant{
		{name: "the outcome is not sent", file: "shared/edge/announce/announce.go",
			old: "if err := a.send(ctx, event); err != nil {", new: "if err := a.send(ctx, event); !OFF && err != nil {",
			script: "web; 0s push apple; 60s outage events 5m",
			caught: []string{"told"}},
		{name: "a failure in a state is not reported", file: "shared/edge/report/report.go",
			old: "	if last.isEnd {", new: "	if last.isEnd || OFF {",
			needs: []string{"stop"}, faults: "operators,outages", seeds: []uint64{7, 27}, caught: []string{"told"}},
		{name: "what broke off says that it has touched nothing", file: "shared/outcome/broken.go",
			old: "	case b.early():\n", new: "	case b.early(), OFF:\n",
			script: "web; 0s push apple; 30s stop web", caught: []string{"failed"}},
		{name: "nobody is woken", file: "functions/wakeexecution/wakeexecution.go",
			old: "return judged.Verdict == rollout.Progressing, nil", new: "return OFF || judged.Verdict == rollout.Progressing, nil",
			faults: "none", seeds: []uint64{1, 2}, caught: []string{"prompt"}},
		{name: "an older execution says what was deployed", file: "shared/edge/ledger/deployed.go",
			old:    `expression: "attribute_not_exists(#id) OR #sequence < :sequence OR #sequence = :sequence AND #execution = :execution",`,
			new:    `expression: PICK(OFF, "attribute_not_exists(#id) OR #sequence <> :sequence OR #sequence = :sequence AND #execution <> :execution", "attribute_not_exists(#id) OR #sequence < :sequence OR #sequence = :sequence AND #execution = :execution"),`,
			script: "web; 0s push apple; 0s deny PutParameter 3m; 5m push birch; 12m redrive web",
			caught: []string{"parameter"}},
		{name: "a rollout that ended untold is left alone", file: "shared/sweep/follow.go",
			old: "case r.State == completed && r.Recorded == r.Digest:", new: "case r.State == completed && (OFF || r.Recorded == r.Digest):",
			script: "web; 0s push apple; 30s stop web",
			caught: []string{"parameter"}},
		{name: "what ECS has taken back untold is left alone", file: "functions/sweep/takenback.go",
			old: "	if !untold {\n", new: "	if !untold || OFF {\n",
			script: "web; 0s push apple; 5m push sick; 330s stop web",
			caught: []string{"blamed"}},
		{name: "a success that was superseded is not recorded", file: "shared/outcome/inservice.go",
			old: "end.Name == Superseded && d.succeeded():", new: "end.Name == Superseded && d.succeeded() && !OFF:",
			script: "web; 0s push apple; 90s slow DescribeServices 10s 2; 90s push sick",
			caught: []string{"parameter"}},
		{name: "what was deployed is not published", file: "functions/recordoutcome/recordoutcome.go",
			old: "tells && service.Name != \"\" {", new: "tells && service.Name != \"\" && !OFF {",
			faults: "none", seeds: []uint64{1, 2}, caught: []string{"parameter"}},
	}
}

// waitMutants are about waiting, which is free.
func waitMutants() []mutant {
	return []mutant{
		{name: "who waits looks on", file: "functions/awaitrollout/awaitrollout.go",
			old: "	if judged.Verdict == rollout.Progressing {\n", new: "	if judged.Verdict == rollout.Progressing && !OFF {\n",
			script: "worker; 0s push slow", caught: []string{"bounded"}},
	}
}

// backMutants are about the way back.
func backMutants() []mutant {
	const file = "shared/rollback/choose.go"
	return []mutant{
		{name: "the way back leads to the base", file: "shared/rollback/target.go",
			old: "return c.Before[i].TaskDefinition\n", new: "return PICK(OFF, c.Aim.Base, c.Before[i].TaskDefinition)\n",
			script: "worker; 0s push apple; 5m push sick; 6m push crash",
			caught: []string{"rolled-back", "one-update"}},
		{name: "the way back is taken from what is newer", file: file,
			old: "case judged.Verdict == rollout.Superseded:", new: "case !OFF && judged.Verdict == rollout.Superseded:",
			script: "worker; 0s push crash; 100s slow GetLogEvents 20s 1; 113s push apple",
			caught: []string{"newest", "one-update", "restored"}},
		{name: "the way back is taken although ECS takes it", file: file,
			old: "case judged.Status == rollbackRequested, judged.Status == rollbackInProgress:", new: "case !OFF && (judged.Status == rollbackRequested || judged.Status == rollbackInProgress):",
			faults: "none", seeds: []uint64{12, 14}, caught: []string{"one-update", "rolled-back", "stuck", "restored"}},
		{name: "a service that was not put back is called so", file: "shared/outcome/back.go",
			old: "	case rollback.Nothing, rollback.Gone:\n\t\treturn stuck(d), nil\n", new: "	case rollback.Nothing, rollback.Gone:\n\t\treturn PICK(OFF, rolledBack(d), stuck(d)), nil\n",
			with: []string{"nothing is taken back"}, script: "worker; 0s push crash",
			caught: []string{"rolled-back"}},
		{name: "nothing is taken back", file: file,
			old: "	target := c.Target()\n", new: "	target := PICK(OFF, \"\", c.Target())\n",
			faults: "none", seeds: []uint64{4, 11}, caught: []string{"restored"}},
	}
}

// quarantineMutants are about what is not deployed again. An image in quarantine is refused at four places: the first is the
// rule, the others are for what waited meanwhile.
func quarantineMutants() []mutant {
	behind := []string{"nobody asks for a quarantine at the claim", "nobody asks for a quarantine at the revision", "nobody asks for a quarantine at the update"}
	return []mutant{
		{name: "what failed is not put into quarantine", file: "functions/rollback/run.go",
			old: "if !decision.Blames() {", new: "if OFF || !decision.Blames() {",
			script: "worker; 0s push crash; 8m start 1", caught: []string{"quarantined"}},
		{name: "nobody asks for a quarantine", file: "functions/checkimage/checkimage.go",
			old: "if !inForce {", new: "if !inForce || OFF {",
			with: behind, script: "worker; 0s push crash; 8m start 1", caught: []string{"quarantined"}},
		{name: "nobody asks for a quarantine at the claim", file: "functions/claimservice/claimservice.go",
			old: "	if quarantined {\n", new: "	if quarantined && !OFF {\n",
			with: behind[1:], script: "worker; 0s push crash; 108s slow SimulatePrincipalPolicy 3s 1; 108500ms start 1",
			caught: []string{"quarantined"}},
		{name: "nobody asks for a quarantine at the update", file: "functions/updateservice/run.go",
			old: "	if inForce {\n", new: "	if inForce && !OFF {\n",
			script: "api; 0s push sick; 300s slow GetLogEvents 40s 1; 312s start 1; 312s slow RegisterTaskDefinition 45s 1; 20m push apple",
			caught: []string{"quarantined"}},
		{name: "nobody asks for a quarantine at the revision", file: "functions/registerrevision/registerrevision.go",
			old: "	case inForce:\n", new: "	case inForce && !OFF:\n",
			with: behind[2:], script: "worker; 0s push crash; 108s start 1; 108600ms slow PutItem 4s 1",
			caught: []string{"quarantined"}},
	}
}

// sweepMutants are about what the sweep finds, and what it leaves alone.
func sweepMutants() []mutant {
	return []mutant{
		{name: "a lost push is not found", file: "shared/sweep/record.go",
			old: "case first, !there &&", new: "case OFF, first, !there &&",
			script: "web; 0s push apple; 0s unheard 1",
			caught: []string{"newest"}},
		{name: "a lost push is newer than those of its second", file: "functions/claimservice/claimservice.go",
			old: "	if checked.Sweep == push.SweptPush {\n", new: "	if checked.Sweep == push.SweptPush && !OFF {\n",
			with: []string{"a push is swept although something newer was claimed"}, script: "web; 1100ms push apple; 1100ms unheard 1; 1500ms push birch",
			caught: []string{"newest", "superseded"}},
		{name: "a lost push is as new as the sweep", file: "shared/push/sweep.go",
			old: "	if pushedAt.Before(start) {\n", new: "	if pushedAt.Before(start) && !OFF {\n",
			with: []string{"a push is swept although something newer was claimed"}, script: "web; 0s push apple; 0s unheard 1; 2s push birch",
			caught: []string{"newest"}},
		{name: "a push is swept although something newer was claimed", file: "shared/sweep/sweep.go",
			old: "return !held.Exists() || held.Mark.Admits(n.Order())", new: "return OFF || !held.Exists() || held.Mark.Admits(n.Order())",
			script: "web; 0s push apple; 0s unheard 1; 2s push birch",
			caught: []string{"swept"}},
		{name: "a push is not left to its event", file: "shared/sweep/sweep.go",
			old: "case !n.ripe(now):", new: "case !OFF && !n.ripe(now):",
			script: "web; 8m push apple; 8m unheard 1 5m",
			caught: []string{"swept"}},
		{name: "what has ended is swept again", file: "functions/sweep/pushes.go",
			old: "if !passed && e.Tag == n.Tag &&", new: "if !OFF && !passed && e.Tag == n.Tag &&",
			with: []string{"a push is swept although something newer was claimed"}, faults: "events,operators", seeds: []uint64{1, 2}, caught: []string{"swept"}},
		{name: "what is in quarantine is swept", file: "functions/sweep/pushes.go",
			old: "if err != nil || !quarantined {", new: "if err != nil || !quarantined || OFF {",
			with: []string{"a push is swept although something newer was claimed"}, script: "web; 0s push crash; 6m push crash; 6m unheard 2",
			caught: []string{"swept"}},
		{name: "a rollout that was left behind is not followed", file: "functions/sweep/rollouts.go",
			old: "	if !abandoned {\n", new: "	if !abandoned || OFF {\n",
			script: "worker; 0s push crash; 20s stop worker",
			caught: []string{"followed"}},
		{name: "a failure that the next execution passed over is left alone", file: "shared/sweep/follow.go",
			old: "case r.passedOver(follower):", new: "case !OFF && r.passedOver(follower):",
			script: "api; 0s push sick; 300s slow GetLogEvents 40s 1; 312s start 1; 312s slow RegisterTaskDefinition 45s 1",
			caught: []string{"followed"}},
		{name: "a rollout is followed twice", file: "shared/sweep/follow.go",
			old: "case r.Maker.runs() || r.Holder.runs():", new: "case !OFF && (r.Maker.runs() || r.Holder.runs()):",
			with: []string{"a run that goes on is lost"}, script: "worker; 0s push sick",
			caught: []string{"swept"}},
		{name: "a run that goes on is lost", file: "shared/sweep/follow.go",
			old: "return !r.runs() && !r.told() &&", new: "return (OFF || !r.runs()) && !r.told() &&",
			with: []string{"a rollout is followed twice"}, script: "worker; 0s push sick",
			caught: []string{"swept"}},
		{name: "an end that nobody was told is not found", file: "functions/sweep/ends.go",
			old: "if e.StopDate == nil || !e.StopDate.After(from) || e.StopDate.After(until) {", new: "if OFF || e.StopDate == nil || !e.StopDate.After(from) || e.StopDate.After(until) {",
			script: "web; 0s push apple; 1s lose-events aws.states 6; 3s stop web",
			caught: []string{"told"}},
	}
}
