// Package findings reads from ECR what scan.Judge judges: where the scan of an image stands, and what it has found.
//
// Basic and enhanced scanning answer the same call in two shapes; both come as scan.Report.
package findings

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"fairlead/shared/fault"
	"fairlead/shared/gate/scan"
	"fairlead/shared/image"
	"fairlead/shared/permission"
)

// API is what a look calls, with the SDK's signature.
type API interface {
	DescribeImageScanFindings(context.Context, *ecr.DescribeImageScanFindingsInput, ...func(*ecr.Options)) (*ecr.DescribeImageScanFindingsOutput, error)
}

// Settings is what tells whether a repository is scanned at all.
type Settings interface {
	BatchGetRepositoryScanningConfiguration(context.Context, *ecr.BatchGetRepositoryScanningConfigurationInput, ...func(*ecr.Options)) (*ecr.BatchGetRepositoryScanningConfigurationOutput, error)
}

// Bounds of a report. An image with more findings than this is not judged: what was not read may be the worst.
const (
	pageSize = 1000 // https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImageScanFindings.html
	maxPages = 20
)

// Read reads the whole report of an image. One that was not scanned is a Report without a Status. Errors are faults.
func Read(ctx context.Context, api API, repository string, digest image.Digest) (scan.Report, error) {
	in := &ecr.DescribeImageScanFindingsInput{RepositoryName: aws.String(repository), MaxResults: aws.Int32(pageSize),
		ImageId: &types.ImageIdentifier{ImageDigest: aws.String(string(digest))}}
	var report scan.Report
	for range maxPages {
		page, err := api.DescribeImageScanFindings(ctx, in)
		var none *types.ScanNotFoundException
		switch {
		case errors.As(err, &none):
			return scan.Report{}, nil
		case err != nil:
			return scan.Report{}, unread(repository, digest, err)
		}
		add(&report, page)
		if in.NextToken = page.NextToken; aws.ToString(in.NextToken) == "" {
			return report, nil
		}
	}
	return scan.Report{}, fault.New(fault.ImageVulnerable, "build the image from less and push it under a new tag",
		"gate scan: image %s@%s has more than %d findings", repository, digest, maxPages*pageSize)
}

// Under says whether the scan of an image is under way, or has not begun; one page tells that.
func Under(ctx context.Context, api API, repository string, digest image.Digest) (bool, error) {
	page, err := api.DescribeImageScanFindings(ctx, &ecr.DescribeImageScanFindingsInput{RepositoryName: aws.String(repository),
		MaxResults: aws.Int32(1), ImageId: &types.ImageIdentifier{ImageDigest: aws.String(string(digest))}})
	var none *types.ScanNotFoundException
	switch {
	case errors.As(err, &none):
		return true, nil
	case err != nil:
		return false, unread(repository, digest, err)
	}
	var report scan.Report
	add(&report, page)
	return report.Under(), nil
}

// Configured says whether the images of a repository are scanned by themselves.
func Configured(ctx context.Context, api Settings, repository string) (bool, error) {
	doing := "read how repository " + repository + " is scanned"
	reply, err := api.BatchGetRepositoryScanningConfiguration(ctx, &ecr.BatchGetRepositoryScanningConfigurationInput{RepositoryNames: []string{repository}})
	switch {
	case err != nil:
		return false, fault.FromAWS(doing, err)
	case len(reply.ScanningConfigurations) == 0:
		return false, fault.New(fault.AWSUnavailable, fault.Later, "%s: ECR returned nothing", doing)
	}
	found := reply.ScanningConfigurations[0]
	return found.ScanOnPush || found.ScanFrequency == types.ScanFrequencyScanOnPush || found.ScanFrequency == types.ScanFrequencyContinuousScan, nil
}

// unread is the fault of findings that could not be read.
func unread(repository string, digest image.Digest, err error) error {
	doing := fmt.Sprintf("read what the scan of image %s@%s has found", repository, digest)
	if _, absent := errors.AsType[*types.ImageNotFoundException](err); absent {
		return fault.New(fault.ImageNotFound, "push the image again under a new tag, which starts a deployment", "%s: the image was deleted", doing)
	}
	return fault.FromAWS(doing, err)
}

// add takes a page into the report.
func add(report *scan.Report, page *ecr.DescribeImageScanFindingsOutput) {
	if s := page.ImageScanStatus; s != nil {
		report.Status, report.Description = string(s.Status), aws.ToString(s.Description)
	}
	if page.ImageScanFindings == nil {
		return
	}
	report.CompletedAt = aws.ToTime(page.ImageScanFindings.ImageScanCompletedAt)
	for _, f := range page.ImageScanFindings.Findings {
		report.Findings = append(report.Findings, basic(f))
	}
	for _, f := range page.ImageScanFindings.EnhancedFindings {
		report.Findings = append(report.Findings, enhanced(f))
	}
}

// Permissions are the statements that a look runs under, as part of the service's look role: none for a service whose gate is
// off.
func Permissions(t permission.Target) []permission.Statement {
	if !t.ScanGate {
		return nil
	}
	return []permission.Statement{{
		Sid: "ReadScan", Actions: []string{"ecr:DescribeImageScanFindings"}, Resources: []string{t.RepositoryARN()},
		Why: "where the scan of the image stands, and what it has found",
	}}
}

// SettingsPermissions are those for [Configured].
func SettingsPermissions(t permission.Target) []permission.Statement {
	if !t.ScanGate {
		return nil
	}
	return []permission.Statement{{
		Sid: "ReadScanSettings", Actions: []string{"ecr:BatchGetRepositoryScanningConfiguration"}, Resources: []string{t.RepositoryARN()},
		Why: "whether an image without a scan will get one",
	}}
}
