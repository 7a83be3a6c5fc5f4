package wakeexecution_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"

	"fairlead/shared/edge/ledger"
)

const (
	scanned = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
	another = "sha256:2222222222222222222222222222222222222222222222222222222222222222"
)

// DescribeImageScanFindings is ECR: what is not among the scans was not scanned.
func (s *scene) DescribeImageScanFindings(_ context.Context, in *ecr.DescribeImageScanFindingsInput, _ ...func(*ecr.Options)) (*ecr.DescribeImageScanFindingsOutput, error) {
	s.looked = append(s.looked, *in.RepositoryName+"@"+*in.ImageId.ImageDigest)
	status, ok := s.scans[*in.ImageId.ImageDigest]
	if !ok {
		return nil, &ecrtypes.ScanNotFoundException{}
	}
	return &ecr.DescribeImageScanFindingsOutput{ImageScanStatus: &ecrtypes.ImageScanStatus{Status: status},
		ImageScanFindings: &ecrtypes.ImageScanFindings{ImageScanCompletedAt: &noon}}, nil
}

// await parks the token of an execution that waits for a scan.
func (s *scene) await(t *testing.T, execution, image string) {
	t.Helper()
	token := ledger.Token{Service: "web", Execution: execution, State: "AwaitScan", Token: "token of " + execution, Image: image, Expires: noon.Add(24 * time.Hour)}
	if _, err := s.tokens.StoreToken(t.Context(), token); err != nil {
		t.Fatal(err)
	}
}

func basicScan(repository, image string) string {
	return `{"source":"aws.ecr","detail-type":"ECR Image Scan","detail":{"scan-status":"COMPLETE","repository-name":"` + repository + `","image-digest":"` + image + `","image-tags":[]}}`
}

func enhancedScan(repository string) string {
	return `{"source":"aws.inspector2","detail-type":"Inspector2 Scan","detail":{"scan-status":"INITIAL_SCAN_COMPLETE","repository-name":"arn:aws:ecr:eu-west-1:123456789012:repository/` + repository + `","image-digest":"` + scanned + `"}}`
}

func TestHandleReleasesWhatWaitsForAScan(t *testing.T) {
	for name, test := range map[string]struct {
		event string
		want  []string
	}{
		"a basic scan has ended":                    {basicScan("shop/web", scanned), []string{"token of run"}},
		"an enhanced scan has ended":                {enhancedScan("shop/web"), []string{"token of run"}},
		"the event names no image":                  {basicScan("shop/web", ""), []string{"token of run"}},
		"but not at the scan of another image":      {basicScan("shop/web", another), nil},
		"but not at one of a foreign repository":    {basicScan("foreign/web", scanned), nil},
		"but not of one whose name ends like ours":  {enhancedScan("repository/shop/web"), nil},
		"but not of a service whose gate is off":    {basicScan("shop/other", scanned), nil},
		"but not at an event that names none":       {basicScan("", scanned), nil},
		"but not at a deployment of the service":    {deployment(completed, "prod/web"), nil},
		"but not at what somebody else says of ECR": {`{"source":"mallory","detail-type":"ECR Image Scan","detail":{"repository-name":"shop/web"}}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene()
			s.scans = map[string]ecrtypes.ScanStatus{scanned: ecrtypes.ScanStatusComplete, another: ecrtypes.ScanStatusComplete}
			s.await(t, "run", scanned)
			if _, err := s.handle(t, test.event); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, s.returned); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestHandleDoesNotTrustTheEventOfAScan(t *testing.T) {
	s := newScene()
	s.scans = map[string]ecrtypes.ScanStatus{scanned: ecrtypes.ScanStatusInProgress}
	s.await(t, "run", scanned)
	s.onWait = func(times int) {
		if times == 3 {
			s.scans[scanned] = ecrtypes.ScanStatusActive
		}
	}
	if _, err := s.handle(t, enhancedScan("shop/web")); err != nil || len(s.returned) != 1 || s.waited != 3 {
		t.Errorf("returned %v after %d waits, %v", s.returned, s.waited, err)
	}
	s = newScene()
	s.await(t, "run", scanned)
	if got, err := s.handle(t, enhancedScan("shop/web")); err != nil || len(s.returned) != 0 || got.Waiting != 1 {
		t.Errorf("what was not scanned: %+v, %v, returned %v", got, err, s.returned)
	}
}

func TestTheEndOfAScanReleasesNoRollout(t *testing.T) {
	s := newScene()
	s.scans = map[string]ecrtypes.ScanStatus{scanned: ecrtypes.ScanStatusComplete}
	s.ecs.Deploy("42", ours, types.ServiceDeploymentStatusSuccessful, noon)
	s.park(t, "rollout", ours)
	s.await(t, "scan", scanned)
	if _, err := s.handle(t, basicScan("shop/web", scanned)); err != nil || len(s.ecs.Calls()) != 0 {
		t.Errorf("%v, calls of ECS %v", err, s.ecs.Calls())
	}
	if diff := cmp.Diff([]string{"token of scan"}, s.returned); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"shop/web@" + scanned}, s.looked); diff != "" {
		t.Error(diff)
	}
}
