package config_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fairlead/shared/config"
	"fairlead/shared/gate/rules"
	"fairlead/shared/gate/scan"
)

// gated is a configuration with gates in the defaults and in a service.
func gated(defaults, gates string) []byte {
	return []byte(`{"defaults":{"cluster":"prod","repository":"shop/web","tagPolicy":{"newest":true},"gates":` + defaults + `},
		"services":{"web":{"gates":` + gates + `},"other":{}}}`)
}

func TestGatesStandOverThoseOfTheDefaults(t *testing.T) {
	const all = `{"image":{"immutableTag":true,"maxAge":"48h"},"scan":{"severity":"CRITICAL","timeout":"1h","allow":[{"cve":"CVE-2026-1","until":"2027-01-31","reason":"not reachable"}]}}`
	allowed := []scan.Allowance{{CVE: "CVE-2026-1", Until: "2027-01-31", Reason: "not reachable"}}
	whole := config.Gates{Image: &rules.Policy{ImmutableTag: true, MaxAge: 48 * time.Hour},
		Scan: &scan.Policy{Severity: scan.Critical, Unrated: true, Timeout: time.Hour, Allow: allowed}}
	for _, test := range []struct {
		name, defaults, gates string
		web, other            config.Gates
	}{
		{"all are off", `null`, `{}`, config.Gates{}, config.Gates{}},
		{"what is not said is as the gate is", `null`, `{"scan":{}}`, config.Gates{Scan: &scan.Policy{Severity: scan.High, Unrated: true, Timeout: 15 * time.Minute}}, config.Gates{}},
		{"the defaults hold for all", all, `null`, whole, whole},
		{"false turns a gate off, null does not", all, `{"image":null,"scan":false}`, config.Gates{Image: whole.Image}, whole},
		{"a field stands over that of the defaults, for one service", all, `{"image":{"maxAge":"1h"},"scan":{"severity":"LOW","unrated":"pass","allow":[]}}`,
			config.Gates{Image: &rules.Policy{ImmutableTag: true, MaxAge: time.Hour}, Scan: &scan.Policy{Severity: scan.Low, Timeout: time.Hour}}, whole},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, err := config.Parse(gated(test.defaults, test.gates))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]config.Gates{test.web, test.other}, []config.Gates{c.Services["web"].Gates, c.Services["other"].Gates}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAGateThatIsWrongIsNamed(t *testing.T) {
	const path = "context.fairlead.services.web.gates"
	for name, test := range map[string]struct{ gates, want string }{
		"gates that are a flag":          {`true`, path + ": want a JSON object"},
		"a gate that nobody knows":       {`{"age":{}}`, path + ".age: unknown field; the fields are image, scan"},
		"a gate that is true":            {`{"scan":true}`, path + ".scan: want a JSON object"},
		"base rules that ask nothing":    {`{"image":{}}`, path + ".image: it asks for nothing: set immutableTag or maxAge"},
		"an age of a minute":             {`{"image":{"maxAge":"1m"}}`, path + ".image.maxAge: 1m is outside 1h0m0s to 87600h0m0s"},
		"an age in days":                 {`{"image":{"maxAge":"30d"}}`, path + `.image.maxAge: want a duration like "30m"`},
		"a severity that is none":        {`{"scan":{"severity":"SEVERE"}}`, path + ".scan.severity: want the lowest severity that blocks, one of [CRITICAL HIGH MEDIUM LOW INFORMATIONAL]"},
		"unrated as a flag":              {`{"scan":{"unrated":false}}`, path + `.scan.unrated: want "block" or "pass"`},
		"a wait of a minute":             {`{"scan":{"timeout":"1m"}}`, path + ".scan.timeout: 1m is outside 5m0s to 6h0m0s"},
		"an allowance that is a text":    {`{"scan":{"allow":["CVE-2026-1"]}}`, path + ".scan.allow[0]: want a JSON object"},
		"an allowance without an end":    {`{"scan":{"allow":[{"cve":"CVE-2026-1","reason":"x"}]}}`, path + `.scan.allow[0].until: it is missing: the last day on which it is allowed, like 2027-01-31, or "never"`},
		"an allowance without a reason":  {`{"scan":{"allow":[{"cve":"CVE-2026-1","until":"never"}]}}`, path + ".scan.allow[0].reason: it is missing: why it does no harm here"},
		"an allowance without a name":    {`{"scan":{"allow":[{"until":"never","reason":"x"}]}}`, path + ".scan.allow[0].cve: it is missing"},
		"an allowance of everything":     {`{"scan":{"allow":[{"cve":"*","until":"never","reason":"x"}]}}`, path + ".scan.allow[0].cve: want the name of a vulnerability"},
		"a day that is not in the year":  {`{"scan":{"allow":[{"cve":"CVE-2026-1","until":"2027-02-30","reason":"x"}]}}`, path + ".scan.allow[0].until: want the last day on which it holds"},
		"a reason that is a whole essay": {`{"scan":{"allow":[{"cve":"CVE-2026-1","until":"never","reason":"` + strings.Repeat("a", 201) + `"}]}}`, path + ".scan.allow[0].reason: at most 200 characters"},
		"one finding allowed twice": {`{"scan":{"allow":[{"cve":"CVE-2026-1","until":"never","reason":"x"},{"cve":"CVE-2026-1","until":"2027-01-31","reason":"y"}]}}`,
			path + ".scan.allow[1].cve: CVE-2026-1 is in the list already"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := config.Parse(gated(`null`, test.gates))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v\nwant %s", err, test.want)
			}
		})
	}
}

func FuzzGates(f *testing.F) {
	f.Add(`{"image":{"immutableTag":true,"maxAge":"48h"},"scan":{"severity":"LOW","unrated":"pass","timeout":"1h","allow":[{"cve":"CVE-2026-1","until":"never","reason":"x"}]}}`, `{"scan":false}`)
	f.Fuzz(func(t *testing.T, defaults, gates string) {
		c, err := config.Parse(gated(defaults, gates))
		if err != nil {
			return
		}
		encoded, err := c.Encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := config.Parse(encoded)
		if diff := cmp.Diff(c.Services, again.Services); diff != "" || err != nil {
			t.Fatalf("encoded as\n%s\n%v\n%s", encoded, err, diff)
		}
	})
}
