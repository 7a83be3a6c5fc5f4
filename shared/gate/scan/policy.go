// Package scan answers whether what a scan has found in an image forbids to deploy it.
//
// It is the gate "scan" of the configuration. CheckImage asks it with what ECR says of the image that will run, and a scan
// that is under way is waited for in AwaitScan. The package is pure.
package scan

import (
	"fmt"
	"regexp"
	"slices"
	"time"
)

// Severity is how bad a finding is, in ECR's words. What is none of [Severities] is not rated: UNDEFINED, UNTRIAGED, or a
// word that ECR did not use yet.
type Severity string

// The severities of rated findings.
const (
	Critical      Severity = "CRITICAL"
	High          Severity = "HIGH"
	Medium        Severity = "MEDIUM"
	Low           Severity = "LOW"
	Informational Severity = "INFORMATIONAL"
)

// Severities lists the severities of rated findings, the worst first.
func Severities() []Severity { return []Severity{Critical, High, Medium, Low, Informational} }

// Rated says whether it is one of [Severities].
func (s Severity) Rated() bool { return slices.Contains(Severities(), s) }

// rank orders severities, the worst first. What is not rated comes before INFORMATIONAL: it may be anything.
func (s Severity) rank() int {
	i := slices.Index(Severities(), s)
	switch {
	case i < 0:
		return len(Severities()) - 1
	case s == Informational:
		return len(Severities())
	default:
		return i
	}
}

// Policy says what a scan may find.
type Policy struct {
	// Severity is the lowest severity that blocks.
	Severity Severity
	// Unrated says whether findings without a rating block too.
	Unrated bool
	// Timeout is how long a scan that is under way is awaited.
	Timeout time.Duration
	// Allow are the findings that block nothing, each until a day.
	Allow []Allowance
}

// What a policy is where the configuration does not say.
const (
	DefaultSeverity = High
	DefaultTimeout  = 15 * time.Minute
)

// Default returns the policy of a gate of which nothing is said.
func Default() Policy {
	return Policy{Severity: DefaultSeverity, Unrated: true, Timeout: DefaultTimeout}
}

// Allowance lets a finding pass.
type Allowance struct {
	CVE    string
	Until  Day
	Reason string
}

// Never is how the configuration writes a [Day] that does not come.
const Never = "never"

// Day is a day in UTC, as 2027-01-31, or [Never].
type Day string

// ParseDay reads a day. It refuses one that is not in the calendar.
func ParseDay(text string) (Day, error) {
	if _, err := time.Parse(time.DateOnly, text); err != nil && text != Never {
		return "", fmt.Errorf("want the last day on which it holds, like 2027-01-31, or %q: %q", Never, text)
	}
	return Day(text), nil
}

// Over says whether the day has ended.
func (d Day) Over(now time.Time) bool {
	day, err := time.Parse(time.DateOnly, string(d))
	return err == nil && !now.Before(day.AddDate(0, 0, 1))
}

// identifier is the form of what scanners call a vulnerability: CVE-2026-1234, GHSA-jfh8-c2jp-5v3q, ALAS2-2026-1.
var identifier = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9.:_-]{3,127}$`)

// CheckID refuses what cannot be the name of a vulnerability.
func CheckID(text string) error {
	if !identifier.MatchString(text) {
		return fmt.Errorf("want the name of a vulnerability as the scan writes it, like CVE-2026-1234: %q", text)
	}
	return nil
}
