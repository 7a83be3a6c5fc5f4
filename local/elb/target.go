package elb

import (
	"slices"
	"strconv"
	"time"

	"fairlead/local/world"
)

// Target is an address that a load balancer may forward to.
type Target struct {
	Address string `json:"address"`
	Port    int    `json:"port"`
	Zone    string `json:"zone"`
}

// State is the health of a target.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html#target-health-states
type State string

// The states.
const (
	Initial   State = "initial"
	Healthy   State = "healthy"
	Unhealthy State = "unhealthy"
	Unused    State = "unused"
	Draining  State = "draining"
)

// Health is what a load balancer says of a target.
type Health struct {
	State       State  `json:"state"`
	Reason      string `json:"reason"`      // "Target.ResponseCodeMismatch"; empty if it is healthy
	Description string `json:"description"` // "Health checks failed with these codes: [503]"
}

// target is a registered target, and what its health is from when on.
type target struct {
	Target
	Turns []turn    `json:"turns"` // the first is its registration
	Until time.Time `json:"until"` // when it is gone; zero if it is not leaving
}

type turn struct {
	At time.Time `json:"at"`
	Health
}

// health is that of now.
func (t *target) health(now time.Time) Health {
	current := t.Turns[0].Health
	for _, each := range t.Turns[1:] {
		if !each.At.After(now) {
			current = each.Health
		}
	}
	return current
}

// Problem says why ECS can register no tasks in a target group; empty if it can. The first text is assumed, the second
// was seen in the field.
func (s *Service) Problem(arn string) string {
	g, ok := s.state.Groups[arn]
	switch {
	case !ok:
		return "The target group with targetGroupArn " + arn + " does not exist."
	case len(s.balancersOf(g)) == 0:
		return "The target group with targetGroupArn " + arn + " does not have an associated load balancer."
	case g.Settings.Kind != "ip":
		return "The provided target group " + arn + " has target type " + g.Settings.Kind + ", which is incompatible with the awsvpc network mode specified in the task definition."
	default:
		return ""
	}
}

// Register registers a target that answers so, and returns when its health changes. A target group that is gone takes none.
func (s *Service) Register(arn string, who Target, answers Answers) (changes []time.Time) {
	g, ok := s.state.Groups[arn]
	if !ok {
		return nil
	}
	s.forget(g)
	t := &target{Target: who, Turns: s.course(g.Settings, answers)}
	g.Targets = append(g.Targets, t)
	for _, each := range t.Turns[1:] {
		changes = append(changes, each.At)
	}
	return changes
}

// Deregister takes a target out, and returns for how long what it has begun may take. One that is not healthy has begun
// nothing, and leaves at once; that is assumed of "no in-flight requests":
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#deregistration-delay
func (s *Service) Deregister(arn string, who Target) time.Duration {
	g, ok := s.state.Groups[arn]
	if !ok {
		return 0
	}
	s.forget(g)
	i := slices.IndexFunc(g.Targets, func(t *target) bool { return t.Target == who && t.Until.IsZero() })
	if i < 0 {
		return 0
	}
	if g.Targets[i].health(s.w.Now()).State != Healthy {
		g.Targets = slices.Delete(g.Targets, i, i+1)
		return 0
	}
	delay, _ := g.Settings.delay() // it was checked when it was set
	g.Targets[i].Until = s.after(delay)
	g.Targets[i].Turns = []turn{{s.w.Now(), Health{Draining, "Target.DeregistrationInProgress", "Target deregistration is in progress"}}}
	return delay
}

// forget removes the targets that have left.
func (s *Service) forget(g *group) {
	now := s.w.Now()
	g.Targets = slices.DeleteFunc(g.Targets, func(t *target) bool { return !t.Until.IsZero() && !now.Before(t.Until) })
}

// Health is what the load balancer says of a target.
func (s *Service) Health(arn string, who Target) Health {
	g, ok := s.state.Groups[arn]
	if !ok {
		return notRegistered()
	}
	s.forget(g)
	i := slices.IndexFunc(g.Targets, func(t *target) bool { return t.Target == who })
	switch {
	case i < 0:
		return notRegistered()
	case len(s.balancersOf(g)) == 0:
		return Health{Unused, "Target.NotInUse", "Target group is not configured to receive traffic from the load balancer"}
	default:
		return g.Targets[i].health(s.w.Now())
	}
}

func notRegistered() Health {
	return Health{Unused, "Target.NotRegistered", "Target is not registered to the target group"}
}

type describeHealthInput struct {
	Group   string `json:"TargetGroupArn"`
	Targets []struct {
		ID   string `json:"Id"`
		Port number
	}
}

type healthOutput struct {
	CheckPort string `xml:"HealthCheckPort"`
	Target    struct {
		ID   string `xml:"Id"`
		Port int    `xml:"Port"`
		Zone string `xml:"AvailabilityZone,omitempty"`
	}
	Health struct {
		State       State  `xml:"State"`
		Reason      string `xml:"Reason,omitempty"`
		Description string `xml:"Description,omitempty"`
	} `xml:"TargetHealth"`
}

type healthsOutput struct {
	Descriptions members[healthOutput] `xml:"TargetHealthDescriptions"`
}

// describeTargetHealth tells of the targets that are asked for, or of all. Its action knows no resources:
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html
func (s *Service) describeTargetHealth(c *world.Call, in describeHealthInput) (out healthsOutput, err error) {
	if err := c.Authorize("elasticloadbalancing:DescribeTargetHealth", "*", nil); err != nil {
		return out, err
	}
	g, ok := s.state.Groups[in.Group]
	if !ok {
		return out, notFound()
	}
	s.forget(g)
	asked := make([]Target, 0, len(g.Targets))
	for _, t := range g.Targets {
		asked = append(asked, t.Target)
	}
	if len(in.Targets) > 0 {
		asked = asked[:0]
	}
	for _, t := range in.Targets {
		asked = append(asked, g.target(t.ID, t.Port.or(int(g.Settings.Port))))
	}
	for _, t := range asked {
		out.Descriptions.Members = append(out.Descriptions.Members, describe(t, s.Health(g.ARN, t)))
	}
	return out, nil
}

// target is the registered target of that address, or one that is not registered.
func (g *group) target(address string, port int) Target {
	for _, t := range g.Targets {
		if t.Address == address && t.Port == port {
			return t.Target
		}
	}
	return Target{Address: address, Port: port}
}

func describe(t Target, h Health) (out healthOutput) {
	out.CheckPort = strconv.Itoa(t.Port)
	out.Target.ID, out.Target.Port, out.Target.Zone = t.Address, t.Port, t.Zone
	out.Health.State, out.Health.Reason, out.Health.Description = h.State, h.Reason, h.Description
	return out
}
