package logs

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"fairlead/local/world"
)

// Operations are the calls that read.
func (s *Service) Operations() map[string]world.Operation {
	return map[string]world.Operation{
		"DescribeLogGroups":  world.Op(s.describeLogGroups),
		"DescribeLogStreams": world.Op(s.describeLogStreams),
		"GetLogEvents":       world.Op(s.getLogEvents),
		"FilterLogEvents":    world.Op(s.filterLogEvents),
	}
}

type describeLogGroupsInput struct {
	LogGroupNamePrefix string `json:"logGroupNamePrefix"`
	NextToken          string `json:"nextToken"`
}

type groupView struct {
	ARN               string `json:"arn"`
	CreationTime      int64  `json:"creationTime"`
	LogGroupName      string `json:"logGroupName"`
	LogGroupARN       string `json:"logGroupArn"`
	RetentionInDays   int    `json:"retentionInDays,omitempty"`
	MetricFilterCount int    `json:"metricFilterCount"`
}

type logGroups struct {
	LogGroups []groupView `json:"logGroups"`
}

func (s *Service) describeLogGroups(c *world.Call, in describeLogGroupsInput) (logGroups, error) {
	if err := c.Authorize("logs:DescribeLogGroups", s.w.ARN("logs", "log-group:*"), nil); err != nil {
		return logGroups{}, err
	}
	out := logGroups{LogGroups: []groupView{}}
	for _, name := range slices.Sorted(maps.Keys(s.state.Groups)) {
		if g := s.state.Groups[name]; strings.HasPrefix(name, in.LogGroupNamePrefix) {
			out.LogGroups = append(out.LogGroups, groupView{ARN: g.ARN, CreationTime: g.CreatedAt.UnixMilli(), LogGroupName: name,
				LogGroupARN: strings.TrimSuffix(g.ARN, ":*"), RetentionInDays: g.Retention})
		}
	}
	return out, nil
}

type describeLogStreamsInput struct {
	LogGroupName        string `json:"logGroupName"`
	LogGroupIdentifier  string `json:"logGroupIdentifier"`
	LogStreamNamePrefix string `json:"logStreamNamePrefix"`
}

type streamView struct {
	LogStreamName       string `json:"logStreamName"`
	ARN                 string `json:"arn"`
	CreationTime        int64  `json:"creationTime"`
	FirstEventTimestamp int64  `json:"firstEventTimestamp,omitempty"`
	LastEventTimestamp  int64  `json:"lastEventTimestamp,omitempty"`
}

type logStreams struct {
	LogStreams []streamView `json:"logStreams"`
}

func (s *Service) describeLogStreams(c *world.Call, in describeLogStreamsInput) (logStreams, error) {
	g, err := s.group(c, "logs:DescribeLogStreams", in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return logStreams{}, err
	}
	out := logStreams{LogStreams: []streamView{}}
	for _, name := range slices.Sorted(maps.Keys(g.Streams)) {
		if !strings.HasPrefix(name, in.LogStreamNamePrefix) {
			continue
		}
		st := g.Streams[name]
		view := streamView{LogStreamName: name, CreationTime: st.CreatedAt.UnixMilli(),
			ARN: strings.TrimSuffix(g.ARN, "*") + "log-stream:" + name}
		if n := len(st.Lines); n > 0 {
			view.FirstEventTimestamp, view.LastEventTimestamp = st.Lines[0].At.UnixMilli(), st.Lines[n-1].At.UnixMilli()
		}
		out.LogStreams = append(out.LogStreams, view)
	}
	return out, nil
}

type getLogEventsInput struct {
	LogGroupName       string `json:"logGroupName"`
	LogGroupIdentifier string `json:"logGroupIdentifier"`
	LogStreamName      string `json:"logStreamName"`
	Limit              *int   `json:"limit"`
	StartFromHead      bool   `json:"startFromHead"`
	NextToken          string `json:"nextToken"`
	StartTime          *int64 `json:"startTime"`
	EndTime            *int64 `json:"endTime"`
}

type eventView struct {
	LogStreamName string `json:"logStreamName,omitempty"`
	EventID       string `json:"eventId,omitempty"`
	Timestamp     int64  `json:"timestamp"`
	IngestionTime int64  `json:"ingestionTime"`
	Message       string `json:"message"`
}

type logEvents struct {
	Events            []eventView `json:"events"`
	NextForwardToken  string      `json:"nextForwardToken"`
	NextBackwardToken string      `json:"nextBackwardToken"`
}

// getLogEvents returns the last lines, or the first with startFromHead. Its tokens are the number of the next line, as
// "f/00…17": the same token comes back when there is nothing further, which is how clients know the end.
func (s *Service) getLogEvents(c *world.Call, in getLogEventsInput) (logEvents, error) {
	st, err := s.stream(c, in)
	if err != nil {
		return logEvents{}, err
	}
	lines, first := st.between(in.StartTime, in.EndTime)
	from, to := window(in, first, first+len(lines))
	out := logEvents{Events: make([]eventView, 0, to-from), NextForwardToken: token("f", to), NextBackwardToken: token("b", from)}
	for _, l := range lines[from-first : to-first] {
		at := l.At.UnixMilli()
		out.Events = append(out.Events, eventView{Timestamp: at, IngestionTime: at, Message: l.Text})
	}
	return out, nil
}

