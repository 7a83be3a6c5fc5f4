package stories_test

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"fairlead/local/steps"
	rev "fairlead/shared/revision"
)

// attempt is a call that a thief makes of one service.
type attempt = func(ctx context.Context, cfg aws.Config, lab *steps.Lab) error

// onGuards are misdeeds against what keeps others out: scans, tags, marks, records, and the waits of executions.
func onGuards() []misdeed {
	const definition = "arn:aws:ecs:eu-west-1:123456789012:task-definition/fairlead-sample-web:1"
	return []misdeed{
		{"let a tag be moved", nil, func(ctx context.Context, cfg aws.Config, _ *steps.Lab) error {
			_, err := ecr.NewFromConfig(cfg).PutImageTagMutability(ctx, &ecr.PutImageTagMutabilityInput{RepositoryName: aws.String(repository), ImageTagMutability: ecrtypes.ImageTagMutabilityMutable})
			return err
		}},
		{"switch the scan of the images off", nil, func(ctx context.Context, cfg aws.Config, _ *steps.Lab) error {
			_, err := ecr.NewFromConfig(cfg).PutImageScanningConfiguration(ctx, &ecr.PutImageScanningConfigurationInput{RepositoryName: aws.String(repository), ImageScanningConfiguration: &ecrtypes.ImageScanningConfiguration{}})
			return err
		}},
		{"switch the scan of the registry off", nil, func(ctx context.Context, cfg aws.Config, _ *steps.Lab) error {
			_, err := ecr.NewFromConfig(cfg).PutRegistryScanningConfiguration(ctx, &ecr.PutRegistryScanningConfigurationInput{ScanType: ecrtypes.ScanTypeBasic})
			return err
		}},
		{"delete the repository", nil, func(ctx context.Context, cfg aws.Config, _ *steps.Lab) error {
			_, err := ecr.NewFromConfig(cfg).DeleteRepository(ctx, &ecr.DeleteRepositoryInput{RepositoryName: aws.String(repository), Force: true})
			return err
		}},
		{"begin a layer of another repository", nil, func(ctx context.Context, cfg aws.Config, _ *steps.Lab) error {
			_, err := ecr.NewFromConfig(cfg).InitiateLayerUpload(ctx, &ecr.InitiateLayerUploadInput{RepositoryName: aws.String("shop/another")})
			return err
		}},
		{"mark a revision that is there already", nil, func(ctx context.Context, cfg aws.Config, _ *steps.Lab) error {
			_, err := ecs.NewFromConfig(cfg).TagResource(ctx, &ecs.TagResourceInput{ResourceArn: aws.String(definition), Tags: marks()})
			return err
		}},
		{"take the marks of a revision away", nil, func(ctx context.Context, cfg aws.Config, _ *steps.Lab) error {
			_, err := ecs.NewFromConfig(cfg).UntagResource(ctx, &ecs.UntagResourceInput{ResourceArn: aws.String(definition), TagKeys: []string{rev.TagExecution}})
			return err
		}},
		{"make a service", nil, func(ctx context.Context, cfg aws.Config, _ *steps.Lab) error {
			_, err := ecs.NewFromConfig(cfg).CreateService(ctx, &ecs.CreateServiceInput{Cluster: aws.String(cluster), ServiceName: aws.String("thief"), TaskDefinition: aws.String("fairlead-sample-web"), LaunchType: ecstypes.LaunchTypeFargate})
			return err
		}},
		{"stop a task", nil, func(ctx context.Context, cfg aws.Config, _ *steps.Lab) error {
			_, err := ecs.NewFromConfig(cfg).StopTask(ctx, &ecs.StopTaskInput{Cluster: aws.String(cluster), Task: aws.String("0123456789abcdef0123456789abcdef")})
			return err
		}},
		{"fail a task token", nil, func(ctx context.Context, cfg aws.Config, _ *steps.Lab) error {
			_, err := sfn.NewFromConfig(cfg).SendTaskFailure(ctx, &sfn.SendTaskFailureInput{TaskToken: aws.String("AAAA")})
			return err
		}},
		{"keep a task token alive", nil, func(ctx context.Context, cfg aws.Config, _ *steps.Lab) error {
			_, err := sfn.NewFromConfig(cfg).SendTaskHeartbeat(ctx, &sfn.SendTaskHeartbeatInput{TaskToken: aws.String("AAAA")})
			return err
		}},
		{"delete the workflow", nil, func(ctx context.Context, cfg aws.Config, lab *steps.Lab) error {
			_, err := sfn.NewFromConfig(cfg).DeleteStateMachine(ctx, &sfn.DeleteStateMachineInput{StateMachineArn: aws.String(lab.Machine())})
			return err
		}},
		{"read the workflow", nil, func(ctx context.Context, cfg aws.Config, lab *steps.Lab) error {
			_, err := sfn.NewFromConfig(cfg).DescribeStateMachine(ctx, &sfn.DescribeStateMachineInput{StateMachineArn: aws.String(lab.Machine())})
			return err
		}},
		{"delete a claim", nil, remove("claim")}, {"delete a hold", nil, remove("hold")}, {"delete a quarantine", nil, remove("quarantine")}, {"delete history", nil, remove("history")},
		{"announce in another's name", nil, announce("shop", "Fairlead Outcome")},
		{"announce something else in Fairlead's name", []string{"fairlead-record-outcome", "fairlead-report-outcome", "fairlead-sweep"}, announce("fairlead", "ECR Image Action")},
		{"take a policy away", nil, func(ctx context.Context, cfg aws.Config, _ *steps.Lab) error {
			_, err := iam.NewFromConfig(cfg).DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: aws.String("fairlead-web-update"), PolicyName: aws.String("x")})
			return err
		}},
		{"read a parameter", nil, func(ctx context.Context, cfg aws.Config, _ *steps.Lab) error {
			_, err := ssm.NewFromConfig(cfg).GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String("/shop/password"), WithDecryption: aws.Bool(true)})
			return err
		}},
		{"publish a digest of another service", nil, func(ctx context.Context, cfg aws.Config, _ *steps.Lab) error {
			_, err := ssm.NewFromConfig(cfg).PutParameter(ctx, &ssm.PutParameterInput{Name: aws.String("/fairlead/billing/deployed-digest"), Value: aws.String("x"), Type: ssmtypes.ParameterTypeString})
			return err
		}},
	}
}

// remove deletes an item of the ledger.
func remove(kind string) attempt {
	return func(ctx context.Context, cfg aws.Config, lab *steps.Lab) error {
		_, err := dynamodb.NewFromConfig(cfg).DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: aws.String(lab.Outputs()["Fairlead"]["LedgerTable"]),
			Key: map[string]ddbtypes.AttributeValue{"item": &ddbtypes.AttributeValueMemberS{Value: kind + "#web"}, "id": &ddbtypes.AttributeValueMemberS{Value: kind}}})
		return err
	}
}

// announce puts an event on the bus.
func announce(source, kind string) attempt {
	return func(ctx context.Context, cfg aws.Config, _ *steps.Lab) error {
		out, err := eventbridge.NewFromConfig(cfg).PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []eventtypes.PutEventsRequestEntry{
			{Source: &source, DetailType: &kind, Detail: aws.String("{}")}}})
		if err == nil && out.FailedEntryCount > 0 {
			err = errors.New(aws.ToString(out.Entries[0].ErrorCode))
		}
		return err
	}
}
