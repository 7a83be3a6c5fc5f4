package judgescan

import (
	"context"
	"time"

	"fairlead/shared/edge/findings"
	"fairlead/shared/gate/scan"
	"fairlead/shared/image"
)

// judgement is one run of the step: what it goes by, and what it has found so far.
type judgement struct {
	Registry
	document   scan.Document
	policy     scan.Policy
	repository string
	now        time.Time
	pending    scan.Report // of the image whose scan is awaited
	out        scan.Result
}

// judge adds what the scan of one image says. Of several that are under way the first is awaited.
func (j *judgement) judge(ctx context.Context, digest image.Digest) error {
	report, err := j.report(ctx, digest)
	if err != nil {
		return err
	}
	judged, err := j.policy.Judge(j.document.Named(digest), report, j.now)
	if err != nil {
		return err
	}
	j.out.Warnings = append(j.out.Warnings, judged.Warnings...)
	switch {
	case judged.Pending && j.out.Decision != scan.Pending:
		j.pending = report
		j.out.Decision, j.out.Reason, j.out.Image = scan.Pending, judged.Reason, digest
	case !judged.Pending && j.out.Reason == "":
		j.out.Reason = judged.Reason
	}
	return nil
}

// report reads what the scan of one image says, and, where there is no scan, whether there will be one.
func (j *judgement) report(ctx context.Context, digest image.Digest) (scan.Report, error) {
	report, err := findings.Read(ctx, j.Registry, j.repository, digest)
	if err != nil || report.Status != "" {
		return report, err
	}
	report.Configured, err = findings.Configured(ctx, j.Registry, j.repository)
	return report, err
}

// inTime gives a scan that is awaited its time, or returns the fault that the time is over.
func (j *judgement) inTime() error {
	if j.out.Decision != scan.Pending {
		return nil
	}
	j.out.Since = j.document.Since(j.now)
	j.out.Until = j.out.Since.Add(j.policy.Timeout)
	if !j.now.Before(j.out.Until) {
		return scan.TimedOut(j.document.Named(j.out.Image), j.pending, j.out.Since, j.policy.Timeout)
	}
	return nil
}
