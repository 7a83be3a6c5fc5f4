package stories_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"fairlead/local/ecr/sample"
	"fairlead/local/oidc"
	"fairlead/local/steps"
	"fairlead/local/world"
)

// The incident that Fairlead grew out of had four causes. Each of these stories shows how a cause shows itself, that
// docs/troubleshooting.md explains the text that a person then reads, and that following it cures the cause.

// job is a job of the sample's repository on main.
func job(permissions map[string]string) oidc.Job {
	return oidc.Job{Repository: repository, Permissions: permissions}
}

// idToken is the OIDC token of a job, or why GitHub gives it none.
func idToken(lab *steps.Lab, j oidc.Job) (token string, err error) {
	lab.Core.Do(func(*world.World) {
		var request string
		if request, err = lab.Issuer.Begin(j); err == nil {
			token, _ = lab.Issuer.Token(request, "sts.amazonaws.com")
		}
	})
	return token, err
}

// assume exchanges a token for keys of a role.
func assume(t *testing.T, lab *steps.Lab, role, token string) (world.Credentials, error) {
	t.Helper()
	config := lab.Client(world.Credentials{})
	config.Credentials = aws.AnonymousCredentials{}
	assumed, err := sts.NewFromConfig(config).AssumeRoleWithWebIdentity(t.Context(), &sts.AssumeRoleWithWebIdentityInput{
		RoleArn: &role, RoleSessionName: aws.String("GitHubActions"), WebIdentityToken: &token})
	if err != nil {
		return world.Credentials{}, err
	}
	k := assumed.Credentials
	return world.Credentials{AccessKeyID: *k.AccessKeyId, SecretAccessKey: *k.SecretAccessKey, SessionToken: *k.SessionToken}, nil
}

// pushRole is the role under which CI pushes to the sample's repository.
func pushRole(t *testing.T, lab *steps.Lab) string {
	t.Helper()
	for name, value := range lab.Outputs()["FairleadRegistry"] {
		if strings.HasSuffix(name, "PushRoleArn") {
			return value
		}
	}
	t.Fatal("the stack FairleadRegistry has no push role")
	return ""
}

// ciKeys are the keys of a job that has done all right.
func ciKeys(t *testing.T, lab *steps.Lab) world.Credentials {
	t.Helper()
	token, err := idToken(lab, job(map[string]string{"id-token": "write", "contents": "read"}))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := assume(t, lab, pushRole(t, lab), token)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// says checks that an error holds a text.
func says(t *testing.T, err error, text string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), text) {
		t.Fatalf("the error is %v, want in it %q", err, text)
	}
}

