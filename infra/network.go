package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"
)

// addNetwork adds the smallest network that Fargate tasks can fetch an image from: two public subnets, no NAT gateway,
// and a security group that lets nothing in.
func (s *sample) addNetwork() {
	awsec2.NewCfnVPC(s.stack, jsii.String("Vpc"), &awsec2.CfnVPCProps{
		CidrBlock: jsii.String("10.42.0.0/16"), EnableDnsSupport: true, EnableDnsHostnames: true,
	})
	awsec2.NewCfnInternetGateway(s.stack, jsii.String("Gateway"), nil)
	attached := awsec2.NewCfnVPCGatewayAttachment(s.stack, jsii.String("GatewayAttachment"), &awsec2.CfnVPCGatewayAttachmentProps{
		VpcId: text("${Vpc}"), InternetGatewayId: text("${Gateway}"),
	})
	awsec2.NewCfnRouteTable(s.stack, jsii.String("Routes"), &awsec2.CfnRouteTableProps{VpcId: text("${Vpc}")})
	out := awsec2.NewCfnRoute(s.stack, jsii.String("WayOut"), &awsec2.CfnRouteProps{
		RouteTableId: text("${Routes}"), DestinationCidrBlock: jsii.String("0.0.0.0/0"), GatewayId: text("${Gateway}"),
	})
	out.AddResourceDependency(attached, nil)
	s.wayOut = append(s.wayOut, out, s.addSubnet("A", 0, "10.42.0.0/24"), s.addSubnet("B", 1, "10.42.1.0/24"))
	awsec2.NewCfnSecurityGroup(s.stack, jsii.String("TasksGroup"), &awsec2.CfnSecurityGroupProps{
		VpcId: text("${Vpc}"), GroupDescription: jsii.String("The sample tasks: nothing in, HTTPS out."),
		SecurityGroupEgress: []any{&awsec2.CfnSecurityGroup_EgressProperty{
			IpProtocol: jsii.String("tcp"), FromPort: jsii.Number(443), ToPort: jsii.Number(443),
			CidrIp: jsii.String("0.0.0.0/0"), Description: jsii.String("The registry and the AWS APIs."),
		}},
	})
}

// addSubnet adds a public subnet in the region's zone of that number, and returns its way to the routes.
func (s *sample) addSubnet(letter string, zone int, cidr string) awscdk.CfnResource {
	awsec2.NewCfnSubnet(s.stack, jsii.String("Subnet"+letter), &awsec2.CfnSubnetProps{
		VpcId: text("${Vpc}"), CidrBlock: jsii.String(cidr),
		AvailabilityZone: awscdk.Fn_Select(jsii.Number(zone), awscdk.Fn_GetAzs(nil)),
	})
	return awsec2.NewCfnSubnetRouteTableAssociation(s.stack, jsii.String("Subnet"+letter+"Routes"),
		&awsec2.CfnSubnetRouteTableAssociationProps{SubnetId: text("${Subnet" + letter + "}"), RouteTableId: text("${Routes}")})
}
