package mutants_test

// holdMutants are about what a hold keeps back. It is asked for at three places: the first is the rule, the others are for what
// was under way when the hold came.
func holdMutants() []mutant {
	behind := []string{"nobody asks for a hold at the claim", "nobody asks for a hold at the update"}
	return []mutant{
		{name: "nobody asks for a hold", file: "functions/checkimage/checkimage.go",
			old: "if err != nil || !hold.InForce(c.now) ||", new: "if err != nil || OFF || !hold.InForce(c.now) ||",
			with: behind, script: "web; 0s hold web 20m; 5m push apple",
			caught: []string{"held"}},
		{name: behind[0], file: "functions/claimservice/claimservice.go",
			old: "hold.InForce(s.Now()) &&", new: "!OFF && hold.InForce(s.Now()) &&",
			with: behind[1:], script: "web; 0s push apple; 0s throttle PutItem 40; 3s hold web 30m",
			caught: []string{"held"}},
		{name: behind[1], file: "functions/updateservice/run.go",
			old: "if hold.InForce(t.now()) &&", new: "if !OFF && hold.InForce(t.now()) &&",
			script: "web; 0s push apple; 0s throttle UpdateService 8; 3s hold web 30m",
			caught: []string{"held"}},
		{name: "a hold stops an attempt that repeats a call", file: "functions/updateservice/run.go",
			old: "return t.cameToTheCall(held) &&", new: "return !OFF && t.cameToTheCall(held) &&",
			script: "web; 0s push crash2; 0s unheard 1; 5s start 1; 5s slow UpdateService 80s 1; 35s hold web 30m",
			caught: []string{"followed"}},
		{name: "a hold is forgotten after a call that AWS refused", file: "functions/updateservice/run.go",
			old: "if f := fault.From(err); f != nil &&", new: "if f := fault.From(err); !OFF && f != nil &&",
			script: "web; 0s push apple; 0s throttle UpdateService 8; 10s hold web 30m",
			caught: []string{"held"}},
		{name: "a replay that broke off settles what a hold kept back", file: "shared/sweep/owed.go",
			old: "!e.Held && (!e.Failed || e.Swept)", new: "!e.Held && (OFF || !e.Failed || e.Swept)",
			script: "web; 0s hold web 2m; 10s push apple; 100s outage ecr 8m; 140s copy web",
			caught: []string{"newest"}},
		{name: "what a hold kept back is as old as the second of its push", file: "shared/sweep/owed.go",
			old: "Time: o.Since, Start: o.Started}", new: "Time: o.Since, Start: PICK(OFF, o.Since, o.Started)}",
			script: "web; 1100ms push crash; 1400ms push birch; 1400ms unheard 2 80s; 50s hold web 6m",
			caught: []string{"newest"}},
		{name: "the sweep does not wait for the end of a hold", file: "functions/sweep/held.go",
			old: "	if hold.InForce(l.now) {\n", new: "	if hold.InForce(l.now) && !OFF {\n",
			script: "web; 0s hold web 40m; 5m push apple",
			caught: []string{"swept"}},
	}
}
