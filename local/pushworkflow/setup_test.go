package pushworkflow_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"

	"fairlead/local"
	"fairlead/local/ecr/blob"
	"fairlead/local/ecr/sample"
	"fairlead/local/grants"
	"fairlead/local/oidc"
)

// tools are the programs that the steps call.
func tools() []string { return []string{"bash", "curl", "jq", "tar", "aws", "go"} }

var assembly string

func TestMain(m *testing.M) {
	for _, tool := range tools() {
		if _, err := exec.LookPath(tool); err != nil {
			fmt.Fprintf(os.Stderr, "pushworkflow: %s is not installed: the steps of the workflow cannot be run\n", tool)
			if os.Getenv("FAIRLEAD_NEEDS_TOOLS") != "" {
				os.Exit(1)
			}
			os.Exit(0)
		}
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "fairlead-pushworkflow-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	assembly = filepath.Join(dir, "cdk.out")
	command := exec.Command("go", "run", "./infra")
	command.Dir = "../.."
	command.Env = append(os.Environ(), "CDK_OUTDIR="+assembly, "FAIRLEAD_WITHOUT_FUNCTIONS=yes")
	if out, err := command.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "synthesise the stacks: %v\n%s", err, out)
		return 1
	}
	if code := m.Run(); code != 0 || !grants.Whole() {
		return code
	}
	faults := book.Check(grants.Of("local/pushworkflow"), nil)
	for _, fault := range faults {
		fmt.Fprintln(os.Stderr, "grants:", fault)
	}
	return min(len(faults), 1)
}

// book is what the steps of the workflow need of what CI's roles are granted.
var book = grants.New()

// account is an embedded AWS with the stacks deployed, and how to reach it.
type account struct {
	*local.AWS
	host    string
	outputs map[string]string // of all stacks
}

func open(t *testing.T) account {
	t.Helper()
	var a *local.AWS
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { a.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	host := server.Listener.Addr().String()
	a = local.New(local.Options{Place: local.Place(), Seed: 1, Clock: time.Now, Host: func() string { return host },
		Blobs: &blob.Memory{}, Pace: 1, Logger: slog.New(slog.DiscardHandler)})
	if _, err := a.Deploy(assembly); err != nil {
		t.Fatal(err)
	}
	if err := book.Enter(a); err != nil {
		t.Fatal(err)
	}
	book.Watch(a)
	outputs := map[string]string{}
	for _, of := range a.Outputs() {
		maps.Copy(outputs, of)
	}
	return account{AWS: a, host: host, outputs: outputs}
}

// begin begins a job on a runner of its own, for a run of the caller's workflow; its archive is what the build made.
func (a account) begin(t *testing.T, jobName, content string, of oidc.Job) *runner {
	t.Helper()
	r := &runner{t: t, w: load(t)}
	of.SHA, of.RunID, of.RunAttempt, of.Permissions = strings.Repeat("a", 40), 812, max(of.RunAttempt, 1), r.w.Jobs[jobName].Permissions
	temp := t.TempDir()
	r.env = a.environment(t, temp)
	maps.Copy(r.env, a.job(t, of))
	maps.Copy(r.env, map[string]string{"GITHUB_SHA": of.SHA, "GITHUB_RUN_ID": "812", "GITHUB_RUN_ATTEMPT": fmt.Sprint(of.RunAttempt)})
	r.context = map[string]string{"inputs.role": a.outputs["ShopWebPushRoleArn"], "inputs.image": a.outputs["ShopWebRepositoryUri"],
		"inputs.region": local.Place().Region, "inputs.state-machine": a.outputs["StateMachineArn"], "runner.temp": temp}
	if content != "" {
		archive(t, filepath.Join(temp, "image.tar"), content)
	}
	return r
}

// environment is that of a runner whose tools are led to the embedded AWS. Its Go has what was downloaded and built before.
func (a account) environment(t *testing.T, temp string) map[string]string {
	t.Helper()
	env := map[string]string{"PATH": os.Getenv("PATH"), "HOME": temp, "RUNNER_TEMP": temp, "AWS_ENDPOINT_URL": "http://" + a.host,
		"AWS_EC2_METADATA_DISABLED": "true", "PYENV_ROOT": os.Getenv("PYENV_ROOT")}
	raw, err := exec.CommandContext(t.Context(), "go", "env", "-json", "GOCACHE", "GOMODCACHE", "GOPROXY", "GOSUMDB", "GONOSUMDB", "GOFLAGS").Output()
	if err == nil {
		err = json.Unmarshal(raw, &env)
	}
	if err != nil {
		t.Fatal(err)
	}
	return env
}

// job begins a job at GitHub and returns what it puts into the job's environment.
func (a account) job(t *testing.T, of oidc.Job) map[string]string {
	t.Helper()
	body, err := json.Marshal(of)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+a.host+"/_local/oidc/jobs", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	said, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusCreated {
		t.Fatalf("begin a job: %v %s", err, said)
	}
	env := map[string]string{}
	if err := json.Unmarshal(said, &env); err != nil {
		t.Fatal(err)
	}
	return env
}

// archive writes the OCI archive of a sample image for two platforms, as docker buildx does.
func archive(t *testing.T, file, content string) {
	t.Helper()
	index, err := sample.Index(sample.Spec{Content: content, Platforms: []string{"linux/amd64", "linux/arm64"}})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path, err := layout.Write(dir, empty.Index)
	if err != nil {
		t.Fatal(err)
	}
	if err := path.AppendIndex(index); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "tar", "-cf", file, "-C", dir, ".").CombinedOutput(); err != nil {
		t.Fatalf("tar: %v\n%s", err, out)
	}
}

// administrator is how the account's owner calls it.
func (a account) administrator() aws.Config {
	keys := a.Administrator()
	return aws.Config{Region: local.Place().Region, BaseEndpoint: aws.String("http://" + a.host),
		Credentials: credentials.NewStaticCredentialsProvider(keys.AccessKeyID, keys.SecretAccessKey, keys.SessionToken)}
}

// digest is the digest that a tag of the repository has; "" if there is none.
func (a account) digest(t *testing.T, tag string) string {
	t.Helper()
	out, err := ecr.NewFromConfig(a.administrator()).BatchGetImage(t.Context(), &ecr.BatchGetImageInput{RepositoryName: aws.String("shop/web"),
		ImageIds: []types.ImageIdentifier{{ImageTag: aws.String(tag)}}})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Images) == 0 {
		return ""
	}
	return aws.ToString(out.Images[0].ImageId.ImageDigest)
}
