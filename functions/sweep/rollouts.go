package sweep

import (
	"context"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"fairlead/shared/claim"
	"fairlead/shared/edge/ledger"
	"fairlead/shared/fault"
	"fairlead/shared/image"
	"fairlead/shared/revision"
	"fairlead/shared/sweep"
)

// running is what the service is pointed at.
type running struct {
	taskDefinition string
	state          string // ECS's rolloutState of the PRIMARY deployment; "" for a service that is not there to be deployed to
}

// States of a deployment beside those that only [sweep.Abandoned] tells apart.
const (
	completed = string(types.DeploymentRolloutStateCompleted)
	failed    = string(types.DeploymentRolloutStateFailed)
	unknown   = "UNKNOWN" // ECS does not tell one
)

// read asks ECS for the service. One that is not there is not swept: there is nothing to deploy to.
func (l look) read(ctx context.Context) (running, error) {
	out, err := l.Services.DescribeServices(ctx, &ecs.DescribeServicesInput{
		Cluster: aws.String(l.service.Cluster), Services: []string{l.service.Service}})
	if err != nil {
		return running{}, fault.FromAWS("describe service "+l.service.Service+" in cluster "+l.service.Cluster, err)
	}
	if len(out.Services) == 0 || aws.ToString(out.Services[0].Status) != "ACTIVE" {
		l.log(ctx, "service not swept", "it is not ACTIVE in ECS")
		return running{}, nil
	}
	service := out.Services[0]
	seen := running{taskDefinition: aws.ToString(service.TaskDefinition), state: unknown}
	for _, d := range service.Deployments {
		if aws.ToString(d.Status) == "PRIMARY" && aws.ToString(d.TaskDefinition) == seen.taskDefinition && d.RolloutState != "" {
			seen.state = string(d.RolloutState)
		}
	}
	return seen, nil
}

// rollout looks whether what the service is pointed at is being rolled out and followed by nobody, or was and nobody has said so,
// and starts an execution that follows it.
func (l look) rollout(ctx context.Context, held claim.Claim, running running) (started bool, err error) {
	var recorded ledger.Deployed
	switch running.state {
	case unknown:
		return false, nil
	case completed, failed:
		recorded, _, err = l.Ledger.Deployed.Deployed(ctx, l.service.Name)
		if err != nil || running.state == completed && recorded.TaskDefinition == running.taskDefinition {
			return false, err
		}
	}
	seen, err := l.executions(ctx, held, running)
	if err != nil {
		return false, err
	}
	seen.Recorded = recorded.Digest
	abandoned, reason := sweep.Abandoned(seen, held, l.now)
	l.log(ctx, "rollout looked at", reason, "task_definition", running.taskDefinition, "state", running.state, "abandoned", abandoned)
	if !abandoned {
		return false, nil
	}
	in := input{Service: l.service.Name}
	in.Sweep.Follow = running.taskDefinition
	if held.Digest == seen.Digest {
		in.Tag = held.Tag
	}
	return l.follow(ctx, in, held)
}

// executions reads the revision that the service is pointed at, and the executions that had to do with it.
func (l look) executions(ctx context.Context, held claim.Claim, running running) (sweep.Rollout, error) {
	definition, mark, err := l.definition(ctx, running.taskDefinition)
	if err != nil {
		return sweep.Rollout{}, err
	}
	seen := sweep.Rollout{TaskDefinition: running.taskDefinition, Sequence: mark.Sequence, State: running.state}
	if !mark.Ours() {
		return seen, nil
	}
	if seen.Digest, err = l.digestOf(ctx, definition); err != nil {
		return sweep.Rollout{}, err
	}
	if held.Exists() {
		if seen.Holder, err = l.execution(ctx, held.Holder); err != nil {
			return sweep.Rollout{}, err
		}
	}
	if seen.Maker = seen.Holder; !mark.MadeBy(held.Holder) {
		seen.Maker, err = l.execution(ctx, mark.Execution)
	}
	return seen, err
}

// tries bounds how often a rollout is followed anew over one claim: each time but the last the follower was lost before it
// could take the claim.
const tries = 3

// follow starts the execution that follows a rollout. It is named after the claim that it takes, so that a second sweep
// starts none beside it, and one is started anew only if it is lost itself.
func (l look) follow(ctx context.Context, in input, held claim.Claim) (started bool, err error) {
	for try := range tries {
		called := name(l.service.Name, in.Sweep.Follow, held.Holder, strconv.FormatInt(held.Sequence, 10), strconv.Itoa(try))
		there, err := l.execution(ctx, l.executionPrefix()+called)
		switch {
		case err != nil:
			return false, err
		case there.Status == "":
			return l.start(ctx, called, in)
		case !there.Lost(l.now):
			l.log(ctx, "rollout is followed", "execution "+called+" was started for that")
			return false, nil
		}
	}
	return false, fault.New(fault.Unexpected, "read how the executions that followed it have ended, then start a new execution or go back by hand",
		"the rollout of %s was followed %d times, and each time its execution was lost", in.Sweep.Follow, tries)
}

// definition reads a revision, with our tags.
func (l look) definition(ctx context.Context, taskDefinition string) (*types.TaskDefinition, revision.Mark, error) {
	out, err := l.Services.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{
		TaskDefinition: aws.String(taskDefinition), Include: []types.TaskDefinitionField{types.TaskDefinitionFieldTags}})
	if err != nil {
		return nil, revision.Mark{}, fault.FromAWS("describe task definition "+taskDefinition, err)
	}
	if out.TaskDefinition == nil {
		return nil, revision.Mark{}, fault.New(fault.AWSUnavailable, fault.Later, "describe task definition %s: ECS returned none", taskDefinition)
	}
	return out.TaskDefinition, revision.MarkOf(out.Tags), nil
}

// digestOf is the one digest of the containers that are deployed to; "" if there is none or more than one.
func (l look) digestOf(ctx context.Context, definition *types.TaskDefinition) (string, error) {
	uri := ""
	if l.service.Container == "" {
		var err error
		if uri, err = l.repositoryURI(ctx); err != nil {
			return "", err
		}
	}
	var found image.Digest
	for _, c := range definition.ContainerDefinitions {
		ref, err := image.ParseReference(aws.ToString(c.Image))
		ours := l.service.Container == aws.ToString(c.Name) || l.service.Container == "" && ref.In(uri)
		if err != nil || !ours {
			continue
		}
		if found != "" && ref.Digest != found {
			return "", nil
		}
		found = ref.Digest
	}
	return string(found), nil
}

// repositoryURI asks ECR under which name containers pull from the repository. Its path alone may be another registry's too,
// or the end of a longer one.
func (l look) repositoryURI(ctx context.Context) (string, error) {
	out, err := l.Registry.DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{RepositoryNames: []string{l.service.Repository}})
	if err != nil {
		return "", fault.FromAWS("describe repository "+l.service.Repository, err)
	}
	if len(out.Repositories) == 0 {
		return "", fault.New(fault.AWSUnavailable, fault.Later, "describe repository %s: ECR returned none", l.service.Repository)
	}
	return aws.ToString(out.Repositories[0].RepositoryUri), nil
}
