package iam_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"fairlead/local/iam"
	"fairlead/local/world"
)

const arns = "arn:aws:iam::123456789012:"

// may reports whether a Lambda function under the role may do an action.
func may(t *testing.T, s *iam.Service, role, action string) bool {
	t.Helper()
	p, err := s.ServiceSession(role, "lambda.amazonaws.com", "", "check")
	if err != nil {
		t.Fatal(err)
	}
	return s.Authorize(p, action, "*", nil) == nil
}

func TestARoleWithoutANameGetsOneOfItsStack(t *testing.T) {
	_, s := newWorld(t)
	properties := `{"AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":` + byLambda + `}}`
	r := declare(t, s, "AWS::IAM::Role", "", properties)
	if !strings.HasPrefix(r.ID, "shop-Thing-") || len(r.ID) != len("shop-Thing-")+12 {
		t.Errorf("the name is %q", r.ID)
	}
	if r.Attributes["Arn"] != arns+"role/"+r.ID || !strings.HasPrefix(r.Attributes["RoleId"].(string), "AROA") {
		t.Errorf("attributes %v", r.Attributes)
	}
	if again := declare(t, s, "AWS::IAM::Role", r.ID, properties); again.ID != r.ID || again.Attributes["RoleId"] != r.Attributes["RoleId"] {
		t.Errorf("declared again it became %v, was %v", again, r)
	}
	long, err := s.Declare(world.Declared{Type: "AWS::IAM::Role", Stack: strings.Repeat("s", 40), LogicalID: strings.Repeat("L", 60), Properties: json.RawMessage(properties)})
	if err != nil || len(long.ID) != 62 {
		t.Errorf("a long name is %q, %v", long.ID, err)
	}
}

func TestAnotherNameIsAnotherRole(t *testing.T) {
	_, s := newWorld(t)
	properties := `{"RoleName":%q,"Path":%q,"AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":` + byLambda + `}}`
	one := declare(t, s, "AWS::IAM::Role", "", fmt.Sprintf(properties, "one", "/shop/"))
	if one.Attributes["Arn"] != arns+"role/shop/one" {
		t.Errorf("with a path: %v", one.Attributes["Arn"])
	}
	two := declare(t, s, "AWS::IAM::Role", one.ID, fmt.Sprintf(properties, "two", "/shop/"))
	if _, still := s.Role(arns + "role/shop/one"); two.ID != "two" || !still {
		t.Errorf("the replacement is %q, and the old role is there until it is withdrawn: %t", two.ID, still)
	}
	if _, err := s.Declare(world.Declared{Type: "AWS::IAM::Role", ID: "two", Properties: json.RawMessage(fmt.Sprintf(properties, "two", "/"))}); err == nil || !strings.Contains(err.Error(), "custom-named") {
		t.Errorf("another path under the same name: %v", err)
	}
	if _, err := s.Declare(world.Declared{Type: "AWS::IAM::Role", Properties: json.RawMessage(fmt.Sprintf(properties, "TWO", "/"))}); err == nil || !strings.Contains(err.Error(), "EntityAlreadyExists") {
		t.Errorf("a name that is taken, in other letters: %v", err)
	}
}

