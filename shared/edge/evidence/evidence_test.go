package evidence_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	logs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"fairlead/shared/diagnosis"
	"fairlead/shared/edge/evidence"
	"fairlead/shared/permission"
	"fairlead/shared/permission/permissiontest"
)

const group = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/943f017f100becff"

// land is what there is to read. An error of a call's name is what that call returns.
type land struct {
	cluster
	service    types.Service
	definition types.TaskDefinition
	health     []elbtypes.TargetHealthDescription
	log        []string
	empty      int // pages of the log without an event, before the one that has them
	fails      map[string]error
	asked      []string
}

func (l *land) ask(name string) error {
	l.asked = append(l.asked, name)
	return l.fails[name]
}

func (l *land) ListTasks(ctx context.Context, in *ecs.ListTasksInput, o ...func(*ecs.Options)) (*ecs.ListTasksOutput, error) {
	if err := l.ask("ListTasks"); err != nil {
		return nil, err
	}
	return l.cluster.ListTasks(ctx, in, o...)
}

func (l *land) DescribeServices(_ context.Context, in *ecs.DescribeServicesInput, _ ...func(*ecs.Options)) (*ecs.DescribeServicesOutput, error) {
	if *in.Cluster != "prod" || !slices.Equal(in.Services, []string{"web"}) {
		l.t.Errorf("DescribeServices of %+v", in)
	}
	return &ecs.DescribeServicesOutput{Services: []types.Service{l.service}}, l.ask("DescribeServices")
}

func (l *land) DescribeTaskDefinition(_ context.Context, in *ecs.DescribeTaskDefinitionInput, _ ...func(*ecs.Options)) (*ecs.DescribeTaskDefinitionOutput, error) {
	if *in.TaskDefinition != ours {
		l.t.Errorf("DescribeTaskDefinition of %s", *in.TaskDefinition)
	}
	return &ecs.DescribeTaskDefinitionOutput{TaskDefinition: &l.definition}, l.ask("DescribeTaskDefinition")
}

func (l *land) DescribeTargetHealth(_ context.Context, in *elb.DescribeTargetHealthInput, _ ...func(*elb.Options)) (*elb.DescribeTargetHealthOutput, error) {
	if err := l.ask("DescribeTargetHealth"); err != nil {
		return nil, err
	}
	if *in.TargetGroupArn != group {
		return &elb.DescribeTargetHealthOutput{}, nil
	}
	return &elb.DescribeTargetHealthOutput{TargetHealthDescriptions: l.health}, nil
}

func (l *land) GetLogEvents(_ context.Context, in *logs.GetLogEventsInput, _ ...func(*logs.Options)) (*logs.GetLogEventsOutput, error) {
	if got := *in.LogGroupName + " " + *in.LogStreamName; got != "/shop/web web/app/7" || *in.Limit > 100 {
		l.t.Errorf("GetLogEvents of %s, %d", got, *in.Limit)
	}
	out := &logs.GetLogEventsOutput{NextBackwardToken: aws.String(aws.ToString(in.NextToken) + "b")}
	if len(*out.NextBackwardToken) > l.empty {
		out.NextBackwardToken = aws.String(strings.Repeat("b", l.empty))
	}
	if len(aws.ToString(in.NextToken)) < l.empty {
		return out, l.ask("GetLogEvents")
	}
	for _, line := range l.log {
		out.Events = append(out.Events, logstypes.OutputLogEvent{Message: aws.String(line)})
	}
	return out, l.ask("GetLogEvents")
}

