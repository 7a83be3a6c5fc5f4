package steps

import (
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"fairlead/local/sigv4"
)

// nameKeys lets the client of a service name its key and not sign. One of a service that is not listed here signs.
func nameKeys(_ string, options any) {
	switch o := options.(type) {
	case *cloudwatchlogs.Options:
		o.HTTPSignerV4 = sigv4.Naming{}
	case *dynamodb.Options:
		o.HTTPSignerV4 = sigv4.Naming{}
	case *ecr.Options:
		o.HTTPSignerV4 = sigv4.Naming{}
	case *ecs.Options:
		o.HTTPSignerV4 = sigv4.Naming{}
	case *elb.Options:
		o.HTTPSignerV4 = sigv4.Naming{}
	case *eventbridge.Options:
		o.HTTPSignerV4 = sigv4.Naming{}
	case *iam.Options:
		o.HTTPSignerV4 = sigv4.Naming{}
	case *sfn.Options:
		o.HTTPSignerV4 = sigv4.Naming{}
	case *ssm.Options:
		o.HTTPSignerV4 = sigv4.Naming{}
	case *sts.Options:
		o.HTTPSignerV4 = sigv4.Naming{}
	}
}
