package stories_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWhatNoTargetTakesWaitsInTheQueue takes from every rule the right to reach its target: each event that it should have
// delivered is kept, with its rule, and deployments that somebody starts by hand end as they would have with them.
func TestWhatNoTargetTakesWaitsInTheQueue(t *testing.T) {
	t.Parallel()
	dir, err := gated()
	if err != nil {
		t.Fatal(err)
	}
	s := gatedStory(t, dir)
	deploy(t, s.lab, changedFrom(t, dir, "Fairlead", func(resources map[string]any) {
		maps.DeleteFunc(resources, func(_ string, r any) bool { return r.(map[string]any)["Type"] == "AWS::Lambda::Permission" })
	}))
	s.lines(s.deeds(), `deny fairlead-starter states:StartExecution
scans continuous
push enhanced
pass 1m
scans basic
push first
pass 1m
start byhand {"service":"web","tag":"<tag:first>"}
settle
push broken local.exit=1
pass 1m
start broken {"service":"web","tag":"<tag:broken>"}
settle
pass 1h`)
	s.lines(s.wants(), "executions 2\nexecution 1 Deployed\nexecution 2 RolledBack\nruns first")
	want := []string{"DeploymentChanged", "ExecutionEnded", "InspectorScanEnded", "PushToShopWebd1da649c", "ScanEnded", "SweepDue", "TaskStopped"}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(s.undelivered()))); diff != "" {
		t.Errorf("rules with dead letters (-want +got):\n%s", diff)
	}
}

// undelivered reads the dead letters, and counts them by the rule that could not deliver them.
func (s *story) undelivered() map[string]int {
	s.Helper()
	var queues struct{ QueueUrls []string }
	s.reads(&queues, "ListQueues", map[string]any{"QueueNamePrefix": "Fairlead-DeadLetters"})
	found := map[string]int{}
	for {
		var got struct {
			Messages []struct {
				MessageAttributes map[string]struct{ StringValue string }
			}
		}
		s.reads(&got, "ReceiveMessage", map[string]any{"QueueUrl": queues.QueueUrls[0], "MaxNumberOfMessages": 10, "VisibilityTimeout": 3600,
			"MessageAttributeNames": []string{"All"}})
		if len(got.Messages) == 0 {
			return found
		}
		for _, m := range got.Messages {
			_, rule, _ := strings.Cut(m.MessageAttributes["RULE_ARN"].StringValue, ":rule/Fairlead-")
			rule, _, _ = strings.Cut(rule, "-")
			found[rule]++
		}
	}
}

// reads asks SQS as the administrator.
func (s *story) reads(into any, operation string, in map[string]any) {
	s.Helper()
	if err := json.Unmarshal([]byte(s.ask("sqs", operation, in)), into); err != nil {
		s.Fatal(err)
	}
}