// crashed is a service behind a balancer whose task 7 has crashed: container app, beside one that may end.
func crashed(t *testing.T) *land {
	container := func(name string, essential bool) types.ContainerDefinition {
		return types.ContainerDefinition{Name: aws.String(name), Essential: aws.Bool(essential), LogConfiguration: &types.LogConfiguration{LogDriver: types.LogDriverAwslogs,
			Options: map[string]string{"awslogs-group": "/shop/web", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "web"}}}
	}
	stopped := task("arn:aws:ecs:eu-west-1:123456789012:task/prod/7", 1, func(t *types.Task) {
		t.Containers = append(t.Containers, types.Container{Name: aws.String("init"), ExitCode: aws.Int32(3)})
		t.Containers[0].Reason = nil
	})
	target := func(state elbtypes.TargetHealthStateEnum) elbtypes.TargetHealthDescription {
		return elbtypes.TargetHealthDescription{Target: &elbtypes.TargetDescription{Port: aws.Int32(8080)},
			TargetHealth: &elbtypes.TargetHealth{State: state, Reason: elbtypes.TargetHealthReasonEnumTimeout, Description: aws.String("Request timed out")}}
	}
	return &land{
		cluster: cluster{t: t, pages: [][]types.Task{{stopped}}}, fails: map[string]error{},
		service: types.Service{
			Events: []types.ServiceEvent{{CreatedAt: aws.Time(noon.Add(time.Minute)), Message: aws.String("new")}, {CreatedAt: aws.Time(noon.Add(-time.Hour)), Message: aws.String("old")}},
			LoadBalancers: []types.LoadBalancer{{TargetGroupArn: aws.String(group), AdvancedConfiguration: &types.AdvancedConfiguration{AlternateTargetGroupArn: aws.String("green")}},
				{TargetGroupArn: aws.String(group)}, {LoadBalancerName: aws.String("classic")}},
		},
		definition: types.TaskDefinition{ExecutionRoleArn: aws.String("arn:aws:iam::123456789012:role/shop/web-execution"),
			RuntimePlatform:      &types.RuntimePlatform{CpuArchitecture: types.CPUArchitectureArm64},
			ContainerDefinitions: []types.ContainerDefinition{container("app", true), container("init", false)}},
		health: []elbtypes.TargetHealthDescription{target(elbtypes.TargetHealthStateEnumHealthy), target(elbtypes.TargetHealthStateEnumUnhealthy)},
		log:    []string{"starting\n", "panic: no dsn\n\n\tmain.go:7\n"},
	}
}

func read(t *testing.T, l *land) diagnosis.Evidence {
	t.Helper()
	return evidence.Read(t.Context(), evidence.Sources{ECS: l, Targets: l, Logs: l, Region: "eu-west-1"}, web)
}

func TestReadCollects(t *testing.T) {
	l := crashed(t)
	got := read(t, l)
	want := diagnosis.Evidence{
		Events: []string{"new"}, Platform: "linux/arm64", ExecutionRole: "web-execution",
		Targets: []diagnosis.Target{{Group: group, Port: 8080, State: "unhealthy", Reason: "Target.Timeout", Description: "Request timed out"}},
		LogOf:   "app", Log: []string{"starting", "panic: no dsn", "main.go:7"},
	}
	if len(got.Tasks) != 1 || got.Tasks[0].Containers[0].Optional || !got.Tasks[0].Containers[1].Optional {
		t.Errorf("tasks %+v", got.Tasks)
	}
	got.Tasks = nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error("(-want +got)\n" + diff)
	}
	if calls := []string{"ListTasks", "ListTasks", "DescribeServices", "DescribeTargetHealth", "DescribeTargetHealth", "DescribeTaskDefinition", "GetLogEvents"}; !slices.Equal(l.asked, calls) {
		t.Errorf("calls %v", l.asked)
	}
}

// TestAPageOfALogMayBeEmpty has the lines on a page behind pages without any.
func TestAPageOfALogMayBeEmpty(t *testing.T) {
	l := crashed(t)
	l.empty = 3
	if got := read(t, l); len(got.Log) != 3 || got.LogOf != "app" {
		t.Errorf("log %q of %q, unread %q", got.Log, got.LogOf, got.Unread)
	}
}

