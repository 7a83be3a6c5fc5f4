package sts_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"fairlead/local/iam"
	"fairlead/local/oidc"
	"fairlead/local/server"
	"fairlead/local/sigv4"
	"fairlead/local/sts"
	"fairlead/local/world"
)

// house is a world with IAM, STS and GitHub's issuer, reached as from outside: over HTTP, with signatures.
type house struct {
	w      *world.World
	iam    *iam.Service
	github *oidc.Service
	url    string
	now    time.Time
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{now: time.Now().UTC()}
	h.w = world.New(world.Place{Partition: "aws", Region: "eu-west-1", Account: "123456789012"}, 1, h.now)
	h.iam = iam.New(h.w)
	h.github = oidc.New(h.w)
	h.w.SetAuthority(h.iam)
	h.w.Add(h.iam, h.github, sts.New(h.w, h.iam, h.github))
	core := world.NewCore(h.w, func() time.Time { return h.now })
	verifier := sigv4.NewVerifier(func(id string) (secret sigv4.Secret, ok bool) {
		core.Do(func(*world.World) { secret, ok = h.iam.Secret(id) })
		return secret, ok
	}, time.Now)
	verifier.Region = "eu-west-1"
	s := httptest.NewServer(server.NewAPI(core, verifier, slog.New(slog.DiscardHandler)))
	t.Cleanup(s.Close)
	h.url = s.URL
	return h
}

func (h *house) config(id, secret, token string) aws.Config {
	return aws.Config{Region: "eu-west-1", BaseEndpoint: &h.url, Credentials: credentials.NewStaticCredentialsProvider(id, secret, token),
		RetryMaxAttempts: 1}
}

func (h *house) administrator() aws.Config {
	c := h.iam.Administrator()
	return h.config(c.AccessKeyID, c.SecretAccessKey, "")
}

func (h *house) role(t *testing.T, name, trust, policy string) string {
	t.Helper()
	properties, err := json.Marshal(map[string]any{"RoleName": name, "MaxSessionDuration": 7200,
		"AssumeRolePolicyDocument": document(trust), "Policies": []any{map[string]any{"PolicyName": "own", "PolicyDocument": document(policy)}}})
	if err != nil {
		t.Fatal(err)
	}
	r, err := h.iam.Declare(world.Declared{Type: "AWS::IAM::Role", Stack: "shop", LogicalID: name, Properties: properties})
	if err != nil {
		t.Fatal(err)
	}
	return r.Attributes["Arn"].(string)
}

func document(statement string) any {
	return map[string]any{"Version": "2012-10-17", "Statement": json.RawMessage(statement)}
}

const (
	byAccount = `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole"}`
	nothing   = `{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}`
)

// code is the error's code, and its message.
func code(err error) (string, string) {
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		return e.ErrorCode(), e.ErrorMessage()
	}
	return "", ""
}

func TestTheSDKAssumesARole(t *testing.T) {
	h, ctx := newHouse(t), context.Background()
	arn := h.role(t, "web-look", byAccount, nothing)
	out, err := awssts.NewFromConfig(h.administrator()).AssumeRole(ctx, &awssts.AssumeRoleInput{RoleArn: &arn, RoleSessionName: aws.String("web-0a1b")})
	if err != nil {
		t.Fatal(err)
	}
	if got := *out.AssumedRoleUser.Arn; got != "arn:aws:sts::123456789012:assumed-role/web-look/web-0a1b" {
		t.Errorf("session ARN %s", got)
	}
	if got := out.Credentials.Expiration.Sub(h.now.Truncate(time.Second)); got != time.Hour {
		t.Errorf("the session lives %s, want an hour", got)
	}
	session := h.config(*out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken)
	me, err := awssts.NewFromConfig(session).GetCallerIdentity(ctx, nil)
	if err != nil || *me.Arn != *out.AssumedRoleUser.Arn || *me.UserId != *out.AssumedRoleUser.AssumedRoleId || *me.Account != "123456789012" {
		t.Errorf("caller identity %+v, %v", me, err)
	}
	_, err = awssts.NewFromConfig(session).AssumeRole(ctx, &awssts.AssumeRoleInput{RoleArn: &arn, RoleSessionName: aws.String("again")})
	if c, m := code(err); c != "AccessDenied" || !strings.HasSuffix(m, "on resource: "+arn+" because no identity-based policy allows the sts:AssumeRole action") {
		t.Errorf("a role without rights assumed a role that trusts its account: %s %q", c, m)
	}
	h.now = h.now.Add(61 * time.Minute)
	_, err = awssts.NewFromConfig(session).GetCallerIdentity(ctx, nil)
	if c, m := code(err); c != "ExpiredToken" || m != "The security token included in the request is expired" {
		t.Errorf("after its end the session got %s %q", c, m)
	}
}

