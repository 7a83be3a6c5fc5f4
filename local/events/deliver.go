package events

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"fairlead/local/world"
)

// Retry of deliveries: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html.
const (
	defaultAttempts = 185
	defaultAge      = 24 * time.Hour
	firstPause      = time.Second
	longestPause    = 15 * time.Minute
)

// delivery is one event on its way to one target.
type delivery struct {
	Rule     string          `json:"rule"`
	Target   string          `json:"target"`
	Event    json.RawMessage `json:"event"`
	Since    time.Time       `json:"since"`
	Attempts int             `json:"attempts"` // retries so far
}

// Due delivers, or lets a rule on a schedule run.
func (s *Service) Due(what json.RawMessage) {
	var d struct {
		delivery
		Run int `json:"run"`
	}
	if err := json.Unmarshal(what, &d); err != nil {
		panic("events: " + err.Error())
	}
	if d.Run > 0 {
		s.tick(tick{Rule: d.Rule, Run: d.Run})
		return
	}
	s.pass(d.delivery)
}

// pass delivers.
func (s *Service) pass(d delivery) {
	r, t, ok := s.find(d)
	if !ok {
		return // the rule or the target was removed meanwhile
	}
	if err := s.deliver(r, t, d); err != nil {
		s.again(r, t, d, err)
	}
}

func (s *Service) find(d delivery) (*rule, target, bool) {
	r := s.state.Rules[d.Rule]
	if r == nil {
		return nil, target{}, false
	}
	for _, t := range r.Targets {
		if t.ID == d.Target {
			return r, t, true
		}
	}
	return nil, target{}, false
}

func (s *Service) deliver(r *rule, t target, d delivery) error {
	input, err := t.input(d.Event, r, s.w.Now())
	if err != nil {
		return world.Errorf("INVALID_JSON", "%v", err)
	}
	switch service := strings.Split(t.ARN, ":")[2]; service {
	case "states":
		return s.startExecution(r, t, d.Event, input)
	case "lambda":
		who := world.Principal{Service: "events.amazonaws.com", SourceARN: r.ARN, Account: s.w.Account, ARN: "events.amazonaws.com"}
		return s.targets.Functions.InvokeAsync(who, t.ARN, json.RawMessage(input))
	default:
		return world.Errorf("NotImplemented", "targets of %s are not served", service)
	}
}

// startExecution names the execution after the event, with a suffix: <event id>_<uuid>, 73 characters. AWS documents no
// form; nothing may rely on it.
func (s *Service) startExecution(r *rule, t target, event json.RawMessage, input string) error {
	who, err := s.roles.ServiceSession(t.RoleARN, "events.amazonaws.com", r.ARN, s.w.Hex(32))
	if err != nil {
		return world.Errorf("FAILED_TO_ASSUME_ROLE", "%v", err)
	}
	var e struct{ ID string }
	_ = json.Unmarshal(event, &e) // our own event
	return s.targets.Workflows.Start(who, t.ARN, e.ID+"_"+s.w.UUID(), input)
}

// again tries once more later, or gives the event up to the dead-letter queue. A missing permission or target is not
// tried again: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html.
func (s *Service) again(r *rule, t target, d delivery, cause error) {
	code, final := classify(cause)
	attempts, age := t.RetryPolicy.limits()
	exhausted := ""
	switch pause := s.pause(d.Attempts); {
	case final:
	case d.Attempts >= attempts:
		exhausted = "MaximumRetryAttempts"
	case s.w.Now().Add(pause).Sub(d.Since) > age:
		exhausted = "MaximumEventAgeInSeconds"
	default:
		d.Attempts++
		s.w.After(pause, s.Name(), d)
		return
	}
	s.bury(r, t, d, code, cause, exhausted)
}

func (p *retryPolicy) limits() (attempts int, age time.Duration) {
	attempts, age = defaultAttempts, defaultAge
	if p != nil && p.MaximumRetryAttempts != nil {
		attempts = *p.MaximumRetryAttempts
	}
	if p != nil && p.MaximumEventAgeInSeconds != nil {
		age = time.Duration(*p.MaximumEventAgeInSeconds) * time.Second
	}
	return attempts, age
}

// pause grows exponentially, with full jitter.
func (s *Service) pause(attempts int) time.Duration {
	ceiling := min(firstPause<<min(attempts, 20), longestPause)
	return time.Duration(s.w.Random().Int64N(int64(ceiling))) + time.Millisecond
}

// classify gives the ERROR_CODE of a dead letter, and tells whether trying again is of no use.
func classify(cause error) (code string, final bool) {
	var e *world.Error
	if !errors.As(cause, &e) {
		return "SDK_CLIENT_ERROR", true
	}
	switch e.Code {
	case "AccessDeniedException":
		return "NO_PERMISSIONS", true
	case "FAILED_TO_ASSUME_ROLE":
		return "FAILED_TO_ASSUME_ROLE", true
	case "INVALID_JSON":
		return "INVALID_JSON", true
	case "ResourceNotFoundException", "StateMachineDoesNotExist":
		return "NO_RESOURCE", true
	case "ExecutionAlreadyExists":
		return "RESOURCE_ALREADY_EXISTS", true
	case "TooManyRequestsException", "ThrottlingException":
		return "THROTTLING", false
	default:
		return "SDK_CLIENT_ERROR", e.Status < 500
	}
}

func (s *Service) bury(r *rule, t target, d delivery, code string, cause error, exhausted string) {
	if t.DeadLetterConfig == nil {
		return // the event is lost, as on AWS
	}
	message := cause.Error()
	if e, ok := errors.AsType[*world.Error](cause); ok {
		message = e.Message
	}
	attributes := map[string]string{"RULE_ARN": r.ARN, "TARGET_ARN": t.ARN, "ERROR_CODE": code, "ERROR_MESSAGE": message,
		"RETRY_ATTEMPTS": strconv.Itoa(d.Attempts)}
	if exhausted != "" {
		attributes["EXHAUSTED_RETRY_CONDITION"] = exhausted
	}
	who := world.Principal{Service: "events.amazonaws.com", SourceARN: r.ARN, Account: s.w.Account, ARN: "events.amazonaws.com"}
	_ = s.targets.Queues.Deliver(who, t.DeadLetterConfig.ARN, string(d.Event), attributes) // refused by its policy: lost, as on AWS
}
