package iam_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"fairlead/local/iam"
	"fairlead/local/world"
)

var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func newWorld(t *testing.T) (*world.World, *iam.Service) {
	t.Helper()
	w := world.New(world.Place{Partition: "aws", Region: "eu-west-1", Account: "123456789012"}, 1, start)
	s := iam.New(w)
	w.Add(s)
	w.SetAuthority(s)
	return w, s
}

// declare declares a resource whose properties are JSON.
func declare(t *testing.T, s *iam.Service, kind, id, properties string) world.Resource {
	t.Helper()
	r, err := s.Declare(world.Declared{Type: kind, Stack: "shop", LogicalID: "Thing", ID: id, Properties: json.RawMessage(properties)})
	if err != nil {
		t.Fatalf("declare %s: %v", properties, err)
	}
	return r
}

// role declares a role with one inline policy (empty: none) and returns its ARN.
func role(t *testing.T, s *iam.Service, name, trust, policy string) string {
	t.Helper()
	properties := fmt.Sprintf(`{"RoleName":%q,"AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":%s}`, name, trust)
	if policy != "" {
		properties += fmt.Sprintf(`,"Policies":[{"PolicyName":"own","PolicyDocument":{"Version":"2012-10-17","Statement":%s}}]`, policy)
	}
	id := ""
	if _, ok := s.Role("arn:aws:iam::123456789012:role/" + name); ok {
		id = name
	}
	declare(t, s, "AWS::IAM::Role", id, properties+"}")
	return "arn:aws:iam::123456789012:role/" + name
}

const byLambda = `{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}`

func TestAChangedPolicyAffectsASessionAtOnce(t *testing.T) {
	_, s := newWorld(t)
	arn := role(t, s, "web-look", byLambda, `{"Effect":"Allow","Action":"ecs:DescribeServices","Resource":"*"}`)
	p, err := s.ServiceSession(arn, "lambda.amazonaws.com", "", "check")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Authorize(p, "ecs:DescribeServices", "arn:aws:ecs:eu-west-1:123456789012:service/prod/web", nil); err != nil {
		t.Fatal(err)
	}
	role(t, s, "web-look", byLambda, "")
	err = s.Authorize(p, "ecs:DescribeServices", "arn:aws:ecs:eu-west-1:123456789012:service/prod/web", nil)
	want := "User: arn:aws:sts::123456789012:assumed-role/web-look/check is not authorized to perform: ecs:DescribeServices" +
		" on resource: arn:aws:ecs:eu-west-1:123456789012:service/prod/web because no identity-based policy allows the ecs:DescribeServices action"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestAServiceNeedsTheRolesTrust(t *testing.T) {
	_, s := newWorld(t)
	arn := role(t, s, "web-look", byLambda, "")
	if _, err := s.ServiceSession(arn, "states.amazonaws.com", "", "check"); err == nil {
		t.Error("states.amazonaws.com assumed a role that trusts lambda.amazonaws.com alone")
	}
	if _, err := s.ServiceSession(arn+"x", "lambda.amazonaws.com", "", "check"); err == nil {
		t.Error("a role that does not exist was assumed")
	}
}

func TestASessionDoesNotOutliveItsRole(t *testing.T) {
	_, s := newWorld(t)
	all := `{"Effect":"Allow","Action":"*","Resource":"*"}`
	arn := role(t, s, "web-look", byLambda, all)
	p, err := s.ServiceSession(arn, "lambda.amazonaws.com", "", "check")
	if err != nil {
		t.Fatal(err)
	}
	c := s.Issue(p, time.Hour)
	if err := s.Withdraw("AWS::IAM::Role", "web-look"); err != nil {
		t.Fatal(err)
	}
	role(t, s, "web-look", byLambda, all) // another role of the same name
	if err := s.Authorize(p, "ecs:DescribeServices", "*", nil); err == nil {
		t.Error("the session of a deleted role may what its namesake may")
	}
	if _, ok := s.Secret(c.AccessKeyID); ok {
		t.Error("the keys of a deleted role's session are still known")
	}
}

func TestKeysExpireByTheWorldsClock(t *testing.T) {
	w, s := newWorld(t)
	p, err := s.ServiceSession(role(t, s, "web-look", byLambda, ""), "lambda.amazonaws.com", "", "check")
	if err != nil {
		t.Fatal(err)
	}
	c := s.Issue(p, time.Hour)
	w.Advance(start.Add(time.Hour - time.Second))
	if k, ok := s.Secret(c.AccessKeyID); !ok || k.Expired {
		t.Errorf("one second before its end, the session is known %t, expired %t", ok, k.Expired)
	}
	w.Advance(start.Add(time.Hour))
	if k, ok := s.Secret(c.AccessKeyID); !ok || !k.Expired {
		t.Errorf("at its end, the session is known %t, expired %t", ok, k.Expired)
	}
}

func TestASessionPolicyLimitsTheSession(t *testing.T) {
	_, s := newWorld(t)
	arn := role(t, s, "web-look", byLambda, `{"Effect":"Allow","Action":"*","Resource":"*"}`)
	p, err := s.ServiceSession(arn, "lambda.amazonaws.com", "", "check")
	if err != nil {
		t.Fatal(err)
	}
	c := s.IssueLimited(p, time.Hour, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ecr:*","Resource":"*"}}`)
	k, _ := s.Secret(c.AccessKeyID)
	if err := s.Authorize(k.Principal, "ecr:DescribeImages", "*", nil); err != nil {
		t.Error(err)
	}
	if err := s.Authorize(k.Principal, "ecs:DescribeServices", "*", nil); err == nil {
		t.Error("the session policy limits nothing")
	}
}

func TestAnAccountsTrustWithPrincipalArn(t *testing.T) {
	_, s := newWorld(t)
	caller := role(t, s, "fairlead-check", byLambda, `{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"arn:aws:iam::123456789012:role/fairlead-*-look"}`)
	trust := `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole",` +
		`"Condition":{"ArnEquals":{"aws:PrincipalArn":["` + caller + `"]}}}`
	look := role(t, s, "fairlead-web-look", trust, "")
	update := role(t, s, "fairlead-web-update", trust, "")
	p, err := s.ServiceSession(caller, "lambda.amazonaws.com", "", "check")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.MayAssume(iam.Assumption{Role: look, Action: "sts:AssumeRole", Who: p, Session: "web-0a1b"}); err != nil {
		t.Error(err)
	}
	if err := s.MayAssume(iam.Assumption{Role: update, Action: "sts:AssumeRole", Who: p, Session: "web-0a1b"}); err == nil {
		t.Error("the account is trusted; without a right of its own the caller assumed the role nevertheless")
	}
	other, _ := s.ServiceSession(role(t, s, "other", byLambda, `{"Effect":"Allow","Action":"*","Resource":"*"}`), "lambda.amazonaws.com", "", "check")
	if err := s.MayAssume(iam.Assumption{Role: look, Action: "sts:AssumeRole", Who: other, Session: "web-0a1b"}); err == nil {
		t.Error("a role that the condition does not name assumed the role")
	}
}
