// Package look reads from ECS what rollout.Judge judges: the service, and its service deployments with the task
// definitions that they put into service.
//
// One look is four calls at most as long as our deployment is listed, however long the rollout takes.
package look

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"fairlead/shared/fault"
	"fairlead/shared/rollout"
)

// API is what a look calls, with the SDK's signatures.
type API interface {
	DescribeServices(context.Context, *ecs.DescribeServicesInput, ...func(*ecs.Options)) (*ecs.DescribeServicesOutput, error)
	ListServiceDeployments(context.Context, *ecs.ListServiceDeploymentsInput, ...func(*ecs.Options)) (*ecs.ListServiceDeploymentsOutput, error)
	DescribeServiceDeployments(context.Context, *ecs.DescribeServiceDeploymentsInput, ...func(*ecs.Options)) (*ecs.DescribeServiceDeploymentsOutput, error)
	DescribeServiceRevisions(context.Context, *ecs.DescribeServiceRevisionsInput, ...func(*ecs.Options)) (*ecs.DescribeServiceRevisionsOutput, error)
}

// How long before the service was pointed at our revision its deployment may have begun: clocks differ a little; and the
// rollout of a revision that was adopted began with another execution.
const (
	clocksDiffer = time.Minute
	adopted      = 24 * time.Hour
)

// looks bounds how often a look begins anew because ECS went on while it was taken.
const looks = 3

// Service looks at a service for the deployment of aim.TaskDefinition. A service that does not exist is Seen with an
// empty Status. Errors are faults.
//
// A look is several calls. If our deployment has another status in the last than in those before, what they showed belongs to
// another moment, and it is looked at once more: a rollback that a newer deployment cut short is not to look like one that failed.
func Service(ctx context.Context, api API, cluster, name string, aim rollout.Aim) (seen rollout.Seen, err error) {
	v := viewer{api: api, cluster: cluster, name: name}
	for steady, i := false, 0; err == nil && !steady && i < looks; i++ {
		seen, steady, err = v.look(ctx, aim)
	}
	return seen, err
}

// look takes one look, and says whether our deployment stayed as it was meanwhile.
func (v viewer) look(ctx context.Context, aim rollout.Aim) (seen rollout.Seen, steady bool, err error) {
	seen, err = v.service(ctx)
	if err != nil || seen.Status != "ACTIVE" {
		return seen, true, err
	}
	from := aim.Since
	for _, e := range seen.Entries {
		if e.TaskDefinition == aim.TaskDefinition && aim.Failed == "" && e.CreatedAt.Before(from) {
			from = e.CreatedAt
		}
	}
	for _, margin := range []time.Duration{clocksDiffer, adopted} {
		seen.Deployments, steady, err = v.deployments(ctx, from.Add(-margin), aim.TaskDefinition)
		if err != nil || shows(seen, aim.TaskDefinition) {
			return seen, steady, err
		}
	}
	return seen, true, nil
}

func shows(seen rollout.Seen, taskDefinition string) bool {
	for _, d := range seen.Deployments {
		if d.TaskDefinition == taskDefinition {
			return true
		}
	}
	return false
}

// viewer looks at one service.
type viewer struct {
	api           API
	cluster, name string
}

func (v viewer) doing(what string) string {
	return fmt.Sprintf("%s of service %s in cluster %s", what, v.name, v.cluster)
}

// service reads the service itself.
func (v viewer) service(ctx context.Context) (rollout.Seen, error) {
	out, err := v.api.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &v.cluster, Services: []string{v.name}})
	if err != nil {
		return rollout.Seen{}, fault.FromAWS(v.doing("read the state"), err)
	}
	if len(out.Services) == 0 {
		return rollout.Seen{}, nil
	}
	s := out.Services[0]
	seen := rollout.Seen{Status: aws.ToString(s.Status), TaskDefinition: aws.ToString(s.TaskDefinition), CreatedAt: aws.ToTime(s.CreatedAt),
		DesiredCount: int(s.DesiredCount), Daemon: s.SchedulingStrategy == types.SchedulingStrategyDaemon}
	for _, d := range s.Deployments {
		seen.Entries = append(seen.Entries, entryOf(d))
		if at := aws.ToTime(d.UpdatedAt); at.After(seen.At) {
			seen.At = at
		}
	}
	return seen, nil
}

