package evidence

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"fairlead/shared/diagnosis"
	"fairlead/shared/fault"
)

// TargetsAPI is what is read from the load balancers, with the SDK's signature.
type TargetsAPI interface {
	DescribeTargetHealth(context.Context, *elb.DescribeTargetHealthInput, ...func(*elb.Options)) (*elb.DescribeTargetHealthOutput, error)
}

// A service has five target groups at most; a blue/green service has two for each balancer.
// https://docs.aws.amazon.com/general/latest/gr/ecs-service.html
const (
	groups       = 10
	targetsShown = 10
)

// groupsOf are the target groups of a service.
func groupsOf(s types.Service) []string {
	var all []string
	for _, balancer := range s.LoadBalancers {
		all = append(all, aws.ToString(balancer.TargetGroupArn))
		if more := balancer.AdvancedConfiguration; more != nil {
			all = append(all, aws.ToString(more.AlternateTargetGroupArn))
		}
	}
	all = slices.DeleteFunc(all, func(arn string) bool { return arn == "" })
	slices.Sort(all)
	return slices.Compact(all)
}

// targets reads what the balancers find wrong. One that is leaving with its task says nothing any more.
func (r *reader) targets(ctx context.Context, arns []string) {
	for _, arn := range arns[:min(len(arns), groups)] {
		out, err := r.Targets.DescribeTargetHealth(ctx, &elb.DescribeTargetHealthInput{TargetGroupArn: &arn})
		if err != nil {
			r.unread("the health of the targets", fault.FromAWS("ask target group "+arn, err))
			return
		}
		for _, target := range out.TargetHealthDescriptions {
			if h := target.TargetHealth; h != nil && h.State == elbtypes.TargetHealthStateEnumUnhealthy && len(r.found.Targets) < targetsShown {
				r.found.Targets = append(r.found.Targets, targetOf(arn, target))
			}
		}
	}
}

func targetOf(group string, t elbtypes.TargetHealthDescription) diagnosis.Target {
	target := diagnosis.Target{Group: group, State: string(t.TargetHealth.State), Reason: string(t.TargetHealth.Reason),
		Description: aws.ToString(t.TargetHealth.Description)}
	if t.Target != nil {
		target.Port = int(aws.ToInt32(t.Target.Port))
	}
	return target
}
