package scan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"fairlead/shared/fault"
)

// How much of the findings is told: the message is read by people, and has its bounds.
const (
	maxNamed    = 5  // findings
	maxAllowed  = 10 // allowances that were used
	maxPackages = 3
	maxText     = 60 // characters of what a scanner calls a thing
)

// weigh lets the findings pass, or returns a fault that names those which block.
func (p Policy) weigh(image string, findings []Finding, now time.Time) (Judged, error) {
	var blocking, passed, expired []string
	var mend []Finding
	suppressed := 0
	all := joined(slices.DeleteFunc(slices.Clone(findings), Finding.Closed))
	for _, f := range all {
		switch allowed, over := p.allowance(f.ID, now); {
		case f.Suppressed():
			suppressed++
		case !p.blocks(f.Severity):
		case allowed != nil && !over:
			passed = append(passed, fmt.Sprintf("gate scan: %s is allowed until %s: %s", f.named(), allowed.Until, allowed.Reason))
		default:
			blocking, mend = append(blocking, f.named()), append(mend, f)
			if over {
				expired = append(expired, fmt.Sprintf("%s (until %s)", short(f.ID), allowed.Until))
			}
		}
	}
	if len(blocking) > 0 {
		return Judged{}, fault.New(fault.ImageVulnerable, advice(mend, expired), "gate scan: %s", p.blocked(image, blocking, expired))
	}
	if suppressed > 0 {
		passed = append(passed, fmt.Sprintf("gate scan: a rule of the scanner suppresses %s", count(suppressed, "finding")))
	}
	return Judged{Reason: fmt.Sprintf("gate scan: no finding of %s blocks it, of %d", image, len(all)), Warnings: bounded(passed, maxAllowed)}, nil
}

// blocks says whether findings of a severity block where nothing allows them.
func (p Policy) blocks(s Severity) bool {
	if !s.Rated() {
		return p.Unrated
	}
	return s.rank() <= p.Severity.rank()
}

// allowance is what the policy says of a finding, and whether its day is over.
func (p Policy) allowance(id string, now time.Time) (allowed *Allowance, over bool) {
	i := slices.IndexFunc(p.Allow, func(a Allowance) bool { return a.CVE == id })
	if i < 0 {
		return nil, false
	}
	return &p.Allow[i], p.Allow[i].Until.Over(now)
}

// blocked is the sentence about what blocks an image.
func (p Policy) blocked(image string, blocking, expired []string) string {
	limit := string(p.Severity) + " or worse"
	if p.Unrated {
		limit += " or without a rating"
	}
	text := fmt.Sprintf("%s has %s of %s: %s", image, count(len(blocking), "finding"), limit, strings.Join(bounded(blocking, maxNamed), "; "))
	if len(expired) > 0 {
		text += fmt.Sprintf(". No longer allowed: %s", strings.Join(bounded(expired, maxNamed), ", "))
	}
	return text
}

// advice is what to do about the findings that block.
func advice(blocking []Finding, expired []string) string {
	var packages, mended []string
	for _, f := range blocking {
		packages = distinct(packages, short(f.Package))
		if f.Fixed != "" {
			mended = distinct(mended, short(f.Package))
		}
	}
	upgrade := "rebuild the image without what has these findings"
	switch {
	case len(mended) > 0:
		upgrade = "upgrade " + strings.Join(bounded(mended, maxPackages), ", ")
	case len(packages) > 0:
		upgrade = "upgrade or replace " + strings.Join(bounded(packages, maxPackages), ", ")
	}
	allow := "allow a finding until a day"
	if len(expired) > 0 {
		allow = "set a later day for an allowance"
	}
	return upgrade + " and push the image under a new tag; or " + allow + " in `gates.scan.allow` of the service in context.fairlead, run make deploy and " + startNew
}

// distinct adds a text that is not in the list.
func distinct(list []string, text string) []string {
	if text == "" || slices.Contains(list, text) {
		return list
	}
	return append(list, text)
}

// named is the finding in a sentence: CVE-2026-1 (CRITICAL) in openssl 3.0.1, mended in 3.0.2.
func (f Finding) named() string {
	text := fmt.Sprintf("%s (%s)", short(f.ID), short(or(string(f.Severity), "UNDEFINED")))
	if f.Package != "" {
		text += " in " + short(f.Package)
	}
	if f.Fixed != "" {
		text += ", mended in " + short(f.Fixed)
	}
	return text
}

// short cuts what a scanner wrote. What it calls a package was taken from the image: it must not read as a fix of ours.
func short(text string) string {
	text = strings.ReplaceAll(text, "Fix:", "Fix")
	if letters := []rune(text); len(letters) > maxText {
		return string(letters[:maxText-1]) + "…"
	}
	return text
}

// bounded keeps the first of many, and says how many more there are.
func bounded(list []string, most int) []string {
	if len(list) <= most {
		return list
	}
	return append(slices.Clip(list[:most]), fmt.Sprintf("and %d more", len(list)-most))
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