// stream finds the stream that GetLogEvents names, once the caller may read it: the action is on streams, not on groups.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html
func (s *Service) stream(c *world.Call, in getLogEventsInput) (*stream, error) {
	if (in.LogGroupName == "") == (in.LogGroupIdentifier == "") || in.LogStreamName == "" {
		return nil, world.Errorf("InvalidParameterException", "Give logStreamName and either logGroupName or logGroupIdentifier.")
	}
	if in.Limit != nil && (*in.Limit < 1 || *in.Limit > maxStream) {
		return nil, world.Errorf("InvalidParameterException", "1 validation error detected: Value '%d' at 'limit' failed to satisfy constraint: Member must have value between 1 and %d", *in.Limit, maxStream)
	}
	name := s.groupName(in.LogGroupName, in.LogGroupIdentifier)
	if err := c.Authorize("logs:GetLogEvents", s.w.ARN("logs", "log-group:"+name+":log-stream:"+in.LogStreamName), nil); err != nil {
		return nil, err
	}
	g := s.state.Groups[name]
	if g == nil {
		return nil, world.Errorf("ResourceNotFoundException", "The specified log group does not exist.")
	}
	st := g.Streams[in.LogStreamName]
	if st == nil {
		return nil, world.Errorf("ResourceNotFoundException", "The specified log stream does not exist.")
	}
	return st, nil
}

// between are a stream's lines from a time on and before another, and the number of the first: lines are in order.
func (st *stream) between(from, before *int64) (lines []line, first int) {
	at := func(l line, ms int64) int { return cmp.Compare(l.At.UnixMilli(), ms) }
	begin, end := 0, len(st.Lines)
	if before != nil {
		end, _ = slices.BinarySearchFunc(st.Lines, *before, at)
	}
	if from != nil {
		begin, _ = slices.BinarySearchFunc(st.Lines[:end], *from, at)
	}
	return st.Lines[begin:end], st.Written - len(st.Lines) + begin
}

// window chooses the lines [from, to) of those that have the numbers [first, end).
func window(in getLogEventsInput, first, end int) (from, to int) {
	limit := maxStream
	if in.Limit != nil {
		limit = *in.Limit
	}
	direction, number, _ := strings.Cut(in.NextToken, "/")
	at, err := strconv.Atoi(number)
	at = min(max(at, first), end)
	forward, backward := direction == "f" && err == nil, direction == "b" && err == nil
	switch {
	case forward:
		return at, min(at+limit, end)
	case backward:
		return max(at-limit, first), at
	case in.StartFromHead:
		return first, min(first+limit, end)
	default:
		return max(end-limit, first), end
	}
}

func token(direction string, number int) string {
	digits := strconv.Itoa(number)
	return direction + "/" + strings.Repeat("0", max(0, 56-len(digits))) + digits
}

type filterLogEventsInput struct {
	LogGroupName        string   `json:"logGroupName"`
	LogGroupIdentifier  string   `json:"logGroupIdentifier"`
	LogStreamNames      []string `json:"logStreamNames"`
	LogStreamNamePrefix string   `json:"logStreamNamePrefix"`
	FilterPattern       string   `json:"filterPattern"`
	StartTime           *int64   `json:"startTime"`
	EndTime             *int64   `json:"endTime"`
}

type filtered struct {
	Events             []eventView `json:"events"`
	SearchedLogStreams []any       `json:"searchedLogStreams"`
}

// filterLogEvents serves reading a group by time and stream (as `aws logs tail` does); a filter pattern is not served.
func (s *Service) filterLogEvents(c *world.Call, in filterLogEventsInput) (filtered, error) {
	g, err := s.group(c, "logs:FilterLogEvents", in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return filtered{}, err
	}
	if in.FilterPattern != "" {
		return filtered{}, world.NotImplemented("filterPattern")
	}
	out := filtered{Events: []eventView{}, SearchedLogStreams: []any{}}
	for _, name := range slices.Sorted(maps.Keys(g.Streams)) {
		if in.wants(name) {
			out.Events = append(out.Events, in.events(name, g.Streams[name])...)
		}
	}
	slices.SortStableFunc(out.Events, func(a, b eventView) int { return int(a.Timestamp - b.Timestamp) })
	return out, nil
}

func (in filterLogEventsInput) wants(stream string) bool {
	return strings.HasPrefix(stream, in.LogStreamNamePrefix) &&
		(len(in.LogStreamNames) == 0 || slices.Contains(in.LogStreamNames, stream))
}

func (in filterLogEventsInput) events(name string, st *stream) []eventView {
	var events []eventView
	for i, l := range st.Lines {
		if at := l.At.UnixMilli(); within(at, in.StartTime, in.EndTime) {
			id := name + "/" + strconv.Itoa(st.Written-len(st.Lines)+i)
			events = append(events, eventView{LogStreamName: name, EventID: id, Timestamp: at, IngestionTime: at, Message: l.Text})
		}
	}
	return events
}

func within(at int64, from, to *int64) bool {
	return (from == nil || at >= *from) && (to == nil || at <= *to)
}

// groupName is the name of a group that is named by its name or its ARN.
func (s *Service) groupName(name, identifier string) string {
	if name != "" {
		return name
	}
	return strings.TrimPrefix(strings.TrimSuffix(identifier, ":*"), s.w.ARN("logs", "log-group:"))
}

// group finds the group that a call names by name or ARN, once the caller may.
func (s *Service) group(c *world.Call, action, name, identifier string) (*group, error) {
	name = s.groupName(name, identifier)
	if err := c.Authorize(action, s.w.ARN("logs", "log-group:"+name+":*"), nil); err != nil {
		return nil, err
	}
	g := s.state.Groups[name]
	if g == nil {
		return nil, world.Errorf("ResourceNotFoundException", "The specified log group does not exist.")
	}
	return g, nil
}
