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
	"fairlead/shared/fault"
	"fairlead/shared/revision"
	"fairlead/shared/rollout"
	"fairlead/shared/sweep"
)

// takenBack looks whether ECS has taken the service back from what the holder of the claim deployed, after that execution had
// ended without an end of the workflow, and redrives it. The service needs nobody then, but the image does: the redrive finds
// out why it failed, puts it into quarantine and says so. It deploys nothing, for the deployment is there.
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
		untold, reason, err = l.blamed(ctx, held)
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

// blamed says whether ECS has taken the service back from the revision that the claim names, and nobody has put its image into
// quarantine for it. The revision has to be the holder's own: one that it adopted, or went back to, tells nothing of its image.
func (l look) blamed(ctx context.Context, held claim.Claim) (blamed bool, reason string, err error) {
	_, mark, err := l.definition(ctx, held.TaskDefinition)
	if err != nil || !mark.MadeBy(held.Holder) {
		return false, fmt.Sprintf("%s was not made by the execution that holds the claim", revision.Short(held.TaskDefinition)), err
	}
	quarantine, inForce, err := l.Ledger.Quarantine.Quarantined(ctx, l.service.Name, held.Digest)
	if err != nil || inForce || slices.Contains(quarantine.Executions, held.Holder) {
		return false, "its image was put into quarantine", err
	}
	seen, err := ecslook.Service(ctx, l.Services, l.service.Cluster, l.service.Service, rollout.Aim{TaskDefinition: held.TaskDefinition, Since: held.UpdatedAt})
	if err != nil {
		return false, "", err
	}
	theirs := slices.DeleteFunc(seen.Deployments, func(d rollout.Deployment) bool { return d.TaskDefinition != held.TaskDefinition })
	if len(theirs) == 0 {
		return false, fmt.Sprintf("ECS lists no deployment of %s", revision.Short(held.TaskDefinition)), nil
	}
	last := slices.MaxFunc(theirs, func(a, b rollout.Deployment) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return last.RolledBack(), "ECS has its deployment as " + last.Status, nil
}

// redrive redrives an execution, and says whether it did. One that cannot be redriven, or is no more to be, is left alone.
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_RedriveExecution.html
func (l look) redrive(ctx context.Context, run sweep.Run) (redriven bool, err error) {
	_, err = l.Workflow.RedriveExecution(ctx, &sfn.RedriveExecutionInput{ExecutionArn: aws.String(run.Execution)})
	if not := new(types.ExecutionNotRedrivable); errors.As(err, &not) {
		l.log(ctx, "execution not redriven", aws.ToString(not.Message), "execution", run.Execution)
		return false, nil
	}
	return err == nil, fault.FromAWS("redrive execution "+run.Execution, err)
}