func TestAssumeRoleIsRefusedAsAWSRefusesIt(t *testing.T) {
	h, ctx := newHouse(t), context.Background()
	open := h.role(t, "open", byAccount, `{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}`)
	closed := h.role(t, "closed", `{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}`, nothing)
	guarded := h.role(t, "guarded", `{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"e-123"}}}`, nothing)
	client := awssts.NewFromConfig(h.administrator())
	first, err := client.AssumeRole(ctx, &awssts.AssumeRoleInput{RoleArn: &open, RoleSessionName: aws.String("first")})
	if err != nil {
		t.Fatal(err)
	}
	chained := awssts.NewFromConfig(h.config(*first.Credentials.AccessKeyId, *first.Credentials.SecretAccessKey, *first.Credentials.SessionToken))
	administrator := "arn:aws:iam::123456789012:user/administrator"
	tests := []struct {
		name    string
		client  *awssts.Client
		in      awssts.AssumeRoleInput
		code    string
		message string // a part; for no code: nothing
	}{
		{"the trust policy names others", client, awssts.AssumeRoleInput{RoleArn: &closed}, "AccessDenied",
			"User: " + administrator + " is not authorized to perform: sts:AssumeRole on resource: " + closed + " because no role trust policy allows the sts:AssumeRole action"},
		{"there is no such role", client, awssts.AssumeRoleInput{RoleArn: aws.String(open + "x")}, "AccessDenied", "sts:AssumeRole on resource: " + open + "x"},
		{"the ARN of a session", client, awssts.AssumeRoleInput{RoleArn: first.AssumedRoleUser.Arn}, "ValidationError", "Request ARN is invalid"},
		{"an ARN with a newline", client, awssts.AssumeRoleInput{RoleArn: aws.String(open + "\n")}, "ValidationError", "Request ARN is invalid"},
		{"no external id where one is wanted", client, awssts.AssumeRoleInput{RoleArn: &guarded}, "AccessDenied", "no role trust policy"},
		{"the right external id", client, awssts.AssumeRoleInput{RoleArn: &guarded, ExternalId: aws.String("e-123")}, "", ""},
		{"a session name of 65 characters", client, awssts.AssumeRoleInput{RoleArn: &open, RoleSessionName: aws.String(strings.Repeat("a", 65))}, "ValidationError", "less than or equal to 64"},
		{"a session name of 64 characters", client, awssts.AssumeRoleInput{RoleArn: &open, RoleSessionName: aws.String(strings.Repeat("a", 64))}, "", ""},
		{"a session name with a slash", client, awssts.AssumeRoleInput{RoleArn: &open, RoleSessionName: aws.String("a/b")}, "ValidationError", "regular expression"},
		{"899 seconds", client, awssts.AssumeRoleInput{RoleArn: &open, DurationSeconds: aws.Int32(899)}, "ValidationError", "greater than or equal to 900"},
		{"the role's longest session", client, awssts.AssumeRoleInput{RoleArn: &open, DurationSeconds: aws.Int32(7200)}, "", ""},
		{"more than the role's longest session", client, awssts.AssumeRoleInput{RoleArn: &open, DurationSeconds: aws.Int32(7201)}, "ValidationError", "MaxSessionDuration"},
		{"more than an hour by role chaining", chained, awssts.AssumeRoleInput{RoleArn: &open, DurationSeconds: aws.Int32(3601)}, "ValidationError", "role chaining"},
		{"an hour by role chaining", chained, awssts.AssumeRoleInput{RoleArn: &open, DurationSeconds: aws.Int32(3600)}, "", ""},
		{"a session policy that is none", client, awssts.AssumeRoleInput{RoleArn: &open, Policy: aws.String(`{"Statement":{"Effect":"Allow"}}`)}, "MalformedPolicyDocument", "actions"},
		{"a session policy of 2049 characters", client, awssts.AssumeRoleInput{RoleArn: &open, Policy: aws.String(strings.Repeat(" ", 2049))}, "ValidationError", "2048"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.in.RoleSessionName == nil {
				tt.in.RoleSessionName = aws.String("web-0a1b")
			}
			_, err := tt.client.AssumeRole(ctx, &tt.in)
			c, m := code(err)
			if c != tt.code || !strings.Contains(m, tt.message) || tt.code == "" && err != nil {
				t.Errorf("got %s %q (%v), want %s with %q", c, m, err, tt.code, tt.message)
			}
		})
	}
}
