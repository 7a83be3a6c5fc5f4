package stories_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"fairlead/local/steps"
)

// TestARoleThatMayNotBePassedIsSaidAndRedriven takes one of the two task roles out of a PassRole statement of the synthesised
// template. The deployment fails where it stands, with AWS's words, and nothing was touched; with the role put back, a
// redrive of the same execution deploys.
func TestARoleThatMayNotBePassedIsSaidAndRedriven(t *testing.T) {
	t.Parallel()
	for state, role := range map[string]string{"RegisterRevision": "WebRegisterRole", "UpdateService": "WebUpdateRole"} {
		for _, passed := range []string{"task", "execution"} {
			t.Run(state+" "+passed+" role", func(t *testing.T) {
				t.Parallel()
				lab := newLab(t)
				deploy(t, lab, changed(t, "Fairlead", func(resources map[string]any) {
					unpass(t, resources[role], "fairlead-sample-web-"+passed)
				}))
				digest := push(t, lab, "first", tagOf("first"), nil)
				run := settled(t, lab, "Failed", state)
				want := fmt.Sprintf("is not authorized to perform: iam:PassRole on resource: arn:aws:iam::123456789012:role/fairlead-sample-web-%s because no identity-based policy allows the iam:PassRole action", passed)
				for _, text := range []string{want, "context.fairlead.services.web." + passed + "Role"} {
					if !strings.Contains(run.Cause, text) {
						t.Errorf("the cause is %s\nwant in it: %s", run.Cause, text)
					}
				}
				if image, err := lab.Image(t.Context(), cluster, service); err != nil || strings.Contains(image, digest) {
					t.Errorf("the service was touched: it runs %s (%v)", image, err)
				}
				deploy(t, lab, assembly)
				if _, err := lab.SFN().RedriveExecution(t.Context(), &sfn.RedriveExecutionInput{ExecutionArn: &run.ARN}); err != nil {
					t.Fatal(err)
				}
				settled(t, lab, "Deployed", "Deployed")
				if image, err := lab.Image(t.Context(), cluster, service); err != nil || !strings.Contains(image, digest) {
					t.Errorf("after the redrive the service runs %s (%v)", image, err)
				}
			})
		}
	}
}

func deploy(t *testing.T, lab *steps.Lab, dir string) {
	t.Helper()
	if _, err := lab.Deploy(dir); err != nil {
		t.Fatal(err)
	}
}

// settled waits for the one execution to end, and checks how and in which state.
func settled(t *testing.T, lab *steps.Lab, outcome, state string) steps.Run {
	t.Helper()
	if err := lab.Settle(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	runs, err := lab.Runs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(runs) != 1 || runs[0].Outcome() != outcome || runs[0].Ended != state {
		t.Fatalf("executions %+v, want one that ends %s in %s", runs, outcome, state)
	}
	return runs[0]
}

// unpass takes a role out of the PassRole statements of a role's policies.
func unpass(t *testing.T, resource any, name string) {
	t.Helper()
	taken := 0
	for _, policy := range resource.(map[string]any)["Properties"].(map[string]any)["Policies"].([]any) {
		document := policy.(map[string]any)["PolicyDocument"].(map[string]any)
		for _, statement := range document["Statement"].([]any) {
			statement := statement.(map[string]any)
			if fmt.Sprint(statement["Action"]) != "[iam:PassRole]" {
				continue
			}
			var kept []any
			for _, arn := range statement["Resource"].([]any) {
				if strings.HasSuffix(strings.TrimSuffix(fmt.Sprint(arn), "]"), "role/"+name) {
					taken++
					continue
				}
				kept = append(kept, arn)
			}
			statement["Resource"] = kept
		}
	}
	if taken != 1 {
		t.Fatalf("%d statements passed %s, want 1", taken, name)
	}
}
