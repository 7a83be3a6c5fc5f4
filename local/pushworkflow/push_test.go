package pushworkflow_test

import (
	"maps"
	"strings"
	"testing"

	"fairlead/local/oidc"
)

// ours is a job of the repository and branch that the push role trusts.
func ours() oidc.Job { return oidc.Job{Repository: "shop/web"} }

func TestPush(t *testing.T) {
	a := open(t)
	first := a.begin(t, "push", "apple", ours())
	outputs, err := first.run("push")
	if err != nil {
		t.Fatalf("%v\n%s", err, first.log)
	}
	tag := strings.Repeat("a", 40) + "-812"
	if outputs["tag"] != tag || !strings.HasPrefix(outputs["digest"], "sha256:") {
		t.Errorf("outputs %v", outputs)
	}
	if got := a.digest(t, tag); got != outputs["digest"] {
		t.Errorf("ECR has %q under %s; the job says %s", got, tag, outputs["digest"])
	}
	for _, want := range []string{outputs["digest"], tag, "states/home?region=eu-west-1#/statemachines/view/" + a.outputs["StateMachineArn"]} {
		if !strings.Contains(first.summary, want) {
			t.Errorf("the summary lacks %s:\n%s", want, first.summary)
		}
	}
	for name, next := range map[string]struct {
		content string
		attempt int
		numbers bool   // GitHub's token names the repository with its numbers
		tag     string // that it is pushed under; "" if it is refused
		says    string
	}{
		"the job again, with the same image":              {"apple", 1, false, tag, "has this very image already"},
		"the job again, with another image":               {"birch", 1, false, "", "Re-run all jobs"},
		"a re-run, with another image":                    {"cedar", 2, false, tag + "-2", ""},
		"a re-run, with the image that was pushed before": {"apple", 3, false, tag + "-3", ""},
		"a repository made since July 2026":               {"apple", 4, true, tag + "-4", ""},
	} {
		t.Run(name, func(t *testing.T) {
			again := a.begin(t, "push", next.content, oidc.Job{Repository: "shop/web", RunAttempt: next.attempt, Immutable: next.numbers})
			outputs, err := again.run("push")
			if (err == nil) != (next.tag != "") || outputs["tag"] != next.tag || !strings.Contains(again.log, next.says) {
				t.Errorf("%v, outputs %v; want tag %q and %q\n%s", err, outputs, next.tag, next.says, again.log)
			}
			if next.tag != "" && a.digest(t, next.tag) != outputs["digest"] {
				t.Errorf("ECR has %s under %s, not %s", a.digest(t, next.tag), next.tag, outputs["digest"])
			}
		})
	}
}

func TestPushIsRefused(t *testing.T) {
	a := open(t)
	for name, tt := range map[string]struct {
		job  oidc.Job
		with map[string]string // inputs
		env  map[string]string
		says string
	}{
		"a job without id-token: write":           {ours(), nil, map[string]string{"ACTIONS_ID_TOKEN_REQUEST_URL": ""}, "permissions: {id-token: write, contents: read}"},
		"a role that a secret left empty":         {ours(), map[string]string{"inputs.role": ""}, nil, "is not the ARN of a role"},
		"a session in place of a role":            {ours(), map[string]string{"inputs.role": "arn:aws:sts::123456789012:assumed-role/fairlead-push-shop-web/x"}, nil, "is not the ARN of a role"},
		"another branch":                          {oidc.Job{Repository: "shop/web", Ref: "refs/heads/feature"}, nil, nil, "AssumeRoleWithWebIdentity"},
		"another repository":                      {oidc.Job{Repository: "shop/webs"}, nil, nil, "AssumeRoleWithWebIdentity"},
		"a pull request":                          {oidc.Job{Repository: "shop/web", Event: "pull_request"}, nil, nil, "AssumeRoleWithWebIdentity"},
		"a repository of ECR's that is another's": {ours(), map[string]string{"inputs.image": a.host + "/shop/other"}, nil, "403 Forbidden"},
	} {
		t.Run(name, func(t *testing.T) {
			r := a.begin(t, "push", "apple", tt.job)
			maps.Copy(r.context, tt.with)
			maps.Copy(r.env, tt.env)
			if _, err := r.run("push"); err == nil || !strings.Contains(r.log, tt.says) {
				t.Errorf("%v; want an error that says %q\n%s", err, tt.says, r.log)
			}
		})
	}
	if got := a.digest(t, strings.Repeat("a", 40)+"-812"); got != "" {
		t.Errorf("%s was pushed", got)
	}
}
