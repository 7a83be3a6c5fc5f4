package stories_test

import (
	"maps"
	"slices"
	"testing"

	"fairlead/shared/diagnosis"
)

// untold are the causes that no story plays, and why. Their texts are held by the tables of shared/diagnosis, in AWS's own words.
func untold() map[diagnosis.Cause]string {
	return map[diagnosis.Cause]string{
		diagnosis.PullRateLimited: "an image of another registry than ECR is not pulled by the embedded AWS",
		diagnosis.CannotStart:     "what the embedded runtime cannot start is a program that the image lacks, and that has a cause of its own",
		diagnosis.VolumeFailed:    "the embedded tasks have no volumes",
		diagnosis.NoAddresses:     "the embedded subnets have no end, and what ECS says where one has was not seen in the field",
		diagnosis.Interrupted:     "there is no Spot capacity in the embedded AWS",
		diagnosis.Infrastructure:  "the embedded hosts do not fail",
		diagnosis.StoppedByHand:   "who stops one task does not fail a deployment: it would take a person for each of its tasks",
		diagnosis.HookFailed:      "lifecycle hooks are not implemented in the embedded AWS",
	}
}

// TestEachCauseHasAStory wants of each cause a story that names it, or the reason why there is none; and of each story of a
// cause the path and the text of the execution that has it.
func TestEachCauseHasAStory(t *testing.T) {
	t.Parallel()
	told := map[diagnosis.Cause]bool{}
	for _, name := range stories(t) {
		for _, want := range asked(t, name) {
			for n, a := range want {
				if len(a.causes) > 0 && !a.whole() {
					t.Errorf("%s asks the cause of execution %s, and not its path and its text", name, n)
				}
				for _, cause := range a.causes {
					told[diagnosis.Cause(cause)] = true
				}
			}
		}
	}
	reasons := untold()
	for _, e := range diagnosis.Table() {
		switch reason := reasons[e.Cause]; {
		case told[e.Cause] && reason != "":
			t.Errorf("%s has a story, and a reason to have none: %s", e.Cause, reason)
		case !told[e.Cause] && reason == "":
			t.Errorf("%s has neither a story nor a reason to have none", e.Cause)
		}
		delete(reasons, e.Cause)
		delete(told, e.Cause)
	}
	if len(reasons) > 0 || len(told) > 0 {
		t.Errorf("causes that the table does not have: %v, %v", slices.Collect(maps.Keys(reasons)), slices.Collect(maps.Keys(told)))
	}
}
