package stories_test

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
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
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"fairlead/local/steps"
	rev "fairlead/shared/revision"
)

// misdeed is what a thief of a session would try.
type misdeed struct {
	name string
	// by are the roles that may do it, because it is their work.
	by  []string
	try func(ctx context.Context, cfg aws.Config, lab *steps.Lab) error
}

const (
	roles    = "arn:aws:iam::123456789012:role/"
	services = "arn:aws:ecs:eu-west-1:123456789012:service/"
)

// misdeeds are what must not be possible with a session of any role but those that are named.
func misdeeds() []misdeed {
	return slices.Concat(onServices(), onLedger(), onImages(), onWorkflow(), onIdentity(), onGuards(), onSignatures())
}

func onServices() []misdeed {
	update := func(service, definition string) func(context.Context, aws.Config, *steps.Lab) error {
		return func(ctx context.Context, cfg aws.Config, _ *steps.Lab) error {
			_, err := ecs.NewFromConfig(cfg).UpdateService(ctx, &ecs.UpdateServiceInput{Cluster: aws.String(cluster), Service: aws.String(service), TaskDefinition: aws.String(definition)})
			return err
		}
	}
	register := func(family, task, execution string) func(context.Context, aws.Config, *steps.Lab) error {
		return func(ctx context.Context, cfg aws.Config, _ *steps.Lab) error {
			_, err := ecs.NewFromConfig(cfg).RegisterTaskDefinition(ctx, revision(family, task, execution))
			return err
		}
	}
	const task, execution = roles + "fairlead-sample-web-task", roles + "fairlead-sample-web-execution"
	return []misdeed{
		{"point the service at a revision of its family", []string{"fairlead-web-update"}, update(service, "fairlead-sample-web")},
		{"point the service at a revision that has roles of another's", nil, func(ctx context.Context, cfg aws.Config, lab *steps.Lab) error {
			owner := ecs.NewFromConfig(lab.Client(lab.Administrator()))
			if _, err := owner.RegisterTaskDefinition(ctx, revision("another", roles+"fairlead-hold", execution)); err != nil {
				return err
			}
			return update(service, "another")(ctx, cfg, lab)
		}},
		{"update another service", nil, update("another", "fairlead-sample-web")},
		{"register a revision with the service's two roles", []string{"fairlead-web-register"}, register("fairlead-sample-web", task, execution)},
		{"register a revision without its marks", nil, func(ctx context.Context, cfg aws.Config, _ *steps.Lab) error {
			in := revision("fairlead-sample-web", task, execution)
			in.Tags = nil
			_, err := ecs.NewFromConfig(cfg).RegisterTaskDefinition(ctx, in)
			return err
		}},
		{"register a revision with the deployer's own role", nil, register("fairlead-sample-web", roles+"fairlead-update-service", execution)},
		{"register a revision with an operator's role", nil, register("fairlead-sample-web", task, roles+"fairlead-hold")},
		{"stop a deployment of another service", nil, func(ctx context.Context, cfg aws.Config, _ *steps.Lab) error {
			_, err := ecs.NewFromConfig(cfg).StopServiceDeployment(ctx, &ecs.StopServiceDeploymentInput{StopType: ecstypes.StopServiceDeploymentStopTypeAbort,
				ServiceDeploymentArn: aws.String("arn:aws:ecs:eu-west-1:123456789012:service-deployment/" + cluster + "/another/0123456789abcdef01234")})
			return err
		}},
		{"delete the service", nil, func(ctx context.Context, cfg aws.Config, _ *steps.Lab) error {
			_, err := ecs.NewFromConfig(cfg).DeleteService(ctx, &ecs.DeleteServiceInput{Cluster: aws.String(cluster), Service: aws.String(service), Force: aws.Bool(true)})
			return err
		}},
		{"deregister a revision", nil, func(ctx context.Context, cfg aws.Config, _ *steps.Lab) error {
			_, err := ecs.NewFromConfig(cfg).DeregisterTaskDefinition(ctx, &ecs.DeregisterTaskDefinitionInput{TaskDefinition: aws.String("fairlead-sample-web:1")})
			return err
		}},
		{"look at another service", nil, func(ctx context.Context, cfg aws.Config, _ *steps.Lab) error {
			_, err := ecs.NewFromConfig(cfg).DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: aws.String(cluster), Services: []string{"another"}})
			return err
		}},
	}
}

