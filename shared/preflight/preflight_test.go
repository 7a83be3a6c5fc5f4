package preflight_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"fairlead/shared/preflight"
)

func TestSettings(t *testing.T) {
	breaker := func(enable, rollback bool) *types.DeploymentConfiguration {
		return &types.DeploymentConfiguration{DeploymentCircuitBreaker: &types.DeploymentCircuitBreaker{Enable: enable, Rollback: rollback}}
	}
	balanced := []types.LoadBalancer{{}}
	loose := types.ContainerDefinition{Name: aws.String("proxy"), Image: aws.String("nginx:1"), VersionConsistency: types.VersionConsistencyDisabled}
	app := types.ContainerDefinition{Name: aws.String("app"), Image: aws.String("web:1"), VersionConsistency: types.VersionConsistencyDisabled}
	checked := types.ContainerDefinition{Name: aws.String("app"), HealthCheck: &types.HealthCheck{}}
	pinned := loose
	pinned.Image = aws.String("nginx@sha256:0")
	for name, test := range map[string]struct {
		service    types.Service
		containers []types.ContainerDefinition
		want       string
	}{
		"a service that is set up as it should be":  {types.Service{DeploymentConfiguration: breaker(true, true), LoadBalancers: balanced}, nil, ""},
		"one whose container checks its health":     {types.Service{DeploymentConfiguration: breaker(true, true)}, []types.ContainerDefinition{checked}, ""},
		"a circuit breaker that is off":             {types.Service{LoadBalancers: balanced}, nil, "circuit breaker is off"},
		"one that does not roll back":               {types.Service{DeploymentConfiguration: breaker(true, false), LoadBalancers: balanced}, nil, "does not roll back"},
		"no health check":                           {types.Service{DeploymentConfiguration: breaker(true, true)}, []types.ContainerDefinition{app}, "neither a load balancer nor"},
		"another container whose image may change":  {types.Service{DeploymentConfiguration: breaker(true, true), LoadBalancers: balanced}, []types.ContainerDefinition{app, loose}, "container proxy has versionConsistency disabled"},
		"another container whose image is a digest": {types.Service{DeploymentConfiguration: breaker(true, true), LoadBalancers: balanced}, []types.ContainerDefinition{pinned}, ""},
	} {
		got := strings.Join(preflight.Settings(test.service, &types.TaskDefinition{ContainerDefinitions: test.containers}, []string{"app"}), "; ")
		if !strings.Contains(got, test.want) || (test.want == "") != (got == "") {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

func TestTrusts(t *testing.T) {
	allow := func(principal, action string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":` + principal + `,"Action":` + action + `}]}`
	}
	for document, want := range map[string]bool{
		allow(`{"Service":"ecs-tasks.amazonaws.com"}`, `"sts:AssumeRole"`):                                          true,
		allow(`{"Service":["ec2.amazonaws.com","ecs-tasks.amazonaws.com"]}`, `["sts:AssumeRole","sts:TagSession"]`): true,
		allow(`"*"`, `"sts:*"`): true,
		`{"Statement":{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}}`:                                      true,
		`{"Statement":[{"Effect":"Allow","NotPrincipal":{"AWS":"x"},"Action":"sts:AssumeRole"}]}`:                                                           true,
		allow(`{"Service":"ecs-tasks.amazonaws.com"}`, `"sts:AssumeRole*"`):                                                                                 true,
		allow(`{"Service":"ecs-tasks.amazonaws.com"}`, `["ec2:*","STS:As*"]`):                                                                               true,
		allow(`{"Service":"ecs-tasks.amazonaws.com"}`, `"s?s:Assume?ole"`):                                                                                  true,
		allow(`{"Service":["ecs-tasks.amazonaws.com.cn"]}`, `"*"`):                                                                                          true,
		allow(`["*"]`, `"sts:AssumeRole"`):                                                                                                                  true,
		allow(`{"AWS":["*"]}`, `"*:*"`):                                                                                                                     true,
		`{"Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"NotAction":"iam:*"}]}`:                                          true,
		`{"Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"Bool":{"a":"false"}}}]}`: true,
		allow(`{"Service":"ecs-tasks.amazonaws.com"}`, `"sts:AssumeRoleWith*"`):                                                                             false,
		allow(`{"Service":"ecs-tasks.amazonaws.com"}`, `["sts:AssumeRole?","sts-AssumeRole","ests:AssumeRole"]`):                                            false,
		allow(`{"Service":"ecs.amazonaws.com"}`, `"sts:*"`):                                                                                                 false,
		allow(`{"Service":"ecs.amazonaws.com"}`, `"sts:AssumeRole"`):                                                                                        false,
		allow(`{"AWS":"arn:aws:iam::123456789012:root"}`, `"sts:AssumeRole"`):                                                                               false,
		allow(`{"Service":"ecs-tasks.amazonaws.com"}`, `"sts:TagSession"`):                                                                                  false,
		`{"Statement":[{"Effect":"Deny","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}]}`:                                     false,
		`{"Statement":[]}`: false,
	} {
		if got, err := preflight.Trusts(document); err != nil || got != want {
			t.Errorf("%s: %v, %v", document, got, err)
		}
	}
	for _, document := range []string{"", "x", `{"Statement":3}`} {
		if _, err := preflight.Trusts(document); err == nil {
			t.Errorf("%q was read", document)
		}
	}
}
