package sts_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"

	"fairlead/local/oidc"
	"fairlead/local/world"
)

func TestAGitHubJobGetsItsRoleAndNoOther(t *testing.T) {
	h, ctx := newHouse(t), context.Background()
	provider, err := h.iam.Declare(world.Declared{Type: "AWS::IAM::OIDCProvider", Stack: "shop", LogicalID: "GitHub",
		Properties: json.RawMessage(`{"Url":"https://token.actions.githubusercontent.com","ClientIdList":["sts.amazonaws.com"]}`)})
	if err != nil {
		t.Fatal(err)
	}
	arn := h.role(t, "push-web", `{"Effect":"Allow","Principal":{"Federated":"`+provider.ID+`"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{`+
		`"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com","token.actions.githubusercontent.com:repository":"shop/web"},`+
		`"StringLike":{"token.actions.githubusercontent.com:sub":["repo:shop/web:ref:refs/heads/main","repo:shop@*/web@*:ref:refs/heads/main"]}}}`, nothing)
	token := func(j oidc.Job, audience string) string {
		t.Helper()
		j.Permissions = map[string]string{"id-token": "write"}
		request, err := h.github.Begin(j)
		if err != nil {
			t.Fatal(err)
		}
		token, ok := h.github.Token(request, audience)
		if !ok {
			t.Fatal("a running job got no token")
		}
		return token
	}
	const us = "sts.amazonaws.com"
	good := token(oidc.Job{Repository: "shop/web"}, us)
	header, payload, _ := strings.Cut(good, ".")
	tests := []struct {
		name, role, token, code, message string
	}{
		{"the repository's job on main", arn, good, "", ""},
		{"a job of the immutable form", arn, token(oidc.Job{Repository: "shop/web", Immutable: true}, us), "", ""},
		{"a job on another branch", arn, token(oidc.Job{Repository: "shop/web", Ref: "refs/heads/topic"}, us), "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"},
		{"a job of another repository", arn, token(oidc.Job{Repository: "shop/web-fork"}, us), "AccessDenied", "Not authorized"},
		{"a job that names an environment", arn, token(oidc.Job{Repository: "shop/web", Environment: "production"}, us), "AccessDenied", "Not authorized"},
		{"a pull request", arn, token(oidc.Job{Repository: "shop/web", Event: "pull_request"}, us), "AccessDenied", "Not authorized"},
		{"GitHub's default audience", arn, token(oidc.Job{Repository: "shop/web"}, ""), "InvalidIdentityToken", "Incorrect token audience"},
		{"a role that does not exist", arn + "x", good, "AccessDenied", "Not authorized"},
		{"an ARN that was masked", "arn:aws:iam::123456789012:***", good, "ValidationError", "Request ARN is invalid"},
		{"an expired token", arn, h.github.Issue(oidc.Claims{"sub": "repo:shop/web:ref:refs/heads/main", "repository": "shop/web", "aud": us, "exp": h.now.Add(-time.Second).Unix()}), "ExpiredTokenException", "Token expired"},
		{"a token of tomorrow", arn, h.github.Issue(oidc.Claims{"sub": "repo:shop/web:ref:refs/heads/main", "repository": "shop/web", "aud": us, "iat": h.now.Add(24 * time.Hour).Unix(), "exp": h.now.Add(25 * time.Hour).Unix()}), "InvalidIdentityToken", "not in force"},
		{"a token that is not in force yet", arn, h.github.Issue(oidc.Claims{"sub": "repo:shop/web:ref:refs/heads/main", "repository": "shop/web", "aud": us, "nbf": h.now.Add(6 * time.Minute).Unix(), "exp": h.now.Add(time.Hour).Unix()}), "InvalidIdentityToken", "not in force"},
		{"an issuer without its scheme", arn, h.github.Issue(oidc.Claims{"iss": "token.actions.githubusercontent.com", "sub": "repo:shop/web:ref:refs/heads/main", "repository": "shop/web", "aud": us}), "InvalidIdentityToken", "No OpenIDConnect provider found"},
		{"a token of an issuer that is not registered", arn, h.github.Issue(oidc.Claims{"iss": "https://gitlab.com", "aud": us}), "InvalidIdentityToken", "No OpenIDConnect provider found"},
		{"a token with a changed signature", arn, good[:len(good)-8] + "AAAAAAAA", "InvalidIdentityToken", "verification key"},
		{"a token without a signature", arn, header + "." + strings.SplitN(payload, ".", 2)[0] + ".", "InvalidIdentityToken", ""},
		{"no token at all", arn, "let me in", "InvalidIdentityToken", "not a valid JWT"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			anonymous := awssts.NewFromConfig(aws.Config{Region: "eu-west-1", BaseEndpoint: &h.url, RetryMaxAttempts: 1})
			out, err := anonymous.AssumeRoleWithWebIdentity(ctx, &awssts.AssumeRoleWithWebIdentityInput{
				RoleArn: &tt.role, RoleSessionName: aws.String("GitHubActions"), WebIdentityToken: &tt.token})
			c, m := code(err)
			if c != tt.code || !strings.Contains(m, tt.message) || tt.code == "" && err != nil {
				t.Fatalf("got %s %q (%v), want %s with %q", c, m, err, tt.code, tt.message)
			}
			if err != nil {
				return
			}
			if !strings.HasPrefix(*out.SubjectFromWebIdentityToken, "repo:shop") || *out.Provider != provider.ID || *out.Audience != us {
				t.Errorf("subject %s, provider %s, audience %s", *out.SubjectFromWebIdentityToken, *out.Provider, *out.Audience)
			}
			session := h.config(*out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken)
			if me, err := awssts.NewFromConfig(session).GetCallerIdentity(ctx, nil); err != nil || *me.Arn != "arn:aws:sts::123456789012:assumed-role/push-web/GitHubActions" {
				t.Errorf("caller identity %v, %v", me, err)
			}
		})
	}
}
