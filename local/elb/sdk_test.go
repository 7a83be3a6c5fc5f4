package elb_test

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"fairlead/local/elb"
	"fairlead/local/wire/wiretest"
	"fairlead/local/world"
)

// serve answers the SDK out of the world.
func serve(t *testing.T, w *world.World) *sdk.Client {
	t.Helper()
	return sdk.NewFromConfig(wiretest.Config(t, w.Call))
}

// made makes a target group in use by the API.
func made(t *testing.T, client *sdk.Client) types.TargetGroup {
	t.Helper()
	groups, err := client.CreateTargetGroup(t.Context(), &sdk.CreateTargetGroupInput{Name: aws.String("web"), Port: aws.Int32(8080),
		Protocol: types.ProtocolEnumHttp, TargetType: types.TargetTypeEnumIp, VpcId: aws.String("vpc-1"), HealthCheckPath: aws.String("/up"),
		HealthCheckIntervalSeconds: aws.Int32(10), Matcher: &types.Matcher{HttpCode: aws.String("200-299")}})
	if err != nil {
		t.Fatal(err)
	}
	balancers, err := client.CreateLoadBalancer(t.Context(), &sdk.CreateLoadBalancerInput{Name: aws.String("front"), Subnets: []string{"subnet-1"}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.CreateListener(t.Context(), &sdk.CreateListenerInput{LoadBalancerArn: balancers.LoadBalancers[0].LoadBalancerArn, Port: aws.Int32(80),
		DefaultActions: []types.Action{{Type: types.ActionTypeEnumForward, TargetGroupArn: groups.TargetGroups[0].TargetGroupArn}}})
	if err != nil {
		t.Fatal(err)
	}
	return groups.TargetGroups[0]
}

func TestTheSDKMakesAndReadsATargetGroup(t *testing.T) {
	t.Parallel()
	w, _ := newWorld(t, 1)
	client := serve(t, w)
	group := made(t, client)
	got, err := client.DescribeTargetGroups(t.Context(), &sdk.DescribeTargetGroupsInput{TargetGroupArns: []string{*group.TargetGroupArn}})
	if err != nil {
		t.Fatal(err)
	}
	g := got.TargetGroups[0]
	if *g.TargetGroupName != "web" || *g.Port != 8080 || *g.HealthCheckPath != "/up" || *g.HealthCheckIntervalSeconds != 10 ||
		*g.UnhealthyThresholdCount != 2 || *g.HealthyThresholdCount != 5 || *g.Matcher.HttpCode != "200-299" || len(g.LoadBalancerArns) != 1 {
		t.Errorf("the target group is %+v", g)
	}
	_, err = client.CreateTargetGroup(t.Context(), &sdk.CreateTargetGroupInput{Name: aws.String("web"), Port: aws.Int32(8080)})
	if twice := (*types.DuplicateTargetGroupNameException)(nil); !errors.As(err, &twice) {
		t.Errorf("made twice: %v", err)
	}
	for _, in := range []*sdk.DescribeTargetGroupsInput{{Names: []string{"none"}}, {TargetGroupArns: []string{"arn:none"}}} {
		_, err = client.DescribeTargetGroups(t.Context(), in)
		if none := (*types.TargetGroupNotFoundException)(nil); !errors.As(err, &none) {
			t.Errorf("one that there is not: %v", err)
		}
	}
}

func TestTheSDKReadsTheHealthOfTargets(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t, 1)
	client := serve(t, w)
	group := *made(t, client).TargetGroupArn
	ill := elb.Target{Address: "10.0.0.5", Port: 8080, Zone: "eu-west-1b"}
	s.Register(group, elb.Target{Address: "10.0.0.4", Port: 8080, Zone: "eu-west-1a"}, elb.Answers{})
	s.Register(group, ill, elb.Answers{Always: true, Badly: "503"})
	read := func(targets ...types.TargetDescription) []types.TargetHealthDescription {
		t.Helper()
		got, err := client.DescribeTargetHealth(t.Context(), &sdk.DescribeTargetHealthInput{TargetGroupArn: &group, Targets: targets})
		if err != nil {
			t.Fatal(err)
		}
		return got.TargetHealthDescriptions
	}
	if got := read(); len(got) != 2 || got[0].TargetHealth.State != types.TargetHealthStateEnumInitial || got[0].TargetHealth.Reason != types.TargetHealthReasonEnumRegistrationInProgress {
		t.Errorf("at first: %+v", got)
	}
	w.Advance(w.Now().Add(time.Minute))
	got := read()
	if h := got[0].TargetHealth; h.State != types.TargetHealthStateEnumHealthy || h.Reason != "" || *got[0].Target.Id != "10.0.0.4" || *got[0].HealthCheckPort != "8080" {
		t.Errorf("the healthy one: %+v", got[0])
	}
	if h := got[1].TargetHealth; h.State != types.TargetHealthStateEnumUnhealthy || h.Reason != types.TargetHealthReasonEnumResponseCodeMismatch ||
		*h.Description != "Health checks failed with these codes: [503]" || *got[1].Target.AvailabilityZone != "eu-west-1b" {
		t.Errorf("the ill one: %+v", h)
	}
	asked := read(types.TargetDescription{Id: aws.String("10.0.0.5"), Port: aws.Int32(8080)}, types.TargetDescription{Id: aws.String("10.9.9.9")})
	if len(asked) != 2 || asked[0].TargetHealth.State != types.TargetHealthStateEnumUnhealthy || asked[1].TargetHealth.Reason != types.TargetHealthReasonEnumNotRegistered {
		t.Errorf("those that were asked for: %+v", asked)
	}
	_, err := client.DescribeTargetHealth(t.Context(), &sdk.DescribeTargetHealthInput{TargetGroupArn: aws.String("arn:none")})
	if none := (*types.TargetGroupNotFoundException)(nil); !errors.As(err, &none) {
		t.Errorf("of a group that there is not: %v", err)
	}
}
