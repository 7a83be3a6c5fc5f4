package main

import (
	"strings"

	"fairlead/shared/config"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
)

// GitHub's issuer of OIDC tokens, and whom its tokens are for when a job asks AWS for a role.
// https://docs.github.com/en/actions/concepts/security/openid-connect
const (
	githubIssuer   = "token.actions.githubusercontent.com"
	githubAudience = "sts.amazonaws.com"
)

// providerID is the logical id of the OIDC provider.
const providerID = "GitHubProvider"

// addProvider adds GitHub's OIDC provider, unless the account has one already or nothing needs it: an account holds one
// per issuer.
func (r *registry) addProvider() {
	if r.config.GitHub.OIDCProviderARN != "" || !r.hasPushers() {
		return
	}
	awsiam.NewCfnOIDCProvider(r.stack, jsii.String(providerID), &awsiam.CfnOIDCProviderProps{
		Url: jsii.String("https://" + githubIssuer), ClientIdList: jsii.Strings(githubAudience),
	})
}

// hasPushers reports whether GitHub pushes to any repository.
func (r *registry) hasPushers() bool {
	for _, repository := range r.config.Repositories {
		if repository.GitHub != nil {
			return true
		}
	}
	return false
}

// provider is the ARN of the OIDC provider, as the stack refers to it that may make it.
func (r *registry) provider() string {
	if given := r.config.GitHub.OIDCProviderARN; given != "" {
		return given
	}
	return attribute(providerID, "Arn")
}

// trustGitHub trusts the jobs of one branch or of one environment of one GitHub repository. The number of the repository
// outlives its name: who registers the name that somebody gave up gets tokens with another number.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
func trustGitHub(provider string, p config.Pusher) trusted {
	claims := map[string][]string{githubIssuer + ":aud": {githubAudience}, githubIssuer + ":sub": subjects(p)}
	if p.RepositoryID != "" {
		claims[githubIssuer+":repository_id"] = []string{p.RepositoryID}
	}
	return trusted{
		kind: "Federated", who: provider, action: "sts:AssumeRoleWithWebIdentity", when: conditions{"StringEquals": claims},
		why: "GitHub's jobs of one branch or one environment of one repository, with a token that was made for AWS; " +
			"the repository's number is of no other one, whatever its name has become",
	}
}

// subjects lists the subjects of the tokens that a pusher's jobs get, whole and without wildcards. A repository that
// was created, renamed or moved after 2026-07-15 has the numbers of its owner and of itself in the subject, which is
// trusted where they are configured. A colon in a name is written as %3A.
// https://docs.github.com/en/actions/reference/security/oidc
func subjects(p config.Pusher) []string {
	from := ":ref:refs/heads/" + p.Branch
	if p.Environment != "" {
		from = ":environment:" + strings.ReplaceAll(p.Environment, ":", "%3A")
	}
	trusted := []string{"repo:" + p.Repository + from}
	if p.OwnerID != "" && p.RepositoryID != "" {
		owner, name, _ := strings.Cut(p.Repository, "/")
		trusted = append(trusted, "repo:"+owner+"@"+p.OwnerID+"/"+name+"@"+p.RepositoryID+from)
	}
	return trusted
}
