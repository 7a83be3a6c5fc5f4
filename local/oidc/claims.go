package oidc

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// Claims are what a token says, beside who issued it and when.
type Claims map[string]any

// claims are what GitHub says of a job in its tokens. An audience that is not asked for is the owner's page.
func (j Job) claims(audience string) Claims {
	file := ".github/workflows/" + strings.ReplaceAll(j.Workflow, " ", "-") + ".yml"
	workflow := j.Repository + "/" + file + "@" + j.Ref
	c := Claims{
		"sub": j.subject(), "aud": or(audience, "https://github.com/"+j.owner()),
		"repository": j.Repository, "repository_id": j.RepositoryID, "repository_visibility": "private",
		"repository_owner": j.owner(), "repository_owner_id": j.OwnerID,
		"ref": j.Ref, "ref_type": refType(j.Ref), "ref_protected": "false", "sha": j.SHA, "base_ref": "", "head_ref": "",
		"event_name": j.Event, "actor": j.Actor, "actor_id": number(j.Actor),
		"workflow": j.Workflow, "workflow_ref": workflow, "workflow_sha": j.SHA,
		"job_workflow_ref": workflow, "job_workflow_sha": j.SHA,
		"run_id": strconv.FormatInt(j.RunID, 10), "run_number": strconv.FormatInt(j.RunID, 10),
		"run_attempt": strconv.Itoa(j.RunAttempt), "runner_environment": "github-hosted",
	}
	if j.Environment != "" {
		c["environment"] = j.Environment
	}
	return c
}

func refType(ref string) string {
	if strings.HasPrefix(ref, "refs/tags/") {
		return "tag"
	}
	return "branch"
}

// The times of a token, as GitHub sets them: it lives five minutes and was in force ten minutes ago.
const (
	lives    = 5 * time.Minute
	backdate = 10 * time.Minute
)

// Issue signs a token with these claims, as of now. A claim that is given stands in place of the issuer's own, so that a
// test can make a token that is stale, or is of somebody else.
func (s *Service) Issue(claims Claims) string {
	now := s.w.Now()
	all := map[string]any{"iss": Issuer, "jti": s.w.UUID(), "iat": now.Unix(), "nbf": now.Add(-backdate).Unix(), "exp": now.Add(lives).Unix()}
	maps.Copy(all, claims)
	key := s.key()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		panic(fmt.Sprintf("oidc: the issuer's key cannot sign: %v", err))
	}
	token, err := jwt.Signed(signer).Claims(all).Serialize()
	if err != nil {
		panic(fmt.Sprintf("oidc: the claims cannot be written: %v", err))
	}
	return token
}

// Token returns an ID token for a running job; false if the request token is not that of a running job.
func (s *Service) Token(requestToken, audience string) (string, bool) {
	r, ok := s.state.Jobs[requestToken]
	if !ok || s.w.Now().After(r.Until) {
		return "", false
	}
	return s.Issue(r.Job.claims(audience)), true
}
