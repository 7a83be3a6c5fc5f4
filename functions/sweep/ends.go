package sweep

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"fairlead/shared/edge/ledger"
	"fairlead/shared/edge/report"
	"fairlead/shared/fault"
	"fairlead/shared/sweep"
)

// ends is the record of what ends were looked at, in the place of a service: none has such a name.
const allExecutions = "_executions"

// Bounds of the search for ends.
const (
	day      = 24 * time.Hour
	endPages = 5
	endSize  = 100
)

// ends reports the ends of the last day that nobody has reported, and returns how many. Those that an earlier sweep has looked
// at are not looked at again; those of the last minutes are left to their events.
func (s Sweeper) ends(ctx context.Context, now time.Time) (reported int, err error) {
	before, err := s.Ledger.Sweeps.Sweep(ctx, allExecutions)
	if err != nil {
		return 0, err
	}
	from, until := before.At, now.Add(-sweep.Grace)
	if from.Before(now.Add(-day)) {
		from = now.Add(-day)
	}
	for _, status := range []types.ExecutionStatus{types.ExecutionStatusFailed, types.ExecutionStatusTimedOut, types.ExecutionStatusAborted} {
		n, failed := s.endsOf(ctx, status, from, until)
		reported, err = reported+n, errors.Join(err, failed)
	}
	if err != nil || !until.After(before.At) {
		return reported, err
	}
	err = s.Ledger.Sweeps.RecordSweep(ctx, allExecutions, before, sweep.Record{At: until})
	if errors.Is(err, ledger.ErrSwept) {
		return reported, nil // it has reported the same
	}
	return reported, err
}

// endsOf reports the ends of one status. Step Functions lists the executions that started last first.
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListExecutions.html
func (s Sweeper) endsOf(ctx context.Context, status types.ExecutionStatus, from, until time.Time) (reported int, err error) {
	in := &sfn.ListExecutionsInput{StateMachineArn: aws.String(s.StateMachine), StatusFilter: status, MaxResults: endSize}
	for range endPages {
		page, failed := s.Workflow.ListExecutions(ctx, in)
		if failed != nil {
			return reported, errors.Join(err, fault.FromAWS("list the executions that are "+string(status), failed))
		}
		for _, e := range page.Executions {
			if e.StopDate == nil || !e.StopDate.After(from) || e.StopDate.After(until) {
				continue
			}
			told, failed := s.Report.Report(ctx, endingOf(e))
			err = errors.Join(err, failed)
			if told.Reported {
				reported++
				s.Logger.InfoContext(ctx, "end reported", "reason", "its event was lost", "execution", aws.ToString(e.ExecutionArn), "status", status)
			}
		}
		if in.NextToken = page.NextToken; aws.ToString(in.NextToken) == "" {
			return reported, err
		}
	}
	return reported, err
}

func endingOf(e types.ExecutionListItem) report.Ending {
	redrive := int(aws.ToInt32(e.RedriveCount))
	return report.Ending{Execution: aws.ToString(e.ExecutionArn), Name: aws.ToString(e.Name), Status: string(e.Status),
		StartedAt: aws.ToTime(e.StartDate).UTC(), StoppedAt: aws.ToTime(e.StopDate).UTC(), Redrive: &redrive}
}
