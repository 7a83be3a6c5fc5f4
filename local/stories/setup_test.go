// Package stories_test runs Fairlead as a whole: what CDK synthesises, on the embedded AWS, through the functions
// themselves. A story says what is pushed and what goes wrong, and how it must end.
package stories_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"fairlead/local/ecr/sample"
	"fairlead/local/steps"
)

// assembly is the directory of the synthesised stacks; all tests share it and none changes it.
var assembly string

var logged = flag.Bool("log", false, "print what the functions log")

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "fairlead-stories-")
	if err != nil {
		panic(err)
	}
	assembly = filepath.Join(dir, "cdk.out")
	if err := errors.Join(readSources("../../infra", "../../cdk.json"), synth(assembly, withoutGates)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if code == 0 {
		code = accounts()
	}
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// readSources reads what the synthesis depends on, so that a cached result of these tests is not taken for a new one when only
// that has changed: the tools see what a test reads, and not what its subprocess does.
func readSources(roots ...string) error {
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				_, err = os.ReadFile(path)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// synth runs the CDK app as `make synth` does, with a change of the services of cdk.json, and without building the functions:
// here they run in process.
func synth(outdir string, change func(service map[string]any)) error {
	raw, err := os.ReadFile("../../cdk.json")
	if err != nil {
		return err
	}
	var file struct{ Context map[string]any }
	if err := json.Unmarshal(raw, &file); err != nil {
		return err
	}
	for _, each := range file.Context["fairlead"].(map[string]any)["services"].(map[string]any) {
		change(each.(map[string]any))
	}
	given, err := json.Marshal(file.Context)
	if err != nil {
		return err
	}
	command := exec.Command("go", "run", "./infra")
	command.Dir = "../.."
	command.Env = append(os.Environ(), "CDK_OUTDIR="+outdir, "CDK_CONTEXT_JSON="+string(given), "FAIRLEAD_WITHOUT_FUNCTIONS=yes")
	out, err := command.CombinedOutput()
	if err != nil {
		return fmt.Errorf("synthesise the stacks: %w\n%s", err, out)
	}
	return granted(outdir)
}

// withoutGates turns the gates off: most stories are about what comes after them.
func withoutGates(service map[string]any) { delete(service, "gates") }

// gated is the directory of the stacks as cdk.json has them, with the gates of the sample.
var gated = sync.OnceValues(func() (string, error) {
	dir := filepath.Join(filepath.Dir(assembly), "gated")
	return dir, synth(dir, func(map[string]any) {})
})

// start is when every story begins: after today, because the SDK's clients hold the sessions that they are given against the
// wall clock, and would assume a role anew for each call.
var start = time.Date(2046, 11, 23, 8, 0, 0, 0, time.UTC)

const (
	cluster    = "fairlead-sample"
	service    = "web"
	repository = "shop/web"
)

// tagOf makes a tag that the sample's policy takes, out of a word.
func tagOf(word string) string {
	digits := fmt.Sprintf("%x", word)
	return (digits + strings.Repeat("0", 40))[:40] + "-1"
}

// stage is an embedded AWS on which the stacks are deployed and the sample service runs its first revision.
var stage = sync.OnceValues(func() (*steps.Stage, error) {
	lab := steps.New(start, 1, slog.New(slog.DiscardHandler))
	book.Watch(lab.AWS)
	if _, err := lab.Deploy(assembly); err != nil {
		return nil, err
	}
	lab.Pass(10 * time.Minute)
	s, err := lab.Service(context.Background(), cluster, service)
	if err == nil && (len(s.Deployments) != 1 || s.RunningCount != s.DesiredCount) {
		err = fmt.Errorf("the sample service does not run: %d of %d tasks", s.RunningCount, s.DesiredCount)
	}
	if err != nil {
		return nil, err
	}
	return lab.Freeze()
})

// newLab goes on from the stage.
func newLab(t testing.TB) *steps.Lab {
	t.Helper()
	logger := slog.New(slog.DiscardHandler)
	if *logged {
		logger = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	begun, err := stage()
	if err != nil {
		t.Fatal(err)
	}
	lab, err := begun.Lab(1, logger)
	if err != nil {
		t.Fatal(err)
	}
	book.Watch(lab.AWS)
	return lab
}

// push pushes the image of a word with its labels under a tag.
func push(t testing.TB, lab *steps.Lab, word, tag string, platforms []string, labels ...string) string {
	t.Helper()
	parsed, err := sample.ParseLabels(labels)
	if err != nil {
		t.Fatal(err)
	}
	digest, err := lab.Push(t.Context(), repository, tag, sample.Spec{Content: word, Labels: parsed, Platforms: platforms})
	if err != nil {
		t.Fatal(err)
	}
	return digest
}

// changed copies the assembly with one template changed.
func changed(t testing.TB, stack string, change func(resources map[string]any)) string {
	t.Helper()
	return changedFrom(t, assembly, stack, change)
}

// changedFrom copies an assembly with one template changed.
func changedFrom(t testing.TB, from, stack string, change func(resources map[string]any)) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "cdk.out")
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, stack+".template.json")
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var template map[string]any
	if err := json.Unmarshal(raw, &template); err != nil {
		t.Fatal(err)
	}
	change(template["Resources"].(map[string]any))
	if raw, err = json.Marshal(template); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}
