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
		{name: "the sweep does not wait for the end of a hold", file: "functions/sweep/held.go",
			old: "	if hold.InForce(l.now) {\n", new: "	if hold.InForce(l.now) && !OFF {\n",
			script: "web; 0s hold web 40m; 5m push apple",
			caught: []string{"swept"}},
	}
}
