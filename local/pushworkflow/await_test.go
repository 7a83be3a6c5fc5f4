package pushworkflow_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"fairlead/local/oidc"
	"fairlead/shared/edge/ledger"
)

const (
	ourTag       = "3f2a-812"
	executionARN = "arn:aws:states:eu-west-1:123456789012:execution:fairlead:"
)

// record writes how an execution ended, as RecordOutcome does.
func (a account) record(t *testing.T, service, name, cause string, at time.Time) {
	t.Helper()
	a.append(t, ledger.Entry{Service: service, At: at, ID: name + at.String(), Name: name, Cause: cause, Tag: ourTag,
		Execution: executionARN + name})
}

// append writes an end to the history.
func (a account) append(t *testing.T, entry ledger.Entry) {
	t.Helper()
	client := dynamodb.NewFromConfig(a.administrator())
	entry.Expires = entry.At.Add(time.Hour)
	if err := ledger.NewHistory(client, a.outputs["LedgerTable"]).Append(t.Context(), entry); err != nil {
		t.Fatal(err)
	}
}

// await begins the job that waits for the outcome.
func (a account) await(t *testing.T, of oidc.Job, with map[string]string) *runner {
	t.Helper()
	r := a.begin(t, "await", "", of)
	maps.Copy(r.context, map[string]string{"inputs.watch-role": a.outputs["ShopWebWatchRoleArn"], "inputs.ledger": a.outputs["LedgerTable"],
		"inputs.services": "web", "inputs.patience": "0", "needs.push.outputs.tag": ourTag})
	maps.Copy(r.context, with)
	return r
}

func TestAwait(t *testing.T) {
	for name, tt := range map[string]struct {
		outcome, cause string
		fails          bool
		says           string
	}{
		"deployed":              {"Deployed", "", false, "web: Deployed"},
		"superseded":            {"Superseded", "a newer push took over", false, "web: Superseded. a newer push took over"},
		"rolled back":           {"RolledBack", "exit code 1\n::set-output name=x::y 100%", true, "::error::web: RolledBack. exit code 1 ::set-output name=x::y 100%25"},
		"rejected":              {"Rejected", "no image for linux/amd64", true, "::error::web: Rejected. no image"},
		"nothing has yet ended": {"", "", true, "no outcome of 3f2a-812 after 0 minutes"},
	} {
		t.Run(name, func(t *testing.T) {
			a := open(t)
			if tt.outcome != "" {
				a.record(t, "web", "Failed", "an end before its redrive", time.Now().Add(-time.Minute))
				a.record(t, "web", tt.outcome, tt.cause, time.Now())
			}
			by := ours()
			by.Immutable = tt.fails // of both forms of a token's subject
			r := a.await(t, by, nil)
			if _, err := r.run("await"); (err != nil) != tt.fails || !strings.Contains(r.log, tt.says) {
				t.Errorf("%v; want failure %t and %q\n%s", err, tt.fails, tt.says, r.log)
			}
			if tt.outcome != "" && !strings.Contains(r.summary, "#/v2/executions/details/"+executionARN+tt.outcome+")") {
				t.Errorf("no link to the execution in the summary:\n%s", r.summary)
			}
		})
	}
}

// TestAwaitFollowsWhoDeploysTheImage is about ends that decide nothing: of an execution that left the very image to another one, and
// of a dry run.
func TestAwaitFollowsWhoDeploysTheImage(t *testing.T) {
	doubled := ledger.Entry{ID: "2", Name: "Superseded", Tag: ourTag, Execution: executionARN + "second", Follow: executionARN + "first"}
	dry := ledger.Entry{ID: "3", Name: "Skipped", Tag: ourTag, Execution: executionARN + "dry", DryRun: true}
	first := func(name, tag string) ledger.Entry {
		return ledger.Entry{ID: "1", Name: name, Tag: tag, Execution: executionARN + "first"}
	}
	around := first("RolledBack", ourTag)
	around.Name, around.Follow = "Superseded", doubled.Execution
	other := first("RolledBack", "of-a-later-push")
	other.Execution = executionARN + "newer"
	for name, tt := range map[string]struct {
		ends []ledger.Entry // the oldest first
		says string
		fail bool
	}{
		"a doubled event, and the first goes on":                {[]ledger.Entry{doubled}, "no outcome of 3f2a-812", true},
		"a late event, after the first was rolled back":         {[]ledger.Entry{first("RolledBack", ourTag), doubled}, "::error::web: RolledBack", true},
		"a late event, after the first was deployed":            {[]ledger.Entry{first("Deployed", ourTag), doubled}, "web: Deployed", false},
		"a redrive of the first has deployed it":                {[]ledger.Entry{first("Failed", ourTag), doubled, first("Deployed", ourTag)}, "web: Deployed", false},
		"the first deploys it under another tag":                {[]ledger.Entry{first("Deployed", "another"), doubled}, "web: Deployed", false},
		"another image came, whose end is not ours":             {[]ledger.Entry{first("Superseded", ourTag), other, doubled}, "web: Superseded", false},
		"two that leave it to each other":                       {[]ledger.Entry{around, doubled}, "no outcome of 3f2a-812", true},
		"a dry run, after the deployment was rolled back":       {[]ledger.Entry{first("RolledBack", ourTag), dry}, "::error::web: RolledBack", true},
		"a dry run, a doubled event, and the first is deployed": {[]ledger.Entry{dry, doubled, first("Deployed", ourTag)}, "web: Deployed", false},
	} {
		t.Run(name, func(t *testing.T) {
			a := open(t)
			for i, end := range tt.ends {
				end.Service, end.At = "web", time.Now().Add(time.Duration(i-len(tt.ends))*time.Minute)
				a.append(t, end)
			}
			r := a.await(t, ours(), nil)
			if _, err := r.run("await"); (err != nil) != tt.fail || !strings.Contains(r.log, tt.says) {
				t.Errorf("%v; want failure %t and %q\n%s", err, tt.fail, tt.says, r.log)
			}
		})
	}
}

func TestAwaitIsRefused(t *testing.T) {
	a := open(t)
	for name, tt := range map[string]struct {
		job  oidc.Job
		with map[string]string
		says string
	}{
		"no ledger is named":        {ours(), map[string]string{"inputs.ledger": ""}, "give the inputs 'ledger'"},
		"another branch":            {oidc.Job{Repository: "shop/web", Ref: "refs/heads/feature"}, nil, "AssumeRoleWithWebIdentity"},
		"another service's history": {ours(), map[string]string{"inputs.services": "billing"}, "not authorized to perform: dynamodb:Query"},
	} {
		t.Run(name, func(t *testing.T) {
			r := a.await(t, tt.job, tt.with)
			if _, err := r.run("await"); err == nil || !strings.Contains(r.log, tt.says) {
				t.Errorf("%v; want an error that says %q\n%s", err, tt.says, r.log)
			}
		})
	}
}
