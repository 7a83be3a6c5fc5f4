package events

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"fairlead/local/events/pattern"
	"fairlead/local/world"
)

// Operations are putting events and reading rules.
func (s *Service) Operations() map[string]world.Operation {
	return map[string]world.Operation{
		"PutEvents":         world.Op(s.putEvents),
		"ListRules":         world.Op(s.listRules),
		"DescribeRule":      world.Op(s.describeRule),
		"ListTargetsByRule": world.Op(s.listTargetsByRule),
		"TestEventPattern":  world.Op(s.testEventPattern),
	}
}

type entry struct {
	Time         *world.Epoch
	Source       string
	Resources    []string
	DetailType   string
	Detail       string
	EventBusName string
}

type putEventsInput struct{ Entries []entry }

type putResult struct {
	EventId      string `json:",omitempty"`
	ErrorCode    string `json:",omitempty"`
	ErrorMessage string `json:",omitempty"`
}

type putEventsOutput struct {
	FailedEntryCount int
	Entries          []putResult
}

// Limits of PutEvents: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html.
const (
	maxEntries = 10
	maxEntry   = 256 << 10 // bytes
)

func (s *Service) putEvents(c *world.Call, in putEventsInput) (putEventsOutput, error) {
	if n := len(in.Entries); n < 1 || n > maxEntries {
		c.Unauthorized()
		return putEventsOutput{}, world.Errorf("ValidationException", "1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length between 1 and 10, not %d", n)
	}
	var out putEventsOutput
	for _, e := range in.Entries {
		keys := world.Keys{"events:source": {e.Source}, "events:detail-type": {e.DetailType}}
		if err := c.Authorize("events:PutEvents", s.busARN(e.EventBusName), keys); err != nil {
			return putEventsOutput{}, err
		}
		result := s.put(e)
		if result.ErrorCode != "" {
			out.FailedEntryCount++
		}
		out.Entries = append(out.Entries, result)
	}
	return out, nil
}

func (s *Service) busARN(name string) string {
	if strings.HasPrefix(name, "arn:") {
		return name
	}
	if name == "" {
		name = "default"
	}
	return s.w.ARN("events", "event-bus/"+name)
}

func (s *Service) put(e entry) putResult {
	if code, message := s.refuse(e); code != "" {
		return putResult{ErrorCode: code, ErrorMessage: message}
	}
	event := world.Event{ID: s.w.UUID(), Source: e.Source, DetailType: e.DetailType, Resources: e.Resources, Detail: json.RawMessage(e.Detail)}
	if e.Time != nil {
		event.Time = e.Time.Time
	}
	s.Publish(event)
	return putResult{EventId: event.ID}
}

func (s *Service) refuse(e entry) (code, message string) {
	var detail map[string]any
	switch {
	case strings.HasPrefix(e.Source, "aws."):
		return "NotAuthorizedForSourceException", "Not authorized for the source."
	case s.busARN(e.EventBusName) != s.busARN(""):
		return "InvalidArgument", "Event bus " + e.EventBusName + " does not exist."
	case e.Source == "" || e.DetailType == "" || e.Detail == "":
		return "InvalidArgument", "Parameter Source, DetailType or Detail is not valid. Reason: it is a required argument."
	case json.Unmarshal([]byte(e.Detail), &detail) != nil:
		return "MalformedDetail", "Detail is malformed."
	case len(e.Detail)+len(e.Source)+len(e.DetailType) > maxEntry:
		return "InvalidArgument", "The entry is larger than 256 KB."
	}
	return "", ""
}

type listRulesInput struct {
	NamePrefix   string
	EventBusName string
}

type ruleView struct {
	Name         string
	Arn          string
	EventPattern string `json:",omitempty"`
	State        string
	Description  string `json:",omitempty"`
	EventBusName string

	ScheduleExpression string `json:",omitempty"`
}

type listRulesOutput struct{ Rules []ruleView }

func (r *rule) view() ruleView {
	state := "ENABLED"
	if !r.Enabled {
		state = "DISABLED"
	}
	return ruleView{Name: r.Name, Arn: r.ARN, EventPattern: string(r.Pattern), State: state, Description: r.Description, EventBusName: "default",
		ScheduleExpression: r.Schedule}
}

func (s *Service) listRules(c *world.Call, in listRulesInput) (listRulesOutput, error) {
	out := listRulesOutput{Rules: []ruleView{}}
	if err := c.Authorize("events:ListRules", s.arn("*"), nil); err != nil {
		return out, err
	}
	for _, name := range slices.Sorted(maps.Keys(s.state.Rules)) {
		if strings.HasPrefix(name, in.NamePrefix) {
			out.Rules = append(out.Rules, s.state.Rules[name].view())
		}
	}
	return out, nil
}

func (s *Service) rule(c *world.Call, action, name string) (*rule, error) {
	if err := c.Authorize(action, s.arn(name), nil); err != nil {
		return nil, err
	}
	r := s.state.Rules[name]
	if r == nil {
		return nil, world.Errorf("ResourceNotFoundException", "Rule %s does not exist on EventBus default.", name)
	}
	return r, nil
}

type describeRuleInput struct{ Name string }

func (s *Service) describeRule(c *world.Call, in describeRuleInput) (ruleView, error) {
	r, err := s.rule(c, "events:DescribeRule", in.Name)
	if err != nil {
		return ruleView{}, err
	}
	return r.view(), nil
}

type listTargetsByRuleInput struct{ Rule string }

type listTargetsByRuleOutput struct{ Targets []target }

func (s *Service) listTargetsByRule(c *world.Call, in listTargetsByRuleInput) (listTargetsByRuleOutput, error) {
	r, err := s.rule(c, "events:ListTargetsByRule", in.Rule)
	if err != nil {
		return listTargetsByRuleOutput{}, err
	}
	return listTargetsByRuleOutput{Targets: r.Targets}, nil
}

type testEventPatternInput struct{ EventPattern, Event string }

type testEventPatternOutput struct{ Result bool }

func (s *Service) testEventPattern(c *world.Call, in testEventPatternInput) (testEventPatternOutput, error) {
	if err := c.Authorize("events:TestEventPattern", "*", nil); err != nil {
		return testEventPatternOutput{}, err
	}
	p, err := pattern.Parse([]byte(in.EventPattern))
	if err != nil {
		return testEventPatternOutput{}, world.Errorf("InvalidEventPatternException", "Event pattern is not valid. Reason: %v", err)
	}
	return testEventPatternOutput{Result: p.Matches([]byte(in.Event))}, nil
}