// revision is a revision as Fairlead registers one, but for its roles.
func revision(family, task, execution string) *ecs.RegisterTaskDefinitionInput {
	return &ecs.RegisterTaskDefinitionInput{Family: aws.String(family), TaskRoleArn: aws.String(task), ExecutionRoleArn: aws.String(execution),
		NetworkMode: ecstypes.NetworkModeAwsvpc, RequiresCompatibilities: []ecstypes.Compatibility{ecstypes.CompatibilityFargate},
		Cpu: aws.String("256"), Memory: aws.String("512"), Tags: marks(),
		ContainerDefinitions: []ecstypes.ContainerDefinition{{Name: aws.String("x"), Image: aws.String("x")}}}
}

// marks are the tags that a revision of Fairlead's has.
func marks() (tags []ecstypes.Tag) {
	for _, key := range []string{rev.TagExecution, rev.TagSequence, rev.TagBase} {
		tags = append(tags, ecstypes.Tag{Key: aws.String(key), Value: aws.String("1")})
	}
	return tags
}

func onLedger() []misdeed {
	put := func(kind string) func(context.Context, aws.Config, *steps.Lab) error {
		return func(ctx context.Context, cfg aws.Config, lab *steps.Lab) error {
			_, err := dynamodb.NewFromConfig(cfg).PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(lab.Outputs()["Fairlead"]["LedgerTable"]),
				Item: map[string]ddbtypes.AttributeValue{"item": &ddbtypes.AttributeValueMemberS{Value: kind + "#web"}, "id": &ddbtypes.AttributeValueMemberS{Value: "x"}}})
			return err
		}
	}
	query := func(kind string) func(context.Context, aws.Config, *steps.Lab) error {
		return func(ctx context.Context, cfg aws.Config, lab *steps.Lab) error {
			_, err := dynamodb.NewFromConfig(cfg).Query(ctx, &dynamodb.QueryInput{TableName: aws.String(lab.Outputs()["Fairlead"]["LedgerTable"]),
				KeyConditionExpression: aws.String("#i = :i"), ExpressionAttributeNames: map[string]string{"#i": "item"},
				ExpressionAttributeValues: map[string]ddbtypes.AttributeValue{":i": &ddbtypes.AttributeValueMemberS{Value: kind}}})
			return err
		}
	}
	scan := func(ctx context.Context, cfg aws.Config, lab *steps.Lab) error {
		_, err := dynamodb.NewFromConfig(cfg).Scan(ctx, &dynamodb.ScanInput{TableName: aws.String(lab.Outputs()["Fairlead"]["LedgerTable"])})
		return err
	}
	return []misdeed{
		{"write a claim", []string{"fairlead-claim-service", "fairlead-update-service", "fairlead-roll-back"}, put("claim")},
		{"lift or set a hold", []string{"fairlead-hold"}, put("hold")},
		{"lift or set a quarantine", []string{"fairlead-quarantine", "fairlead-roll-back"}, put("quarantine")},
		{"write history", []string{"fairlead-record-outcome", "fairlead-report-outcome", "fairlead-sweep"}, put("history")},
		{"park a task token", []string{"fairlead-await-rollout", "fairlead-await-scan"}, put("token")},
		{"find the task tokens", []string{"fairlead-wake-execution"}, query("token#web")},
		{"read the history of the service", []string{"fairlead-sweep", "fairlead-watch-shop-web"}, query("history#web")},
		{"read the history of a service of another repository", []string{"fairlead-sweep"}, query("history#billing")},
		{"read the whole ledger", nil, scan},
	}
}

