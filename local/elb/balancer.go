package elb

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"fairlead/local/world"
)

// balancer is a load balancer. It has an address that nothing answers at.
type balancer struct {
	ARN  string `json:"arn"`
	Name string `json:"name"`
}

// listener is a listener of a load balancer, or a rule of a listener: what it forwards to.
type listener struct {
	Balancer string   `json:"balancer"`
	Groups   []string `json:"groups"`
}

// forwarding is what listeners and rules are declared with.
type forwarding struct {
	Balancer string   `json:"LoadBalancerArn"`
	Listener string   `json:"ListenerArn"` // of a rule
	Defaults []action `json:"DefaultActions"`
	Actions  []action
}

type action struct {
	Group   string `json:"TargetGroupArn"`
	Forward struct {
		Groups []struct {
			ARN string `json:"TargetGroupArn"`
		} `json:"TargetGroups"`
	} `json:"ForwardConfig"`
}

func (f forwarding) groups() (arns []string) {
	for _, a := range append(f.Defaults, f.Actions...) {
		if a.Group != "" {
			arns = append(arns, a.Group)
		}
		for _, g := range a.Forward.Groups {
			arns = append(arns, g.ARN)
		}
	}
	return arns
}

// balancersOf are the load balancers that forward to a target group.
func (s *Service) balancersOf(g *group) (arns []string) {
	for _, arn := range slices.Sorted(maps.Keys(s.state.Listeners)) {
		if l := s.state.Listeners[arn]; slices.Contains(l.Groups, g.ARN) && !slices.Contains(arns, l.Balancer) {
			arns = append(arns, l.Balancer)
		}
	}
	return arns
}

type balancerInput struct{ Name string }

type balancerOutput struct {
	ARN  string `xml:"LoadBalancerArn"`
	Name string `xml:"LoadBalancerName"`
	DNS  string `xml:"DNSName"`
	Kind string `xml:"Type"`
}

type balancersOutput struct {
	LoadBalancers members[balancerOutput]
}

func (s *Service) createLoadBalancer(c *world.Call, in balancerInput) (out balancersOutput, err error) {
	if err := c.Authorize("elasticloadbalancing:CreateLoadBalancer", s.arn("loadbalancer/app/"+in.Name+"/*"), nil); err != nil {
		return out, err
	}
	b := s.putBalancer(in.Name)
	out.LoadBalancers.Members = []balancerOutput{{ARN: b.ARN, Name: b.Name, DNS: s.dns(b), Kind: "application"}}
	return out, nil
}

// putBalancer makes a load balancer; its name is its identity.
func (s *Service) putBalancer(name string) *balancer {
	for _, b := range s.state.Balancers {
		if b.Name == name {
			return b
		}
	}
	b := &balancer{ARN: s.arn("loadbalancer/app/" + name + "/" + s.w.Hex(16)), Name: name}
	s.state.Balancers[b.ARN] = b
	return b
}

func (s *Service) dns(b *balancer) string {
	return strings.ToLower(b.Name) + "." + s.w.Region + ".elb.amazonaws.com"
}

func (s *Service) declareBalancer(d world.Declared) (world.Resource, error) {
	var in balancerInput
	if err := json.Unmarshal(d.Properties, &in); err != nil {
		return world.Resource{}, err
	}
	if was, ok := s.state.Balancers[d.ID]; ok && in.Name == "" {
		in.Name = was.Name
	}
	if in.Name == "" {
		in.Name = shortName(s.w.GeneratedName(d))
	}
	b := s.putBalancer(in.Name)
	return world.Resource{ID: b.ARN, Attributes: map[string]any{"LoadBalancerArn": b.ARN, "LoadBalancerName": b.Name, "DNSName": s.dns(b),
		"LoadBalancerFullName": b.ARN[strings.Index(b.ARN, "app/"):], "CanonicalHostedZoneID": "Z32O12XQLNTSW2"}}, nil
}

type listenerOutput struct {
	ARN      string `xml:"ListenerArn"`
	Balancer string `xml:"LoadBalancerArn"`
}

type listenersOutput struct {
	Listeners members[listenerOutput]
}

func (s *Service) createListener(c *world.Call, in forwarding) (out listenersOutput, err error) {
	if err := c.Authorize("elasticloadbalancing:CreateListener", in.Balancer, nil); err != nil {
		return out, err
	}
	arn, l, err := s.putListener("", in)
	if err != nil {
		return out, err
	}
	out.Listeners.Members = []listenerOutput{{ARN: arn, Balancer: l.Balancer}}
	return out, nil
}

// putListener makes a listener, or a rule of one, or gives the one of this ARN other actions.
func (s *Service) putListener(arn string, in forwarding) (string, *listener, error) {
	kind := "listener"
	if of, ok := s.state.Listeners[in.Listener]; ok {
		in.Balancer, kind = of.Balancer, "listener-rule"
	}
	b, ok := s.state.Balancers[in.Balancer]
	if !ok {
		return "", nil, world.Errorf("LoadBalancerNotFound", "Load balancer '%s' not found", in.Balancer)
	}
	l := &listener{Balancer: b.ARN, Groups: in.groups()}
	for _, group := range l.Groups {
		if s.state.Groups[group] == nil {
			return "", nil, notFound()
		}
	}
	if _, ok := s.state.Listeners[arn]; !ok {
		arn = strings.Replace(b.ARN, "loadbalancer/", kind+"/", 1) + "/" + s.w.Hex(16)
	}
	s.state.Listeners[arn] = l
	return arn, l, nil
}

func (s *Service) declareListener(d world.Declared) (world.Resource, error) {
	var in forwarding
	if err := json.Unmarshal(d.Properties, &in); err != nil {
		return world.Resource{}, err
	}
	arn, _, err := s.putListener(d.ID, in)
	return world.Resource{ID: arn, Attributes: map[string]any{"ListenerArn": arn, "RuleArn": arn}}, err
}
