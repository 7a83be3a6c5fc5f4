package events

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"fairlead/local/events/pattern"
	"fairlead/local/world"
)

// maxTargets is how many targets a rule can have.
const maxTargets = 5

// ResourceTypes are rules.
func (s *Service) ResourceTypes() []string { return []string{"AWS::Events::Rule"} }

type ruleProperties struct {
	Name               string
	Description        string
	EventBusName       string
	EventPattern       json.RawMessage
	ScheduleExpression string
	State              string
	Targets            []target
}

func (p ruleProperties) check() error {
	switch {
	case p.ScheduleExpression == "" && len(p.EventPattern) == 0:
		return fmt.Errorf("EventPattern: a rule has a pattern or a schedule")
	case p.EventBusName != "" && p.EventBusName != "default":
		return fmt.Errorf("EventBusName %q: only the default bus is served here", p.EventBusName)
	case len(p.Targets) > maxTargets:
		return fmt.Errorf("Targets: %d targets, a rule has at most %d", len(p.Targets), maxTargets)
	}
	if err := p.checkTrigger(); err != nil {
		return err
	}
	for _, t := range p.Targets {
		if err := t.check(); err != nil {
			return fmt.Errorf("Targets: %s: %w", t.ID, err)
		}
	}
	return nil
}

// checkTrigger checks what makes the rule run: a pattern, a schedule, or both.
func (p ruleProperties) checkTrigger() error {
	if p.ScheduleExpression != "" {
		if _, err := rate(p.ScheduleExpression); err != nil {
			return err
		}
	}
	if len(p.EventPattern) > 0 {
		if _, err := pattern.Parse(p.EventPattern); err != nil {
			return fmt.Errorf("EventPattern: %w", err)
		}
	}
	return nil
}

func (t target) check() error {
	parts := strings.Split(t.ARN, ":")
	if len(parts) < 6 || !slices.Contains([]string{"states", "lambda"}, parts[2]) {
		return fmt.Errorf("the target %q is no state machine and no function", t.ARN)
	}
	if parts[2] == "states" && t.RoleARN == "" {
		return fmt.Errorf("RoleArn is required for a state machine")
	}
	if t.InputTransformer != nil && len(t.InputTransformer.InputTemplate) > 8192 {
		return fmt.Errorf("InputTemplate is longer than 8192 characters")
	}
	return nil
}

// Declare makes or changes a rule.
func (s *Service) Declare(d world.Declared) (world.Resource, error) {
	var p ruleProperties
	if err := json.Unmarshal(d.Properties, &p); err != nil {
		return world.Resource{}, err
	}
	if err := p.check(); err != nil {
		return world.Resource{}, err
	}
	name := s.w.NameFor(d, p.Name)
	made := &rule{Name: name, ARN: s.arn(name), Description: p.Description, Pattern: p.EventPattern, Schedule: p.ScheduleExpression,
		Enabled: p.State != "DISABLED", Targets: p.Targets}
	s.start(made, s.state.Rules[name])
	s.state.Rules[name] = made
	return world.Resource{ID: name, Attributes: map[string]any{"Arn": s.arn(name)}}, nil
}

// Withdraw removes a rule.
func (s *Service) Withdraw(_, id string) error {
	delete(s.state.Rules, id)
	return nil
}