func TestDeclareRefusesWhatCloudFormationRefuses(t *testing.T) {
	trust := `"AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":` + byLambda + `}`
	github := `"AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"` + arns + `oidc-provider/token.actions.githubusercontent.com"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":%s}}`
	sub := "token.actions.githubusercontent.com:sub"
	big := `{"PolicyName":"p%d","PolicyDocument":{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ecs:*","Resource":"arn:aws:ecs:eu-west-1:1:%s"}}}`
	const document = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ecs:*","Resource":"arn:aws:ecs:eu-west-1:1:"}}`
	tests := []struct {
		name, kind, properties, contains string
	}{
		{"a role", "AWS::IAM::Role", `{` + trust + `}`, ""},
		{"a property that is not served", "AWS::IAM::Role", `{` + trust + `,"Colour":"red"}`, "Colour"},
		{"one of AWS's managed policies", "AWS::IAM::Role", `{` + trust + `,"ManagedPolicyArns":["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]}`, "does not exist or is not attachable"},
		{"a boundary that does not exist", "AWS::IAM::Role", `{` + trust + `,"PermissionsBoundary":"` + arns + `policy/none"}`, "NoSuchEntity"},
		{"a name of 65 characters", "AWS::IAM::Role", `{"RoleName":"` + strings.Repeat("n", 65) + `",` + trust + `}`, "less than or equal to 64"},
		{"a name with a slash", "AWS::IAM::Role", `{"RoleName":"a/b",` + trust + `}`, "regular expression"},
		{"a path without its last slash", "AWS::IAM::Role", `{"Path":"/shop",` + trust + `}`, "path is invalid"},
		{"no trust policy", "AWS::IAM::Role", `{}`, "MalformedPolicyDocument"},
		{"a trusted role that does not exist", "AWS::IAM::Role", `{"AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + arns + `role/none"},"Action":"sts:AssumeRole"}}}`, "Invalid principal in policy"},
		{"a session of two hours", "AWS::IAM::Role", `{"MaxSessionDuration":7200,` + trust + `}`, ""},
		{"a session of a day", "AWS::IAM::Role", `{"MaxSessionDuration":"86400",` + trust + `}`, "MaxSessionDuration"},
		{"GitHub without a condition on sub", "AWS::IAM::Role", `{` + fmt.Sprintf(github, `{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"}}`) + `}`, sub},
		{"GitHub with a bare wildcard for sub", "AWS::IAM::Role", `{` + fmt.Sprintf(github, `{"StringLike":{"`+sub+`":["repo:shop/web:*","*"]}}`) + `}`, sub},
		{"GitHub with sub missing on purpose", "AWS::IAM::Role", `{` + fmt.Sprintf(github, `{"Null":{"`+sub+`":"true"}}`) + `}`, sub},
		{"GitHub with a condition on sub", "AWS::IAM::Role", `{` + fmt.Sprintf(github, `{"StringLike":{"`+sub+`":"repo:shop/web:*"}}`) + `}`, ""},
		{"inline policies of exactly 10240 characters", "AWS::IAM::Role", `{` + trust + `,"Policies":[` + fmt.Sprintf(big, 1, strings.Repeat("x", 10240-len(document))) + `]}`, ""},
		{"inline policies of one more", "AWS::IAM::Role", `{` + trust + `,"Policies":[` + fmt.Sprintf(big, 1, strings.Repeat("x", 10241-len(document))) + `]}`, "Maximum policy size of 10240 bytes exceeded"},
		{"a policy of nobody", "AWS::IAM::Policy", `{"PolicyName":"p","PolicyDocument":{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}}`, "Roles"},
		{"a policy of a role that does not exist", "AWS::IAM::Policy", `{"PolicyName":"p","Roles":["none"],"PolicyDocument":{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}}`, "NoSuchEntity"},
		{"an issuer over plain HTTP", "AWS::IAM::OIDCProvider", `{"Url":"http://token.example.com"}`, "Invalid Open ID Connect Provider URL"},
		{"a thumbprint that is none", "AWS::IAM::OIDCProvider", `{"Url":"https://token.example.com","ThumbprintList":["abc"]}`, "thumbprintList"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, s := newWorld(t)
			_, err := s.Declare(world.Declared{Type: tt.kind, Stack: "shop", LogicalID: "Thing", Properties: json.RawMessage(tt.properties)})
			if tt.contains == "" && err != nil || tt.contains != "" && (err == nil || !strings.Contains(err.Error(), tt.contains)) {
				t.Errorf("got %v, want %q", err, tt.contains)
			}
		})
	}
}

func TestAPolicyStandsInTheRolesThatItNamesAndLeavesTheOthers(t *testing.T) {
	_, s := newWorld(t)
	one, two := role(t, s, "one", byLambda, ""), role(t, s, "two", byLambda, "")
	properties := `{"PolicyName":"p","Roles":%s,"PolicyDocument":{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ecs:ListClusters","Resource":"*"}}}`
	p := declare(t, s, "AWS::IAM::Policy", "", fmt.Sprintf(properties, `["one"]`))
	if !may(t, s, one, "ecs:ListClusters") || may(t, s, two, "ecs:ListClusters") {
		t.Error("the policy does not stand in its role, or stands in another")
	}
	role(t, s, "one", byLambda, "") // declared again: the policy is not the role's own
	if !may(t, s, one, "ecs:ListClusters") {
		t.Error("to declare the role again took the policy off it")
	}
	if _, err := s.Declare(world.Declared{Type: "AWS::IAM::Policy", Stack: "shop", LogicalID: "Other", Properties: json.RawMessage(fmt.Sprintf(properties, `["one"]`))}); err == nil {
		t.Error("a second policy of the same name silently took the first one's place")
	}
	if again := declare(t, s, "AWS::IAM::Policy", p.ID, fmt.Sprintf(properties, `["two"]`)); again.ID != p.ID {
		t.Errorf("the policy's id changed from %s to %s", p.ID, again.ID)
	}
	if may(t, s, one, "ecs:ListClusters") || !may(t, s, two, "ecs:ListClusters") {
		t.Error("the policy did not move from one role to the other")
	}
	if err := s.Withdraw("AWS::IAM::Policy", p.ID); err != nil || may(t, s, two, "ecs:ListClusters") {
		t.Errorf("a withdrawn policy still allows (%v)", err)
	}
}

