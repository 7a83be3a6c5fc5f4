package ecr

import (
	"strings"
	"time"

	"fairlead/local/world"
)

// scanTime is how long a scan takes where the image does not say.
const scanTime = 2 * time.Second

// The states of a scan that occur here.
const (
	scanRunning     = "IN_PROGRESS" // of a basic scan
	scanPending     = "PENDING"     // of an enhanced scan, until it has looked once
	scanComplete    = "COMPLETE"
	scanActive      = "ACTIVE" // of an enhanced scan that goes on
	scanFailed      = "FAILED"
	scanUnsupported = "UNSUPPORTED_IMAGE"
)

// Scan is what became of the scan of an image.
type Scan struct {
	Enhanced    bool      `json:"enhanced"`
	Status      string    `json:"status"`
	Description string    `json:"description"`
	CompletedAt time.Time `json:"completedAt"`
	Findings    []Finding `json:"findings"` // the worst first
}

// under says whether the scan has not ended yet, whatever it is called.
func (s *Scan) under() bool {
	return s.Status == scanRunning || s.Status == scanPending || s.ended() && s.CompletedAt.IsZero()
}

// ended says whether the scan has findings to show.
func (s *Scan) ended() bool { return s.Status == scanComplete || s.Status == scanActive }

// counts is how many findings there are, by severity; a severity without one is absent.
func (s *Scan) counts() map[string]int {
	counts := map[string]int{}
	for _, f := range s.Findings {
		counts[f.severity(s.Enhanced)]++
	}
	return counts
}

// scanDue is on the agenda for the time when a scan is finished.
type scanDue struct {
	Repository string `json:"repository"`
	Digest     string `json:"digest"`
}

// scannable tells whether a scan knows what to do with the image: an index it does not, the images of an index it does.
// https://github.com/aws/containers-roadmap/issues/1683
func (i *Image) scannable() bool {
	return i.ArtifactType == ociConfig || i.ArtifactType == dockerConfig
}

// scanPushed begins the scan of an image that was pushed, if its repository's images are scanned by themselves.
func (s *Service) scanPushed(r *Repository, image *Image) {
	if s.frequency(r) != manual && image.scannable() {
		s.beginScan(r, image)
	}
}

func (s *Service) beginScan(r *Repository, image *Image) {
	image.Scan = &Scan{Status: scanRunning, Description: "The scan is in progress."}
	if s.state.Scanning.enhanced() {
		image.Scan = &Scan{Enhanced: true, Status: scanPending, Description: "The scan is pending."}
	}
	behaviour, err := parseScan(image.Labels[ScanLabel])
	if err == nil && behaviour.never {
		return
	}
	if behaviour.early && image.Scan.Enhanced {
		image.Scan.called(s.frequency(r))
	}
	s.w.After(behaviour.takes, s.Name(), scanDue{r.Name, image.Digest})
}

func (s *Service) finishScan(due scanDue) {
	repository := s.state.Repositories[due.Repository]
	if repository == nil || repository.Images[due.Digest] == nil {
		return
	}
	image := repository.Images[due.Digest]
	if image.Scan == nil || !image.Scan.under() {
		return
	}
	image.scanned(s.frequency(repository), s.w.Now().Truncate(time.Millisecond))
	s.tellScan(repository, image)
}

// tellScan publishes the event of the end: ECR's of a basic scan, Inspector's of an enhanced one, which calls the repository
// by its ARN, counts all findings too, and tells of no failure.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced-events.html
func (s *Service) tellScan(r *Repository, image *Image) {
	e := scanEvent{Status: image.Scan.Status, Repository: r.Name, Counts: image.Scan.counts(), Digest: image.Digest, Tags: append([]string{}, image.Tags...)}
	if !image.Scan.Enhanced {
		s.publish("ECR Image Scan", []string{s.arn(r.Name)}, e)
		return
	}
	if !image.Scan.ended() {
		return
	}
	e.Status, e.Repository = "INITIAL_SCAN_COMPLETE", s.arn(r.Name)
	e.Counts["TOTAL"] = len(image.Scan.Findings)
	s.publishAs("aws.inspector2", "Inspector2 Scan", []string{s.arn(r.Name)}, e)
}

// scanEvent is the detail of an "ECR Image Scan" and of an "Inspector2 Scan" event.
type scanEvent struct {
	Status     string         `json:"scan-status"`
	Repository string         `json:"repository-name"`
	Counts     map[string]int `json:"finding-severity-counts,omitempty"`
	Digest     string         `json:"image-digest"`
	Tags       []string       `json:"image-tags"`
}

// scanned ends the scan of the image.
func (i *Image) scanned(frequency string, now time.Time) {
	behaviour, err := parseScan(i.Labels[ScanLabel])
	found, wrong := parseFindings(i.Labels[FindingsLabel])
	switch {
	case !i.Platform.runnable() && i.Scan.Enhanced:
		i.Scan.Status, i.Scan.Description = scanUnsupported, "The operating system and/or package manager are not supported."
	case !i.Platform.runnable():
		i.Scan.Status, i.Scan.Description = scanFailed, "UnsupportedImageError: The operating system and/or package manager are not supported."
	case err != nil || wrong != nil:
		i.Scan.Status, i.Scan.Description = scanFailed, strings.Join(reasons(err, wrong), "; ")
	case behaviour.fails:
		i.Scan.Status, i.Scan.Description = scanFailed, "The scan failed, as the image's label "+ScanLabel+" asks for."
	default:
		i.Scan.called(frequency)
		i.Scan.CompletedAt, i.Scan.Findings = now, found
	}
}

// called gives the scan the name of one that has ended. Of an enhanced one ECR may do so before Inspector has looked.
// https://github.com/aws/aws-sdk/issues/289
func (s *Scan) called(frequency string) {
	s.Status, s.Description = scanComplete, "The scan was completed successfully."
	if s.Enhanced && frequency == continuously {
		s.Status, s.Description = scanActive, "Continuous scan is selected for image."
	}
}

func reasons(errs ...error) []string {
	var texts []string
	for _, err := range errs {
		if err != nil {
			texts = append(texts, err.Error())
		}
	}
	return texts
}

func (s *Service) enterImage(c *world.Call, action string, in scanInput) (*Repository, *Image, error) {
	repository, err := s.enter(c, action, in.target)
	if err != nil {
		return nil, nil, err
	}
	image, err := s.named(repository, in.ID)
	return repository, image, err
}
