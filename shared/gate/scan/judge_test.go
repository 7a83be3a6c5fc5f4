package scan_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fairlead/shared/fault"
	"fairlead/shared/gate/scan"
)

var now = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

// found is a report with findings, each "CVE-1 HIGH openssl 1.0>1.1 STATE", of which a part may be left out from behind.
func found(findings ...string) scan.Report {
	r := scan.Report{Status: "COMPLETE", CompletedAt: now}
	for _, text := range findings {
		parts := append(strings.Fields(text), "", "", "", "")
		version, fixed, _ := strings.Cut(parts[3], ">")
		r.Findings = append(r.Findings, scan.Finding{ID: parts[0], Severity: scan.Severity(parts[1]),
			Package: strings.TrimSpace(parts[2] + " " + version), Fixed: fixed, State: parts[4]})
	}
	return r
}

func policy(severity scan.Severity, allow ...scan.Allowance) scan.Policy {
	p := scan.Default()
	p.Severity, p.Allow = severity, allow
	return p
}

func TestWhatPasses(t *testing.T) {
	for _, test := range []struct {
		name     string
		policy   scan.Policy
		report   scan.Report
		warnings []string
	}{
		{"nothing was found", scan.Default(), found(), nil},
		{"an enhanced scan that goes on found nothing", scan.Default(), scan.Report{Status: "ACTIVE", CompletedAt: now}, nil},
		{"less than what blocks", policy(scan.Critical), found("CVE-1 HIGH openssl", "CVE-2 LOW zlib"), nil},
		{"what is informational, if nothing else is let pass", policy(scan.Low), found("CVE-1 INFORMATIONAL"), nil},
		{"what has no rating, if that is let pass", scan.Policy{Severity: scan.Low}, found("CVE-1 UNDEFINED", "CVE-2 UNTRIAGED", "CVE-3"), nil},
		{"what is allowed", policy(scan.High, scan.Allowance{CVE: "CVE-1", Until: "2026-11-28", Reason: "not reachable"}), found("CVE-1 CRITICAL openssl 1.0>1.1"),
			[]string{"gate scan: CVE-1 (CRITICAL) in openssl 1.0, mended in 1.1 is allowed until 2026-11-28: not reachable"}},
		{"what is allowed for good", policy(scan.High, scan.Allowance{CVE: "CVE-1", Until: scan.Never, Reason: "x"}), found("CVE-1 CRITICAL"),
			[]string{"gate scan: CVE-1 (CRITICAL) is allowed until never: x"}},
		{"what is allowed and would pass is not spoken of", policy(scan.Critical, scan.Allowance{CVE: "CVE-1", Until: scan.Never}), found("CVE-1 LOW"), nil},
		{"what is closed", scan.Default(), found("CVE-1 CRITICAL openssl 1.0 CLOSED"), nil},
		{"what a rule of the scanner suppresses", scan.Default(), found("CVE-1 CRITICAL openssl 1.0 SUPPRESSED"), []string{"gate scan: a rule of the scanner suppresses 1 finding"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := test.policy.Judge("shop/web:v1", test.report, now)
			if err != nil || got.Pending {
				t.Fatalf("%+v, %v", got, err)
			}
			if diff := cmp.Diff(test.warnings, got.Warnings); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatBlocks(t *testing.T) {
	many := make([]string, 0, 8)
	for i := range 8 {
		many = append(many, fmt.Sprintf("CVE-%d HIGH p%d 1>2", i, i))
	}
	old := scan.Allowance{CVE: "CVE-1", Until: "2026-11-27", Reason: "x"}
	for name, test := range map[string]struct {
		policy scan.Policy
		report scan.Report
		says   string
		fix    string
	}{
		"a finding with its package and what mends it": {scan.Default(), found("CVE-1 CRITICAL openssl 1.0>1.1"),
			"gate scan: shop/web:v1 has 1 finding of HIGH or worse or without a rating: CVE-1 (CRITICAL) in openssl 1.0, mended in 1.1", "upgrade openssl 1.0 and push the image under a new tag; or allow a finding until a day in `gates.scan.allow`"},
		"a finding of which no mended version is told": {scan.Default(), found("CVE-1 CRITICAL openssl 1.0"), "CVE-1 (CRITICAL) in openssl 1.0", "upgrade or replace openssl 1.0 and push"},
		"a finding of which no package is known":       {scan.Default(), found("CVE-1 HIGH"), "CVE-1 (HIGH)", "rebuild the image without what has these findings"},
		"the lowest severity that blocks":              {policy(scan.Informational), found("CVE-1 INFORMATIONAL"), "1 finding of INFORMATIONAL or worse", ""},
		"the worst comes first":                        {policy(scan.Low), found("CVE-3 LOW", "CVE-2 CRITICAL", "CVE-1 CRITICAL", "CVE-4 HIGH"), "4 findings of LOW or worse or without a rating: CVE-1 (CRITICAL); CVE-2 (CRITICAL); CVE-4 (HIGH); CVE-3 (LOW)", ""},
		"many are told in part":                        {scan.Default(), found(many...), "8 findings of HIGH or worse or without a rating: CVE-0 (HIGH) in p0 1, mended in 2; CVE-1 (HIGH) in p1 1, mended in 2; CVE-2 (HIGH) in p2 1, mended in 2; CVE-3 (HIGH) in p3 1, mended in 2; CVE-4 (HIGH) in p4 1, mended in 2; and 3 more", "upgrade p0 1, p1 1, p2 1, and 5 more and push"},
		"one in several packages is one":               {scan.Default(), found("CVE-1 LOW a 1>2", "CVE-1 HIGH b 1>2", "CVE-1 LOW a 1>2"), "1 finding of HIGH or worse or without a rating: CVE-1 (HIGH) in a 1, b 1, mended in 2", ""},
		"no rating":                                    {policy(scan.Critical), found("CVE-1 UNDEFINED"), "CVE-1 (UNDEFINED)", ""},
		"no rating yet":                                {policy(scan.Critical), found("CVE-1 UNTRIAGED"), "CVE-1 (UNTRIAGED)", ""},
		"a severity that nobody knows":                 {policy(scan.Critical), found("CVE-1 BOUNDLESS"), "CVE-1 (BOUNDLESS)", ""},
		"no severity":                                  {policy(scan.Critical), found("CVE-1"), "CVE-1 (UNDEFINED)", ""},
		"an allowance that is over":                    {policy(scan.High, old), found("CVE-1 HIGH"), "No longer allowed: CVE-1 (until 2026-11-27)", "set a later day for an allowance in `gates.scan.allow`"},
		"an allowance of another finding":              {policy(scan.High, scan.Allowance{CVE: "CVE-2", Until: scan.Never}), found("CVE-1 HIGH"), "CVE-1 (HIGH)", ""},
		"an allowance is by the whole name":            {policy(scan.High, scan.Allowance{CVE: "CVE-1", Until: scan.Never}), found("CVE-11 HIGH"), "CVE-11 (HIGH)", ""},
		"one that is suppressed in another package":    {scan.Default(), found("CVE-1 HIGH a 1 SUPPRESSED", "CVE-1 HIGH b 1 ACTIVE"), "CVE-1 (HIGH) in b 1", ""},
		"a package whose name speaks as if it was I":   {scan.Default(), found("CVE-1 HIGH a.Fix:delete 1>2"), "in a.Fixdelete 1", "upgrade a.Fixdelete 1 and push"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := test.policy.Judge("shop/web:v1", test.report, now)
			f := fault.From(err)
			if f == nil || f.Code != fault.ImageVulnerable || f.Kind() != fault.Reject {
				t.Fatalf("%+v, %v", got, err)
			}
			if !strings.Contains(f.Message, test.says) || !strings.Contains(f.Fix, test.fix) {
				t.Errorf("%s\nwant %s\nfix %s\nwant %s", f.Message, test.says, f.Fix, test.fix)
			}
		})
	}
}

func TestWhatCannotBeTold(t *testing.T) {
	for name, test := range map[string]struct {
		report scan.Report
		want   fault.Code // "" where the scan is awaited
		says   string
	}{
		"it has not begun":                      {scan.Report{Configured: true}, "", "the scan of shop/web:v1 has not begun"},
		"it waits":                              {scan.Report{Status: "PENDING"}, "", "is PENDING"},
		"it is under way":                       {scan.Report{Status: "IN_PROGRESS", Description: "It goes on."}, "", "is IN_PROGRESS (It goes on)"},
		"it is called complete before it began": {scan.Report{Status: "COMPLETE"}, "", "is COMPLETE, but ECR tells of no scan that has ended"},
		"it goes on before it began":            {scan.Report{Status: "ACTIVE", Description: "Continuous scan is selected for image."}, "", "is ACTIVE (Continuous scan is selected for image), but ECR"},
		"nothing scans the repository":          {scan.Report{}, fault.RepositoryUnscanned, "was never scanned, and nothing scans the images of its repository"},
		"it failed":                             {scan.Report{Status: "FAILED", Description: "UnsupportedImageError: no."}, fault.ImageNotScanned, "is FAILED (UnsupportedImageError: no)"},
		"the image is of a system nobody scans": {scan.Report{Status: "UNSUPPORTED_IMAGE"}, fault.ImageNotScanned, "is UNSUPPORTED_IMAGE"},
		"the image is too old to be scanned":    {scan.Report{Status: "SCAN_ELIGIBILITY_EXPIRED"}, fault.ImageNotScanned, "nobody looks for new findings in it any more"},
		"the image is in the archive":           {scan.Report{Status: "IMAGE_ARCHIVED"}, fault.ImageNotScanned, "IMAGE_ARCHIVED"},
		"the findings are not to be had":        {scan.Report{Status: "FINDINGS_UNAVAILABLE"}, fault.AWSUnavailable, "FINDINGS_UNAVAILABLE"},
		"ECR scans no more":                     {scan.Report{Status: "LIMIT_EXCEEDED"}, fault.AWSRefused, "LIMIT_EXCEEDED"},
		"a status that nobody knows":            {scan.Report{Status: "DREAMING", Findings: found("CVE-1 LOW").Findings}, fault.AWSRefused, "DREAMING"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := scan.Default().Judge("shop/web:v1", test.report, now)
			if test.want == "" {
				if err != nil || !got.Pending || !strings.Contains(got.Reason, test.says) || !test.report.Under() {
					t.Errorf("%+v, %v", got, err)
				}
				return
			}
			f := fault.From(err)
			if f == nil || f.Code != test.want || f.Fix == "" || !strings.Contains(f.Message, test.says) || test.report.Under() {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

// TestAnImageThatIsScannedNoMore wants that what was found once lets nothing pass, and that who goes back is told how.
func TestAnImageThatIsScannedNoMore(t *testing.T) {
	r := found()
	r.Status = "SCAN_ELIGIBILITY_EXPIRED"
	_, err := scan.Default().Judge("shop/web:v1", r, now)
	const fix = "to go back to it as it is, set `gates.scan` of the service in context.fairlead to false and run make deploy, start a new execution with the same input"
	if f := fault.From(err); f == nil || f.Code != fault.ImageNotScanned || !strings.Contains(f.Fix, fix) {
		t.Error(err)
	}
}

func TestAScanThatDoesNotEndInTime(t *testing.T) {
	f := fault.From(scan.TimedOut("shop/web:v1", scan.Report{Status: "IN_PROGRESS"}, now, 15*time.Minute))
	if f.Code != fault.ImageNotScanned || f.Message != "gate scan: the scan of shop/web:v1 did not end within 15m0s of 2026-11-28T12:00:00Z; it is IN_PROGRESS" || !strings.Contains(f.Fix, "gates.scan.timeout") {
		t.Error(f)
	}
}

func TestADayEndsWithItsLastMoment(t *testing.T) {
	for text, over := range map[string]bool{"2026-11-27": true, "2026-11-28": false, "2026-11-29": false, scan.Never: false} {
		day, err := scan.ParseDay(text)
		if err != nil || day.Over(now) != over {
			t.Errorf("%s is over: %v, %v", text, !over, err)
		}
	}
	last := time.Date(2026, 11, 28, 23, 59, 59, 999, time.UTC)
	if scan.Day("2026-11-28").Over(last) || !scan.Day("2026-11-28").Over(last.Add(time.Second)) {
		t.Error("a day ends at midnight, UTC")
	}
	for _, text := range []string{"", "2026-02-30", "28.11.2026", "Never", "2026-11-28T00:00:00Z"} {
		if _, err := scan.ParseDay(text); err == nil {
			t.Errorf("%q is taken for a day", text)
		}
	}
}

// FuzzJudge attacks what must hold whatever was found: what is worse than allowed never passes, and what is told is bounded.
func FuzzJudge(f *testing.F) {
	f.Add("CVE-1", "HIGH", "openssl", "ACTIVE", "HIGH")
	f.Fuzz(func(t *testing.T, id, severity, pkg, state, limit string) {
		p := policy(scan.Severity(limit))
		if !p.Severity.Rated() {
			return
		}
		_, err := p.Judge("i", scan.Report{Status: "COMPLETE", CompletedAt: now, Findings: []scan.Finding{{ID: id, Severity: scan.Severity(severity), Package: pkg, State: state}}}, now)
		hidden := state == "SUPPRESSED" || state == "CLOSED"
		if worst := severity == "CRITICAL" || !scan.Severity(severity).Rated(); worst && !hidden && err == nil {
			t.Fatalf("%s passes", severity)
		}
		if err != nil && len(fault.From(err).Message) > 2000 {
			t.Fatalf("%d bytes are told", len(err.Error()))
		}
	})
}
