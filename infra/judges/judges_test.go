package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestWhatIsFoundIsAcknowledgedAndNothingElse(t *testing.T) {
	found := finding{Tool: "checkov", Rule: "CKV_1", Where: "Fairlead/SweepLogs", what: "no key"}
	known := acknowledgement{Tool: "checkov", Rule: "CKV_1", Where: "Fairlead/*Logs", Why: "they hold no secrets"}
	other := func(change func(*acknowledgement)) []acknowledgement {
		changed := known
		change(&changed)
		return []acknowledgement{changed}
	}
	for name, c := range map[string]struct {
		found  []finding
		known  []acknowledgement
		silent map[string]bool
		want   []string // parts of the problems
	}{
		"nothing at all":                  {},
		"a finding with a reason":         {[]finding{found}, []acknowledgement{known}, nil, nil},
		"a finding without":               {[]finding{found}, nil, nil, []string{"checkov CKV_1 Fairlead/SweepLogs: no key; mend it"}},
		"a reason without a finding":      {nil, []acknowledgement{known}, nil, []string{"nothing is found any more"}},
		"a reason for a silent judge":     {nil, []acknowledgement{known}, map[string]bool{"checkov": true}, nil},
		"a reason for another rule":       {[]finding{found}, other(func(a *acknowledgement) { a.Rule = "CKV_2" }), nil, []string{"CKV_1 Fairlead", "CKV_2 Fairlead"}},
		"a reason of another judge":       {[]finding{found}, other(func(a *acknowledgement) { a.Tool = "cdk-nag" }), nil, []string{"cdk-nag", "checkov"}},
		"a reason for another place":      {[]finding{found}, other(func(a *acknowledgement) { a.Where = "Fairlead/*Function" }), nil, []string{"CKV_1 Fairlead/*F", "CKV_1 Fairlead/S"}},
		"a pattern that stops at a slash": {[]finding{found}, other(func(a *acknowledgement) { a.Where = "*" }), nil, []string{"CKV_1 *", "CKV_1 Fairlead/S"}},
		"a finding that is told twice":    {[]finding{found, found}, nil, nil, []string{"checkov CKV_1"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := compare(c.found, c.known, c.silent)
			if len(got) != len(c.want) {
				t.Fatalf("%q, want %q", got, c.want)
			}
			for i := range got {
				if !strings.Contains(got[i], c.want[i]) {
					t.Errorf("%q, want %q", got[i], c.want[i])
				}
			}
		})
	}
}

func TestAnAcknowledgementWithoutAReasonIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"no reason":     `[{"tool":"checkov","rule":"CKV_1","where":"*/*"}]`,
		"a short one":   `[{"tool":"checkov","rule":"CKV_1","where":"*/*","why":"we know"}]`,
		"no place":      `[{"tool":"checkov","rule":"CKV_1","why":"there is no such thing"}]`,
		"a bad pattern": `[{"tool":"checkov","rule":"CKV_1","where":"[","why":"there is no such thing"}]`,
		"no list":       `{}`,
	} {
		file := filepath.Join(t.TempDir(), "acknowledged.json")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if known, err := readAcknowledged(file); err == nil {
			t.Errorf("%s: read as %+v", name, known)
		}
	}
	if _, err := readAcknowledged(filepath.Join("..", "..", ".ci", "acknowledged.json")); err != nil {
		t.Error(err)
	}
}

func TestTheReportsOfTheJudgesAreRead(t *testing.T) {
	for name, c := range map[string]struct {
		parse  func([]byte) ([]finding, error)
		report string
		want   []finding
	}{
		"cfn-lint": {readLint, `[{"Filename":"infra/testdata/Fairlead.template.json","Rule":{"Id":"I3011"},"Message":"m","Location":{"Path":["Resources","SweepLogs"]}}]`,
			[]finding{{Tool: "cfn-lint", Rule: "I3011", Where: "Fairlead/SweepLogs", what: "m"}}},
		"checkov": {readCheckov, `{"results":{"failed_checks":[{"check_id":"CKV_1","check_name":"n","file_path":"/Fairlead.template.json","resource":"AWS::Logs::LogGroup.SweepLogs"}]}}`,
			[]finding{{Tool: "checkov", Rule: "CKV_1", Where: "Fairlead/SweepLogs", what: "n"}}},
		"cfn-guard": {readGuard, `[{"name":"/x/FairleadRegistry.template.json","not_compliant":[{"Rule":{"checks":[{"custom_message":"\n [CT.ECR.PR.1]: Require it\n [FIX]"},{"path": "/Resources/Web/Properties"}]}}]}]`,
			[]finding{{Tool: "cfn-guard", Rule: "CT.ECR.PR.1", Where: "FairleadRegistry/Web", what: "Require it"}}},
		"cdk-nag": {readNag, `{"pluginReports":[{"violations":[{"ruleName":"A-1","description":"d","violatingConstructs":[{"constructPath":"Fairlead/T/Ledger"}]}]},{}]}`,
			[]finding{{Tool: "cdk-nag", Rule: "A-1", Where: "Fairlead/Ledger", what: "d"}}},
		"govulncheck": {readVulnerabilities, `{"config":{}}{"finding":{"osv":"GO-1","fixed_version":"v2","trace":[{"module":"m"}]}} {"finding":{"osv":"GO-2","fixed_version":"v3","trace":[{"module":"m","function":"F"}]}}`,
			[]finding{{Tool: "govulncheck", Rule: "GO-2", Where: "m", what: "the code calls F; fixed in v3"}}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := c.parse([]byte(c.report))
			if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(finding{}), cmpopts.EquateEmpty()); diff != "" || err != nil {
				t.Error(err, diff)
			}
			if got, err := c.parse([]byte("No findings!")); err == nil {
				t.Errorf("what is no report is read as %v", got)
			}
		})
	}
	if _, err := readCheckov([]byte(`{"passed":0}`)); err == nil {
		t.Error("checkov that looked at nothing is content")
	}
	if _, err := readNag([]byte(`{"pluginReports":[{}]}`)); err == nil {
		t.Error("a pack that has not reported is content")
	}
}
