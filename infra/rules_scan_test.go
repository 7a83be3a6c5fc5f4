package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"fairlead/shared/config"

	"github.com/google/go-cmp/cmp"
)

func TestScanRulesListenToTheRepositoriesOfGatedServicesAlone(t *testing.T) {
	const gate = `,"gates":{"scan":{}}`
	service := func(repository, more string) string {
		return `{"cluster":"c","repository":"` + repository + `","tagPolicy":{"newest":true}` + more + `}`
	}
	rules := scanRules(services(t, `{"services":{"a":`+service("shop/web", gate)+`,"b":`+service("shop/web", gate)+`,"c":`+service("shop/api", "")+`,"d":`+service("shop/job", gate)+`}}`))
	got, err := json.Marshal(map[string]any{rules[0].ID: rules[0].Pattern, rules[1].ID: rules[1].Pattern})
	if err != nil || len(rules) != 2 {
		t.Fatal(len(rules), err)
	}
	const here = "arn:${AWS::Partition}:ecr:${AWS::Region}:${AWS::AccountId}:repository/"
	const want = `{"InspectorScanEnded":{"account":[{"Ref":"AWS::AccountId"}],"detail":{"repository-name":[{"Fn::Sub":"` + here + `shop/web"},{"Fn::Sub":"` + here + `shop/job"}],"scan-status":["INITIAL_SCAN_COMPLETE"]},` +
		`"detail-type":["Inspector2 Scan"],"source":["aws.inspector2"]},` +
		`"ScanEnded":{"account":[{"Ref":"AWS::AccountId"}],"detail":{"repository-name":["shop/web","shop/job"],"scan-status":["COMPLETE","FAILED"]},"detail-type":["ECR Image Scan"],"source":["aws.ecr"]}}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
	if rules := scanRules(services(t, `{"services":{"c":`+service("shop/api", "")+`}}`)); len(rules) != 0 {
		t.Errorf("no gate is on, and there are %d rules", len(rules))
	}
}

func TestScanRulesStayWithinAPattern(t *testing.T) {
	var written []string
	for i := range 100 {
		written = append(written, fmt.Sprintf(`"s%d":{"cluster":"c","repository":"%s%d","tagPolicy":{"newest":true},"gates":{"scan":{}}}`, i, strings.Repeat("a", 90), i))
	}
	repositories := 0
	for _, r := range scanRules(services(t, `{"services":{`+strings.Join(written, ",")+`}}`)) {
		if n := resolvedLength(r.Pattern); n > quotas()["pattern"].limit {
			t.Errorf("%s has a pattern of %d characters", r.ID, n)
		}
		repositories += len(r.Pattern["detail"].(map[string]any)["repository-name"].([]any))
	}
	if repositories != 200 {
		t.Errorf("%d repositories are listened to twice, want 100", repositories/2)
	}
}

// TestAGateThatIsOffHasNoRights holds the grants of a gate against the configuration: they are those of the services that use
// it, on their repositories, and the functions of a gate that nobody uses may take on no role.
func TestAGateThatIsOffHasNoRights(t *testing.T) {
	parsed, err := config.Parse([]byte(`{"services":{"on":{"cluster":"c","repository":"shop/on","tagPolicy":{"newest":true},"gates":{"scan":{}}},
		"off":{"cluster":"c","repository":"shop/off","tagPolicy":{"newest":true}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	d := &deployer{config: parsed}
	granted := map[string][]string{}
	for _, f := range functions() {
		for _, k := range kinds() {
			for _, s := range d.services() {
				for _, statement := range d.does(f, s, k) {
					for _, action := range statement.Actions {
						if strings.Contains(action, "Scan") {
							granted[action] = append(granted[action], f.Title()+" on "+strings.Join(statement.Resources, " "))
						}
					}
				}
			}
		}
		if strings.HasSuffix(f.Title(), "Scan") {
			for _, role := range d.assumedRoles(f) {
				if !strings.HasSuffix(role, "fairlead-on-look") {
					t.Errorf("%s may take on %s", f.Title(), role)
				}
			}
		}
	}
	const on = " on arn:${AWS::Partition}:ecr:${AWS::Region}:${AWS::AccountId}:repository/shop/on"
	want := map[string][]string{"ecr:DescribeImageScanFindings": {"JudgeScan" + on, "AwaitScan" + on, "WakeExecution" + on},
		"ecr:BatchGetRepositoryScanningConfiguration": {"CheckImage" + on, "JudgeScan" + on}}
	if diff := cmp.Diff(want, granted); diff != "" {
		t.Error(diff)
	}
}
