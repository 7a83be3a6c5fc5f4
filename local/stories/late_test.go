package stories_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestAnExecutionThatTakesTooLongIsReported lets the workflow end after a minute instead of three days: the end has one
// event, and so has that of the redrive.
func TestAnExecutionThatTakesTooLongIsReported(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	deploy(t, s.lab, changed(t, "Fairlead", func(resources map[string]any) {
		machine := properties(resources["Workflow"])
		definition := fmt.Sprint(machine["DefinitionString"])
		machine["DefinitionString"] = strings.Replace(definition, `"TimeoutSeconds":259200`, `"TimeoutSeconds":60`, 1)
		if machine["DefinitionString"] == definition {
			t.Fatal("the workflow's timeout is not found")
		}
	}))
	s.lines(s.deeds(), "push first local.start=20m\nsettle")
	s.lines(s.wants(), "execution 1 Failed\noutcomes 1 Failed\ntells 1 took longer than an execution may in state AwaitRollout\nparameter none")
	s.lines(s.deeds(), "redrive 1\nsettle")
	s.lines(s.wants(), "execution 1 Failed\noutcomes 1 Failed Failed\nparameter none")
}
