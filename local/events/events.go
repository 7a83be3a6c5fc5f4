// Package events is the embedded EventBridge: it takes the events that services emit and that callers put, matches them
// against the rules that templates declare, and delivers them to the rules' targets, with retries and dead letters.
package events

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"fairlead/local/events/pattern"
	"fairlead/local/world"
)

// latency is how long EventBridge takes from an event to its targets: a published p90 of 80 ms for a whole application
// (AWS Architecture Blog, 2026-02); assumed here for every event.
const latency = 80 * time.Millisecond

type rule struct {
	Name        string          `json:"name"`
	ARN         string          `json:"arn"`
	Description string          `json:"description"`
	Pattern     json.RawMessage `json:"pattern,omitempty"`
	Schedule    string          `json:"schedule,omitempty"`
	Run         int             `json:"run,omitempty"` // of the schedule: which of the state's
	Enabled     bool            `json:"enabled"`
	Targets     []target        `json:"targets"`
}

// target is CloudFormation's and the API's own shape.
type target struct {
	ID               string `json:"Id"`
	ARN              string `json:"Arn"`
	RoleARN          string `json:"RoleArn,omitempty"`
	Input            string `json:"Input,omitempty"`
	InputPath        string `json:"InputPath,omitempty"`
	InputTransformer *struct {
		InputPathsMap map[string]string `json:"InputPathsMap,omitempty"`
		InputTemplate string            `json:"InputTemplate"`
	} `json:"InputTransformer,omitempty"`
	DeadLetterConfig *struct {
		ARN string `json:"Arn"`
	} `json:"DeadLetterConfig,omitempty"`
	RetryPolicy *retryPolicy `json:"RetryPolicy,omitempty"`
}

type retryPolicy struct {
	MaximumRetryAttempts     *int `json:"MaximumRetryAttempts,omitempty"`
	MaximumEventAgeInSeconds *int `json:"MaximumEventAgeInSeconds,omitempty"`
}

type state struct {
	Rules        map[string]*rule `json:"rules"`
	Disturbances []Disturbance    `json:"disturbances"`
	Runs         int              `json:"runs"` // how many schedules have begun
}

// Workflows starts executions; local/states does.
type Workflows interface {
	Start(who world.Principal, machine, name, input string) error
}

// Functions starts functions for nobody in particular; local/lambda does.
type Functions interface {
	InvokeAsync(who world.Principal, function string, payload json.RawMessage) error
}

// Queues takes dead letters; local/sqs does.
type Queues interface {
	Deliver(who world.Principal, queue, body string, attributes map[string]string) error
}

// Targets are the services that rules deliver to.
type Targets struct {
	Workflows Workflows
	Functions Functions
	Queues    Queues
}

// Service is the embedded EventBridge. It has the account's default bus alone.
type Service struct {
	w       *world.World
	roles   world.Roles
	targets Targets
	state   state
	parsed  map[string]pattern.Pattern // by their texts
}

// New makes an EventBridge without rules.
func New(w *world.World, roles world.Roles) *Service {
	return &Service{w: w, roles: roles, state: state{Rules: map[string]*rule{}}, parsed: map[string]pattern.Pattern{}}
}

// Reach sets what rules can deliver to: they take the bus in turn, so that one is made before the other.
func (s *Service) Reach(targets Targets) { s.targets = targets }

// Name is "events".
func (s *Service) Name() string { return "events" }

// State is what EventBridge remembers.
func (s *Service) State() any { return &s.state }

// Publish puts an event on the default bus.
func (s *Service) Publish(e world.Event) {
	e.Version, e.Account, e.Region = "0", s.w.Account, s.w.Region
	if e.ID == "" {
		e.ID = s.w.UUID()
	}
	if e.Time.IsZero() {
		e.Time = s.w.Now()
	}
	e.Time = e.Time.UTC().Truncate(time.Second)
	if e.Resources == nil {
		e.Resources = []string{}
	}
	raw, err := json.Marshal(e)
	if err != nil {
		panic(fmt.Sprintf("events: event of %s cannot be written: %v", e.Source, err))
	}
	times, late := s.deliveries(e)
	for range times {
		s.match(raw, late)
	}
}

// match schedules one delivery for each target of each rule that matches, later than usual by late.
func (s *Service) match(event json.RawMessage, late time.Duration) {
	var read any
	if json.Unmarshal(event, &read) != nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(s.state.Rules)) {
		r := s.state.Rules[name]
		if !r.Enabled || !s.pattern(r).MatchesValue(read) {
			continue
		}
		s.send(r, event, late)
	}
}

// send schedules one delivery for each target of a rule.
func (s *Service) send(r *rule, event json.RawMessage, late time.Duration) {
	for _, t := range r.Targets {
		s.w.After(latency+late, s.Name(), delivery{Rule: r.Name, Target: t.ID, Event: event, Since: s.w.Now().Add(late)})
	}
}

// pattern is the rule's pattern, which was parsed before when the rule was declared; one that cannot be parsed matches
// nothing.
func (s *Service) pattern(r *rule) pattern.Pattern {
	p, known := s.parsed[string(r.Pattern)]
	if !known {
		var err error
		if p, err = pattern.Parse(r.Pattern); err != nil {
			p = pattern.Nothing()
		}
		s.parsed[string(r.Pattern)] = p
	}
	return p
}

func (s *Service) arn(ruleName string) string { return s.w.ARN("events", "rule/"+ruleName) }

// Disturbance makes events that come lost (Times 0), doubled (Times 2) or late, as EventBridge's promises allow.
type Disturbance struct {
	Source     string        `json:"source"`     // "aws.ecr"
	DetailType string        `json:"detailType"` // empty: any
	Events     int           `json:"events"`     // how many of the next such events
	Times      int           `json:"times"`      // how often each is delivered
	Delay      time.Duration `json:"delay"`      // how much later than usual, in nanoseconds
}

// Disturb adds a disturbance.
func (s *Service) Disturb(d Disturbance) { s.state.Disturbances = append(s.state.Disturbances, d) }

// deliveries is how often e is delivered, and how much later than usual: once and not at all, unless a disturbance says
// otherwise.
func (s *Service) deliveries(e world.Event) (times int, late time.Duration) {
	for i := range s.state.Disturbances {
		d := &s.state.Disturbances[i]
		if d.Events > 0 && d.Source == e.Source && (d.DetailType == "" || d.DetailType == e.DetailType) {
			d.Events--
			return d.Times, d.Delay
		}
	}
	return 1, 0
}

var _ world.Bus = (*Service)(nil)
