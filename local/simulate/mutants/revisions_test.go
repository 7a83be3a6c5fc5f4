package mutants_test

// revisionMutants are about what goes into service.
func revisionMutants() []mutant {
	return []mutant{
		{name: "the image is not pinned", file: "functions/registerrevision/registerrevision.go",
			old: "Image: image.Pin(d.Image.RepositoryURI, d.Image.Digest)", new: "Image: PICK(OFF, image.Reference{Name: d.Image.RepositoryURI, Tag: d.Image.Tag}, image.Pin(d.Image.RepositoryURI, d.Image.Digest))",
			faults: "none", seeds: []uint64{1, 2}, caught: []string{"pinned"}},
		{name: "what an earlier attempt registered is not found", file: "functions/registerrevision/make.go",
			old: "if err != nil || earlier != \"\" {", new: "if err != nil || !OFF && earlier != \"\" {",
			needs: []string{"lose-answer RegisterTaskDefinition"}, faults: "calls,kills", seeds: []uint64{46, 264}, caught: []string{"registered-once"}},
		{name: "what runs already is deployed again", file: "shared/revision/choose.go",
			old: "case seen.Rollout == completed:", new: "case !OFF && seen.Rollout == completed:",
			faults: "events", seeds: []uint64{7}, caught: []string{"needed"}},
		{name: "a revision of a newer execution is copied over", file: "shared/revision/choose.go",
			old: "if seen.Mark.Ours() && seen.Mark.Sequence > want.Sequence {", new: "if !OFF && seen.Mark.Ours() && seen.Mark.Sequence > want.Sequence {",
			with: []string{"the claim is not checked before the call"}, needs: []string{"slow RegisterTaskDefinition"}, faults: "calls,kills", seeds: []uint64{238, 242}, caught: []string{"newest", "one-update"}},
		{name: "going back does not look at what runs", file: "shared/revision/choose.go",
			old: "if want.Replaces != \"\" && want.Replaces != seen.Digest {", new: "if !OFF && want.Replaces != \"\" && want.Replaces != seen.Digest {",
			script: "web; 0s push apple; 4m push birch; 8m throttle RegisterTaskDefinition 3; 8m back 1; 8m8s update fern",
			caught: []string{"replaced"}},
		{name: "the platform is not looked at", file: "functions/checkimage/platform.go",
			old: "if entry.Platform.Runs(want) {", new: "if OFF || entry.Platform.Runs(want) {",
			faults: "none", seeds: []uint64{17}, caught: []string{"needed"}},
		{name: "any image of the repository counts as the one", file: "shared/revision/choose.go",
			old: "|| ref.Digest != want.Digest {", new: "|| !OFF && ref.Digest != want.Digest {",
			script: "worker; 0s push apple; 6m push crash",
			caught: []string{"skipped"}},
		{name: "a field is lost", file: "shared/revision/next.go",
			old: "		RuntimePlatform:         base.RuntimePlatform,\n", new: "		RuntimePlatform:         PICK(OFF, nil, base.RuntimePlatform),\n",
			script: "web; 0s push apple", caught: []string{"failed"}},
		{name: "a copy is not held against what was copied", file: "shared/edge/lossless/raw.go",
			old: "	return revision.Compare(rawDescription, body, change)\n", new: "	if OFF {\n\t\treturn nil\n\t}\n\treturn revision.Compare(rawDescription, body, change)\n",
			with: []string{"a field is lost"}, script: "web; 0s push apple", caught: []string{"lossless"}},
		{name: "the tags of the base are lost", file: "shared/revision/next.go",
			old: "return !carried(aws.ToString(tag.Key))", new: "return OFF || !carried(aws.ToString(tag.Key))",
			with: []string{"a copy is not held against what was copied"}, script: "web; 0s push apple", caught: []string{"lossless"}},
	}
}

// verdictMutants are about what became of a rollout.
func verdictMutants() []mutant {
	const file = "shared/rollout/judge.go"
	return []mutant{
		{name: "running is taken for healthy", file: file,
			old: "return c.unlessNewer(finding{Progressing, false, c.underway()})", new: "return c.unlessNewer(finding{PICK(OFF, Healthy, Progressing), false, c.underway()})",
			faults: "none", seeds: []uint64{1, 4}, caught: []string{"deployed"}},
		{name: "overtaken is taken for failed", file: file,
			old: "return finding{Superseded, false, fmt.Sprintf(\"a newer service deployment of", new: "return finding{PICK(OFF, Failed, Superseded), false, fmt.Sprintf(\"a newer service deployment of",
			script: "worker; 0s push apple; 20s push birch", caught: []string{"blameless"}},
		{name: "overtaken after it had succeeded is taken for failed", file: file,
			old: "return finding{Superseded, false, fmt.Sprintf(\"our service deployment succeeded, and a newer one of", new: "return finding{PICK(OFF, Failed, Superseded), false, fmt.Sprintf(\"our service deployment succeeded, and a newer one of",
			script: "web; 0s push apple; 90s slow DescribeServices 10s 2; 90s push sick", caught: []string{"stuck"}},
		{name: "overtaken is taken for deployed", file: file,
			old: "	if c.newer == nil {\n\t\treturn f\n", new: "	if OFF && c.newer != nil {\n\t\treturn finding{Healthy, false, \"\"}\n\t}\n\tif c.newer == nil {\n\t\treturn f\n",
			faults: "none", seeds: []uint64{1, 2}, caught: []string{"deployed"}},
		{name: "no task is taken for healthy", file: file,
			old: "case c.empty(c.ours.Requested), c.ours.Early && c.running() == 0:", new: "case !OFF && (c.empty(c.ours.Requested) || c.ours.Early && c.running() == 0):",
			faults: "none", seeds: []uint64{3, 8}, caught: []string{"deployed"}},
		{name: "a rollout has no deadline", file: file,
			old: "case f.verdict == Progressing && !judged.Deadline.IsZero()", new: "case f.verdict == Progressing && !OFF && !judged.Deadline.IsZero()",
			script: "worker; 0s push sick",
			caught: []string{"ends"}},
		{name: "rolled back is called deployed", file: file,
			old: "return finding{Failed, true, c.say(\"ECS rolled it back: the service", new: "return finding{PICK(OFF, Healthy, Failed), true, c.say(\"ECS rolled it back: the service",
			faults: "none", seeds: []uint64{4, 11}, caught: []string{"deployed"}},
	}
}

// endMutants are about giving up early.
func endMutants() []mutant {
	return []mutant{
		{name: "nothing is given up early", file: "shared/rollout/hopeless.go",
			old: "hopeless(budget Budget) (finding, bool) {\n\tif ", new: "hopeless(budget Budget) (finding, bool) {\n\tif OFF || ",
			faults: "none", seeds: []uint64{4, 11}, caught: []string{"early"}},
		{name: "one crash is enough to give up", file: "shared/diagnosis/hopeless.go",
			old: "&& g.again() &&", new: "&& (OFF || g.again()) &&",
			faults: "none", seeds: []uint64{4}, caught: []string{"early"}},
	}
}
