package main

import (
	"strings"
	"testing"

	"fairlead/shared/config"

	"github.com/google/go-cmp/cmp"
)

func TestSubjectsAreThoseOfGitHubsTokens(t *testing.T) {
	for name, c := range map[string]struct {
		pusher config.Pusher
		want   []string
	}{
		"a branch": {config.Pusher{Repository: "Shop/web", Branch: "main"},
			[]string{"repo:Shop/web:ref:refs/heads/main"}},
		"a branch with a slash": {config.Pusher{Repository: "shop/web", Branch: "release/1.x"},
			[]string{"repo:shop/web:ref:refs/heads/release/1.x"}},
		"an environment": {config.Pusher{Repository: "shop/web", Environment: "production"},
			[]string{"repo:shop/web:environment:production"}},
		"an environment with a colon": {config.Pusher{Repository: "shop/web", Environment: "eu:prod"},
			[]string{"repo:shop/web:environment:eu%3Aprod"}},
		"with the numbers of the new form": {config.Pusher{Repository: "shop/web", Branch: "main", OwnerID: "12", RepositoryID: "345"},
			[]string{"repo:shop/web:ref:refs/heads/main", "repo:shop@12/web@345:ref:refs/heads/main"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := subjects(c.pusher)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if strings.ContainsAny(strings.Join(got, ""), "*?") {
				t.Error("a wildcard trusts jobs that nobody named")
			}
		})
	}
}

func TestAProviderThatExistsIsTrustedAsItIs(t *testing.T) {
	const existing = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
	r := &registry{config: config.Config{GitHub: config.GitHub{OIDCProviderARN: existing}}}
	got := trustGitHub(r.provider(), config.Pusher{Repository: "shop/web", Branch: "main"}).document()
	want := map[string]any{"Version": policyVersion, "Statement": []any{map[string]any{
		"Effect": "Allow", "Principal": map[string]any{"Federated": existing}, "Action": "sts:AssumeRoleWithWebIdentity",
		"Condition": map[string]any{"StringEquals": map[string]any{
			githubIssuer + ":aud": githubAudience, githubIssuer + ":sub": "repo:shop/web:ref:refs/heads/main",
		}},
	}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Whoever registers a name that was given up gets tokens with the same subject in its old form, and another number.
func TestANumberIsTrustedWithTheName(t *testing.T) {
	r := &registry{}
	got := trustGitHub(r.provider(), config.Pusher{Repository: "shop/web", Environment: "eu:prod", OwnerID: "12", RepositoryID: "345"}).when
	want := conditions{"StringEquals": {
		githubIssuer + ":aud":           {githubAudience},
		githubIssuer + ":sub":           {"repo:shop/web:environment:eu%3Aprod", "repo:shop@12/web@345:environment:eu%3Aprod"},
		githubIssuer + ":repository_id": {"345"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
