package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"fairlead/local/steps"
)

// TestTheDoctorLooksAtARunningOne runs the verb over HTTP against an embedded AWS with the project's own stacks: as they are,
// with a repository that somebody has changed, and with a task role that no task can have.
func TestTheDoctorLooksAtARunningOne(t *testing.T) {
	lab := steps.New(time.Date(2046, 11, 23, 8, 0, 0, 0, time.UTC), 1, slog.New(slog.DiscardHandler))
	if _, err := lab.Deploy(synthesised(t)); err != nil {
		t.Fatal(err)
	}
	lab.Pass(10 * time.Minute) // the sample service comes up
	t.Chdir(t.TempDir())

	out, err := look(t, lab)
	if err != nil || out != "web  ok  \ndry run of all services: a push would fail at 0 of 1\n" {
		t.Errorf("as it is: %v\n%s", err, out)
	}

	registry := ecr.NewFromConfig(lab.Client(lab.Administrator()))
	kept := []ecrtypes.ImageTagMutabilityExclusionFilter{{Filter: aws.String("release-*"), FilterType: ecrtypes.ImageTagMutabilityExclusionFilterTypeWildcard}}
	for _, test := range []struct {
		setting ecrtypes.ImageTagMutability
		but     []ecrtypes.ImageTagMutabilityExclusionFilter
		fails   bool
		begins  string
	}{
		{ecrtypes.ImageTagMutabilityMutableWithExclusion, kept, false, "web  ok, with 1 warning  \nweb  warning             tags of repository shop/web can be put on another image"},
		{ecrtypes.ImageTagMutabilityMutable, nil, true, "web  FAILS  gate image: every push would be rejected"},
		{ecrtypes.ImageTagMutabilityImmutable, nil, false, "web  ok  \n"},
	} {
		if _, err := registry.PutImageTagMutability(t.Context(), &ecr.PutImageTagMutabilityInput{RepositoryName: aws.String("shop/web"),
			ImageTagMutability: test.setting, ImageTagMutabilityExclusionFilters: test.but}); err != nil {
			t.Fatal(err)
		}
		if out, err := look(t, lab); test.fails != (err != nil) || !strings.HasPrefix(out, test.begins) {
			t.Errorf("with tags that are %s: %v\n%s", test.setting, err, out)
		}
	}

	_, err = iam.NewFromConfig(lab.Client(lab.Administrator())).UpdateAssumeRolePolicy(t.Context(), &iam.UpdateAssumeRolePolicyInput{RoleName: aws.String("fairlead-sample-web-task"),
		PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`)})
	if err != nil {
		t.Fatal(err)
	}
	lab.Pass(time.Minute) // IAM is not consistent at once
	out, err = look(t, lab)
	if err == nil || !strings.HasPrefix(out, "web  FAILS  the taskRole arn:aws:iam::123456789012:role/fairlead-sample-web-task") || !strings.Contains(out, "a push would fail at 1 of 1") {
		t.Errorf("with a role that was changed: %v\n%s", err, out)
	}
}

// look runs the verb in the working directory, against a lab that answers over HTTP meanwhile.
func look(t *testing.T, lab *steps.Lab) (string, error) {
	t.Helper()
	work := make(chan func()) // a lab is for one goroutine: this one
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answered := make(chan struct{})
		work <- func() { lab.ServeHTTP(w, r); close(answered) }
		<-answered
	}))
	defer server.Close()
	keys := lab.Administrator()
	env := fmt.Sprintf("export AWS_ENDPOINT_URL=%s\nexport AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s\n", server.URL, keys.AccessKeyID, keys.SecretAccessKey)
	if err := os.MkdirAll(filepath.Dir(envFile), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(envFile, []byte(env), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var out strings.Builder
	ended := make(chan error, 1)
	go func() { ended <- doctor(ctx, &out) }()
	for {
		select {
		case answer := <-work:
			answer()
		case err := <-ended:
			return out.String(), err
		case <-time.After(time.Millisecond):
			lab.Step(lab.Now().Add(time.Second))
		}
	}
}

// synthesised is a directory with the project's stacks.
func synthesised(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "cdk.out")
	command := exec.CommandContext(t.Context(), "go", "run", "./infra")
	command.Dir = "../.."
	command.Env = append(os.Environ(), "CDK_OUTDIR="+dir, "FAIRLEAD_WITHOUT_FUNCTIONS=yes")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("synthesise the stacks: %v\n%s", err, out)
	}
	return dir
}