// deployments lists the service deployments that were created after a time, each with its task definition, and reads in
// full the newest of those that target ours. It is steady if that still has the status that it was listed with.
func (v viewer) deployments(ctx context.Context, after time.Time, ours string) (list []rollout.Deployment, steady bool, err error) {
	if list, err = v.list(ctx, after); err != nil {
		return nil, false, err
	}
	if err := v.resolve(ctx, list); err != nil {
		return nil, false, err
	}
	newest := -1
	for i, d := range list {
		if d.TaskDefinition == ours && (newest < 0 || d.CreatedAt.After(list[newest].CreatedAt)) {
			newest = i
		}
	}
	if newest < 0 {
		return list, true, nil
	}
	listed := list[newest].Status
	err = v.complete(ctx, list[newest:newest+1])
	return list, list[newest].Status == listed, err
}

// pages bounds a listing: at a hundred deployments each, more than any service makes in a day.
const pages = 5

// list reads the service deployments that were created after a time, in brief.
func (v viewer) list(ctx context.Context, after time.Time) ([]rollout.Deployment, error) {
	return v.pages(ctx, &ecs.ListServiceDeploymentsInput{Cluster: &v.cluster, Service: &v.name, MaxResults: aws.Int32(100),
		CreatedAt: &types.CreatedAt{After: &after}})
}

// batch is how many ARNs ECS describes in one call.
const batch = 20

// resolve fills in the task definitions and the images of the target revisions. One that ECS no longer knows stays empty.
func (v viewer) resolve(ctx context.Context, list []rollout.Deployment) error {
	definitions, images := map[string]string{}, map[string][]rollout.Image{}
	var arns []string
	for _, d := range list {
		if _, asked := definitions[d.Revision]; d.Revision != "" && !asked {
			definitions[d.Revision] = ""
			arns = append(arns, d.Revision)
		}
	}
	for len(arns) > 0 {
		n := min(batch, len(arns))
		out, err := v.api.DescribeServiceRevisions(ctx, &ecs.DescribeServiceRevisionsInput{ServiceRevisionArns: arns[:n]})
		if err != nil {
			return fault.FromAWS(v.doing("read the revisions"), err)
		}
		for _, r := range out.ServiceRevisions {
			definitions[aws.ToString(r.ServiceRevisionArn)] = aws.ToString(r.TaskDefinition)
			images[aws.ToString(r.ServiceRevisionArn)] = imagesOf(r)
		}
		arns = arns[n:]
	}
	for i := range list {
		list[i].TaskDefinition, list[i].Images = definitions[list[i].Revision], images[list[i].Revision]
	}
	return nil
}

// complete reads service deployments in full, at most [batch]. One that is gone by now stays as it was listed.
func (v viewer) complete(ctx context.Context, list []rollout.Deployment) error {
	input := &ecs.DescribeServiceDeploymentsInput{}
	for _, d := range list {
		input.ServiceDeploymentArns = append(input.ServiceDeploymentArns, d.ARN)
	}
	out, err := v.api.DescribeServiceDeployments(ctx, input)
	if err != nil {
		return fault.FromAWS(v.doing("read service deployments "+strings.Join(input.ServiceDeploymentArns, ", ")), err)
	}
	for i := range list {
		for _, full := range out.ServiceDeployments {
			if aws.ToString(full.ServiceDeploymentArn) == list[i].ARN {
				fill(&list[i], full)
			}
		}
	}
	return nil
}
