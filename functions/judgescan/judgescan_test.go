package judgescan_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"fairlead/functions/judgescan"
	"fairlead/shared/config"
	"fairlead/shared/edge/findings"
	"fairlead/shared/edge/handler"
	"fairlead/shared/fault"
	"fairlead/shared/gate/scan"
	"fairlead/shared/image"
	"fairlead/shared/permission/permissiontest"
)

const (
	one   = image.Digest("sha256:1111111111111111111111111111111111111111111111111111111111111111")
	other = image.Digest("sha256:2222222222222222222222222222222222222222222222222222222222222222")
)

var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

// registry has a status, or findings, for each image; an image that it does not know has no scan.
type registry struct {
	status   map[image.Digest]types.ScanStatus
	found    map[image.Digest]string // a CVE of the severity HIGH
	scans    bool                    // whether it scans by itself
	err      error
	settings int // how often it was asked for them
}

func (r *registry) DescribeImageScanFindings(_ context.Context, in *ecr.DescribeImageScanFindingsInput, _ ...func(*ecr.Options)) (*ecr.DescribeImageScanFindingsOutput, error) {
	digest := image.Digest(*in.ImageId.ImageDigest)
	status, scanned := r.status[digest]
	switch {
	case r.err != nil:
		return nil, r.err
	case *in.RepositoryName != "shop/web":
		return nil, &types.RepositoryNotFoundException{}
	case !scanned:
		return nil, &types.ScanNotFoundException{}
	}
	out := &ecr.DescribeImageScanFindingsOutput{ImageScanStatus: &types.ImageScanStatus{Status: status}, ImageScanFindings: &types.ImageScanFindings{ImageScanCompletedAt: &noon}}
	if cve := r.found[digest]; cve != "" {
		out.ImageScanFindings.Findings = []types.ImageScanFinding{{Name: &cve, Severity: types.FindingSeverityHigh}}
	}
	return out, nil
}

func (r *registry) BatchGetRepositoryScanningConfiguration(context.Context, *ecr.BatchGetRepositoryScanningConfigurationInput, ...func(*ecr.Options)) (*ecr.BatchGetRepositoryScanningConfigurationOutput, error) {
	r.settings++
	return &ecr.BatchGetRepositoryScanningConfigurationOutput{ScanningConfigurations: []types.RepositoryScanningConfiguration{{RepositoryName: aws.String("shop/web"), ScanOnPush: r.scans}}}, nil
}

// judge runs the step minutes after noon, on the images that may run.
func judge(r *registry, gate *scan.Policy, minute int, before string, runs ...image.Digest) (scan.Result, error) {
	step := judgescan.Step{
		Config: config.Config{Services: map[string]config.Service{"web": {Name: "web", Repository: "shop/web", Gates: config.Gates{Scan: gate}}}},
		Logger: slog.New(slog.DiscardHandler),
		Now:    func() time.Time { return noon.Add(time.Duration(minute) * time.Minute) },
		Look:   func(context.Context, config.Service, string) judgescan.Registry { return r },
	}
	list, _ := json.Marshal(runs)
	document := `{"service":"web","image":{"repository":"shop/web","tag":"v1","digest":"` + string(one) + `","runs":` + string(list) + `}` + before + `}`
	return step.Handle(context.Background(), handler.Request{State: handler.State{Name: "JudgeScan", EnteredTime: noon}, Document: json.RawMessage(document)})
}

func gate() *scan.Policy { p := scan.Default(); return &p }

