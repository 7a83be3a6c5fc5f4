package elb

import "fairlead/local/world"

// attribute is one of a target group's.
type attribute struct{ Key, Value string }

type modifyAttributesInput struct {
	Group      string `json:"TargetGroupArn"`
	Attributes []attribute
}

type attributesOutput struct{ Attributes members[attribute] }

// modifyTargetGroupAttributes sets how long a target that leaves may finish what it has begun. Any other attribute is not
// served.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyTargetGroupAttributes.html
func (s *Service) modifyTargetGroupAttributes(c *world.Call, in modifyAttributesInput) (out attributesOutput, err error) {
	if err := c.Authorize("elasticloadbalancing:ModifyTargetGroupAttributes", in.Group, nil); err != nil {
		return out, err
	}
	g, ok := s.state.Groups[in.Group]
	if !ok {
		return out, notFound()
	}
	for _, a := range in.Attributes {
		if a.Key != delayAttribute {
			return out, world.NotImplemented("The attribute " + a.Key + " of a target group")
		}
	}
	changed := g.Settings
	if len(in.Attributes) > 0 {
		changed.Attributes = in.Attributes
	}
	if err := changed.check(); err != nil {
		return out, err
	}
	g.Settings, out.Attributes.Members = changed, changed.Attributes
	return out, nil
}
