package look

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"fairlead/shared/fault"
	"fairlead/shared/rollout"
)

// ECS keeps service deployments for 90 days, and does not say in which order it lists them: Successful asks for a day,
// and goes further back only where that has none. Whoever finds no use for any of those asks for the ones before the oldest.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
func windows() []time.Duration {
	const day = 24 * time.Hour
	return []time.Duration{day, 10 * day, 91 * day}
}

// Successful lists the newest service deployments that succeeded and were created before a time, newest first, each
// in full and with its task definition and images: at most [batch]. There are none where ECS keeps no service deployments.
func Successful(ctx context.Context, api API, cluster, name string, before time.Time) ([]rollout.Deployment, error) {
	v := viewer{api: api, cluster: cluster, name: name}
	for _, window := range windows() {
		list, err := v.successful(ctx, before.Add(-window), before)
		if err != nil {
			return nil, err
		}
		if len(list) == 0 {
			continue
		}
		if err := v.resolve(ctx, list); err != nil {
			return nil, err
		}
		return list, v.complete(ctx, list)
	}
	return nil, nil
}

// successful lists those of a span of time, in brief.
func (v viewer) successful(ctx context.Context, after, before time.Time) ([]rollout.Deployment, error) {
	input := &ecs.ListServiceDeploymentsInput{Cluster: &v.cluster, Service: &v.name, MaxResults: aws.Int32(100),
		Status: []types.ServiceDeploymentStatus{types.ServiceDeploymentStatusSuccessful}, CreatedAt: &types.CreatedAt{After: &after, Before: &before}}
	list, err := v.pages(ctx, input)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(d rollout.Deployment) bool { return !d.CreatedAt.Before(before) })
	slices.SortFunc(list, func(a, b rollout.Deployment) int { return b.CreatedAt.Compare(a.CreatedAt) })
	return list[:min(batch, len(list))], nil
}

// pages reads a listing of service deployments in brief. A service for which ECS keeps none has none.
func (v viewer) pages(ctx context.Context, input *ecs.ListServiceDeploymentsInput) ([]rollout.Deployment, error) {
	var list []rollout.Deployment
	for range pages {
		out, err := v.api.ListServiceDeployments(ctx, input)
		if unsupported := new(types.UnsupportedFeatureException); errors.As(err, &unsupported) {
			return nil, nil
		}
		if err != nil {
			return nil, fault.FromAWS(v.doing("list the service deployments"), err)
		}
		for _, d := range out.ServiceDeployments {
			list = append(list, briefOf(d))
		}
		if input.NextToken = out.NextToken; aws.ToString(input.NextToken) == "" {
			break
		}
	}
	return list, nil
}
