package elb

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"fairlead/local/world"
)

// Service is the embedded Elastic Load Balancing, version 2.
type Service struct {
	w     *world.World
	pace  float64
	state state
}

// state is all that Elastic Load Balancing remembers, by ARN.
type state struct {
	Groups    map[string]*group    `json:"groups"`
	Balancers map[string]*balancer `json:"balancers"`
	Listeners map[string]*listener `json:"listeners"` // rules of listeners too
}

// New makes an Elastic Load Balancing whose health checks run pace times faster than AWS's, as the tasks of ECS do.
func New(w *world.World, pace float64) *Service {
	if pace <= 0 {
		panic(fmt.Sprintf("elb: the pace must be more than 0, not %v", pace))
	}
	return &Service{w: w, pace: pace, state: state{
		Groups: map[string]*group{}, Balancers: map[string]*balancer{}, Listeners: map[string]*listener{}}}
}

// Name is "elasticloadbalancing".
func (*Service) Name() string { return "elasticloadbalancing" }

// State points to all that the service remembers.
func (s *Service) State() any { return &s.state }

// Due is never called: what a target's health will be is known when it is registered.
func (*Service) Due(json.RawMessage) {}

// Operations are the API operations that are served.
func (s *Service) Operations() map[string]world.Operation {
	return map[string]world.Operation{
		"CreateTargetGroup":           world.Op(s.createTargetGroup),
		"CreateLoadBalancer":          world.Op(s.createLoadBalancer),
		"CreateListener":              world.Op(s.createListener),
		"DescribeTargetGroups":        world.Op(s.describeTargetGroups),
		"ModifyTargetGroupAttributes": world.Op(s.modifyTargetGroupAttributes),
		"DescribeTargetHealth":        world.Op(s.describeTargetHealth),
	}
}

func (s *Service) arn(resource string) string { return s.w.ARN(s.Name(), resource) }

// after is when a time of AWS's has passed from now on.
func (s *Service) after(d time.Duration) time.Time {
	return s.w.Now().Add(time.Duration(float64(d) / s.pace))
}

const (
	typeGroup    = "AWS::ElasticLoadBalancingV2::TargetGroup"
	typeBalancer = "AWS::ElasticLoadBalancingV2::LoadBalancer"
	typeListener = "AWS::ElasticLoadBalancingV2::Listener"
	typeRule     = "AWS::ElasticLoadBalancingV2::ListenerRule"
)

// ResourceTypes are the CloudFormation types that Elastic Load Balancing provides.
func (*Service) ResourceTypes() []string {
	return []string{typeGroup, typeBalancer, typeListener, typeRule}
}

// Declare creates or changes what a template declares.
func (s *Service) Declare(d world.Declared) (world.Resource, error) {
	switch d.Type {
	case typeGroup:
		return s.declareGroup(d)
	case typeBalancer:
		return s.declareBalancer(d)
	case typeListener, typeRule:
		return s.declareListener(d)
	default:
		return world.Resource{}, fmt.Errorf("Elastic Load Balancing does not provide %s", d.Type)
	}
}

// Withdraw removes a resource.
func (s *Service) Withdraw(_, id string) error {
	delete(s.state.Groups, id)
	delete(s.state.Balancers, id)
	delete(s.state.Listeners, id)
	return nil
}

// number is a number that a template writes as one and a form as a text.
type number int

// UnmarshalJSON reads 30 and "30".
func (n *number) UnmarshalJSON(raw []byte) error {
	return json.Unmarshal([]byte(strings.Trim(string(raw), `"`)), (*int)(n))
}

// or is n, or other if n was not given.
func (n number) or(other int) int {
	if n == 0 {
		return other
	}
	return int(n)
}

func invalid(format string, args ...any) error {
	return world.Errorf("ValidationError", format, args...)
}
