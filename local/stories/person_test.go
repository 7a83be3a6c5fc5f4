package stories_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"fairlead/local/steps"
	"fairlead/shared/config"
)

// What a person does to the service by hand.

func (s *story) person(args []string) error {
	return s.putInService(func(in *ecs.RegisterTaskDefinitionInput) {
		in.ContainerDefinitions[0].Image = aws.String(steps.Host + "/" + repository + "@" + s.digests[args[0]])
	})
}

// putInService copies the revision in service by hand, with a change, and points the service at it.
func (s *story) putInService(change func(*ecs.RegisterTaskDefinitionInput)) error {
	made, err := s.registerByHand(change)
	if err != nil {
		return err
	}
	_, err = s.lab.ECSClient().UpdateService(s.Context(), &ecs.UpdateServiceInput{Cluster: aws.String(cluster), Service: aws.String(service),
		TaskDefinition: made.TaskDefinition.TaskDefinitionArn})
	return err
}

// registerByHand copies the revision in service by hand, with a change.
func (s *story) registerByHand(change func(*ecs.RegisterTaskDefinitionInput)) (*ecs.RegisterTaskDefinitionOutput, error) {
	client := s.lab.ECSClient()
	current, err := s.lab.Service(s.Context(), cluster, service)
	if err != nil {
		return nil, err
	}
	described, err := client.DescribeTaskDefinition(s.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: current.TaskDefinition})
	if err != nil {
		return nil, err
	}
	d := described.TaskDefinition
	in := &ecs.RegisterTaskDefinitionInput{Family: d.Family,
		ContainerDefinitions: d.ContainerDefinitions, TaskRoleArn: d.TaskRoleArn, ExecutionRoleArn: d.ExecutionRoleArn, NetworkMode: d.NetworkMode,
		RequiresCompatibilities: d.RequiresCompatibilities, Cpu: d.Cpu, Memory: d.Memory, RuntimePlatform: d.RuntimePlatform}
	change(in)
	return client.RegisterTaskDefinition(s.Context(), in)
}

// add adds a revision to the family as infrastructure code does: with other sizes, and without putting it into service.
func (s *story) add(args []string) error {
	_, err := s.registerByHand(func(in *ecs.RegisterTaskDefinitionInput) {
		in.Memory = aws.String(args[0])
		if len(args) > 1 {
			in.TaskRoleArn = in.ExecutionRoleArn
		}
	})
	return err
}

// wantMemory compares the memory of the revision that the service is pointed at.
func (s *story) wantMemory(args []string) error {
	current, err := s.lab.Service(s.Context(), cluster, service)
	if err != nil {
		return err
	}
	described, err := s.lab.ECSClient().DescribeTaskDefinition(s.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: current.TaskDefinition})
	if err == nil && aws.ToString(described.TaskDefinition.Memory) != args[0] {
		err = fmt.Errorf("it has %s", aws.ToString(described.TaskDefinition.Memory))
	}
	return err
}

// wantWarns looks for words in the warnings of an execution's document.
func (s *story) wantWarns(args []string) error {
	r, err := s.run(args[0])
	if err != nil {
		return err
	}
	var checked struct{ Warnings []string }
	if err := json.Unmarshal(r.Output["image"], &checked); err != nil {
		return err
	}
	if said := strings.Join(checked.Warnings, " "); !strings.Contains(said, strings.Join(args[1:], " ")) {
		return fmt.Errorf("it warns %q", said)
	}
	return nil
}

// configure deploys the stacks with a field of the configuration set for every service, to a JSON value or to a text.
func (s *story) configure(args []string) error {
	var value any
	if err := json.Unmarshal([]byte(args[1]), &value); err != nil {
		value = args[1]
	}
	return s.configureFrom(assembly, args[0], value)
}

// configureFrom deploys the stacks of an assembly with a field of the configuration set for every service.
func (s *story) configureFrom(from, field string, value any) error {
	dir := changedFrom(s.TB, from, "Fairlead", func(resources map[string]any) {
		for _, resource := range resources {
			if resource.(map[string]any)["Type"] == "AWS::Lambda::Function" {
				properties(resource)["Description"] = fmt.Sprint(field, value) // another zip is another key; here the folder changes alone
			}
		}
	})
	files, err := filepath.Glob(filepath.Join(dir, "asset.*", config.FileName))
	if err != nil || len(files) == 0 {
		s.Fatalf("no function has a configuration: %v", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		var whole map[string]any
		if err := json.Unmarshal(raw, &whole); err != nil {
			return err
		}
		for _, each := range whole["services"].(map[string]any) {
			each.(map[string]any)[field] = value
		}
		if raw, err = json.Marshal(whole); err != nil {
			return err
		}
		if err := os.WriteFile(file, raw, 0o600); err != nil {
			return err
		}
	}
	_, err = s.lab.Deploy(dir)
	return err
}

func (s *story) desired(args []string) error {
	count, err := strconv.ParseInt(args[0], 10, 32)
	if err != nil {
		return err
	}
	_, err = s.lab.ECSClient().UpdateService(s.Context(), &ecs.UpdateServiceInput{Cluster: aws.String(cluster), Service: aws.String(service),
		DesiredCount: aws.Int32(int32(count))})
	return err
}

// wantFailures asks how far the circuit breaker had counted when the newest service deployment was ended.
func (s *story) wantFailures(args []string) error {
	rollouts, err := s.rollouts()
	if err != nil {
		return err
	}
	got, err := s.lab.ECSClient().DescribeServiceDeployments(s.Context(), &ecs.DescribeServiceDeploymentsInput{ServiceDeploymentArns: []string{*rollouts[0].ServiceDeploymentArn}})
	if err != nil {
		return err
	}
	breaker := got.ServiceDeployments[0].DeploymentCircuitBreaker
	most, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	if strconv.Itoa(int(breaker.Threshold)) != args[1] || int(breaker.FailureCount) > most {
		return fmt.Errorf("%d of %d were counted", breaker.FailureCount, breaker.Threshold)
	}
	return nil
}
