package ecr_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fairlead/local/ecr/ecrtest"
)

const vulnerable = `{"os":"linux","architecture":"amd64","config":{"Labels":{"local.findings":"CVE-2026-1:CRITICAL:openssl@3.0.1>3.0.2,CVE-2026-2:UNDEFINED","local.scan":"1m"}}}`

// reported is what a test looks at in the reply of DescribeImageScanFindings.
type reported struct {
	Status struct{ Status, Description string } `json:"imageScanStatus"`
	Found  struct {
		Completed float64          `json:"imageScanCompletedAt"`
		Counts    map[string]int   `json:"findingSeverityCounts"`
		Basic     []map[string]any `json:"findings"`
		Enhanced  []map[string]any `json:"enhancedFindings"`
	} `json:"imageScanFindings"`
	Next string `json:"nextToken"`
}

func describe(t *testing.T, w *ecrtest.World, more string) reported {
	t.Helper()
	var out reported
	w.Must(t, "DescribeImageScanFindings", `{`+repo+`,"imageId":{"imageTag":"1"}`+more+`}`, &out)
	return out
}

// pushed is a world with one image, after its scan.
func pushed(t *testing.T, config string, before ...string) *ecrtest.World {
	t.Helper()
	w := ecrtest.New(t)
	w.Must(t, "CreateRepository", `{`+repo+`,"imageScanningConfiguration":{"scanOnPush":true}}`, nil)
	for _, rules := range before {
		w.Must(t, "PutRegistryScanningConfiguration", rules, nil)
	}
	if err := put(w, image(t, w, config), "1"); err != nil {
		t.Fatal(err)
	}
	return w
}

func enhanced(frequency, filter string) string {
	return `{"scanType":"ENHANCED","rules":[{"scanFrequency":"` + frequency + `","repositoryFilters":[{"filter":"` + filter + `","filterType":"WILDCARD"}]}]}`
}

func TestABasicScanShowsThePackage(t *testing.T) {
	w := pushed(t, vulnerable)
	w.Pass(59 * time.Second)
	if got := describe(t, w, ""); got.Status.Status != "IN_PROGRESS" || got.Found.Basic != nil {
		t.Errorf("before its time: %+v", got)
	}
	w.Pass(time.Second)
	got := describe(t, w, "")
	want := []map[string]any{
		{"name": "CVE-2026-1", "severity": "CRITICAL", "description": "a finding that the image's label local.findings asks for",
			"attributes": []any{map[string]any{"key": "package_name", "value": "openssl"}, map[string]any{"key": "package_version", "value": "3.0.1"}}},
		{"name": "CVE-2026-2", "severity": "UNDEFINED", "description": "a finding that the image's label local.findings asks for"},
	}
	if diff := cmp.Diff(want, got.Found.Basic); diff != "" || got.Status.Status != "COMPLETE" || got.Found.Enhanced != nil {
		t.Errorf("%+v\n%s", got.Status, diff)
	}
}

func TestAnEnhancedScan(t *testing.T) {
	for frequency, status := range map[string]string{"CONTINUOUS_SCAN": "ACTIVE", "SCAN_ON_PUSH": "COMPLETE"} {
		t.Run(frequency, func(t *testing.T) {
			w := pushed(t, vulnerable, enhanced(frequency, "shop"))
			if got := describe(t, w, ""); got.Status.Status != "PENDING" {
				t.Errorf("at the push: %+v", got)
			}
			w.Pass(time.Minute)
			got := describe(t, w, "")
			if got.Status.Status != status || got.Found.Basic != nil || len(got.Found.Enhanced) != 2 {
				t.Fatalf("%+v", got)
			}
			first := got.Found.Enhanced[0]
			details := map[string]any{"vulnerabilityId": "CVE-2026-1", "vulnerablePackages": []any{map[string]any{"name": "openssl", "version": "3.0.1", "fixedInVersion": "3.0.2"}}}
			if diff := cmp.Diff(details, first["packageVulnerabilityDetails"]); diff != "" || first["status"] != "ACTIVE" || first["fixAvailable"] != "YES" {
				t.Errorf("%+v\n%s", first, diff)
			}
			if diff := cmp.Diff(map[string]int{"CRITICAL": 1, "UNTRIAGED": 1}, got.Found.Counts); diff != "" {
				t.Error(diff)
			}
			wantEnhancedEvent(t, w)
		})
	}
}

