package scan

import (
	"slices"
	"strings"
	"time"
)

// Report is what ECR says of the scan of one image.
type Report struct {
	// Status is where the scan stands, in ECR's words, "" if ECR knows of none; Description is ECR's sentence about it.
	Status, Description string
	// CompletedAt is when a scan of the image has ended last, zero if ECR tells of none.
	CompletedAt time.Time
	// Configured says whether anything scans the images of the repository. It is of interest where there is no scan.
	Configured bool
	Findings   []Finding
}

// Finding is a vulnerability in a package of the image.
type Finding struct {
	ID       string // CVE-2026-1234
	Severity Severity
	Package  string // with its version: openssl 3.0.1
	Fixed    string // the version that mends it, "" if none is known
	// State is ACTIVE, SUPPRESSED or CLOSED where the scanner tells it; "" is active.
	State string
}

// Suppressed says whether a rule of the scanner itself leaves the finding out.
func (f Finding) Suppressed() bool { return f.State == "SUPPRESSED" }

// Closed says whether the finding is no more.
func (f Finding) Closed() bool { return f.State == "CLOSED" }

// Under says whether the scan is under way. Its end is an event of ECR or Inspector.
func (r Report) Under() bool {
	switch r.Status {
	case "PENDING", "IN_PROGRESS":
		return true
	default:
		return r.early() || r.Status == "" && r.Configured
	}
}

// early says whether the status is that of a scan that has looked, and none has: right after a push ECR answers COMPLETE or
// ACTIVE, and no findings, before Inspector has come to the image.
// https://github.com/aws/aws-sdk/issues/289
func (r Report) early() bool {
	return (r.Status == "COMPLETE" || r.Status == "ACTIVE") && r.CompletedAt.IsZero()
}

// joined makes one finding of those with one name: the packages in a row, the worst severity. What the scanner suppresses
// is not joined with what it does not. They come sorted, the worst first.
func joined(findings []Finding) []Finding {
	var all []Finding
	type name struct {
		id         string
		suppressed bool
	}
	at := map[name]int{}
	for _, f := range findings {
		key := name{f.ID, f.Suppressed()}
		i, there := at[key]
		if !there {
			at[key] = len(all)
			all = append(all, f)
			continue
		}
		if f.Severity.rank() < all[i].Severity.rank() {
			all[i].Severity = f.Severity
		}
		all[i].Package, all[i].Fixed = another(all[i].Package, f.Package), another(all[i].Fixed, f.Fixed)
	}
	slices.SortStableFunc(all, func(a, b Finding) int {
		if order := a.Severity.rank() - b.Severity.rank(); order != 0 {
			return order
		}
		return strings.Compare(a.ID, b.ID)
	})
	return all
}

// another adds a text to a list that may have it already.
func another(list, text string) string {
	switch {
	case text == "" || slices.Contains(strings.Split(list, ", "), text):
		return list
	case list == "":
		return text
	default:
		return list + ", " + text
	}
}
