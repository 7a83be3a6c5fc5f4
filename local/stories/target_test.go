package stories_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// TestTheHealthOfTheServicesTargetsIsRead puts the sample behind a load balancer, as its owner would, and deploys what
// answers badly.
func TestTheHealthOfTheServicesTargetsIsRead(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	client := elasticloadbalancingv2.NewFromConfig(s.lab.Client(s.lab.Administrator()))
	group := s.targetGroup(client)
	balancers := []ecstypes.LoadBalancer{{TargetGroupArn: &group, ContainerName: aws.String("web"), ContainerPort: aws.Int32(80)}}
	if _, err := s.lab.ECSClient().UpdateService(t.Context(), &sdk.UpdateServiceInput{Cluster: aws.String(cluster), Service: aws.String(service), LoadBalancers: balancers}); err != nil {
		t.Fatal(err)
	}
	s.lab.Pass(20 * time.Minute)
	if got := s.health(client, group); got != "healthy healthy" {
		t.Fatalf("the targets are %s", got)
	}
	s.lines(s.deeds(), "push broken local.elb=503")
	seen := s.lab.Until(time.Hour, func() bool { return strings.Contains(s.health(client, group), "unhealthy") })
	s.lines(s.deeds(), "settle 4h\npass 5m")
	tasks, err := s.stoppedTasks()
	if err != nil || !seen {
		t.Fatalf("no target was seen unhealthy: %v", err)
	}
	if err := likeOne(tasks, "Task failed ELB health checks in (target-group "+group+")", 143); err != nil {
		t.Error(err)
	}
	s.lines(s.wants(), "execution 1 RolledBack\nruns base\ncause 1 health.load-balancer the load balancer finds")
}

// targetGroup makes a target group that a load balancer forwards to.
func (s *story) targetGroup(client *elasticloadbalancingv2.Client) string {
	groups, err := client.CreateTargetGroup(s.Context(), &elasticloadbalancingv2.CreateTargetGroupInput{Name: aws.String("web"), Port: aws.Int32(80),
		Protocol: elbtypes.ProtocolEnumHttp, TargetType: elbtypes.TargetTypeEnumIp, HealthCheckIntervalSeconds: aws.Int32(10)})
	if err != nil {
		s.Fatal(err)
	}
	front, err := client.CreateLoadBalancer(s.Context(), &elasticloadbalancingv2.CreateLoadBalancerInput{Name: aws.String("front")})
	if err != nil {
		s.Fatal(err)
	}
	group := *groups.TargetGroups[0].TargetGroupArn
	if _, err := client.CreateListener(s.Context(), &elasticloadbalancingv2.CreateListenerInput{LoadBalancerArn: front.LoadBalancers[0].LoadBalancerArn, Port: aws.Int32(80),
		DefaultActions: []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: &group}}}); err != nil {
		s.Fatal(err)
	}
	return group
}

// health is that of the targets of a target group, in the order of their registration.
func (s *story) health(client *elasticloadbalancingv2.Client, group string) string {
	got, err := client.DescribeTargetHealth(s.Context(), &elasticloadbalancingv2.DescribeTargetHealthInput{TargetGroupArn: &group})
	if err != nil {
		s.Fatal(err)
	}
	var states []string
	for _, d := range got.TargetHealthDescriptions {
		states = append(states, string(d.TargetHealth.State))
	}
	return strings.Join(states, " ")
}