func TestAnEnhancedScanThatIsCalledCompleteEarly(t *testing.T) {
	early := strings.Replace(vulnerable, `"1m"`, `"early:1m"`, 1)
	for frequency, status := range map[string]string{"CONTINUOUS_SCAN": "ACTIVE", "SCAN_ON_PUSH": "COMPLETE"} {
		t.Run(frequency, func(t *testing.T) {
			w := pushed(t, early, enhanced(frequency, "shop"))
			got := describe(t, w, "")
			if got.Status.Status != status || got.Found.Completed != 0 || got.Found.Counts != nil || got.Found.Basic == nil || len(got.Found.Basic)+len(got.Found.Enhanced) != 0 {
				t.Errorf("at the push: %+v", got)
			}
			w.Pass(time.Minute)
			if got = describe(t, w, ""); got.Status.Status != status || got.Found.Completed == 0 || len(got.Found.Enhanced) != 2 {
				t.Errorf("after its time: %+v", got)
			}
			wantEnhancedEvent(t, w)
		})
	}
	if got := describe(t, pushed(t, early), ""); got.Status.Status != "IN_PROGRESS" {
		t.Errorf("a basic scan: %+v", got)
	}
}

func wantEnhancedEvent(t *testing.T, w *ecrtest.World) {
	t.Helper()
	const arn = "arn:aws:ecr:eu-west-1:123456789012:repository/shop/web"
	events := w.Bus.Events("Inspector2 Scan")
	if len(events) != 1 || events[0].Source != "aws.inspector2" || !slices.Equal(events[0].Resources, []string{arn}) {
		t.Fatalf("events %+v", events)
	}
	var detail map[string]any
	if err := json.Unmarshal(events[0].Detail, &detail); err != nil {
		t.Fatal(err)
	}
	delete(detail, "image-digest")
	want := map[string]any{"scan-status": "INITIAL_SCAN_COMPLETE", "repository-name": arn, "image-tags": []any{"1"},
		"finding-severity-counts": map[string]any{"CRITICAL": 1.0, "UNTRIAGED": 1.0, "TOTAL": 2.0}}
	if diff := cmp.Diff(want, detail); diff != "" {
		t.Error(diff)
	}
	if basic := w.Bus.Events("ECR Image Scan"); len(basic) != 0 {
		t.Errorf("events of ECR: %+v", basic)
	}
}

func TestAScanThatComesToNothing(t *testing.T) {
	label := func(text string) string {
		return `{"os":"linux","architecture":"amd64","config":{"Labels":{` + text + `}}}`
	}
	for name, test := range map[string]struct {
		config, rules string
		want          string
		events        int
	}{
		"it fails":                                {label(`"local.scan":"fails"`), "", "FAILED", 1},
		"it hangs":                                {label(`"local.scan":"hangs"`), "", "IN_PROGRESS", 0},
		"an enhanced one hangs":                   {label(`"local.scan":"hangs"`), enhanced("CONTINUOUS_SCAN", "*"), "PENDING", 0},
		"an image of no system":                   {`{}`, "", "FAILED", 1},
		"an image of no system, to an enhanced":   {`{}`, enhanced("CONTINUOUS_SCAN", "*"), "UNSUPPORTED_IMAGE", 0},
		"a label that cannot be read says so":     {label(`"local.findings":"WORST"`), "", "FAILED", 1},
		"another label that cannot be read, too":  {label(`"local.scan":"soon"`), "", "FAILED", 1},
		"an enhanced scan that fails is no event": {label(`"local.scan":"fails"`), enhanced("SCAN_ON_PUSH", "*"), "FAILED", 0},
	} {
		t.Run(name, func(t *testing.T) {
			var before []string
			if test.rules != "" {
				before = append(before, test.rules)
			}
			w := pushed(t, test.config, before...)
			w.Pass(time.Hour)
			got := describe(t, w, "")
			events := len(w.Bus.Events("ECR Image Scan")) + len(w.Bus.Events("Inspector2 Scan"))
			if got.Status.Status != test.want || got.Status.Description == "" || events != test.events {
				t.Errorf("%+v, %d events", got.Status, events)
			}
		})
	}
}

