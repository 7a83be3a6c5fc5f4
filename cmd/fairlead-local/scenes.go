package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"fairlead/shared/outcome"
)

// scene is a part of the demonstration and how its executions should end.
type scene struct {
	title string
	play  func(ctx context.Context, s *stage) ([]end, error)
	want  []string // the outcomes
}

// commit is a made-up commit: the same tag twice would meet the repository's immutability.
func commit(n int) string { return strings.Repeat(fmt.Sprintf("%x", n), 40) }

func scenes() []scene {
	return []scene{
		{"CI pushes an image; it becomes healthy", onePush(commit(1)+"-1", "the first", "start=3s"), []string{"Deployed"}},
		{"CI pushes the same image under another tag; there is nothing to do", onePush(commit(1)+"-2", "the first", "start=3s"), []string{"Skipped"}},
		{"An image never becomes healthy; ECS puts the service back", onePush(commit(2)+"-1", "the second", "unhealthy=true"), []string{"RolledBack"}},
		{"An image crashes on start; Fairlead stops it early, says why, and it is rolled back", crash, []string{"RolledBack"}},
		{"The image that crashed is pushed again; it is in quarantine", onePush(commit(3)+"-2", "the third", "exit=3 log=panic:DATABASE_URL_is_not_set"), []string{"Skipped"}},
		{"The scan of an image has a critical finding; the gate refuses it before anything is touched", onePush(commit(10)+"-1", "the tenth", "findings=CVE-2026-1:CRITICAL:openssl@3.0.1>3.0.2,LOW:4"), []string{"Rejected"}},
		{"Two pushes race; the newest wins", twoPushes, []string{"Superseded", "Deployed"}},
		{"The service is held: pushes are skipped, and when the hold is lifted the newest goes out, once", held, []string{"Skipped", "Skipped", "Deployed"}},
		{"Somebody stops an execution in the console: that is reported, and a redrive follows the rollout to its end", stopped, []string{"Failed", "Deployed"}},
		{"A right is missing: the execution waits a minute, then fails where it stands; mended and redriven it goes on there", denied, []string{"Failed", "Deployed"}},
	}
}

// onePush is a push that is followed to its end.
func onePush(tag, content, behaviour string) func(context.Context, *stage) ([]end, error) {
	return func(ctx context.Context, s *stage) ([]end, error) {
		execution, err := s.push(ctx, tag, content, behaviour)
		if err != nil {
			return nil, err
		}
		e, err := s.follow(ctx, execution)
		return []end{e}, err
	}
}

// crash pushes an image that crashes to a service of one task: the circuit breaker waits for three that fail, Fairlead
// knows at the second.
func crash(ctx context.Context, s *stage) ([]end, error) {
	if err := s.scale(ctx, 1); err != nil {
		return nil, err
	}
	const line = "panic:DATABASE_URL_is_not_set"
	ends, err := onePush(commit(3)+"-1", "the third", "exit=3 log="+line)(ctx, s)
	if err != nil {
		return nil, err
	}
	told, err := s.watch.outcomes(ctx, ends[0].Execution, 1)
	if err != nil {
		return nil, err
	}
	deployment, err := s.newest(ctx)
	if err != nil {
		return nil, err
	}
	s.wants(early(deployment), crashed(told[0], line))
	return ends, s.scale(ctx, 2)
}

// scale sets how many tasks the sample service asks for.
func (s *stage) scale(ctx context.Context, tasks int32) error {
	_, err := s.ecs().UpdateService(ctx, &ecs.UpdateServiceInput{Cluster: aws.String("fairlead-sample"), Service: aws.String("web"), DesiredCount: &tasks})
	if err != nil {
		return fmt.Errorf("scale the sample service: %w", err)
	}
	return nil
}

func twoPushes(ctx context.Context, s *stage) ([]end, error) {
	first, err := s.push(ctx, commit(4)+"-1", "the fourth", "start=10s")
	if err != nil {
		return nil, err
	}
	second, err := s.push(ctx, commit(5)+"-1", "the fifth", "start=3s")
	if err != nil {
		return nil, err
	}
	var ends []end
	for n, execution := range []string{first, second} {
		s.say("  the %s of the two:", []string{"first", "second"}[n])
		e, err := s.follow(ctx, execution)
		if err != nil {
			return nil, err
		}
		ends = append(ends, e)
	}
	return ends, nil
}