func onImages() []misdeed {
	return []misdeed{
		{"push an image", []string{"fairlead-push-shop-web"}, func(ctx context.Context, cfg aws.Config, _ *steps.Lab) error {
			_, err := ecr.NewFromConfig(cfg).PutImage(ctx, &ecr.PutImageInput{RepositoryName: aws.String(repository), ImageManifest: aws.String("{}"), ImageTag: aws.String("x")})
			return err
		}},
		{"push to another repository", nil, func(ctx context.Context, cfg aws.Config, _ *steps.Lab) error {
			_, err := ecr.NewFromConfig(cfg).PutImage(ctx, &ecr.PutImageInput{RepositoryName: aws.String("shop/another"), ImageManifest: aws.String("{}"), ImageTag: aws.String("x")})
			return err
		}},
		{"delete an image", nil, func(ctx context.Context, cfg aws.Config, _ *steps.Lab) error {
			_, err := ecr.NewFromConfig(cfg).BatchDeleteImage(ctx, &ecr.BatchDeleteImageInput{RepositoryName: aws.String(repository), ImageIds: []ecrtypes.ImageIdentifier{{ImageTag: aws.String("x")}}})
			return err
		}},
		{"read images of another repository", nil, func(ctx context.Context, cfg aws.Config, _ *steps.Lab) error {
			_, err := ecr.NewFromConfig(cfg).BatchGetImage(ctx, &ecr.BatchGetImageInput{RepositoryName: aws.String("shop/another"), ImageIds: []ecrtypes.ImageIdentifier{{ImageTag: aws.String("x")}}})
			return err
		}},
	}
}

func onWorkflow() []misdeed {
	return []misdeed{
		{"start an execution", []string{"fairlead-starter", "fairlead-sweep"}, func(ctx context.Context, cfg aws.Config, lab *steps.Lab) error {
			_, err := sfn.NewFromConfig(cfg).StartExecution(ctx, &sfn.StartExecutionInput{StateMachineArn: aws.String(lab.Machine()), Input: aws.String("{}")})
			return err
		}},
		{"stop an execution", nil, func(ctx context.Context, cfg aws.Config, lab *steps.Lab) error {
			_, err := sfn.NewFromConfig(cfg).StopExecution(ctx, &sfn.StopExecutionInput{ExecutionArn: aws.String(execution(lab))})
			return err
		}},
		{"redrive an execution", []string{"fairlead-sweep"}, func(ctx context.Context, cfg aws.Config, lab *steps.Lab) error {
			_, err := sfn.NewFromConfig(cfg).RedriveExecution(ctx, &sfn.RedriveExecutionInput{ExecutionArn: aws.String(execution(lab))})
			return err
		}},
		{"rewrite the workflow", nil, func(ctx context.Context, cfg aws.Config, lab *steps.Lab) error {
			_, err := sfn.NewFromConfig(cfg).UpdateStateMachine(ctx, &sfn.UpdateStateMachineInput{StateMachineArn: aws.String(lab.Machine()), Definition: aws.String("{}")})
			return err
		}},
		{"read an execution", []string{"fairlead-report-outcome", "fairlead-sweep"}, func(ctx context.Context, cfg aws.Config, lab *steps.Lab) error {
			_, err := sfn.NewFromConfig(cfg).DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: aws.String(execution(lab))})
			return err
		}},
		{"return a task token", []string{"fairlead-wake-execution", "fairlead-await-rollout", "fairlead-await-scan"}, func(ctx context.Context, cfg aws.Config, _ *steps.Lab) error {
			_, err := sfn.NewFromConfig(cfg).SendTaskSuccess(ctx, &sfn.SendTaskSuccessInput{TaskToken: aws.String(strings.Repeat("A", 300)), Output: aws.String("{}")})
			return err
		}},
		{"announce an outcome", []string{"fairlead-record-outcome", "fairlead-report-outcome", "fairlead-sweep"}, func(ctx context.Context, cfg aws.Config, _ *steps.Lab) error {
			_, err := eventbridge.NewFromConfig(cfg).PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []eventtypes.PutEventsRequestEntry{
				{Source: aws.String("fairlead"), DetailType: aws.String("Fairlead Outcome"), Detail: aws.String("{}")}}})
			return err
		}},
		{"forge a push", nil, func(ctx context.Context, cfg aws.Config, _ *steps.Lab) error {
			out, err := eventbridge.NewFromConfig(cfg).PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []eventtypes.PutEventsRequestEntry{
				{Source: aws.String("aws.ecr"), DetailType: aws.String("ECR Image Action"), Detail: aws.String("{}")}}})
			if err == nil && out.FailedEntryCount > 0 {
				return errors.New("is not authorized to perform: " + aws.ToString(out.Entries[0].ErrorCode))
			}
			return err
		}},
		{"publish a digest", []string{"fairlead-record-outcome"}, func(ctx context.Context, cfg aws.Config, _ *steps.Lab) error {
			_, err := ssm.NewFromConfig(cfg).PutParameter(ctx, &ssm.PutParameterInput{Name: aws.String("/fairlead/web/deployed-digest"), Value: aws.String("x"), Type: ssmtypes.ParameterTypeString, Overwrite: aws.Bool(true)})
			return err
		}},
		{"write another parameter", nil, func(ctx context.Context, cfg aws.Config, _ *steps.Lab) error {
			_, err := ssm.NewFromConfig(cfg).PutParameter(ctx, &ssm.PutParameterInput{Name: aws.String("/shop/password"), Value: aws.String("x"), Type: ssmtypes.ParameterTypeString})
			return err
		}},
		{"read a function's log", nil, func(ctx context.Context, cfg aws.Config, _ *steps.Lab) error {
			_, err := cloudwatchlogs.NewFromConfig(cfg).FilterLogEvents(ctx, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String("/aws/lambda/fairlead-check-image")})
			return err
		}},
	}
}

