package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"fairlead/shared/diagnosis"
	"fairlead/shared/outcome"
)

// What a scene has to show beside how its executions end.

// amiss says what a scene does not show.
func (s *stage) amiss(format string, args ...any) {
	s.wrong = true
	s.say("  AMISS: "+format, args...)
}

// wants says what was found amiss.
func (s *stage) wants(found ...error) {
	for _, err := range found {
		if err != nil {
			s.amiss("%v", err)
		}
	}
}

// reported wants an outcome event for each end, in their order.
func (s *stage) reported(ctx context.Context, ends []end) error {
	names := map[string][]string{} // of an execution's ends
	for _, e := range ends {
		names[e.Execution] = append(names[e.Execution], e.Outcome)
	}
	for execution, want := range names {
		told, err := s.watch.outcomes(ctx, execution, len(want))
		if err != nil {
			return err
		}
		if err := tells(told, want); err != nil {
			s.amiss("%s: %v", execution, err)
		}
	}
	return nil
}

// tells compares the outcome events of an execution with its ends.
func tells(told []outcome.Event, want []string) error {
	var got []string
	for _, e := range told {
		got = append(got, string(e.Outcome))
	}
	if !slices.Equal(got, want) {
		return fmt.Errorf("it has ended as %s, and the outcome events tell %s", strings.Join(want, ", "), strings.Join(got, ", "))
	}
	return nil
}

// says wants words in what an outcome event tells a person.
func says(e outcome.Event, words ...string) error {
	for _, w := range words {
		if !strings.Contains(e.Cause, w) {
			return fmt.Errorf("the outcome event does not say %q, but\n%s", w, indent(e.Cause))
		}
	}
	return nil
}

// fails follows an execution to its first end, and wants words in what the outcome event tells of that.
func (s *stage) fails(ctx context.Context, execution string, words ...string) (end, error) {
	e, err := s.follow(ctx, execution)
	if err != nil {
		return e, err
	}
	told, err := s.watch.outcomes(ctx, execution, 1)
	if err == nil {
		s.wants(says(told[0], words...))
	}
	return e, err
}

// crashed wants the crash told, with the last line of its log, and that Fairlead has ended the deployment.
func crashed(e outcome.Event, line string) error {
	if e.Diagnosis.Cause != string(diagnosis.Crashed) {
		return fmt.Errorf("the diagnosis is %q, not %s", e.Diagnosis.Cause, diagnosis.Crashed)
	}
	return says(e, "ended by itself (exit code 3, ", "its log ends with: "+line, "Fairlead had ECS stop the deployment and roll it back")
}

// early wants the deployment of a revision ended before ECS's circuit breaker would have.
func early(d ecstypes.ServiceDeployment) error {
	breaker := d.DeploymentCircuitBreaker
	switch {
	case breaker == nil || breaker.Threshold == 0:
		return errors.New("ECS does not tell what its circuit breaker has counted")
	case breaker.FailureCount >= breaker.Threshold:
		return fmt.Errorf("ECS's circuit breaker has counted %d failures of %d: it was there first", breaker.FailureCount, breaker.Threshold)
	default:
		return nil
	}
}

// newest is the sample service's newest deployment.
func (s *stage) newest(ctx context.Context) (ecstypes.ServiceDeployment, error) {
	client := s.ecs()
	listed, err := client.ListServiceDeployments(ctx, &ecs.ListServiceDeploymentsInput{Cluster: aws.String("fairlead-sample"), Service: aws.String("web")})
	if err != nil {
		return ecstypes.ServiceDeployment{}, fmt.Errorf("list the deployments of the sample service: %w", err)
	}
	if len(listed.ServiceDeployments) == 0 {
		return ecstypes.ServiceDeployment{}, errors.New("ECS lists no deployment of the sample service")
	}
	got, err := client.DescribeServiceDeployments(ctx, &ecs.DescribeServiceDeploymentsInput{
		ServiceDeploymentArns: []string{aws.ToString(listed.ServiceDeployments[0].ServiceDeploymentArn)}})
	if err != nil {
		return ecstypes.ServiceDeployment{}, fmt.Errorf("read the newest deployment of the sample service: %w", err)
	}
	if len(got.ServiceDeployments) == 0 {
		return ecstypes.ServiceDeployment{}, errors.New("ECS does not describe the newest deployment of the sample service")
	}
	return got.ServiceDeployments[0], nil
}

// ecs is an administrator's client.
func (s *stage) ecs() *ecs.Client {
	return ecs.NewFromConfig(clientConfig(s.instance.endpoint(), s.instance.Administrator()))
}
