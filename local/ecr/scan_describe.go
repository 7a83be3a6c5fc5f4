package ecr

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"fairlead/local/world"
)

type scanStatus struct {
	Status      string `json:"status"`
	Description string `json:"description"`
}

// findings is what DescribeImageScanFindings shows of a scan that has ended, and, without the lists, DescribeImages.
type findings struct {
	CompletedAt     *world.Epoch      `json:"imageScanCompletedAt,omitempty"`
	SourceUpdatedAt *world.Epoch      `json:"vulnerabilitySourceUpdatedAt,omitempty"`
	Counts          map[string]int    `json:"findingSeverityCounts,omitzero"`
	Findings        []basicFinding    `json:"findings,omitzero"`
	Enhanced        []enhancedFinding `json:"enhancedFindings,omitempty"`
}

// basicFinding is https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageScanFinding.html
type basicFinding struct {
	Name        string      `json:"name"`
	Description string      `json:"description"`
	Severity    string      `json:"severity"`
	Attributes  []attribute `json:"attributes,omitempty"`
}

type attribute struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// enhancedFinding is https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_EnhancedImageScanFinding.html
type enhancedFinding struct {
	Account     string               `json:"awsAccountId"`
	Description string               `json:"description"`
	ARN         string               `json:"findingArn"`
	First       *world.Epoch         `json:"firstObservedAt"`
	Last        *world.Epoch         `json:"lastObservedAt"`
	Updated     *world.Epoch         `json:"updatedAt"`
	Severity    string               `json:"severity"`
	Status      string               `json:"status"`
	Title       string               `json:"title"`
	Type        string               `json:"type"`
	Fix         string               `json:"fixAvailable"`
	Details     vulnerabilityDetails `json:"packageVulnerabilityDetails"`
}

type vulnerabilityDetails struct {
	ID       string              `json:"vulnerabilityId"`
	Packages []vulnerablePackage `json:"vulnerablePackages"`
}

type vulnerablePackage struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	Fixed   string `json:"fixedInVersion,omitempty"`
}

const labelSays = "a finding that the image's label " + FindingsLabel + " asks for"

func (f Finding) basic() basicFinding {
	b := basicFinding{Name: f.Name, Severity: f.severity(false), Description: labelSays}
	if f.Package != "" {
		b.Attributes = []attribute{{"package_name", f.Package}, {"package_version", f.Version}}
	}
	return b
}

func (s *Service) enhanced(f Finding, image *Image) enhancedFinding {
	seen := world.EpochOf(image.Scan.CompletedAt)
	e := enhancedFinding{Account: s.w.Account, Description: labelSays, ARN: s.w.ARN("inspector2", "finding/"+image.Digest[7:23]+"-"+f.Name),
		First: seen, Last: seen, Updated: seen, Severity: f.severity(true), Status: "ACTIVE", Title: f.Name, Type: "PACKAGE_VULNERABILITY", Fix: "NO",
		Details: vulnerabilityDetails{ID: f.Name, Packages: []vulnerablePackage{}}}
	if f.Package != "" {
		e.Title += " - " + f.Package
		e.Details.Packages = append(e.Details.Packages, vulnerablePackage{f.Package, f.Version, f.Fixed})
	}
	if f.Fixed != "" {
		e.Fix = "YES"
	}
	return e
}

func (s *Scan) status() *scanStatus { return &scanStatus{s.Status, s.Description} }

// summary is nil while no scan has completed.
func (s *Scan) summary() *findings {
	if !s.ended() || s.under() {
		return nil
	}
	return &findings{CompletedAt: world.EpochOf(s.CompletedAt),
		SourceUpdatedAt: world.EpochOf(s.CompletedAt.Truncate(24 * time.Hour)), Counts: s.counts()}
}

type scanInput struct {
	target
	page
	ID imageID `json:"imageId"`
}

type scanOutput struct {
	target
	ID        imageID     `json:"imageId"`
	Status    *scanStatus `json:"imageScanStatus"`
	Findings  *findings   `json:"imageScanFindings,omitempty"`
	NextToken string      `json:"nextToken,omitempty"`
}

// startImageScan is for basic scanning alone, and once a day for each image.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_StartImageScan.html
func (s *Service) startImageScan(c *world.Call, in scanInput) (scanOutput, error) {
	repository, image, err := s.enterImage(c, "ecr:StartImageScan", in)
	if err != nil {
		return scanOutput{}, err
	}
	if s.state.Scanning.enhanced() {
		return scanOutput{}, world.Errorf("ValidationException", "This feature is disabled")
	}
	if !image.scannable() {
		return scanOutput{}, world.Errorf("UnsupportedImageTypeException", "An artifact with media type '%s' cannot be scanned. For more information, see the Amazon ECR documentation.", image.MediaType)
	}
	if scan := image.Scan; scan != nil && (scan.under() || s.w.Now().Sub(scan.CompletedAt) < 24*time.Hour) {
		return scanOutput{}, world.Errorf("LimitExceededException", "The scan quota per image has been exceeded. Wait and try again.")
	}
	s.beginScan(repository, image)
	return scanOutput{target: s.here(repository), ID: imageID{image.Digest, in.ID.Tag}, Status: image.Scan.status()}, nil
}

func (s *Service) describeImageScanFindings(c *world.Call, in scanInput) (scanOutput, error) {
	repository, image, err := s.enterImage(c, "ecr:DescribeImageScanFindings", in)
	if err != nil {
		return scanOutput{}, err
	}
	if image.Scan == nil {
		return scanOutput{}, world.Errorf("ScanNotFoundException", "Image scan does not exist for the image with '%s' in the "+
			"repository with name '%s' in the registry with id '%s'", in.ID, repository.Name, s.w.Account)
	}
	out := scanOutput{target: s.here(repository), ID: imageID{image.Digest, in.ID.Tag},
		Status: image.Scan.status(), Findings: image.Scan.summary()}
	if out.Findings == nil {
		if image.Scan.ended() { // is what it is called, though it has not
			out.Findings = &findings{Findings: []basicFinding{}}
		}
		return out, nil
	}
	shown, next, err := in.cutFindings(image.Scan.Findings)
	out.NextToken = next
	for _, f := range shown {
		if image.Scan.Enhanced {
			out.Findings.Enhanced = append(out.Findings.Enhanced, s.enhanced(f, image))
			continue
		}
		out.Findings.Findings = append(out.Findings.Findings, f.basic())
	}
	return out, err
}

// cutFindings returns a page of the findings; the position in the list is their sort key.
func (p page) cutFindings(all []Finding) ([]Finding, string, error) {
	keys := make([]string, len(all))
	for i := range all {
		keys[i] = fmt.Sprintf("%06d", i)
	}
	cut, next, err := p.cut(keys)
	if err != nil || len(cut) == 0 {
		return nil, next, err
	}
	first, _ := slices.BinarySearchFunc(keys, cut[0], strings.Compare)
	return all[first : first+len(cut)], next, nil
}