func TestABoundaryLimitsAndIsNamed(t *testing.T) {
	_, s := newWorld(t)
	m := declare(t, s, "AWS::IAM::ManagedPolicy", "", `{"ManagedPolicyName":"limit","PolicyDocument":{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ecr:*","Resource":"*"}}}`)
	declare(t, s, "AWS::IAM::Role", "", `{"RoleName":"bounded","PermissionsBoundary":"`+m.ID+`","AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":`+byLambda+`},`+
		`"Policies":[{"PolicyName":"all","PolicyDocument":{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}}]}`)
	p, err := s.ServiceSession(arns+"role/bounded", "lambda.amazonaws.com", "", "check")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Authorize(p, "ecr:DescribeImages", "*", nil); err != nil {
		t.Error(err)
	}
	if err := s.Authorize(p, "ecs:ListClusters", "*", nil); err == nil || !strings.HasSuffix(err.Error(), "because no permissions boundary allows the ecs:ListClusters action") {
		t.Errorf("beyond its boundary: %v", err)
	}
	if err := s.Withdraw("AWS::IAM::ManagedPolicy", m.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.Authorize(p, "ecr:DescribeImages", "*", nil); err == nil {
		t.Error("a boundary that is gone lets everything pass")
	}
}

func TestTrustNamesTheRoleThatWasNotItsNamesake(t *testing.T) {
	_, s := newWorld(t)
	caller := role(t, s, "caller", byLambda, "")
	target := role(t, s, "target", `{"Effect":"Allow","Principal":{"AWS":"`+caller+`"},"Action":"sts:AssumeRole"}`, "")
	assume := func() error {
		p, err := s.ServiceSession(caller, "lambda.amazonaws.com", "", "check")
		if err != nil {
			t.Fatal(err)
		}
		return s.MayAssume(iam.Assumption{Role: target, Action: "sts:AssumeRole", Who: p, Session: "web-0a1b"})
	}
	if err := assume(); err != nil {
		t.Error(err)
	}
	if err := s.Withdraw("AWS::IAM::Role", "caller"); err != nil {
		t.Fatal(err)
	}
	role(t, s, "caller", byLambda, "")
	if err := assume(); err == nil {
		t.Error("a role of the same name, made later, is trusted; IAM trusts the role's unique id")
	}
}

func TestAServiceUsesAResourceByTheResourcesPolicyAlone(t *testing.T) {
	_, s := newWorld(t)
	queue, rule := "arn:aws:sqs:eu-west-1:123456789012:dead", "arn:aws:events:eu-west-1:123456789012:rule/push"
	text := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"` + queue + `",` +
		`"Condition":{"ArnEquals":{"aws:SourceArn":"` + rule + `"},"StringEquals":{"aws:SourceAccount":"123456789012"}}},` +
		`{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"` + queue + `","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`
	if err := s.CheckResourcePolicy(text); err != nil {
		t.Fatal(err)
	}
	who := world.Principal{Service: "events.amazonaws.com", SourceARN: rule}
	if err := s.AuthorizeWithResource(who, "sqs:SendMessage", queue, nil, text); err != nil {
		t.Error(err)
	}
	who.SourceARN += "-other"
	var denial *iam.Denial
	if err := s.AuthorizeWithResource(who, "sqs:SendMessage", queue, nil, text); !errors.As(err, &denial) || !strings.HasSuffix(err.Error(), "because no resource-based policy allows the sqs:SendMessage action") {
		t.Errorf("for another rule: %v", err)
	}
	if err := s.AuthorizeWithResource(who, "sqs:SendMessage", queue, nil, ""); err == nil {
		t.Error("without a policy, the service may nevertheless")
	}
}

func TestTheGlobalConditionKeys(t *testing.T) {
	_, s := newWorld(t)
	tests := []struct{ name, condition string }{
		{"the role's ARN, not the session's", `{"ArnEquals":{"aws:PrincipalArn":"` + arns + `role/r"}}`},
		{"the account", `{"StringEquals":{"aws:PrincipalAccount":"123456789012","aws:ResourceAccount":"123456789012"}}`},
		{"the session's user id", `{"StringLike":{"aws:userid":"AROA*:check"}}`},
		{"no user name", `{"Null":{"aws:username":"true"}}`},
		{"the kind of principal", `{"StringEquals":{"aws:PrincipalType":"AssumedRole"},"Bool":{"aws:PrincipalIsAWSService":"false","aws:ViaAWSService":"false"}}`},
		{"the region", `{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}`},
		{"the world's time", `{"DateEquals":{"aws:CurrentTime":"` + start.Format(time.RFC3339) + `"},"NumericEquals":{"aws:EpochTime":` + fmt.Sprint(start.Unix()) + `}}`},
		{"loopback counts as TLS", `{"Bool":{"aws:SecureTransport":"true"}}`},
		{"the service's own key", `{"StringEquals":{"ecs:Cluster":"prod"}}`},
		{"the keys of the caller's tags", `{"StringEquals":{"aws:PrincipalTag/team":"shop"}}`},
	}
	id := ""
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			id = declare(t, s, "AWS::IAM::Role", id, `{"RoleName":"r","Tags":[{"Key":"team","Value":"shop"}],"AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":`+byLambda+`},`+
				`"Policies":[{"PolicyName":"p","PolicyDocument":{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":`+tt.condition+`}}}]}`).ID
			p, err := s.ServiceSession(arns+"role/r", "lambda.amazonaws.com", "", "check")
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Authorize(p, "ecs:ListClusters", "*", world.Keys{"ecs:cluster": {"prod"}}); err != nil {
				t.Error(err)
			}
		})
	}
}
