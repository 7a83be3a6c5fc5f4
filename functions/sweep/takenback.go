package sweep

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"fairlead/shared/claim"
	ecslook "fairlead/shared/edge/look"
	"fairlead/shared/edge/report"
	"fairlead/shared/fault"
	"fairlead/shared/revision"
	"fairlead/shared/rollout"
	"fairlead/shared/sweep"
)

// takenBack looks whether ECS has taken the service back from what the holder of the claim deployed, or followed, after that
// execution had ended without an end of the workflow, and redrives it. The image needs somebody then: the redrive finds out why
// it failed, puts it into quarantine and says so. It deploys nothing, for the deployment is there.
func (l look) takenBack(ctx context.Context, held claim.Claim, running running) (redriven bool, err error) {
	if held.TaskDefinition == "" || held.TaskDefinition == running.taskDefinition {
		return false, nil
	}
	holder, err := l.execution(ctx, held.Holder)
	if err != nil {
		return false, err
	}
	untold, reason := sweep.Untold(holder, l.now)
	if untold {
		untold, reason, err = l.unblamed(ctx, held, holder)
	}
	if err != nil {
		return false, err
	}
	l.log(ctx, "what the claim names looked at", reason, "task_definition", held.TaskDefinition, "untold", untold)
	if !untold {
		return false, nil
	}
	return l.redrive(ctx, holder)
}

// unblamed says whether ECS has taken the service back from the revision that the claim names, and nobody has blamed its image
// for it: it is in quarantine, or an operator has released it since. The holder has to have made the revision, or to have been
// started to follow it: the redrive of one that only found it in service might deploy. A copy that was made to go back to has an
// image in quarantine behind it.
func (l look) unblamed(ctx context.Context, held claim.Claim, holder sweep.Run) (unblamed bool, reason string, err error) {
	theirs, err := l.theirs(ctx, held, holder)
	if err != nil || !theirs {
		return false, fmt.Sprintf("%s is not there, or was not deployed by the execution that holds the claim", revision.Short(held.TaskDefinition)), err
	}
	quarantine, inForce, err := l.Ledger.Quarantine.Quarantined(ctx, l.service.Name, held.Digest)
	if err != nil || inForce {
		return false, "its image is in quarantine", err
	}
	seen, err := ecslook.Service(ctx, l.Services, l.service.Cluster, l.service.Service, rollout.Aim{TaskDefinition: held.TaskDefinition, Since: held.UpdatedAt})
	if err != nil {
		return false, "", err
	}
	deployments := slices.DeleteFunc(seen.Deployments, func(d rollout.Deployment) bool { return d.TaskDefinition != held.TaskDefinition })
	if len(deployments) == 0 {
		return false, fmt.Sprintf("ECS lists no deployment of %s", revision.Short(held.TaskDefinition)), nil
	}
	last := slices.MaxFunc(deployments, func(a, b rollout.Deployment) int { return a.CreatedAt.Compare(b.CreatedAt) })
	if quarantine.ReleasedAt.After(last.CreatedAt) {
		return false, "an operator has released its image since", nil
	}
	return last.RolledBack(), "ECS has its deployment as " + last.Status, nil
}

// theirs says whether the holder of the claim has made the revision that the claim names, or follows it. One that was deleted is
// nobody's.
func (l look) theirs(ctx context.Context, held claim.Claim, holder sweep.Run) (bool, error) {
	if holder.Follows == held.TaskDefinition {
		return true, nil
	}
	_, mark, err := l.definition(ctx, held.TaskDefinition)
	if f := fault.From(err); f != nil && f.Code == fault.AWSRefused {
		return false, nil
	}
	return mark.MadeBy(held.Holder), err
}

// redrive redrives an execution, and says whether it did. One that cannot be redriven, or is no more to be, is left alone. Its end
// is told first, if its event was lost: once it runs again nobody finds that end.
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_RedriveExecution.html
func (l look) redrive(ctx context.Context, run sweep.Run) (redriven bool, err error) {
	out, err := l.Workflow.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: aws.String(run.Execution)})
	if err != nil {
		return false, fault.FromAWS("read execution "+run.Execution, err)
	}
	redrives := int(aws.ToInt32(out.RedriveCount))
	if _, err := l.Report.Report(ctx, report.Ending{Execution: run.Execution, Name: aws.ToString(out.Name), Status: string(out.Status),
		StartedAt: aws.ToTime(out.StartDate).UTC(), StoppedAt: aws.ToTime(out.StopDate).UTC(), Redrive: &redrives}); err != nil {
		return false, err
	}
	_, err = l.Workflow.RedriveExecution(ctx, &sfn.RedriveExecutionInput{ExecutionArn: aws.String(run.Execution)})
	if not := new(types.ExecutionNotRedrivable); errors.As(err, &not) {
		l.log(ctx, "execution not redriven", aws.ToString(not.Message), "execution", run.Execution)
		return false, nil
	}
	return err == nil, fault.FromAWS("redrive execution "+run.Execution, err)
}
