package elb

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"fairlead/local/world"
)

// group is a target group.
type group struct {
	ARN      string    `json:"arn"`
	Settings settings  `json:"settings"`
	Targets  []*target `json:"targets"` // in the order of their registration
}

// settings are those of a target group, as its creator and its readers have them.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroup.html
type settings struct {
	Name      string
	Protocol  string
	Port      number
	VPC       string `json:"VpcId"`
	Kind      string `json:"TargetType"`
	Path      string `json:"HealthCheckPath"`
	Interval  number `json:"HealthCheckIntervalSeconds"`
	Timeout   number `json:"HealthCheckTimeoutSeconds"`
	Healthy   number `json:"HealthyThresholdCount"`
	Unhealthy number `json:"UnhealthyThresholdCount"`
	Matcher   struct {
		Code string `json:"HttpCode"`
	}
	Attributes []attribute `json:"TargetGroupAttributes"`
}

// delayAttribute is for how long a target that leaves may finish what it has begun, in seconds; 300 unless it is set.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
const delayAttribute = "deregistration_delay.timeout_seconds"

// withDefaults are the settings with those of AWS where none was given.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
func (a settings) withDefaults() settings {
	a.Protocol, a.Kind, a.Path = cmp.Or(a.Protocol, "HTTP"), cmp.Or(a.Kind, "instance"), cmp.Or(a.Path, "/")
	a.Interval, a.Timeout = number(a.Interval.or(30)), number(a.Timeout.or(5))
	a.Healthy, a.Unhealthy = number(a.Healthy.or(5)), number(a.Unhealthy.or(2))
	a.Matcher.Code = cmp.Or(a.Matcher.Code, "200")
	return a
}

// check refuses what AWS refuses. The texts are assumed.
func (a settings) check() error {
	switch {
	case a.Name == "" || len(a.Name) > 32:
		return invalid("Target group name '%s' must have between 1 and 32 characters", a.Name)
	case !slices.Contains([]string{"HTTP", "HTTPS"}, a.Protocol):
		return world.NotImplemented("A target group of protocol " + a.Protocol)
	case a.Port < 1 || a.Port > 65535:
		return invalid("Port must be between 1 and 65535")
	}
	if err := a.checkHealthChecks(); err != nil {
		return err
	}
	_, err := a.delay()
	return err
}

func (a settings) checkHealthChecks() error {
	switch {
	case a.Interval < 5 || a.Interval > 300:
		return invalid("Health check interval must be between 5 and 300 seconds")
	case a.Timeout >= a.Interval:
		return invalid("Health check timeout must be smaller than the interval")
	case min(a.Healthy, a.Unhealthy) < 2 || max(a.Healthy, a.Unhealthy) > 10:
		return invalid("Health check thresholds must be between 2 and 10")
	default:
		return nil
	}
}

func (a settings) delay() (time.Duration, error) {
	for _, each := range a.Attributes {
		if each.Key != delayAttribute {
			continue
		}
		seconds, err := strconv.Atoi(each.Value)
		if err != nil || seconds < 0 || seconds > 3600 {
			return 0, invalid("'%s' must be between 0 and 3600 seconds", delayAttribute)
		}
		return time.Duration(seconds) * time.Second, nil
	}
	return 300 * time.Second, nil
}

func (s *Service) createTargetGroup(c *world.Call, in settings) (groupsOutput, error) {
	if err := c.Authorize("elasticloadbalancing:CreateTargetGroup", s.arn("targetgroup/"+in.Name+"/*"), nil); err != nil {
		return groupsOutput{}, err
	}
	if s.groupNamed(in.Name) != nil {
		return groupsOutput{}, world.Errorf("DuplicateTargetGroupName", "A target group with the same name '%s' exists, but with different settings", in.Name)
	}
	in.Attributes = nil // the API sets them by ModifyTargetGroupAttributes
	g, err := s.putGroup("", in)
	if err != nil {
		return groupsOutput{}, err
	}
	return groupsOutput{TargetGroups: members[groupOutput]{[]groupOutput{s.groupOutput(g)}}}, nil
}

// putGroup makes a target group, or gives the one of this ARN other settings.
func (s *Service) putGroup(arn string, in settings) (*group, error) {
	in = in.withDefaults()
	if err := in.check(); err != nil {
		return nil, err
	}
	g, ok := s.state.Groups[arn]
	if !ok {
		g = &group{ARN: s.arn("targetgroup/" + in.Name + "/" + s.w.Hex(16))}
		s.state.Groups[g.ARN] = g
	}
	g.Settings = in
	return g, nil
}

