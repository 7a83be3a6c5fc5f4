package stories_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	sdk "github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"fairlead/local/ecs"
	"fairlead/local/events"
	"fairlead/local/world"
)

// weather is what goes wrong around the service's tasks and on the way of an event.
func (s *story) weather() map[string]func([]string) error {
	return map[string]func([]string) error{
		"strike":   s.strike,   // strike capacity|quota|network|registry|secrets|logs|throttling <tasks>: an outage meets the next tasks; 0 ends it
		"late":     s.late,     // late <duration>: the next event of a push arrives that much later
		"deny":     s.deny,     // deny <role> <action> …: a policy of the role denies the actions
		"undeny":   s.undeny,   // undeny <role>: that policy is taken away
		"distrust": s.distrust, // distrust <role>: ECS's tasks may assume the role no more
		"lag":      s.lag,      // lag <duration>: changes of roles take effect that much later
		"unlog":    s.unlog,    // unlog: somebody deletes the log group of the service
	}
}

func (s *story) strike(args []string) error {
	tasks, err := strconv.Atoi(args[1])
	if err == nil {
		s.lab.Core.Do(func(*world.World) { err = s.lab.ECS.Strike(ecs.Outage(args[0]), tasks) })
	}
	return err
}

func (s *story) late(args []string) error {
	delay, err := time.ParseDuration(args[0])
	if err == nil {
		s.lab.Core.Do(func(*world.World) {
			s.lab.Events.Disturb(events.Disturbance{Source: "aws.ecr", Events: 1, Times: 1, Delay: delay})
		})
	}
	return err
}

func (s *story) lag(args []string) error {
	d, err := time.ParseDuration(args[0])
	if err == nil {
		s.lab.Core.Do(func(*world.World) { err = s.lab.IAM.Lag(d) })
	}
	return err
}

func (s *story) unlog([]string) (err error) {
	s.lab.Core.Do(func(*world.World) { err = s.lab.Logs.Withdraw("AWS::Logs::LogGroup", "/ecs/fairlead-sample/web") })
	return err
}

// stoppedTasks are the service's stopped tasks, as somebody who looks for the cause reads them.
func (s *story) stoppedTasks() ([]ecstypes.Task, error) {
	listed, err := s.lab.ECSClient().ListTasks(s.Context(), &sdk.ListTasksInput{Cluster: aws.String(cluster), ServiceName: aws.String(service), DesiredStatus: ecstypes.DesiredStatusStopped})
	if err != nil || len(listed.TaskArns) == 0 {
		return nil, err
	}
	got, err := s.lab.ECSClient().DescribeTasks(s.Context(), &sdk.DescribeTasksInput{Cluster: aws.String(cluster), Tasks: listed.TaskArns})
	if err != nil {
		return nil, err
	}
	return got.Tasks, nil
}

// TestTasksFailInECSsOwnWords lets tasks fail of what the account lacks, of an outage and of their program, and reads what
// ECS says of it.
func TestTasksFailInECSsOwnWords(t *testing.T) {
	t.Parallel()
	const execution, broken = "fairlead-sample-web-execution", "push broken"
	for name, test := range map[string]struct {
		deeds  string
		reason string // of the task
		exit   int32  // 0: it never ran
	}{
		"the execution role may not log in to ECR": {"deny " + execution + " ecr:GetAuthorizationToken\n" + broken,
			"ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve ecr registry auth: ", 0},
		"the execution role may not pull": {"deny " + execution + " ecr:BatchGetImage\n" + broken,
			"CannotPullContainerError: The task can't pull the image. Check that the role has the permissions", 0},
		"the execution role may not write logs": {"deny " + execution + " logs:CreateLogStream\n" + broken,
			"ResourceInitializationError: failed to validate logger args: ", 0},
		"the log group is gone": {"unlog\n" + broken,
			"ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. : exit status 1", 0},
		"the image is deleted before the first pull": {broken + "\npass 15s\ndelete broken",
			"CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref 127.0.0.1:4566/shop/web@", 0},
		"there is no network": {"strike network 9\n" + broken,
			"ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull registry auth from Amazon ECR: There is a connection issue", 0},
		"the registry is slow":              {"strike registry 9\n" + broken, "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref", 0},
		"the program is not in the image":   {broken + " local.noexec=/app", "CannotStartContainerError: ", 0},
		"the program exits":                 {broken + " local.exit=3", "Essential container in task exited", 3},
		"the program needs too much memory": {broken + " local.oom=true", "Essential container in task exited", 137},
		"the program becomes unhealthy":     {broken + " local.unhealthyafter=1m", "Task failed container health checks", 143},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t)
			s.lines(s.deeds(), test.deeds+"\nsettle 4h\npass 5m")
			tasks, err := s.stoppedTasks()
			if err != nil || len(tasks) == 0 {
				t.Fatalf("stopped tasks: %d, %v", len(tasks), err)
			}
			if err := likeOne(tasks, test.reason, test.exit); err != nil {
				t.Error(err)
				s.report()
			}
		})
	}
}