func TestAnImageWithoutFindingsPasses(t *testing.T) {
	r := &registry{status: map[image.Digest]types.ScanStatus{one: types.ScanStatusComplete, other: types.ScanStatusActive}}
	got, err := judge(r, gate(), 0, "", one, other)
	want := scan.Result{Decision: scan.Passed, Reason: "gate scan: no finding of shop/web:v1 (" + string(one) + ") blocks it, of 0", Warnings: []string{}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil || r.settings != 0 {
		t.Errorf("%v, asked for settings %d times\n%s", err, r.settings, diff)
	}
}

func TestAScanThatIsUnderWayIsAwaited(t *testing.T) {
	r := &registry{scans: true, status: map[image.Digest]types.ScanStatus{one: types.ScanStatusComplete}}
	got, err := judge(r, gate(), 1, "", one, other)
	want := scan.Result{Decision: scan.Pending, Reason: "gate scan: the scan of shop/web@" + string(other) + " of v1 has not begun", Image: other,
		Since: noon.Add(time.Minute), Until: noon.Add(16 * time.Minute), Warnings: []string{}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Fatalf("%v\n%s", err, diff)
	}
	raw, _ := json.Marshal(got)
	again, err := judge(r, gate(), 15, `,"scan":`+string(raw), one, other)
	if diff := cmp.Diff(got, again); diff != "" || err != nil {
		t.Errorf("later: %v\n%s", err, diff)
	}
	_, err = judge(r, gate(), 16, `,"scan":`+string(raw), one, other)
	if f := fault.From(err); f == nil || f.Code != fault.ImageNotScanned || !strings.Contains(f.Message, "of v1 did not end within 15m0s of 2026-11-28T12:01:00Z; it is not begun") {
		t.Errorf("when its time is over: %v", err)
	}
}

func TestWhatIsNotLetPass(t *testing.T) {
	complete := map[image.Digest]types.ScanStatus{one: types.ScanStatusComplete, other: types.ScanStatusComplete}
	for name, test := range map[string]struct {
		registry registry
		want     fault.Code
		says     string
	}{
		"a finding": {registry{status: complete, found: map[image.Digest]string{one: "CVE-1"}}, fault.ImageVulnerable, "CVE-1 (HIGH)"},
		"a finding of the second image that may run":  {registry{status: complete, found: map[image.Digest]string{other: "CVE-1"}}, fault.ImageVulnerable, "shop/web@" + string(other) + " of v1 has 1 finding"},
		"a finding, though another scan is under way": {registry{status: map[image.Digest]types.ScanStatus{one: types.ScanStatusInProgress, other: types.ScanStatusComplete}, found: map[image.Digest]string{other: "CVE-1"}}, fault.ImageVulnerable, "CVE-1"},
		"a repository that nothing scans":             {registry{}, fault.RepositoryUnscanned, "nothing scans the images"},
		"findings that may not be read":               {registry{err: &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "not authorized to perform: ecr:DescribeImageScanFindings"}}, fault.PermissionDenied, "read what the scan of image"},
		"findings that cannot be read":                {registry{err: &types.ServerException{}}, fault.AWSUnavailable, "read what"},
		"an image that was deleted":                   {registry{err: &types.ImageNotFoundException{}}, fault.ImageNotFound, "the image was deleted"},
		"a repository that is gone":                   {registry{err: &types.RepositoryNotFoundException{}}, fault.AWSRefused, "read what"},
		"a status of another time":                    {registry{status: map[image.Digest]types.ScanStatus{one: "DREAMING"}}, fault.AWSRefused, "DREAMING"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := judge(&test.registry, gate(), 0, "", one, other)
			if f := fault.From(err); f == nil || f.Code != test.want || f.Fix == "" || !strings.Contains(f.Message, test.says) {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

func TestAGateThatWasTurnedOffMeanwhile(t *testing.T) {
	if got, err := judge(&registry{err: &types.ServerException{}}, nil, 0, "", one); err != nil || got.Decision != scan.Passed {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestADocumentWithoutAnImageIsRefused(t *testing.T) {
	if _, err := judge(&registry{}, gate(), 0, ""); fault.From(err).Code != fault.InputInvalid {
		t.Error(err)
	}
}

// TestResultHoldsEveryField holds the workflow's ResultSelector possible: it fails on a field that is not there.
func TestResultHoldsEveryField(t *testing.T) {
	raw, err := json.Marshal(scan.Result{Warnings: []string{}})
	const want = `{"decision":"","reason":"","image":"","since":"0001-01-01T00:00:00Z","until":"0001-01-01T00:00:00Z","warnings":[]}`
	if diff := cmp.Diff(want, string(raw)); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestPolicy(t *testing.T) {
	permissiontest.Check(t, judgescan.Policy(), permissiontest.Ports{Look: []any{(*findings.API)(nil), (*findings.Settings)(nil)}})
}