func (s *Service) groupNamed(name string) *group {
	for _, g := range s.state.Groups {
		if g.Settings.Name == name {
			return g
		}
	}
	return nil
}

func (s *Service) declareGroup(d world.Declared) (world.Resource, error) {
	var in settings
	if err := json.Unmarshal(d.Properties, &in); err != nil {
		return world.Resource{}, err
	}
	if was, ok := s.state.Groups[d.ID]; ok && in.Name == "" {
		in.Name = was.Settings.Name
	}
	if in.Name == "" {
		in.Name = shortName(s.w.GeneratedName(d))
	}
	g, err := s.putGroup(d.ID, in)
	if err != nil {
		return world.Resource{}, err
	}
	return world.Resource{ID: g.ARN, Attributes: map[string]any{"TargetGroupArn": g.ARN, "TargetGroupName": g.Settings.Name,
		"TargetGroupFullName": g.ARN[strings.Index(g.ARN, "targetgroup/"):]}}, nil
}

// shortName keeps the end of a generated name, which makes it unique: names have 32 characters at most.
func shortName(name string) string {
	return strings.TrimLeft(name[max(len(name)-32, 0):], "-")
}

type groupOutput struct {
	ARN       string          `xml:"TargetGroupArn"`
	Name      string          `xml:"TargetGroupName"`
	Protocol  string          `xml:"Protocol"`
	Port      int             `xml:"Port"`
	VPC       string          `xml:"VpcId,omitempty"`
	Kind      string          `xml:"TargetType"`
	Checked   bool            `xml:"HealthCheckEnabled"`
	CheckPort string          `xml:"HealthCheckPort"`
	Path      string          `xml:"HealthCheckPath"`
	Interval  int             `xml:"HealthCheckIntervalSeconds"`
	Timeout   int             `xml:"HealthCheckTimeoutSeconds"`
	Healthy   int             `xml:"HealthyThresholdCount"`
	Unhealthy int             `xml:"UnhealthyThresholdCount"`
	Code      string          `xml:"Matcher>HttpCode"`
	Balancers members[string] `xml:"LoadBalancerArns"`
}

// members is a list as the Query protocol has it.
type members[T any] struct {
	Members []T `xml:"member"`
}

type groupsOutput struct {
	TargetGroups members[groupOutput]
}

func (s *Service) groupOutput(g *group) groupOutput {
	a := g.Settings
	return groupOutput{ARN: g.ARN, Name: a.Name, Protocol: a.Protocol, Port: int(a.Port), VPC: a.VPC, Kind: a.Kind, Checked: true,
		CheckPort: "traffic-port", Path: a.Path, Interval: int(a.Interval), Timeout: int(a.Timeout), Healthy: int(a.Healthy),
		Unhealthy: int(a.Unhealthy), Code: a.Matcher.Code, Balancers: members[string]{s.balancersOf(g)}}
}

type describeGroupsInput struct {
	ARNs     []string `json:"TargetGroupArns"`
	Names    []string
	Balancer string `json:"LoadBalancerArn"`
}

func (s *Service) describeTargetGroups(c *world.Call, in describeGroupsInput) (out groupsOutput, err error) {
	if err := c.Authorize("elasticloadbalancing:DescribeTargetGroups", "*", nil); err != nil {
		return out, err
	}
	for _, arn := range in.ARNs {
		if s.state.Groups[arn] == nil {
			return out, notFound()
		}
	}
	for _, name := range in.Names {
		if s.groupNamed(name) == nil {
			return out, notFound()
		}
	}
	for _, arn := range slices.Sorted(maps.Keys(s.state.Groups)) {
		if g := s.state.Groups[arn]; in.wants(g, s.balancersOf(g)) {
			out.TargetGroups.Members = append(out.TargetGroups.Members, s.groupOutput(g))
		}
	}
	return out, nil
}

func (in describeGroupsInput) wants(g *group, balancers []string) bool {
	return (len(in.ARNs) == 0 || slices.Contains(in.ARNs, g.ARN)) && (len(in.Names) == 0 || slices.Contains(in.Names, g.Settings.Name)) &&
		(in.Balancer == "" || slices.Contains(balancers, in.Balancer))
}

func notFound() error {
	return world.Errorf("TargetGroupNotFound", "One or more target groups not found")
}
