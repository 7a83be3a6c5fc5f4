package stories_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"fairlead/shared/outcome"
)

// What a story leaves behind in ECS, on the bus and in the ledger.

func (s *story) wantRollouts(args []string) error {
	rollouts, err := s.rollouts()
	if err == nil {
		err = within(len(rollouts), args[0])
	}
	return err
}

func (s *story) rollouts() ([]ecstypes.ServiceDeploymentBrief, error) {
	got, err := s.lab.ECSClient().ListServiceDeployments(s.Context(), &ecs.ListServiceDeploymentsInput{
		Service: aws.String(service), Cluster: aws.String(cluster)})
	if err != nil {
		return nil, err
	}
	return got.ServiceDeployments, nil
}

// wantRevisions counts the task definitions with an image that service deployments have targeted.
func (s *story) wantRevisions(args []string) error {
	found, err := s.targeted(s.digests[args[0]])
	if err == nil {
		err = within(len(found), args[1])
	}
	return err
}

// targeted are the task definitions with an image that service deployments have targeted, and whether one of those was
// successful.
func (s *story) targeted(digest string) (map[string]bool, error) {
	rollouts, err := s.rollouts()
	if err != nil {
		return nil, err
	}
	found := map[string]bool{}
	for _, rollout := range rollouts {
		got, err := s.lab.ECSClient().DescribeServiceRevisions(s.Context(), &ecs.DescribeServiceRevisionsInput{
			ServiceRevisionArns: []string{*rollout.TargetServiceRevisionArn}})
		if err != nil {
			return nil, err
		}
		definition := got.ServiceRevisions[0].TaskDefinition
		described, err := s.lab.ECSClient().DescribeTaskDefinition(s.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: definition})
		if err != nil {
			return nil, err
		}
		if strings.HasSuffix(*described.TaskDefinition.ContainerDefinitions[0].Image, "@"+digest) {
			found[*definition] = found[*definition] || rollout.Status == ecstypes.ServiceDeploymentStatusSuccessful
		}
	}
	return found, nil
}

// wantEvents counts the outcome events of an execution by their IDs: an event that is sent twice under one ID is one.
func (s *story) wantEvents(args []string) error {
	r, err := s.run(args[0])
	if err != nil {
		return err
	}
	ids := map[string]bool{}
	for _, event := range s.outcomes() {
		if event.Execution.ARN == r.ARN {
			ids[event.ID] = true
		}
	}
	return within(len(ids), args[1])
}

// wantOutcomes wants one event for each end: one that is sent twice under one ID must say the same.
func (s *story) wantOutcomes(args []string) error {
	events, err := s.outcomesOf(args[0])
	if err != nil {
		return err
	}
	var names []string
	told := map[string]outcome.Name{}
	for _, event := range events {
		if name, twice := told[event.ID]; twice && name != event.Outcome {
			return fmt.Errorf("one id is told as %s and as %s", name, event.Outcome)
		} else if !twice {
			names = append(names, string(event.Outcome))
		}
		told[event.ID] = event.Outcome
	}
	if strings.Join(names, " ") != strings.Join(args[1:], " ") {
		return fmt.Errorf("they are %s", names)
	}
	return nil
}

func (s *story) wantTells(args []string) error {
	events, err := s.outcomesOf(args[0])
	if err != nil || len(events) == 0 {
		return fmt.Errorf("there are no events (%w)", err)
	}
	last := events[len(events)-1]
	if told := strings.Join(append([]string{last.Cause}, last.Warnings...), "\n"); !strings.Contains(told, s.fill(strings.Join(args[1:], " "))) {
		return fmt.Errorf("it tells %s", told)
	}
	return nil
}

// outcomesOf are the outcome events of an execution.
func (s *story) outcomesOf(n string) (events []outcome.Event, err error) {
	r, err := s.run(n)
	for _, event := range s.outcomes() {
		if event.Execution.ARN == r.ARN {
			events = append(events, event)
		}
	}
	return events, err
}

func (s *story) wantParameter(args []string) error {
	got, err := ssm.NewFromConfig(s.lab.Client(s.lab.Administrator())).GetParameter(s.Context(), &ssm.GetParameterInput{
		Name: aws.String("/fairlead/" + service + "/deployed-digest")})
	if _, none := errors.AsType[*ssmtypes.ParameterNotFound](err); none && args[0] == "none" {
		return nil
	}
	if err != nil {
		return err
	}
	if *got.Parameter.Value != s.digests[args[0]] {
		return fmt.Errorf("it names %s", *got.Parameter.Value)
	}
	return nil
}

// outcomes are the outcome events that were put on the bus.
func (s *story) outcomes() (events []outcome.Event) {
	for _, call := range s.calls {
		if call.Request.Operation != "PutEvents" || call.Code != "" {
			continue
		}
		var put struct{ Entries []struct{ Detail string } }
		if err := json.Unmarshal(call.Request.Body, &put); err != nil {
			s.Fatal(err)
		}
		for _, entry := range put.Entries {
			var event outcome.Event
			if err := json.Unmarshal([]byte(entry.Detail), &event); err != nil {
				s.Fatal(err)
			}
			events = append(events, event)
		}
	}
	return events
}

// wantHonest compares what the executions say with what ECS did.
func (s *story) wantHonest([]string) error {
	image, err := s.lab.Image(s.Context(), cluster, service)
	if err != nil {
		return err
	}
	runs, err := s.lab.Runs(s.Context())
	if err != nil {
		return err
	}
	for n, r := range runs {
		var checked struct{ Digest string }
		if r.Output != nil {
			if err := json.Unmarshal(r.Output["image"], &checked); err != nil {
				return err
			}
		}
		found, err := s.targeted(checked.Digest)
		if err != nil {
			return err
		}
		done := slices.Contains(slices.Collect(maps.Values(found)), true)
		outcome, in := r.Outcome(), strings.HasSuffix(image, "@"+checked.Digest)
		if outcome == "running" || outcome == "Deployed" && !done || outcome == "Superseded" && in {
			return fmt.Errorf("execution %d says %s, deployments of its image succeeded: %v, and the service runs %s", n+1, outcome, done, image)
		}
		if len(found) > 1 {
			return fmt.Errorf("%d revisions of the image of execution %d were in service", len(found), n+1)
		}
	}
	return nil
}

// within says that a count is not the one that is wanted: "2", or "0-1".
func within(got int, want string) error {
	least, most, isRange := strings.Cut(want, "-")
	if !isRange {
		most = least
	}
	from, err := strconv.Atoi(least)
	if err != nil {
		return err
	}
	to, err := strconv.Atoi(most)
	if err == nil && (got < from || got > to) {
		err = fmt.Errorf("there were %d", got)
	}
	return err
}
