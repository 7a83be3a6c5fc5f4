// Package logs is the embedded CloudWatch Logs: groups that templates declare, streams that functions, containers and the
// workflow write to, and the calls by which they are read.
package logs

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"fairlead/local/world"
)

// maxLine is the largest event, in bytes: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html.
const maxLine = 256 << 10

// maxStream bounds what the embedded AWS keeps of one stream; the oldest lines go first.
const maxStream = 10_000

type group struct {
	Name      string             `json:"name"`
	ARN       string             `json:"arn"`
	CreatedAt time.Time          `json:"createdAt"`
	Retention int                `json:"retention"` // days; 0 is for ever
	Streams   map[string]*stream `json:"streams"`
}

type stream struct {
	CreatedAt time.Time `json:"createdAt"`
	Lines     []line    `json:"lines"`
	Written   int       `json:"written"` // lines ever written: the next line's number
}

type line struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

type state struct {
	Groups map[string]*group `json:"groups"`
}

// Service is the embedded CloudWatch Logs.
type Service struct {
	w     *world.World
	state state
}

// New makes a CloudWatch Logs without groups.
func New(w *world.World) *Service {
	return &Service{w: w, state: state{Groups: map[string]*group{}}}
}

// Name is "logs".
func (s *Service) Name() string { return "logs" }

// State is what CloudWatch Logs remembers.
func (s *Service) State() any { return &s.state }

// Due is never called: nothing is put on the agenda.
func (s *Service) Due(json.RawMessage) {}

// Write appends lines to a stream of an existing group.
func (s *Service) Write(groupName, streamName string, lines ...string) error {
	g := s.state.Groups[groupName]
	if g == nil {
		return world.Errorf("ResourceNotFoundException", "The specified log group does not exist.")
	}
	st := g.Streams[streamName]
	if st == nil {
		st = &stream{CreatedAt: s.w.Now()}
		g.Streams[streamName] = st
	}
	for _, text := range lines {
		st.append(s.w.Now(), text)
	}
	return nil
}

func (st *stream) append(now time.Time, text string) {
	if len(text) > maxLine {
		text = strings.ToValidUTF8(text[:maxLine], "")
	}
	st.Lines = append(st.Lines, line{At: now, Text: text})
	st.Written++
	if extra := len(st.Lines) - maxStream; extra > 0 {
		st.Lines = slices.Delete(st.Lines, 0, extra)
	}
}

// ResourceTypes are log groups.
func (s *Service) ResourceTypes() []string { return []string{"AWS::Logs::LogGroup"} }

// Declare makes a log group or changes its retention.
func (s *Service) Declare(d world.Declared) (world.Resource, error) {
	var p struct {
		LogGroupName    string
		RetentionInDays int
	}
	if err := json.Unmarshal(d.Properties, &p); err != nil {
		return world.Resource{}, err
	}
	name := s.w.NameFor(d, p.LogGroupName)
	if err := checkRetention(p.RetentionInDays); err != nil {
		return world.Resource{}, err
	}
	g := s.state.Groups[name]
	if g == nil {
		g = &group{Name: name, ARN: s.w.ARN("logs", "log-group:"+name+":*"), CreatedAt: s.w.Now(), Streams: map[string]*stream{}}
		s.state.Groups[name] = g
	}
	g.Retention = p.RetentionInDays
	return world.Resource{ID: name, Attributes: map[string]any{"Arn": g.ARN}}, nil
}

// checkRetention holds the values that PutRetentionPolicy takes.
func checkRetention(days int) error {
	allowed := []int{0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
	if !slices.Contains(allowed, days) {
		return fmt.Errorf("RetentionInDays %d is not one of %v", days, allowed[1:])
	}
	return nil
}

// Withdraw removes a log group.
func (s *Service) Withdraw(_, id string) error {
	delete(s.state.Groups, id)
	return nil
}

var _ world.Logs = (*Service)(nil)
