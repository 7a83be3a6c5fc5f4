package stack

import (
	"strings"

	"fairlead/local/world"
)

// inert stands for resources that exist, have an id, and do nothing here: the network that tasks would run in, alarms on
// metrics that nobody measures, CDK's own metadata.
type inert struct{ w *world.World }

// inertTypes maps each inert type to the prefix of its ids.
func inertTypes() map[string]string {
	return map[string]string{
		"AWS::CDK::Metadata": "metadata", "AWS::CloudWatch::Alarm": "",
		"AWS::EC2::VPC": "vpc", "AWS::EC2::Subnet": "subnet", "AWS::EC2::RouteTable": "rtb", "AWS::EC2::Route": "route",
		"AWS::EC2::SubnetRouteTableAssociation": "rtbassoc", "AWS::EC2::InternetGateway": "igw",
		"AWS::EC2::VPCGatewayAttachment": "attach", "AWS::EC2::SecurityGroup": "sg",
		"AWS::EC2::SecurityGroupIngress": "sgr", "AWS::EC2::SecurityGroupEgress": "sgr",
	}
}

func isInert(resourceType string) bool {
	_, ok := inertTypes()[resourceType]
	return ok
}

// ResourceTypes are not asked for: see isInert.
func (inert) ResourceTypes() []string { return nil }

// Declare gives the resource an id.
func (i inert) Declare(d world.Declared) (world.Resource, error) {
	id := d.ID
	if prefix := inertTypes()[d.Type]; id == "" && prefix != "" {
		id = prefix + "-0" + i.w.Hex(16)
	}
	id = i.w.NameFor(d, id)
	short := d.Type[strings.LastIndex(d.Type, ":")+1:]
	return world.Resource{ID: id, Attributes: map[string]any{
		short + "Id": id, "GroupId": id, "Arn": i.w.ARN("ec2", strings.ToLower(short)+"/"+id), "VpcId": id,
		"AvailabilityZone": i.w.Region + "a", "DefaultSecurityGroup": "sg-0" + i.w.Hex(16),
	}}, nil
}

// Withdraw does nothing.
func (inert) Withdraw(string, string) error { return nil }
