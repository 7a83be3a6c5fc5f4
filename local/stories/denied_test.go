package stories_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"fairlead/local/steps"
)

// denial is a right that is taken out of the synthesised template, and what the deployment must say of it.
type denial struct {
	state string // in which the deployment fails
	take  func(t *testing.T, resources map[string]any)
	says  []string
}

// denials are: each of the two task roles, and both, out of each PassRole statement; and the ways to a service's role.
func denials() map[string]denial {
	all := map[string]denial{}
	for state, role := range map[string]string{"RegisterRevision": "WebRegisterRole", "UpdateService": "WebUpdateRole"} {
		for _, passed := range []string{"task", "execution"} {
			all[state+" may not pass the "+passed+" role"] = denial{state,
				func(t *testing.T, resources map[string]any) {
					unpass(t, resources[role], "fairlead-sample-web-"+passed)
				},
				[]string{"is not authorized to perform: iam:PassRole on resource: arn:aws:iam::123456789012:role/fairlead-sample-web-" + passed +
					" because no identity-based policy allows the iam:PassRole action", "context.fairlead.services.web." + passed + "Role"}}
		}
		all[state+" may pass neither role"] = denial{state, func(t *testing.T, resources map[string]any) {
			unpass(t, resources[role], "fairlead-sample-web-task")
			unpass(t, resources[role], "fairlead-sample-web-execution")
		}, []string{"is not authorized to perform: iam:PassRole on resource: arn:aws:iam::123456789012:role/fairlead-sample-web-"}}
		all[state+" may not assume its role"] = denial{state, func(_ *testing.T, resources map[string]any) {
			properties(resources[state+"Role"])["Policies"] = slices.DeleteFunc(properties(resources[state+"Role"])["Policies"].([]any),
				func(policy any) bool { return policy.(map[string]any)["PolicyName"] == "service-roles" })
		}, []string{"is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/fairlead-web-"}}
		all[state+" is trusted no more"] = denial{state, func(_ *testing.T, resources map[string]any) {
			trust := properties(resources[role])["AssumeRolePolicyDocument"].(map[string]any)
			trust["Statement"].([]any)[0].(map[string]any)["Condition"] = map[string]any{
				"ArnEquals": map[string]any{"aws:PrincipalArn": "arn:aws:iam::123456789012:role/nobody"}}
		}, []string{"is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:" + roleName(role)}}
	}
	return all
}

func roleName(logicalID string) string {
	return map[string]string{"WebRegisterRole": "role/fairlead-web-register", "WebUpdateRole": "role/fairlead-web-update"}[logicalID]
}

func properties(resource any) map[string]any {
	return resource.(map[string]any)["Properties"].(map[string]any)
}

// TestWhatIsDeniedIsSaidAndRedriven takes a right out of the synthesised template. The deployment fails where it stands, with
// AWS's words, and nothing was touched; with the right put back, a redrive of the same execution deploys.
func TestWhatIsDeniedIsSaidAndRedriven(t *testing.T) {
	t.Parallel()
	for name, d := range denials() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lab := newLab(t)
			deploy(t, lab, changed(t, "Fairlead", func(resources map[string]any) { d.take(t, resources) }))
			digest := push(t, lab, "first", tagOf("first"), nil)
			run := settled(t, lab, "Failed", d.state)
			for _, text := range d.says {
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
	for _, policy := range properties(resource)["Policies"].([]any) {
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
			if len(kept) == 0 {
				kept = []any{"arn:aws:iam::123456789012:role/nobody"} // a statement without a resource is none
			}
			statement["Resource"] = kept
		}
	}
	if taken != 1 {
		t.Fatalf("%d statements passed %s, want 1", taken, name)
	}
}