func TestNoSourceHidesAnother(t *testing.T) {
	denied := &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "User: arn:aws:sts::123456789012:assumed-role/fairlead-web-look/web is not authorized to perform: x:Read on resource: * because no identity-based policy allows the x:Read action"}
	tests := []struct{ call, unread, cause string }{
		{"ListTasks", "could not read the stopped tasks: role fairlead-web-look is denied x:Read", "health.load-balancer"},
		{"DescribeServices", "could not read the events of the service: role fairlead-web-look is denied x:Read", "container.crashed"},
		{"DescribeTargetHealth", "could not read the health of the targets: role fairlead-web-look is denied x:Read", "container.crashed"},
		{"DescribeTaskDefinition", "could not read the task definition: role fairlead-web-look is denied x:Read", "container.crashed"},
		{"GetLogEvents", "could not read the log of container app: role fairlead-web-look is denied x:Read", "container.crashed"},
	}
	for _, tt := range tests {
		t.Run(tt.call, func(t *testing.T) {
			l := crashed(t)
			l.fails[tt.call] = denied
			got := read(t, l)
			if !slices.Contains(got.Unread, tt.unread) {
				t.Errorf("unread %q, want %q", got.Unread, tt.unread)
			}
			if d := diagnosis.Classify(got); string(d.Cause) != tt.cause || !slices.Contains(d.Evidence, tt.unread) {
				t.Errorf("%+v", d)
			}
		})
	}
	t.Run("none can be read", func(t *testing.T) {
		l := crashed(t)
		for _, tt := range tests {
			l.fails[tt.call] = errors.New("down")
		}
		if d := diagnosis.Classify(read(t, l)); d.Cause != diagnosis.Unknown || len(d.Evidence) != 3 {
			t.Errorf("%+v", d)
		}
	})
}

func TestALogThatIsElsewhereIsNamed(t *testing.T) {
	tests := []struct {
		name   string
		change func(*land)
		want   string
	}{
		{"another driver", func(l *land) {
			l.definition.ContainerDefinitions[0].LogConfiguration.LogDriver = types.LogDriverAwsfirelens
		}, "it goes to awsfirelens"},
		{"another Region", func(l *land) {
			l.definition.ContainerDefinitions[0].LogConfiguration.Options["awslogs-region"] = "us-east-1"
		}, "it is in us-east-1"},
		{"no prefix", func(l *land) {
			delete(l.definition.ContainerDefinitions[0].LogConfiguration.Options, "awslogs-stream-prefix")
		}, "awslogs-stream-prefix is not set"},
		{"no driver", func(l *land) { l.definition.ContainerDefinitions[0].LogConfiguration = nil }, "no log driver"},
		{"no line", func(l *land) { l.log = nil }, "shows no line of container app"},
		{"no line on any page", func(l *land) { l.empty = 9 }, "shows no line of container app"},
		{"no stream", func(l *land) { l.fails["GetLogEvents"] = &logstypes.ResourceNotFoundException{} }, "container app wrote no log"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := crashed(t)
			tt.change(l)
			got := read(t, l)
			if len(got.Log) > 0 || !strings.Contains(fmt.Sprint(got.Unread), tt.want) {
				t.Errorf("log %q, unread %q", got.Log, got.Unread)
			}
		})
	}
}

func TestNoLogIsReadOfATaskThatIsNotAtFault(t *testing.T) {
	l := crashed(t)
	l.pages[0][0].StopCode, l.pages[0][0].StoppedReason = types.TaskStopCodeServiceSchedulerInitiated, aws.String("Scaling activity")
	if got := read(t, l); len(got.Log) > 0 || slices.Contains(l.asked, "GetLogEvents") || len(got.Unread) > 0 {
		t.Errorf("%+v", got)
	}
}

func TestPermissions(t *testing.T) {
	permissiontest.Check(t, permission.Policy{Look: evidence.Permissions}, permissiontest.Ports{Spared: []string{"ecs:ListTagsForResource"}, Look: []any{
		(*evidence.TasksAPI)(nil), (*evidence.API)(nil), (*evidence.TargetsAPI)(nil), (*evidence.LogsAPI)(nil)}})
}
