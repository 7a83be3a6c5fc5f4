package ecr

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The labels of an image by which it says what becomes of its scan.
const (
	// FindingsLabel says what a scan finds, as a list: CVE-2026-1:CRITICAL:openssl@3.0.1>3.0.2 is a finding in a version of
	// a package, which another version mends; the package, and what follows it, may be left out. HIGH:3 are three findings
	// with made-up names. Without the label a scan finds nothing.
	FindingsLabel = "local.findings"
	// ScanLabel says how the scan goes: how long it takes (90s), that it "fails", or that it "hangs". An enhanced
	// scan of "early:90s" is called complete, or active, from the push on, though nothing has been looked at yet.
	ScanLabel = "local.scan"
)

// CheckLabels says what is wrong with the labels of an image's scan; nil if it can go so.
func CheckLabels(labels map[string]string) error {
	if _, err := parseFindings(labels[FindingsLabel]); err != nil {
		return err
	}
	_, err := parseScan(labels[ScanLabel])
	return err
}

// severities are those of the findings, the worst first. What is not rated is UNDEFINED to a basic scan and UNTRIAGED to an
// enhanced one.
func severities() []string {
	return []string{"CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", undefined, untriaged}
}

const (
	undefined = "UNDEFINED"
	untriaged = "UNTRIAGED"
)

// Finding is one vulnerability that a scan has found.
type Finding struct {
	Name     string `json:"name"`
	Severity string `json:"severity"`
	Package  string `json:"package"`
	Version  string `json:"version"`
	Fixed    string `json:"fixed"`
}

// severity is the finding's severity in the words of the kind of scan.
func (f Finding) severity(enhanced bool) string {
	switch {
	case enhanced && f.Severity == undefined:
		return untriaged
	case !enhanced && f.Severity == untriaged:
		return undefined
	default:
		return f.Severity
	}
}

// parseFindings reads the label, and returns the findings, the worst first.
func parseFindings(label string) ([]Finding, error) {
	var all []Finding
	if label == "" {
		return all, nil
	}
	for part := range strings.SplitSeq(label, ",") {
		found, ok := parseFinding(strings.TrimSpace(part))
		if !ok {
			return nil, fmt.Errorf("the label %s of the image has %q: want CVE-2026-1:CRITICAL:openssl@3.0.1>3.0.2 or HIGH:3, of %v", FindingsLabel, part, severities())
		}
		all = append(all, found...)
	}
	slices.SortStableFunc(all, func(a, b Finding) int {
		return slices.Index(severities(), a.Severity) - slices.Index(severities(), b.Severity)
	})
	return all, nil
}

// parseFinding reads a finding, or a number of made-up ones.
func parseFinding(text string) (found []Finding, ok bool) {
	name, rest, _ := strings.Cut(text, ":")
	if slices.Contains(severities(), name) {
		n, err := strconv.Atoi(rest)
		if err != nil || n < 1 || n > 1000 {
			return nil, false
		}
		for i := range n {
			found = append(found, Finding{Name: fmt.Sprintf("LOCAL-%s-%d", name, i+1), Severity: name})
		}
		return found, true
	}
	severity, pkg, _ := strings.Cut(rest, ":")
	versions := ""
	if at := strings.LastIndexByte(pkg, '@'); at > 0 { // the names of some begin with it
		pkg, versions = pkg[:at], pkg[at+1:]
	}
	version, fixed, _ := strings.Cut(versions, ">")
	return []Finding{{Name: name, Severity: severity, Package: pkg, Version: version, Fixed: fixed}}, name != "" && slices.Contains(severities(), severity)
}

// scanBehaviour is how the scan of an image goes.
type scanBehaviour struct {
	takes               time.Duration
	fails, never, early bool
}

// parseScan reads the label. What cannot be read fails the scan, with the reason.
func parseScan(label string) (scanBehaviour, error) {
	b := scanBehaviour{takes: scanTime}
	switch label {
	case "":
		return b, nil
	case "fails":
		b.fails = true
		return b, nil
	case "hangs":
		b.never = true
		return b, nil
	}
	text, early := strings.CutPrefix(label, "early:")
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > 24*time.Hour {
		return b, fmt.Errorf(`the label %s of the image is %q: want how long the scan takes (90s), "fails", "hangs" or early:90s`, ScanLabel, label)
	}
	b.takes, b.early = d, early
	return b, nil
}
