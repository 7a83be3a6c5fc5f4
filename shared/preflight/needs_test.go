package preflight_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"fairlead/shared/preflight"
)

func TestNeeds(t *testing.T) {
	secret := func(from string) types.Secret { return types.Secret{ValueFrom: &from} }
	group := func(more ...string) *types.LogConfiguration {
		l := &types.LogConfiguration{LogDriver: types.LogDriverAwslogs, Options: map[string]string{"awslogs-group": "/shop/web"}}
		for i := 0; i < len(more); i += 2 {
			l.Options[more[i]] = more[i+1]
		}
		return l
	}
	log := func(region string, more ...string) preflight.Need {
		arn := "arn:aws:logs:" + region + ":123456789012:log-group:/shop/web"
		return preflight.Need{What: "write the log", Actions: append([]string{"logs:CreateLogStream", "logs:PutLogEvents"}, more...), Resources: []string{arn + ":log-stream:any", arn}, Either: true}
	}
	secrets := func(arns ...string) preflight.Need {
		return preflight.Need{What: "read the secrets", Actions: []string{"secretsmanager:GetSecretValue"}, Resources: arns}
	}
	parameters := func(arns ...string) preflight.Need {
		return preflight.Need{What: "read the parameters", Actions: []string{"ssm:GetParameters"}, Resources: arns}
	}
	const whole, parameter = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf", "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/key"
	for name, test := range map[string]struct {
		containers []types.ContainerDefinition
		want       []preflight.Need
	}{
		"nothing":                        {[]types.ContainerDefinition{{}}, nil},
		"a secret":                       {[]types.ContainerDefinition{{Secrets: []types.Secret{secret(whole)}}}, []preflight.Need{secrets(whole)}},
		"a key of a secret":              {[]types.ContainerDefinition{{Secrets: []types.Secret{secret(whole + ":password::")}}}, []preflight.Need{secrets(whole)}},
		"one secret of two containers":   {[]types.ContainerDefinition{{Secrets: []types.Secret{secret(whole)}}, {Secrets: []types.Secret{secret(whole + ":user::")}}}, []preflight.Need{secrets(whole)}},
		"a parameter by its ARN":         {[]types.ContainerDefinition{{Secrets: []types.Secret{secret(parameter)}}}, []preflight.Need{parameters(parameter)}},
		"a parameter by its name":        {[]types.ContainerDefinition{{Secrets: []types.Secret{secret("key"), secret("/shop/key")}}}, []preflight.Need{parameters("arn:aws:ssm:eu-west-1:123456789012:parameter/key", parameter)}},
		"the keys of a foreign registry": {[]types.ContainerDefinition{{RepositoryCredentials: &types.RepositoryCredentials{CredentialsParameter: aws.String(whole)}}}, []preflight.Need{secrets(whole)}},
		"a secret of the log driver":     {[]types.ContainerDefinition{{LogConfiguration: &types.LogConfiguration{LogDriver: types.LogDriverSplunk, SecretOptions: []types.Secret{secret(whole)}}}}, []preflight.Need{secrets(whole)}},
		"what is neither":                {[]types.ContainerDefinition{{Secrets: []types.Secret{secret("arn:aws:s3:::bucket"), secret("")}}}, nil},
		"a log group":                    {[]types.ContainerDefinition{{LogConfiguration: group()}}, []preflight.Need{log("eu-west-1")}},
		"one elsewhere, that it makes":   {[]types.ContainerDefinition{{LogConfiguration: group("awslogs-region", "us-east-1", "awslogs-create-group", "true")}}, []preflight.Need{log("us-east-1", "logs:CreateLogGroup")}},
		"one of two containers":          {[]types.ContainerDefinition{{LogConfiguration: group()}, {LogConfiguration: group()}}, []preflight.Need{log("eu-west-1")}},
		"another log driver":             {[]types.ContainerDefinition{{LogConfiguration: &types.LogConfiguration{LogDriver: types.LogDriverAwsfirelens}}}, nil},
		"all of it":                      {[]types.ContainerDefinition{{LogConfiguration: group(), Secrets: []types.Secret{secret("/shop/key"), secret(whole)}}}, []preflight.Need{secrets(whole), parameters(parameter), log("eu-west-1")}},
	} {
		got := preflight.Needs(&types.TaskDefinition{ContainerDefinitions: test.containers}, "aws", "eu-west-1", "123456789012")
		if diff := cmp.Diff(test.want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestLacks(t *testing.T) {
	each := preflight.Need{Actions: []string{"a"}, Resources: []string{"x", "y"}}
	either := preflight.Need{Actions: []string{"a", "b"}, Resources: []string{"x", "y"}, Either: true}
	answer := func(action, resource string, allowed bool) preflight.Answer {
		return preflight.Answer{Action: action, Resource: resource, Allowed: allowed}
	}
	for name, test := range map[string]struct {
		need    preflight.Need
		answers []preflight.Answer
		want    []string
	}{
		"everything is allowed":        {each, []preflight.Answer{answer("a", "x", true), answer("a", "y", true)}, nil},
		"one of two":                   {each, []preflight.Answer{answer("a", "x", true), answer("a", "y", false)}, []string{"a on y"}},
		"one of two names of a thing":  {either, []preflight.Answer{answer("a", "x", false), answer("a", "y", true), answer("b", "x", true), answer("b", "y", false)}, nil},
		"neither of its names":         {either, []preflight.Answer{answer("a", "x", false), answer("a", "y", false), answer("b", "x", true), answer("b", "y", true)}, []string{"a on x"}},
		"a simulation without answers": {each, nil, nil},
	} {
		if diff := cmp.Diff(test.want, test.need.Lacks(test.answers)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
