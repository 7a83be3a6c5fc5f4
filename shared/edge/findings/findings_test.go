package findings_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"fairlead/shared/edge/findings"
	"fairlead/shared/fault"
	"fairlead/shared/gate/scan"
	"fairlead/shared/image"
)

var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

const digest = image.Digest("sha256:0000000000000000000000000000000000000000000000000000000000000000")

// registry answers with one page after the other, or with an error.
type registry struct {
	pages []*ecr.DescribeImageScanFindingsOutput
	err   error
	asked []string
}

func (r *registry) DescribeImageScanFindings(_ context.Context, in *ecr.DescribeImageScanFindingsInput, _ ...func(*ecr.Options)) (*ecr.DescribeImageScanFindingsOutput, error) {
	r.asked = append(r.asked, fmt.Sprint(*in.RepositoryName, *in.ImageId.ImageDigest, *in.MaxResults, aws.ToString(in.NextToken)))
	if r.err != nil {
		return nil, r.err
	}
	page := r.pages[0]
	if len(r.pages) > 1 {
		r.pages = r.pages[1:]
	}
	return page, nil
}

type settings struct {
	out *ecr.BatchGetRepositoryScanningConfigurationOutput
	err error
}

func (s settings) BatchGetRepositoryScanningConfiguration(context.Context, *ecr.BatchGetRepositoryScanningConfigurationInput, ...func(*ecr.Options)) (*ecr.BatchGetRepositoryScanningConfigurationOutput, error) {
	return s.out, s.err
}

func page(status types.ScanStatus, next string, findings *types.ImageScanFindings) *ecr.DescribeImageScanFindingsOutput {
	out := &ecr.DescribeImageScanFindingsOutput{ImageScanStatus: &types.ImageScanStatus{Status: status, Description: aws.String("As it is.")}, ImageScanFindings: findings}
	if next != "" {
		out.NextToken = &next
	}
	return out
}

