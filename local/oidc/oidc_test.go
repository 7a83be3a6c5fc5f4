package oidc_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/google/go-cmp/cmp"

	"fairlead/local/oidc"
	"fairlead/local/world"
)

var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func newIssuer(t *testing.T) (*world.World, *oidc.Service) {
	t.Helper()
	w := world.New(world.Place{Partition: "aws", Region: "eu-west-1", Account: "123456789012"}, 1, start)
	s := oidc.New(w)
	w.Add(s)
	return w, s
}

// read checks the token's signature with the issuer's public key and returns its claims.
func read(t *testing.T, s *oidc.Service, token string) map[string]any {
	t.Helper()
	signed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		t.Fatal(err)
	}
	keys, ok := s.Keys(oidc.Issuer)
	if !ok || len(keys.Keys) != 1 || !keys.Keys[0].IsPublic() || keys.Keys[0].KeyID != signed.Headers[0].KeyID {
		t.Fatalf("the issuer's keys: %v, %t", keys, ok)
	}
	var claims map[string]any
	if err := signed.Claims(keys.Keys[0].Key, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func write() map[string]string { return map[string]string{"id-token": "write"} }

func TestTheSubjectOfATokenIsGitHubs(t *testing.T) {
	tests := []struct {
		name string
		job  oidc.Job
		want string
	}{
		{"a job on a branch", oidc.Job{Repository: "shop/web"}, "repo:shop/web:ref:refs/heads/main"},
		{"a job on a tag", oidc.Job{Repository: "shop/web", Ref: "refs/tags/v1"}, "repo:shop/web:ref:refs/tags/v1"},
		{"a pull request", oidc.Job{Repository: "shop/web", Event: "pull_request", Ref: "refs/pull/1/merge"}, "repo:shop/web:pull_request"},
		{"an environment wins", oidc.Job{Repository: "shop/web", Environment: "production", Event: "pull_request"}, "repo:shop/web:environment:production"},
		{"a colon in a value", oidc.Job{Repository: "shop/web", Environment: "eu:production"}, "repo:shop/web:environment:eu%3Aproduction"},
		{"the immutable form", oidc.Job{Repository: "shop/web", Immutable: true, OwnerID: "1", RepositoryID: "2"}, "repo:shop@1/web@2:ref:refs/heads/main"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, s := newIssuer(t)
			tt.job.Permissions = write()
			request, err := s.Begin(tt.job)
			if err != nil {
				t.Fatal(err)
			}
			token, _ := s.Token(request, "sts.amazonaws.com")
			if got := read(t, s, token)["sub"]; got != tt.want {
				t.Errorf("got %v, want %s", got, tt.want)
			}
		})
	}
}

func TestATokenSaysWhatGitHubSays(t *testing.T) {
	_, s := newIssuer(t)
	request, err := s.Begin(oidc.Job{Repository: "shop/web", RepositoryID: "7", OwnerID: "3", Actor: "ann", RunID: 812, RunAttempt: 2, Permissions: write()})
	if err != nil {
		t.Fatal(err)
	}
	token, _ := s.Token(request, "sts.amazonaws.com")
	got, want := map[string]any{}, map[string]any{
		"iss": oidc.Issuer, "aud": "sts.amazonaws.com", "repository": "shop/web", "repository_id": "7", "repository_owner_id": "3",
		"ref": "refs/heads/main", "ref_type": "branch", "actor": "ann", "run_id": "812", "run_attempt": "2",
		"job_workflow_ref": "shop/web/.github/workflows/deploy.yml@refs/heads/main",
		"iat":              float64(start.Unix()), "exp": float64(start.Unix() + 300), "nbf": float64(start.Unix() - 600),
	}
	claims := read(t, s, token)
	for name := range want {
		got[name] = claims[name]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("claims (-want +got):\n%s", diff)
	}
	if _, ok := claims["environment"]; ok {
		t.Error("a job without an environment claims one")
	}
}