// stopped stops an execution that waits for its rollout, and redrives it.
func stopped(ctx context.Context, s *stage) ([]end, error) {
	execution, err := s.push(ctx, commit(6)+"-1", "the sixth", "start=20s")
	if err != nil {
		return nil, err
	}
	if err := s.entered(ctx, execution, "AwaitRollout"); err != nil {
		return nil, err
	}
	if _, err := s.states.StopExecution(ctx, &sfn.StopExecutionInput{ExecutionArn: &execution}); err != nil {
		return nil, fmt.Errorf("stop the execution: %w", err)
	}
	s.say("  somebody stops the execution")
	told, err := s.watch.outcomes(ctx, execution, 1)
	if err != nil {
		return nil, err
	}
	s.say("  => %s, as the outcome event tells\n%s", told[0].Outcome, indent(told[0].Cause))
	s.wants(says(told[0], "was stopped by a person in state AwaitRollout", "redrive the execution"))
	e, err := s.redrive(ctx, execution)
	return []end{{Execution: execution, Outcome: string(outcome.Failed)}, e}, err
}

// denied takes the right to pass one of the two task roles away, and gives it back.
func denied(ctx context.Context, s *stage) ([]end, error) {
	roles := iam.NewFromConfig(clientConfig(s.instance.endpoint(), s.instance.Administrator()))
	const role, policy = "fairlead-web-register", "register"
	granted, err := roles.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: aws.String(role), PolicyName: aws.String(policy)})
	if err != nil {
		return nil, fmt.Errorf("read the policy of %s: %w", role, err)
	}
	document, err := url.QueryUnescape(aws.ToString(granted.PolicyDocument))
	if err != nil {
		return nil, err
	}
	less, err := withoutExecutionRole(document)
	if err != nil {
		return nil, err
	}
	put := func(document string) error {
		_, err := roles.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: aws.String(role), PolicyName: aws.String(policy), PolicyDocument: &document})
		return err
	}
	if err := put(less); err != nil {
		return nil, fmt.Errorf("change the policy of %s: %w", role, err)
	}
	s.say("  somebody takes the execution role out of what %s may pass", role)
	execution, err := s.push(ctx, commit(7)+"-1", "the seventh", "start=3s")
	if err != nil {
		return nil, err
	}
	failed, err := s.fails(ctx, execution, "failed in state RegisterRevision. The service was not touched.", "iam:PassRole",
		"role/fairlead-sample-web-execution", "then redrive the execution")
	if err != nil {
		return nil, err
	}
	if err := put(document); err != nil {
		return nil, fmt.Errorf("mend the policy of %s: %w", role, err)
	}
	s.say("  the right is given again, as cdk deploy would")
	e, err := s.redrive(ctx, execution)
	return []end{failed, e}, err
}

// withoutExecutionRole is a policy whose iam:PassRole covers one role less.
func withoutExecutionRole(document string) (string, error) {
	var policy map[string]any
	if err := json.Unmarshal([]byte(document), &policy); err != nil {
		return "", fmt.Errorf("read the policy: %w", err)
	}
	statements, _ := policy["Statement"].([]any)
	for _, statement := range statements {
		s, _ := statement.(map[string]any)
		if !strings.Contains(fmt.Sprint(s["Action"]), "iam:PassRole") {
			continue
		}
		roles, _ := s["Resource"].([]any)
		s["Resource"] = slices.DeleteFunc(roles, func(role any) bool { return strings.HasSuffix(fmt.Sprint(role), "-execution") })
	}
	less, err := json.Marshal(policy)
	return string(less), err
}

// redrive redrives an execution and follows it to its end.
func (s *stage) redrive(ctx context.Context, execution string) (end, error) {
	if _, err := s.states.RedriveExecution(ctx, &sfn.RedriveExecutionInput{ExecutionArn: &execution}); err != nil {
		return end{}, fmt.Errorf("redrive the execution: %w", err)
	}
	s.say("  and the execution is redriven")
	from, err := s.redriven(ctx, execution)
	if err != nil {
		return end{}, err
	}
	return s.followFrom(ctx, execution, from)
}

// redriven is the number of the event in an execution's history that says it was redriven last.
func (s *stage) redriven(ctx context.Context, execution string) (int64, error) {
	got, err := s.states.GetExecutionHistory(ctx, &sfn.GetExecutionHistoryInput{ExecutionArn: &execution, ReverseOrder: true, MaxResults: 1000})
	if err != nil {
		return 0, fmt.Errorf("read the history: %w", err)
	}
	for _, event := range got.Events {
		if event.ExecutionRedrivenEventDetails != nil {
			return event.Id, nil
		}
	}
	return 0, errors.New("the history does not show the redrive")
}

// entered waits until an execution has entered a state.
func (s *stage) entered(ctx context.Context, execution, state string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		got, err := s.states.GetExecutionHistory(ctx, &sfn.GetExecutionHistoryInput{ExecutionArn: &execution, ReverseOrder: true, MaxResults: 50})
		if err != nil {
			return fmt.Errorf("read the history: %w", err)
		}
		for _, event := range got.Events {
			if d := event.StateEnteredEventDetails; d != nil && aws.ToString(d.Name) == state {
				return nil
			}
		}
		if err := pause(ctx); err != nil {
			return fmt.Errorf("the execution does not reach %s", state)
		}
	}
}
