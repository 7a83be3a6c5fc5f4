package oidc

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Job is a running job of a workflow.
type Job struct {
	Repository   string            `json:"repository"`   // "shop/web"
	RepositoryID string            `json:"repositoryId"` // the numbers that GitHub gave; made from the name where empty
	OwnerID      string            `json:"ownerId"`      //
	Immutable    bool              `json:"immutable"`    // the repository's tokens name it with its numbers: the form since July 2026
	Ref          string            `json:"ref"`          // "refs/heads/main"; empty: that
	SHA          string            `json:"sha"`          //
	Environment  string            `json:"environment"`  // the environment that the job names
	Event        string            `json:"event"`        // "push"; empty: that
	Workflow     string            `json:"workflow"`     // the workflow's name; empty: "deploy"
	Actor        string            `json:"actor"`        //
	RunID        int64             `json:"runId"`        //
	RunAttempt   int               `json:"runAttempt"`   // from 1
	Permissions  map[string]string `json:"permissions"`  // as the workflow declares: {"id-token": "write"}
}

// lifetime is how long a job may run, and its request token live.
const lifetime = 6 * time.Hour

// errPermission is why a job gets no request token.
var errPermission = errors.New("the job does not declare the permission `id-token: write`: GitHub sets no ACTIONS_ID_TOKEN_REQUEST_URL for it, and no OIDC token can be had")

// Begin begins a job and returns its request token; an error if it declared no `id-token: write`.
func (s *Service) Begin(j Job) (string, error) {
	j, err := j.complete()
	if err != nil {
		return "", err
	}
	if j.Permissions["id-token"] != "write" {
		return "", errPermission
	}
	maps.DeleteFunc(s.state.Jobs, func(_ string, r running) bool { return s.w.Now().After(r.Until) })
	token := s.w.Hex(64)
	s.state.Jobs[token] = running{Job: j, Until: s.w.Now().Add(lifetime)}
	return token, nil
}

// complete fills in what a job leaves out, and checks the rest.
func (j Job) complete() (Job, error) {
	if !regexp.MustCompile(`^[\w.-]+/[\w.-]+$`).MatchString(j.Repository) {
		return j, fmt.Errorf("repository: %q is not of the form owner/name", j.Repository)
	}
	j.RepositoryID, j.OwnerID = or(j.RepositoryID, number(j.Repository)), or(j.OwnerID, number(j.owner()))
	j.Ref, j.Event, j.Workflow = or(j.Ref, "refs/heads/main"), or(j.Event, "push"), or(j.Workflow, "deploy")
	j.Actor, j.SHA = or(j.Actor, j.owner()), or(j.SHA, strings.Repeat("0", 40))
	j.RunID, j.RunAttempt = max(j.RunID, 1), max(j.RunAttempt, 1)
	if !strings.HasPrefix(j.Ref, "refs/") {
		return j, fmt.Errorf("ref: %q does not begin with refs/", j.Ref)
	}
	return j, nil
}

func (j Job) owner() string { return strings.SplitN(j.Repository, "/", 2)[0] }

func or(value, otherwise string) string {
	if value != "" {
		return value
	}
	return otherwise
}

// number makes a number of a name, in place of the one that GitHub would have counted up.
func number(name string) string {
	n := uint32(2166136261) // FNV-1a
	for _, b := range []byte(name) {
		n = (n ^ uint32(b)) * 16777619
	}
	return strconv.FormatUint(uint64(n), 10)
}

// subject is the token's sub: of the environment if the job names one, of a pull request, or of the ref. A colon in a
// value is written %3A.
func (j Job) subject() string {
	repository := j.Repository
	if j.Immutable {
		owner, name, _ := strings.Cut(j.Repository, "/")
		repository = owner + "@" + j.OwnerID + "/" + name + "@" + j.RepositoryID
	}
	subject := "repo:" + escaped(repository) + ":"
	switch {
	case j.Environment != "":
		return subject + "environment:" + escaped(j.Environment)
	case j.Event == "pull_request":
		return subject + "pull_request"
	}
	return subject + "ref:" + escaped(j.Ref)
}

func escaped(s string) string { return strings.ReplaceAll(s, ":", "%3A") }
