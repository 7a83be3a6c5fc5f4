package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"fairlead/local"
	embedded "fairlead/local/ecr"
	"fairlead/local/ecr/sample"
	"fairlead/local/ecs"
	"fairlead/local/oidc"
	"fairlead/local/world"
)

// ci is a job of a CI workflow: it has an OIDC token, may push, and may do nothing else.
type ci struct {
	endpoint string
	outputs  map[string]map[string]string // of the stacks
	out      io.Writer
}

// push does what the job does, from the token to the pushed image.
func (c ci) push(ctx context.Context, repository, tag, content, behaviour string) error {
	labels, err := labels(behaviour)
	if err != nil {
		return err
	}
	role, uri, err := c.target(repository)
	if err != nil {
		return err
	}
	token, err := c.token(ctx, repository)
	if err != nil {
		return err
	}
	c.say("OIDC token for a job of %s on main, which declares id-token: write", repository)
	keys, err := c.assume(ctx, role, token)
	if err != nil {
		return err
	}
	c.say("role %s", role)
	password, err := logIn(ctx, c.endpoint, keys)
	if err != nil {
		return err
	}
	digest, err := sample.Push(ctx, sample.Spec{Content: content, Labels: labels, Platforms: []string{"linux/amd64", "linux/arm64"}}, uri+":"+tag, password)
	if err != nil {
		return err
	}
	c.say("pushed %s:%s (%s)", repository, tag, short(digest))
	return nil
}

func (c ci) say(format string, args ...any) {
	_, _ = fmt.Fprintf(c.out, "  ci        "+format+"\n", args...)
}

// target finds the push role and the address of a repository in the outputs of the registry's stack.
func (c ci) target(repository string) (role, uri string, err error) {
	for name, value := range c.outputs["FairleadRegistry"] {
		switch {
		case strings.HasSuffix(name, "RepositoryUri") && strings.HasSuffix(value, "/"+repository):
			uri = value
		case strings.HasSuffix(name, "PushRoleArn") && strings.HasSuffix(value, "-push-"+strings.ReplaceAll(repository, "/", "-")):
			role = value
		}
	}
	if role == "" || uri == "" {
		return "", "", fmt.Errorf("the stack FairleadRegistry has no repository %s with a push role: name it in cdk.json, context.fairlead.repositories", repository)
	}
	return role, uri, nil
}

// token begins a job at the local issuer and fetches its ID token, as GitHub's toolkit does.
func (c ci) token(ctx context.Context, repository string) (string, error) {
	job, err := json.Marshal(oidc.Job{Repository: repository, Permissions: map[string]string{"id-token": "write", "contents": "read"}})
	if err != nil {
		return "", err
	}
	var env struct {
		Token string `json:"ACTIONS_ID_TOKEN_REQUEST_TOKEN"`
		URL   string `json:"ACTIONS_ID_TOKEN_REQUEST_URL"`
	}
	if err := c.fetch(ctx, http.MethodPost, c.endpoint+"/_local/oidc/jobs", "", job, &env); err != nil {
		return "", err
	}
	var reply struct{ Value string }
	err = c.fetch(ctx, http.MethodGet, env.URL+"&audience="+url.QueryEscape("sts.amazonaws.com"), env.Token, nil, &reply)
	return reply.Value, err
}

func (c ci) fetch(ctx context.Context, method, address, bearer string, body []byte, into any) error {
	request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if bearer != "" {
		request.Header.Set("Authorization", "Bearer "+bearer)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s %s: %s: %s", method, address, response.Status, raw)
	}
	return json.Unmarshal(raw, into)
}

// assume exchanges the token for keys of the push role.
func (c ci) assume(ctx context.Context, role, token string) (world.Credentials, error) {
	client := sts.NewFromConfig(aws.Config{Region: local.Place().Region, BaseEndpoint: &c.endpoint, Credentials: aws.AnonymousCredentials{}})
	assumed, err := client.AssumeRoleWithWebIdentity(ctx, &sts.AssumeRoleWithWebIdentityInput{
		RoleArn: &role, RoleSessionName: aws.String("GitHubActions"), WebIdentityToken: &token})
	if err != nil {
		return world.Credentials{}, fmt.Errorf("assume the push role: %w", err)
	}
	k := assumed.Credentials
	return world.Credentials{AccessKeyID: *k.AccessKeyId, SecretAccessKey: *k.SecretAccessKey, SessionToken: *k.SessionToken}, nil
}

// logIn returns the registry's password, as `aws ecr get-login-password` does.
func logIn(ctx context.Context, endpoint string, keys world.Credentials) (string, error) {
	got, err := ecr.NewFromConfig(clientConfig(endpoint, keys)).GetAuthorizationToken(ctx, &ecr.GetAuthorizationTokenInput{})
	if err != nil {
		return "", fmt.Errorf("log in to the registry: %w", err)
	}
	if len(got.AuthorizationData) == 0 {
		return "", errors.New("log in to the registry: there is no token in the answer")
	}
	pair, err := base64.StdEncoding.DecodeString(aws.ToString(got.AuthorizationData[0].AuthorizationToken))
	if err != nil {
		return "", fmt.Errorf("log in to the registry: %w", err)
	}
	_, password, _ := strings.Cut(string(pair), ":")
	return password, nil
}

// clientConfig is an SDK configuration for the embedded AWS.
func clientConfig(endpoint string, keys world.Credentials) aws.Config {
	return aws.Config{Region: local.Place().Region, BaseEndpoint: &endpoint,
		Credentials: credentials.NewStaticCredentialsProvider(keys.AccessKeyID, keys.SecretAccessKey, keys.SessionToken)}
}

// labels are the image labels of a behaviour: "exit=1 start=3s" is local.exit=1 and local.start=3s. One that no container
// of the embedded ECS has, and no scan of the embedded ECR, is refused.
func labels(behaviour string) (map[string]string, error) {
	parsed, err := sample.ParseLabels(strings.Fields(behaviour))
	if err != nil {
		return nil, fmt.Errorf("behaviour: %w", err)
	}
	prefixed := make(map[string]string, len(parsed))
	for key, value := range parsed {
		prefixed["local."+strings.TrimPrefix(key, "local.")] = value
	}
	if err := errors.Join(ecs.CheckBehaviour(prefixed), embedded.CheckLabels(prefixed)); err != nil {
		return nil, fmt.Errorf("behaviour: %w", err)
	}
	return prefixed, nil
}