// deploysAs pushes with the keys and wants the image in service.
func deploysAs(t *testing.T, lab *steps.Lab, keys world.Credentials, word, tag string) {
	t.Helper()
	digest, err := lab.PushAs(t.Context(), keys, repository, tag, sample.Spec{Content: word})
	if err != nil {
		t.Fatal(err)
	}
	if err := lab.Settle(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	if image, err := lab.Image(t.Context(), cluster, service); err != nil || !strings.HasSuffix(image, "@"+digest) {
		t.Errorf("the service runs %s (%v), want %s", image, err, digest)
	}
}

func TestIncidentAJobWithoutIDToken(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	_, err := idToken(lab, job(map[string]string{"contents": "read"}))
	says(t, err, "the job does not declare the permission `id-token: write`")
	explained(t, "ACTIONS_ID_TOKEN_REQUEST_URL", "permissions: id-token: write")

	// What was read then was another text: without a token the next step went on with what it had.
	token, err := idToken(lab, job(map[string]string{"id-token": "write"}))
	if err != nil {
		t.Fatal(err)
	}
	for name, role := range map[string]string{
		"masked": "arn:aws:iam::123456789012:***", "a session's ARN": "arn:aws:sts::123456789012:assumed-role/fairlead-push-shop-web/GitHubActions", "a stray blank": pushRole(t, lab) + " "} {
		_, err = assume(t, lab, role, token)
		if err == nil || !strings.Contains(err.Error(), "Request ARN is invalid") {
			t.Errorf("%s: the error is %v, want Request ARN is invalid", name, err)
		}
	}
	explained(t, "Request ARN is invalid", "PushRoleArn", "id-token: write")

	// With a token, and from another repository than the role trusts.
	elsewhere := job(map[string]string{"id-token": "write"})
	elsewhere.Repository = "shop/other"
	if token, err = idToken(lab, elsewhere); err != nil {
		t.Fatal(err)
	}
	_, err = assume(t, lab, pushRole(t, lab), token)
	says(t, err, "Not authorized to perform sts:AssumeRoleWithWebIdentity")
	explained(t, "Not authorized to perform sts:AssumeRoleWithWebIdentity", "context.fairlead.repositories")

	deploysAs(t, lab, ciKeys(t, lab), "first", tagOf("first"))
}

func TestIncidentARerunPushesATagThatExists(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	keys := ciKeys(t, lab)
	deploysAs(t, lab, keys, "first", tagOf("first"))

	// A build is rarely the same to the byte: the re-run's image is another one.
	_, err := lab.PushAs(t.Context(), keys, repository, tagOf("first"), sample.Spec{Content: "first, built again"})
	says(t, err, "already exists in the 'shop/web' repository and cannot be overwritten because the tag is immutable")
	explained(t, "cannot be overwritten because the tag is immutable", "${{ github.run_attempt }}")
	if runs, err := lab.Runs(t.Context()); err != nil || len(runs) != 1 {
		t.Errorf("a push that was refused has started an execution: %v, %v", runs, err)
	}
	again := strings.TrimSuffix(tagOf("first"), "-1") + "-1-2" // the attempt behind the run
	deploysAs(t, lab, keys, "first, built again", again)
	// A push of identical content under the tag that it has is no error, and starts nothing harmful.
	deploysAs(t, lab, keys, "first, built again", again)
}

func TestIncidentOnlyOneOfTheTwoRolesCanBePassed(t *testing.T) {
	t.Parallel()
	for _, passed := range []string{"task", "execution"} {
		t.Run("not the "+passed+" role", func(t *testing.T) {
			t.Parallel()
			lab := newLab(t)
			deploy(t, lab, changed(t, "Fairlead", func(resources map[string]any) {
				unpass(t, resources["WebRegisterRole"], "fairlead-sample-web-"+passed)
			}))
			push(t, lab, "first", tagOf("first"), nil)
			run := settled(t, lab, "Failed", "RegisterRevision")
			for _, text := range []string{"Permission.Denied", "iam:PassRole on resource: ", "role/fairlead-sample-web-" + passed, "context.fairlead.services.web." + passed + "Role", "run make deploy", "then redrive the execution"} {
				if !strings.Contains(run.Cause, text) {
					t.Errorf("the cause is %s\nwant in it: %s", run.Cause, text)
				}
			}
			explained(t, "iam:PassRole on resource: ", "`"+passed+"Role`", "context.fairlead.services", "`make deploy`; redrive")
			deploy(t, lab, assembly) // cdk deploy
			redriveRun(t, lab, run)
			settled(t, lab, "Deployed", "Deployed")
		})
	}
}

func TestIncidentTheChangeInIAMIsNotYetInEffect(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		late time.Duration
		ends string
	}{"a minute late, which the execution waits out": {time.Minute, "Deployed"}, "ten minutes late": {10 * time.Minute, "Failed"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t)
			s.lines(s.deeds(), "forbid ecs:RegisterTaskDefinition")
			denied, mended := s.meddle, s.lab.Now().Add(c.late)
			s.meddle = func(r world.Request, serve func() (any, error)) (any, error) {
				if s.lab.Now().Before(mended) {
					return denied(r, serve)
				}
				return serve()
			}
			s.lines(s.deeds(), "push first\nsettle")
			s.lines(s.wants(), "executions 1\nexecution 1 "+c.ends)
			if c.ends == "Failed" {
				s.lines(s.wants(), "says 1 a change in IAM takes a while to be in effect; then redrive the execution\nruns base")
				explained(t, "a change in IAM takes a while to be in effect", "redrive a little later")
				s.lines(s.deeds(), "pass 10m\nredrive 1\nsettle")
			}
			s.lines(s.wants(), "executions 1\nexecution 1 Deployed\nruns first\nregistered 1")
		})
	}
}

// explained checks that the page for the moment of need has a row with the words that a person reads, and that what this row
// tells them to do is the cure.
func explained(t *testing.T, words string, cures ...string) {
	t.Helper()
	page, err := os.ReadFile("../../docs/troubleshooting.md")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(line, "|")
		if len(cells) != 5 || !strings.Contains(line, words) {
			continue
		}
		for _, cure := range cures {
			if !strings.Contains(cells[3], cure) {
				t.Errorf("docs/troubleshooting.md has for %q no cure %q, but%s", words, cure, cells[3])
			}
		}
		return
	}
	t.Errorf("docs/troubleshooting.md has no row for %q", words)
}

func redriveRun(t *testing.T, lab *steps.Lab, run steps.Run) {
	t.Helper()
	if _, err := lab.SFN().RedriveExecution(t.Context(), &sfn.RedriveExecutionInput{ExecutionArn: &run.ARN}); err != nil {
		t.Fatal(err)
	}
}