func TestFindingsComeInPages(t *testing.T) {
	w := pushed(t, `{"os":"linux","architecture":"amd64","config":{"Labels":{"local.findings":"HIGH:5"}}}`)
	w.Pass(time.Minute)
	var names []string
	next := ""
	for range 5 {
		more := `,"maxResults":2`
		if next != "" {
			more += `,"nextToken":"` + next + `"`
		}
		got := describe(t, w, more)
		for _, f := range got.Found.Basic {
			names = append(names, f["name"].(string))
		}
		if next = got.Next; next == "" {
			break
		}
	}
	if diff := cmp.Diff([]string{"LOCAL-HIGH-1", "LOCAL-HIGH-2", "LOCAL-HIGH-3", "LOCAL-HIGH-4", "LOCAL-HIGH-5"}, names); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsScanned(t *testing.T) {
	const basicRule = `{"scanType":"BASIC","rules":[{"scanFrequency":"SCAN_ON_PUSH","repositoryFilters":[{"filter":"shop/*","filterType":"WILDCARD"}]}]}`
	for name, test := range map[string]struct {
		onPush, rules string
		want          string // the frequency
	}{
		"nothing is said":                              {"false", "", "MANUAL"},
		"the repository says so":                       {"true", "", "SCAN_ON_PUSH"},
		"the registry says so":                         {"false", basicRule, "SCAN_ON_PUSH"},
		"an enhanced registry does not ask it":         {"true", enhanced("SCAN_ON_PUSH", "other"), "MANUAL"},
		"an enhanced registry says so":                 {"false", enhanced("CONTINUOUS_SCAN", "shop"), "CONTINUOUS_SCAN"},
		"a filter without a star is a part of a name":  {"false", enhanced("SCAN_ON_PUSH", "web"), "SCAN_ON_PUSH"},
		"a filter with a star is the whole of a name":  {"false", enhanced("SCAN_ON_PUSH", "web*"), "MANUAL"},
		"of two rules the one that scans more decides": {"false", strings.Replace(enhanced("CONTINUOUS_SCAN", "shop"), `"rules":[`, `"rules":[{"scanFrequency":"SCAN_ON_PUSH","repositoryFilters":[{"filter":"*","filterType":"WILDCARD"}]},`, 1), "CONTINUOUS_SCAN"},
	} {
		t.Run(name, func(t *testing.T) {
			w := ecrtest.New(t)
			w.Must(t, "CreateRepository", `{`+repo+`}`, nil)
			w.Must(t, "PutImageScanningConfiguration", `{`+repo+`,"imageScanningConfiguration":{"scanOnPush":`+test.onPush+`}}`, nil)
			if test.rules != "" {
				w.Must(t, "PutRegistryScanningConfiguration", test.rules, nil)
			}
			var out struct {
				Found []struct {
					Name, Frequency string
					OnPush          bool `json:"scanOnPush"`
					ScanFrequency   string
				} `json:"scanningConfigurations"`
				Failures []map[string]string
			}
			w.Must(t, "BatchGetRepositoryScanningConfiguration", `{"repositoryNames":["shop/web","shop/none"]}`, &out)
			if len(out.Found) != 1 || out.Found[0].ScanFrequency != test.want || out.Found[0].OnPush != (test.want == "SCAN_ON_PUSH") || len(out.Failures) != 1 || out.Failures[0]["failureCode"] != "REPOSITORY_NOT_FOUND" {
				t.Errorf("%+v", out)
			}
			if err := put(w, image(t, w, linux), "1"); err != nil {
				t.Fatal(err)
			}
			err := w.Call("someone", "DescribeImageScanFindings", `{`+repo+`,"imageId":{"imageTag":"1"}}`, nil)
			if code := code(err); (test.want == "MANUAL") != (code == "ScanNotFoundException") {
				t.Errorf("the scan: %v", err)
			}
		})
	}
}

func TestWhatScanningRefuses(t *testing.T) {
	w := pushed(t, linux)
	for name, test := range map[string]struct{ operation, input, want string }{
		"a second scan in a day":        {"StartImageScan", `{` + repo + `,"imageId":{"imageTag":"1"}}`, "LimitExceededException"},
		"a kind of scan nobody knows":   {"PutRegistryScanningConfiguration", `{"scanType":"DEEP"}`, "InvalidParameterException"},
		"a basic scan that goes on":     {"PutRegistryScanningConfiguration", `{"scanType":"BASIC","rules":[{"scanFrequency":"CONTINUOUS_SCAN"}]}`, "InvalidParameterException"},
		"a filter of another kind":      {"PutRegistryScanningConfiguration", `{"rules":[{"scanFrequency":"SCAN_ON_PUSH","repositoryFilters":[{"filter":"x","filterType":"PREFIX_MATCH"}]}]}`, "InvalidParameterException"},
		"a filter that no name can fit": {"PutRegistryScanningConfiguration", `{"rules":[{"scanFrequency":"SCAN_ON_PUSH","repositoryFilters":[{"filter":"Shop","filterType":"WILDCARD"}]}]}`, "InvalidParameterException"},
		"the settings of a wrong name":  {"BatchGetRepositoryScanningConfiguration", `{"repositoryNames":["Shop"]}`, "InvalidParameterException"},
		"a page of nothing":             {"ListImages", `{` + repo + `,"maxResults":0}`, "InvalidParameterException"},
		"the settings of no repository": {"BatchGetRepositoryScanningConfiguration", `{"repositoryNames":[]}`, "InvalidParameterException"},
	} {
		if err := w.Call("someone", test.operation, test.input, nil); code(err) != test.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.Must(t, "PutRegistryScanningConfiguration", enhanced("SCAN_ON_PUSH", "*"), nil)
	if err := w.Call("someone", "StartImageScan", `{`+repo+`,"imageId":{"imageTag":"1"}}`, nil); code(err) != "ValidationException" {
		t.Errorf("by hand under enhanced scanning: %v", err)
	}
	var out struct {
		Scanning struct {
			Type string `json:"scanType"`
		} `json:"scanningConfiguration"`
	}
	if w.Must(t, "GetRegistryScanningConfiguration", `{}`, &out); out.Scanning.Type != "ENHANCED" {
		t.Errorf("%+v", out)
	}
}