func TestBothShapesAreRead(t *testing.T) {
	attribute := func(key, value string) types.Attribute { return types.Attribute{Key: &key, Value: &value} }
	r := &registry{pages: []*ecr.DescribeImageScanFindingsOutput{
		page(types.ScanStatusComplete, "more", &types.ImageScanFindings{ImageScanCompletedAt: &noon, Findings: []types.ImageScanFinding{{Name: aws.String("CVE-1"), Severity: types.FindingSeverityHigh,
			Attributes: []types.Attribute{attribute("package_name", "openssl"), attribute("package_version", "1.0"), attribute("CVSS2_SCORE", "5")}}}}),
		page(types.ScanStatusComplete, "", &types.ImageScanFindings{ImageScanCompletedAt: &noon, EnhancedFindings: []types.EnhancedImageScanFinding{
			{Title: aws.String("CVE-2 - zlib"), Severity: aws.String("UNTRIAGED"), Status: aws.String("SUPPRESSED"), PackageVulnerabilityDetails: &types.PackageVulnerabilityDetails{
				VulnerabilityId: aws.String("CVE-2"), VulnerablePackages: []types.VulnerablePackage{
					{Name: aws.String("zlib"), Version: aws.String("1"), FixedInVersion: aws.String("2")}, {Name: aws.String("zlib1g"), Version: aws.String("1"), FixedInVersion: aws.String("NotAvailable")}}}},
			{Title: aws.String("a secret in a file"), Severity: aws.String("LOW")},
		}}),
	}}
	got, err := findings.Read(t.Context(), r, "shop/web", digest)
	want := scan.Report{Status: "COMPLETE", Description: "As it is.", CompletedAt: noon, Findings: []scan.Finding{
		{ID: "CVE-1", Severity: "HIGH", Package: "openssl 1.0"},
		{ID: "CVE-2", Severity: "UNTRIAGED", Package: "zlib 1, zlib1g 1", Fixed: "2", State: "SUPPRESSED"},
		{ID: "a secret in a file", Severity: "LOW"},
	}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	if diff := cmp.Diff([]string{"shop/web" + string(digest) + "1000", "shop/web" + string(digest) + "1000more"}, r.asked); diff != "" {
		t.Error(diff)
	}
}

func TestWhatCannotBeRead(t *testing.T) {
	endless := page(types.ScanStatusComplete, "more", nil)
	for name, test := range map[string]struct {
		registry registry
		want     fault.Code
	}{
		"a deleted image":             {registry{err: &types.ImageNotFoundException{}}, fault.ImageNotFound},
		"a denial":                    {registry{err: &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}}, fault.PermissionDenied},
		"AWS down":                    {registry{err: &types.ServerException{}}, fault.AWSUnavailable},
		"more findings than are read": {registry{pages: []*ecr.DescribeImageScanFindingsOutput{endless}}, fault.ImageVulnerable},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := findings.Read(t.Context(), &test.registry, "shop/web", digest)
			if f := fault.From(err); f == nil || f.Code != test.want {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

func TestAScanThatIsNotThere(t *testing.T) {
	r := &registry{err: &types.ScanNotFoundException{}}
	if got, err := findings.Read(t.Context(), r, "shop/web", digest); err != nil || got.Status != "" {
		t.Errorf("%+v, %v", got, err)
	}
	if under, err := findings.Under(t.Context(), r, "shop/web", digest); err != nil || !under {
		t.Errorf("it may begin: %v, %v", under, err)
	}
}

func TestUnder(t *testing.T) {
	ended := &types.ImageScanFindings{ImageScanCompletedAt: &noon}
	for name, test := range map[string]struct {
		page *ecr.DescribeImageScanFindingsOutput
		want bool
	}{
		"in progress":                  {page(types.ScanStatusInProgress, "more", nil), true},
		"pending":                      {page(types.ScanStatusPending, "", nil), true},
		"failed":                       {page(types.ScanStatusFailed, "", nil), false},
		"complete":                     {page(types.ScanStatusComplete, "more", ended), false},
		"active":                       {page(types.ScanStatusActive, "more", ended), false},
		"complete, but none has ended": {page(types.ScanStatusComplete, "", &types.ImageScanFindings{}), true},
		"active, but none has ended":   {page(types.ScanStatusActive, "", nil), true},
	} {
		if got, err := findings.Under(t.Context(), &registry{pages: []*ecr.DescribeImageScanFindingsOutput{test.page}}, "shop/web", digest); err != nil || got != test.want {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if under, err := findings.Under(t.Context(), &registry{err: &smithy.GenericAPIError{Code: "AccessDeniedException"}}, "shop/web", digest); under || err == nil {
		t.Error("a denial is no scan under way")
	}
}

func TestConfigured(t *testing.T) {
	one := func(c types.RepositoryScanningConfiguration) settings {
		return settings{out: &ecr.BatchGetRepositoryScanningConfigurationOutput{ScanningConfigurations: []types.RepositoryScanningConfiguration{c}}}
	}
	for name, test := range map[string]struct {
		settings settings
		want     bool
		fails    bool
	}{
		"scan on push":       {one(types.RepositoryScanningConfiguration{ScanOnPush: true}), true, false},
		"a continuous scan":  {one(types.RepositoryScanningConfiguration{ScanFrequency: types.ScanFrequencyContinuousScan}), true, false},
		"by hand alone":      {one(types.RepositoryScanningConfiguration{ScanFrequency: types.ScanFrequencyManual}), false, false},
		"nothing is told":    {settings{out: &ecr.BatchGetRepositoryScanningConfigurationOutput{}}, false, true},
		"a denial is no yes": {settings{err: &smithy.GenericAPIError{Code: "AccessDeniedException"}}, false, true},
	} {
		if got, err := findings.Configured(t.Context(), test.settings, "shop/web"); got != test.want || (err != nil) != test.fails {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}
