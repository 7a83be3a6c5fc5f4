package scan

import (
	"fmt"
	"strings"
	"time"

	"fairlead/shared/fault"
)

// Judged is that a report forbids nothing, or that its scan is to be awaited.
type Judged struct {
	Pending  bool
	Reason   string   // a sentence
	Warnings []string // what was let pass
}

// How the gate is left where an image cannot be scanned, for a fix.
const (
	turnOff  = "set `gates.scan` of the service in context.fairlead to false and run make deploy"
	startNew = "start a new execution with the same input"
)

// Judge decides about the report of an image, which image names in a sentence, on the day now. What is not let pass is a
// fault that says why and what to do: the image's own if it is not fit, the repository's if nothing scans it, AWS's if the
// findings cannot be had at present.
func (p Policy) Judge(image string, r Report, now time.Time) (Judged, error) {
	told := fmt.Sprintf("gate scan: the scan of %s is %s", image, r.status())
	switch r.Status {
	case "COMPLETE", "ACTIVE":
		if r.early() {
			return Judged{Pending: true, Reason: told}, nil
		}
		return p.weigh(image, r.Findings, now)
	case "PENDING", "IN_PROGRESS":
		return Judged{Pending: true, Reason: told}, nil
	case "":
		return absent(image, r)
	case "FAILED", "UNSUPPORTED_IMAGE":
		return Judged{}, fault.New(fault.ImageNotScanned, "build the image on a system that ECR can scan and push it under a new tag; or "+turnOff+
			"; if the scan failed by chance, scan the image again (aws ecr start-image-scan) and "+startNew, "%s", told)
	case "SCAN_ELIGIBILITY_EXPIRED", "IMAGE_ARCHIVED":
		// Inspector closes the findings of an image that it gives up: that none is left says nothing, going back or not.
		return Judged{}, fault.New(fault.ImageNotScanned, "build the image anew and push it under a new tag, so that it is scanned; or, to go back to it as it is, "+turnOff+", "+startNew+
			", and turn the gate on again", "%s: nobody looks for new findings in it any more", told)
	case "FINDINGS_UNAVAILABLE":
		return Judged{}, fault.New(fault.AWSUnavailable, fault.Later, "%s", told)
	case "LIMIT_EXCEEDED":
		return Judged{}, fault.New(fault.AWSRefused, "wait until ECR scans again, or have its quota raised, scan the image (aws ecr start-image-scan), then redrive the execution", "%s", told)
	default:
		return Judged{}, fault.New(fault.AWSRefused, "update Fairlead, which does not know this status, or "+turnOff+"; then redrive the execution", "%s", told)
	}
}

func (r Report) status() string {
	text := r.Status
	if r.Description != "" {
		text += " (" + strings.TrimRight(r.Description, ".") + ")"
	}
	if r.early() {
		text += ", but ECR tells of no scan that has ended"
	}
	return text
}

// absent decides where there is no scan: it may begin any moment if the repository is scanned, and never comes if not.
func absent(image string, r Report) (Judged, error) {
	if r.Configured {
		return Judged{Pending: true, Reason: fmt.Sprintf("gate scan: the scan of %s has not begun", image)}, nil
	}
	return Judged{}, fault.New(fault.RepositoryUnscanned,
		"turn on scan on push for the repository, or an enhanced scan of it in the registry's settings, scan the image (aws ecr start-image-scan), then redrive the execution; or "+turnOff,
		"gate scan: %s was never scanned, and nothing scans the images of its repository", image)
}

// TimedOut is the fault of a scan that did not end in time.
func TimedOut(image string, r Report, since time.Time, timeout time.Duration) error {
	return fault.New(fault.ImageNotScanned,
		"look in ECR why the scan does not end, and once it has, "+startNew+"; if scans take longer here, raise `gates.scan.timeout` of the service in context.fairlead and run make deploy",
		"gate scan: the scan of %s did not end within %s of %s; it is %s", image, timeout, since.UTC().Format(time.RFC3339), or(r.status(), "not begun"))
}

func or(first, second string) string {
	if first != "" {
		return first
	}
	return second
}
