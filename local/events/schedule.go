package events

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"fairlead/local/world"
)

// tick is what stands on the agenda for a rule on a schedule. A rule that was changed meanwhile has another run, so that the
// tick of what it was before means nothing.
type tick struct {
	Rule string `json:"rule"`
	Run  int    `json:"run"`
}

var rateForm = regexp.MustCompile(`^rate\(([1-9][0-9]{0,8}) (minute|hour|day)(s?)\)$`)

// rate reads a rate expression: rate(1 hour), rate(15 minutes). A value of 1 has a singular unit, any other a plural.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rate-expressions.html
func rate(expression string) (time.Duration, error) {
	if strings.HasPrefix(expression, "cron(") {
		return 0, fmt.Errorf("ScheduleExpression: %s: cron expressions are not implemented by Fairlead's embedded AWS", expression)
	}
	parts := rateForm.FindStringSubmatch(expression)
	if parts == nil || (parts[1] == "1") != (parts[3] == "") {
		return 0, fmt.Errorf("ScheduleExpression: Parameter ScheduleExpression is not valid: %s", expression)
	}
	value, err := strconv.Atoi(parts[1])
	if err != nil {
		return 0, fmt.Errorf("ScheduleExpression: %w", err)
	}
	units := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}
	return time.Duration(value) * units[parts[2]], nil
}

// start begins to count when the rule is made, or its schedule is changed. What else of a rule changes does not disturb it:
// AWS does not say what an update does.
func (s *Service) start(r, before *rule) {
	if before != nil && before.Schedule == r.Schedule && before.Enabled == r.Enabled {
		r.Run = before.Run
		return
	}
	s.state.Runs++
	r.Run = s.state.Runs
	if every, err := rate(r.Schedule); err == nil && r.Enabled {
		s.w.After(every, s.Name(), tick{Rule: r.Name, Run: r.Run})
	}
}

// tick lets a rule on a schedule run, and plans the next time. What fell due while the world stood still is not made up
// for, but for the last time.
func (s *Service) tick(t tick) {
	r := s.state.Rules[t.Rule]
	if r == nil || r.Run != t.Run {
		return
	}
	every, err := rate(r.Schedule)
	if err != nil {
		return
	}
	s.w.After(every, s.Name(), t)
	if s.w.Now().Add(every).After(s.w.Until()) {
		s.send(r, scheduled(s.w, r), 0)
	}
}

// RunSchedules lets every rule on a schedule run now, beside its schedule: for who does not want to wait.
func (s *Service) RunSchedules() {
	for _, name := range slices.Sorted(maps.Keys(s.state.Rules)) {
		if r := s.state.Rules[name]; r.Schedule != "" && r.Enabled {
			s.send(r, scheduled(s.w, r), 0)
		}
	}
}

// scheduled is the event that a rule on a schedule gives to its targets.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html
func scheduled(w *world.World, r *rule) json.RawMessage {
	event := world.Event{Version: "0", ID: w.UUID(), DetailType: "Scheduled Event", Source: "aws.events", Account: w.Account,
		Time: w.Now().UTC().Truncate(time.Second), Region: w.Region, Resources: []string{r.ARN}, Detail: json.RawMessage("{}")}
	raw, err := json.Marshal(event)
	if err != nil {
		panic("events: " + err.Error()) // texts and a time
	}
	return raw
}
