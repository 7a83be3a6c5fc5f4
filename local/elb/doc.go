// Package elb is the embedded Elastic Load Balancing: target groups, in which ECS registers the addresses of its tasks,
// and how the health checks of a load balancer find them.
//
// Nothing is balanced: a load balancer and its listeners exist so that a target group is in use. A target answers as
// [Answers] says, which ECS reads off the image of its container; from that and from the settings of the target group
// follows what the target's health is at any time. DescribeTargetHealth tells it, and ECS acts on it.
package elb