func execution(lab *steps.Lab) string {
	return strings.Replace(lab.Machine(), ":stateMachine:", ":execution:", 1) + ":x"
}

func onIdentity() []misdeed {
	assume := func(role string) func(context.Context, aws.Config, *steps.Lab) error {
		return func(ctx context.Context, cfg aws.Config, _ *steps.Lab) error {
			_, err := sts.NewFromConfig(cfg).AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: aws.String(roles + role), RoleSessionName: aws.String("thief")})
			return err
		}
	}
	return []misdeed{
		{"take on the look role", []string{"fairlead-check-image", "fairlead-register-revision", "fairlead-update-service", "fairlead-await-rollout", "fairlead-judge-rollout",
			"fairlead-diagnose-failure", "fairlead-roll-back", "fairlead-wake-execution", "fairlead-sweep"}, assume("fairlead-web-look")},
		{"take on the register role", []string{"fairlead-register-revision", "fairlead-roll-back"}, assume("fairlead-web-register")},
		{"take on the update role", []string{"fairlead-update-service", "fairlead-roll-back"}, assume("fairlead-web-update")},
		{"take on an operator's role", nil, assume("fairlead-hold")},
		{"take on the other operator's role", nil, assume("fairlead-quarantine")},
		{"take on the push role without a token", nil, assume("fairlead-push-shop-web")},
		{"take on the service's own role", nil, assume("fairlead-sample-web-task")},
		{"give itself a policy", nil, func(ctx context.Context, cfg aws.Config, _ *steps.Lab) error {
			_, err := iam.NewFromConfig(cfg).PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: aws.String("fairlead-check-image"), PolicyName: aws.String("x"),
				PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`)})
			return err
		}},
		{"be trusted by a role", nil, func(ctx context.Context, cfg aws.Config, _ *steps.Lab) error {
			_, err := iam.NewFromConfig(cfg).UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: aws.String("fairlead-web-update"),
				PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}]}`)})
			return err
		}},
	}
}