func TestAJobWithoutThePermissionGetsNoToken(t *testing.T) {
	_, s := newIssuer(t)
	for _, permissions := range []map[string]string{nil, {"id-token": "read"}, {"contents": "write"}} {
		if _, err := s.Begin(oidc.Job{Repository: "shop/web", Permissions: permissions}); err == nil || !strings.Contains(err.Error(), "id-token: write") {
			t.Errorf("permissions %v: %v", permissions, err)
		}
	}
}

func TestARequestTokenEndsWithItsJob(t *testing.T) {
	w, s := newIssuer(t)
	request, err := s.Begin(oidc.Job{Repository: "shop/web", Permissions: write()})
	if err != nil {
		t.Fatal(err)
	}
	w.Advance(start.Add(6*time.Hour + time.Second))
	if _, ok := s.Token(request, "x"); ok {
		t.Error("a job that ended hours ago got a token")
	}
}

func TestTheKeySurvivesBeingWrittenDown(t *testing.T) {
	w, s := newIssuer(t)
	token := s.Issue(oidc.Claims{"sub": "x"})
	raw, err := w.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	w2, s2 := newIssuer(t)
	if err := w2.Restore(raw); err != nil {
		t.Fatal(err)
	}
	if read(t, s2, token)["sub"] != "x" {
		t.Error("a token of before cannot be read")
	}
}

func TestARunnersToolkitGetsItsToken(t *testing.T) {
	w, s := newIssuer(t)
	server := httptest.NewServer(oidc.NewHandler(world.NewCore(w, func() time.Time { return start }), s))
	defer server.Close()
	begin := func(job string) (int, map[string]string) {
		t.Helper()
		reply, err := http.Post(server.URL+"/_local/oidc/jobs", "application/json", strings.NewReader(job))
		return answer(t, reply, err)
	}
	status, env := begin(`{"repository":"shop/web","permissions":{"id-token":"write"}}`)
	if status != http.StatusCreated {
		t.Fatalf("a job: %d %v", status, env)
	}
	get := func(bearer string) (int, map[string]string) {
		t.Helper()
		// as actions/toolkit does it: it appends the audience to the URL
		r, _ := http.NewRequest(http.MethodGet, env["ACTIONS_ID_TOKEN_REQUEST_URL"]+"&audience=sts.amazonaws.com", nil)
		r.Header.Set("Authorization", "Bearer "+bearer)
		reply, err := http.DefaultClient.Do(r)
		return answer(t, reply, err)
	}
	if status, out := get(env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]); status != http.StatusOK || read(t, s, out["value"])["aud"] != "sts.amazonaws.com" {
		t.Errorf("the token: %d %v", status, out)
	}
	if status, out := get("guess"); status != http.StatusUnauthorized || out["value"] != "" {
		t.Errorf("with a guessed request token: %d %v", status, out)
	}
	if status, env := begin(`{"repository":"shop/web"}`); status != http.StatusCreated || len(env) != 0 {
		t.Errorf("a job without the permission: %d %v", status, env)
	}
	if status, _ := begin(`{"repository":"shop/web","permission":{}}`); status != http.StatusBadRequest {
		t.Errorf("a job with a mistyped field: %d", status)
	}
	if status, _ := begin(`{"repository":"web"}`); status != http.StatusBadRequest {
		t.Errorf("a job of no owner: %d", status)
	}
	reply, err := http.Get(server.URL + "/_local/oidc/.well-known/jwks")
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	raw, _ := io.ReadAll(reply.Body)
	if strings.Contains(string(raw), `"d"`) || !strings.Contains(string(raw), `"n"`) {
		t.Error("the key set does not hold the public key alone")
	}
}

func answer(t *testing.T, reply *http.Response, err error) (int, map[string]string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	out := map[string]string{}
	if err := json.NewDecoder(reply.Body).Decode(&out); err != nil {
		t.Fatal(err)
	}
	return reply.StatusCode, out
}
