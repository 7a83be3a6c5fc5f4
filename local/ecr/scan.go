package ecr

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"fairlead/local/world"
)

// FindingsLabel is the label of an image that says what a scan finds in it: "HIGH:1,MEDIUM:4". Without it a scan finds
// nothing.
const FindingsLabel = "local.findings"

// scanTime is how long a basic scan takes.
const scanTime = 5 * time.Second

// The states of a basic scan.
const (
	scanRunning  = "IN_PROGRESS"
	scanComplete = "COMPLETE"
	scanFailed   = "FAILED"
)

func severities() []string {
	return []string{"CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNDEFINED"}
}

// Scan is a basic scan of an image.
type Scan struct {
	Status      string         `json:"status"`
	Description string         `json:"description"`
	CompletedAt time.Time      `json:"completedAt"`
	Counts      map[string]int `json:"counts"` // by severity
}

// scanDue is on the agenda for the time when a scan is finished.
type scanDue struct {
	Repository string `json:"repository"`
	Digest     string `json:"digest"`
}

// scannable tells whether a basic scan knows what to do with the image: an index it does not.
func (i *Image) scannable() bool {
	return i.ArtifactType == ociConfig || i.ArtifactType == dockerConfig
}

func (s *Service) beginScan(r *Repository, image *Image) {
	image.Scan = &Scan{Status: scanRunning, Description: "The scan is in progress."}
	s.w.After(scanTime, s.Name(), scanDue{r.Name, image.Digest})
}

func (s *Service) finishScan(due scanDue) {
	repository := s.state.Repositories[due.Repository]
	if repository == nil || repository.Images[due.Digest] == nil {
		return
	}
	image := repository.Images[due.Digest]
	if image.Scan == nil || image.Scan.Status != scanRunning {
		return
	}
	image.Scan = image.scanned(s.w.Now().Truncate(time.Millisecond))
	s.publish("ECR Image Scan", []string{s.arn(repository.Name)}, scanEvent{Status: image.Scan.Status, Repository: repository.Name,
		Counts: image.Scan.Counts, Digest: image.Digest, Tags: append([]string{}, image.Tags...)})
}

// scanEvent is the detail of an "ECR Image Scan" event.
type scanEvent struct {
	Status     string         `json:"scan-status"`
	Repository string         `json:"repository-name"`
	Counts     map[string]int `json:"finding-severity-counts,omitempty"`
	Digest     string         `json:"image-digest"`
	Tags       []string       `json:"image-tags"`
}

// scanned is what a scan of the image finds.
func (i *Image) scanned(now time.Time) *Scan {
	if !i.Platform.runnable() {
		return &Scan{Status: scanFailed,
			Description: "UnsupportedImageError: The operating system and/or package manager are not supported."}
	}
	counts, err := parseFindings(i.Labels[FindingsLabel])
	if err != nil {
		return &Scan{Status: scanFailed, Description: err.Error()}
	}
	return &Scan{Status: scanComplete, Description: "The scan was completed successfully.", CompletedAt: now, Counts: counts}
}

// parseFindings reads "HIGH:1,MEDIUM:4".
func parseFindings(label string) (map[string]int, error) {
	counts := map[string]int{}
	if label == "" {
		return counts, nil
	}
	for part := range strings.SplitSeq(label, ",") {
		severity, number, _ := strings.Cut(strings.TrimSpace(part), ":")
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 || n > 1000 || !slices.Contains(severities(), severity) {
			return nil, fmt.Errorf("the label %s of the image is %q: it must be like HIGH:1,MEDIUM:4, of %v", FindingsLabel, label, severities())
		}
		counts[severity] += n
	}
	return counts, nil
}

type scanStatus struct {
	Status      string `json:"status"`
	Description string `json:"description"`
}

type findings struct {
	CompletedAt     *world.Epoch   `json:"imageScanCompletedAt,omitempty"`
	SourceUpdatedAt *world.Epoch   `json:"vulnerabilitySourceUpdatedAt,omitempty"`
	Counts          map[string]int `json:"findingSeverityCounts"`
	Findings        []finding      `json:"findings,omitempty"`
}

type finding struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Severity    string `json:"severity"`
}

func (s *Scan) status() *scanStatus { return &scanStatus{s.Status, s.Description} }

// summary is nil while no scan has completed.
func (s *Scan) summary() *findings {
	if s.Status != scanComplete {
		return nil
	}
	return &findings{CompletedAt: world.EpochOf(s.CompletedAt),
		SourceUpdatedAt: world.EpochOf(s.CompletedAt.Truncate(24 * time.Hour)), Counts: s.Counts}
}

// findings are made up one by one from the counts, worst first.
func (s *Scan) findings() []finding {
	list := []finding{}
	for _, severity := range severities() {
		for n := range s.Counts[severity] {
			list = append(list, finding{Name: fmt.Sprintf("LOCAL-%s-%d", severity, n+1), Severity: severity,
				Description: "a finding that the image's label " + FindingsLabel + " asks for"})
		}
	}
	return list
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

func (s *Service) startImageScan(c *world.Call, in scanInput) (scanOutput, error) {
	repository, image, err := s.enterImage(c, "ecr:StartImageScan", in)
	if err != nil {
		return scanOutput{}, err
	}
	if !image.scannable() {
		return scanOutput{}, world.Errorf("UnsupportedImageTypeException", "The image of type %s cannot be scanned", image.MediaType)
	}
	if image.Scan != nil && s.w.Now().Sub(image.Scan.CompletedAt) < 24*time.Hour {
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
	if out.Findings != nil {
		out.Findings.Findings, out.NextToken, err = in.cutFindings(image.Scan.findings())
	}
	return out, err
}

// cutFindings returns a page of the findings; the position in the list is their sort key.
func (p page) cutFindings(all []finding) ([]finding, string, error) {
	keys := make([]string, len(all))
	for i := range all {
		keys[i] = fmt.Sprintf("%06d", i)
	}
	cut, next, err := p.cut(keys)
	if err != nil || len(cut) == 0 {
		return []finding{}, next, err
	}
	first, _ := slices.BinarySearch(keys, cut[0])
	return all[first : first+len(cut)], next, nil
}

func (s *Service) enterImage(c *world.Call, action string, in scanInput) (*Repository, *Image, error) {
	repository, err := s.enter(c, action, in.target)
	if err != nil {
		return nil, nil, err
	}
	image, err := s.named(repository, in.ID)
	return repository, image, err
}