// likeOne finds a task that ended as wanted; ECS scales tasks in for other reasons too.
func likeOne(tasks []ecstypes.Task, reason string, exit int32) error {
	var seen []string
	for _, task := range tasks {
		code, ran := int32(0), task.StartedAt != nil
		if c := task.Containers[0].ExitCode; c != nil {
			code = *c
		}
		if strings.HasPrefix(*task.StoppedReason, reason) && code == exit && ran == (exit != 0) {
			return nil
		}
		seen = append(seen, fmt.Sprintf("%s, ran %v, exit code %d", *task.StoppedReason, ran, code))
	}
	return fmt.Errorf("the tasks ended so: %s", strings.Join(seen, "; "))
}

// TestTheServicesEventsTellWhyNoTaskIsStarted: because there is no task that could. A role that ECS could not assume before the
// deployment would stop it, so that it is distrusted within.
func TestTheServicesEventsTellWhyNoTaskIsStarted(t *testing.T) {
	t.Parallel()
	for deed, event := range map[string]string{
		"during ecs:RegisterTaskDefinition after distrust fairlead-sample-web-execution": "(service web) failed to launch a task with (error ECS was unable to assume the role 'arn:aws:iam::123456789012:role/fairlead-sample-web-execution'",
		"during ecs:RegisterTaskDefinition after distrust fairlead-sample-web-task":      "(service web) failed to launch a task with (error ECS was unable to assume the role 'arn:aws:iam::123456789012:role/fairlead-sample-web-task'",
		"strike capacity 99": "(service web) was unable to place a task. Reason: Capacity is unavailable at this time.",
		"strike quota 99":    "(service web) was unable to place a task. Reason: You've reached the limit on the number of tasks you can run concurrently.",
	} {
		t.Run(deed, func(t *testing.T) {
			t.Parallel()
			s := newStory(t)
			s.lines(s.deeds(), deed+"\npush first\npass 3m")
			got, err := s.lab.Service(t.Context(), cluster, service)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range got.Events {
				if strings.HasPrefix(*e.Message, event) {
					return
				}
			}
			t.Errorf("the events are %v", got.Events)
		})
	}
}

// TestAnEventThatIsLateIsServed: EventBridge promises no time.
func TestAnEventThatIsLateIsServed(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	s.lines(s.deeds(), "late 10m\npush first\npass 9m")
	s.lines(s.wants(), "executions 0")
	s.lines(s.deeds(), "pass 2m\nsettle")
	s.lines(s.wants(), "executions 1\nexecution 1 Deployed\nruns first")
}

// TestASessionThatHasExpiredIsRefused: a session ends by the clock of the lab, and each service says so in its own code.
func TestASessionThatHasExpiredIsRefused(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	var keys world.Credentials
	s.lab.Core.Do(func(*world.World) {
		who, err := s.lab.IAM.ServiceSession("arn:aws:iam::123456789012:role/fairlead-sample-web-task", "ecs-tasks.amazonaws.com", "arn:aws:ecs:eu-west-1:123456789012:task/x", "one")
		if err != nil {
			t.Error(err)
		}
		keys = s.lab.IAM.Issue(who, 15*time.Minute)
	})
	calls := map[string]func(aws.Config) error{
		"AccessDeniedException ExpiredTokenException ecs": func(c aws.Config) error {
			_, err := sdk.NewFromConfig(c).ListTasks(t.Context(), &sdk.ListTasksInput{Cluster: aws.String(cluster)})
			return err
		},
		"AccessDeniedException ExpiredTokenException dynamodb": func(c aws.Config) error {
			_, err := dynamodb.NewFromConfig(c).GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("t"), Key: map[string]types.AttributeValue{}})
			return err
		},
		"AccessDenied ExpiredToken elasticloadbalancing": func(c aws.Config) error {
			_, err := elasticloadbalancingv2.NewFromConfig(c).DescribeTargetHealth(t.Context(), &elasticloadbalancingv2.DescribeTargetHealthInput{TargetGroupArn: aws.String("g")})
			return err
		},
	}
	want := func(when string, n int) {
		for codes, call := range calls {
			code := strings.Fields(codes)[n]
			if err := call(s.lab.Client(keys)); err == nil || !strings.Contains(err.Error(), " "+code+": ") {
				t.Errorf("%s: %v, want %s", when, err, code)
			}
		}
	}
	want("before", 0)
	s.lab.Pass(15 * time.Minute)
	want("after", 1)
}
